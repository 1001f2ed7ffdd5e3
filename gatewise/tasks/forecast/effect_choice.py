"""Whether known covariates have an effect that is worth taking off, and of which kind."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from gatewise.arrays import Floats
from gatewise.tasks.data.clock import DAY, Clock
from gatewise.tasks.data.encoding import Cycle, Encoder, cycles
from gatewise.tasks.data.series import Series, Table
from gatewise.tasks.forecast.baselines import family
from gatewise.tasks.forecast.config import forgotten
from gatewise.tasks.forecast.dataset import SeriesDataset
from gatewise.tasks.forecast.effect_fit import YEAR, fitted_effect, step_length
from gatewise.tasks.forecast.known_effect import EffectKind, KnownEffect
from gatewise.tasks.forecast.running_stats import TREND, OnlineStats

# the share of the history before the validation span on which effects are fitted to be compared
FITTED = 0.6
# cutoffs at which they are compared, series and rows of each, at most
COMPARED, MOST_SERIES, MOST_ROWS = 2_000, 60, 20_000
# errors have to be less by this share than those of what is simpler
GAIN = 0.01
# steps whose level is recent, and over which it is forgotten, while effects are compared
RECENT, MEMORY = 8, 100


@dataclass(frozen=True)
class EffectChoice:
    """What was chosen: the kind of effect, the cycles of the calendar in it, and the seasons beside it."""

    kind: EffectKind
    cycles: tuple[Cycle, ...]
    seasons: tuple[int, ...]

    def fitted(self, table: Table, stop: int) -> KnownEffect:
        """The effect, fitted to the rows of a table before position ``stop``."""
        known = table.features.known
        return fitted_effect(
            table.series, known, table.clock, self.seasons, stop, self.kind, self.cycles
        )


def chosen_effect(
    table: Table,
    find: Callable[[Sequence[Series]], tuple[int, ...]],
    horizon: int,
    stop: int,
    until: int,
    factors_only: bool = False,
) -> EffectChoice | None:
    """The effect with the least errors of the baselines; None for no effect.

    Each is fitted to the first part of what lies before ``stop``, and the baselines are measured from there
    to ``until``, the end of the validation span. A season may show only when the effect is taken off; what
    is no season then may still be in the calendar.

    Args:
        table: its known covariates are looked at.
        find: the seasons of series, ascending.
        horizon: of the forecasts.
        stop: the first position of the validation span.
        until: the position after its last.
        factors_only: whether the target stays above zero and is to be kept there.
    """
    features = table.features.known
    if not features:
        return None
    series, clock = _some(table.series, until), table.clock
    first = min(s.start for s in series)
    early = first + max(2, round(FITTED * (stop - first)))
    kinds: list[EffectKind] = []
    if all(np.nanmin(s.values) >= 0 for s in series):
        kinds.append("factor")
    if not factors_only:
        kinds.append("shift")
    seasons = find(table.series)
    limit = (1 - GAIN) * _error(series, table, seasons, horizon, early, None)
    best: EffectChoice | None = None

    def tried(choice: EffectChoice) -> float:
        effect = fitted_effect(
            series, features, clock, choice.seasons, early, choice.kind, choice.cycles
        )
        return _error(series, table, choice.seasons, horizon, early, effect)

    for kind in kinds:
        effect = fitted_effect(series, features, clock, seasons, early, kind, ())
        own = find(effect.taken_off(table.series, clock))
        for calendar in _calendars(clock, own, early - first):
            choice = EffectChoice(kind, calendar, own)
            other = tried(choice)
            if other < limit:
                # what comes later has more in it, and has to be better by as much again
                best, limit = choice, (1 - GAIN) * other
    return best


def _calendars(clock: Clock, seasons: Sequence[int], length: int) -> list[tuple[Cycle, ...]]:
    """Cycles of the calendar to try: none, those that are no season, and these without the year."""
    spans: dict[Cycle, float] = {"day": DAY, "week": 7 * DAY, "year": YEAR}
    step = step_length(clock)
    beside = tuple(
        cycle for cycle in cycles(clock, length) if round(spans[cycle] / step) not in seasons
    )
    short = tuple(cycle for cycle in beside if cycle != "year")
    return list(dict.fromkeys(((), short, beside)))


def _some(series: Sequence[Series], until: int) -> list[Series]:
    """Some series, evenly spread, and their last rows before a position."""
    rows = np.unique(np.linspace(0, len(series) - 1, MOST_SERIES).astype(int))
    parts = []
    for s in (series[k] for k in rows):
        end = max(0, min(len(s.values), until - s.start))
        begin = max(0, end - MOST_ROWS)
        if np.isfinite(s.values[begin:end]).any():
            parts.append(
                Series(
                    id=s.id,
                    start=s.start + begin,
                    values=s.values[begin:end],
                    known=s.known[begin:end],
                    target=s.target,
                )
            )
    return parts or list(series[:1])


def _error(
    series: Sequence[Series],
    table: Table,
    seasons: Sequence[int],
    horizon: int,
    early: int,
    effect: KnownEffect | None,
) -> float:
    """The mean error of the best baseline after position ``early``, each series in its own units."""
    baselines = family(tuple(seasons))
    running = OnlineStats(
        tuple(seasons),
        1,
        RECENT,
        MEMORY,
        False,
        levels=True,
        trend=TREND,
        forget=forgotten(table.clock, tuple(seasons)),
    )
    # what the network would read has no part in it
    store = SeriesDataset(
        [_bare(s) for s in series] if effect is None else series,
        running,
        baselines,
        Encoder(),
        table.clock,
        horizon,
        horizon,
        effect=effect,
    )
    cuts = store.cutoffs(early, None, 2).thinned(COMPARED)
    if not len(cuts):
        return float("nan")
    truth = store.actual(cuts.at, horizon)
    size = np.array([_spread(s.values) for s in series])[cuts.series]
    errors = [
        np.nanmean(
            np.abs(store.in_units(b.at(store.tracks, cuts.at, horizon), cuts.at) - truth), axis=1
        )
        / size
        for b in baselines
    ]
    return float(min(np.nanmean(e) for e in errors))


def _bare(s: Series) -> Series:
    return Series(s.id, s.start, s.values, target=s.target)


def _spread(values: Floats) -> float:
    """The mean distance from the mean; 1 where there is none."""
    spread = float(np.nanmean(np.abs(values - np.nanmean(values))))
    return spread if spread > 0 else 1.0
