"""``StateUpdater``: takes rows up into the state of series."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from gatewise.arrays import Floats, Singles
from gatewise.errors import InputError
from gatewise.tasks.data.clock import Clock
from gatewise.tasks.data.encoding import Encoder
from gatewise.tasks.data.series import Features, Series
from gatewise.tasks.forecast.baselines import Simple
from gatewise.tasks.forecast.carried_history import CarriedHistory, nothing_followed
from gatewise.tasks.forecast.dataset import SeriesDataset
from gatewise.tasks.forecast.exponential_smoothing import smoothing_after, smoothing_season
from gatewise.tasks.forecast.known_effect import KnownEffect
from gatewise.tasks.forecast.network import Network
from gatewise.tasks.forecast.recent_best import RecentBest
from gatewise.tasks.forecast.running_stats import OnlineStats
from gatewise.tasks.forecast.series_state import SeriesState, advanced, initial, joined, put_back


@dataclass(frozen=True)
class StateUpdater:
    """What the state of a series depends on, and how rows change it."""

    networks: tuple[Network, ...]
    running: OnlineStats
    baselines: tuple[Simple | RecentBest, ...]
    encoder: Encoder
    features: Features
    effect: KnownEffect | None = None

    def fits(self, ends: SeriesState) -> bool:
        """Whether the arrays of a saved state have the sizes that the networks and the encoder ask for."""
        count, patch, b = len(ends), self.running.patch, ends.before
        past, known, static, _ = self.encoder.widths
        shapes: list[tuple[Any, tuple[int, ...]]] = [
            (ends.targets, (count,)),
            (ends.position, (count,)),
            (b.carries, (count, self.running.width)),
            (b.past, (count, patch, past)),
            (b.known, (count, patch, known)),
            (b.static, (count, static)),
            *zip(
                (b.pending, b.sums),
                (x.shape for x in nothing_followed(count, self._recent)),
                strict=True,
            ),
            (ends.future, (count, *ends.future.shape[1:2], len(self.features.known))),
            (ends.smoothing, (count, self._season if ends.smoothing.shape[1:2] != (0,) else 0, 2)),
        ]
        for network, states in zip(self.networks, ends.states, strict=True):
            like = initial(network, patch, count)
            shapes += [(s, i.shape) for s, i in zip(states, like, strict=True)]
        return bool(self.networks) and all(a.shape == tuple(shape) for a, shape in shapes)

    def start(self, series: Sequence[Series], clock: Clock, smoothing: bool = True) -> SeriesState:
        """The state of series after their rows, which begin with the first one.

        ``smoothing``: whether exponential smoothing is to be fitted to them.
        """
        none = SeriesState(
            ids=(),
            keys=(),
            targets=np.zeros(0, np.int64),
            position=np.zeros(0, np.int64),
            before=self._nothing(0),
            states=self._states(0),
            future=np.zeros((0, 0, len(self.features.known))),
            smoothing=np.zeros((0, self._season if smoothing else 0, 2)),
        )
        return self.go_on(none, series, clock)

    def go_on(self, ends: SeriesState, series: Sequence[Series], clock: Clock) -> SeriesState:
        """The state after new rows; new series begin.

        Raises InputError for rows that are not later than the last of their series.
        """
        place = {name: k for k, name in enumerate(ends.ids)}
        for s in (s for s in series if s.id in place):
            last = int(ends.position[place[s.id]]) - 1
            if s.start <= last:
                first, before = (clock.show(int(t)) for t in clock.at(np.array([s.start, last])))
                raise InputError(
                    f"series {s.id!r} has a row at {first}, and the model has seen it up to {before}: "
                    "give later rows only (a file that was already applied is refused)"
                )
        every, rows = self._entered(ends, series)
        part = every.take(rows)
        later = [_from(s, part, k) for k, s in enumerate(series)]
        store = self.dataset(later, clock, 1, part.before)
        after = replace(
            advanced(part, store, self.networks),
            future=_future(later, part),
            smoothing=smoothing_after(part.smoothing, store),
        )
        return put_back(every, rows, after)

    def along(
        self, ends: SeriesState, series: Sequence[Series], clock: Clock, horizon: int
    ) -> tuple[SeriesDataset, SeriesState]:
        """A data set of new rows to forecast from, and the state of the series before those rows.

        New series begin. The state is in the order of ``series``.
        """
        every, rows = self._entered(ends, series)
        part = every.take(rows)
        later = [_from(s, part, k) for k, s in enumerate(series)]
        return self.dataset(later, clock, horizon, part.before), part

    def dataset(
        self, series: Sequence[Series], clock: Clock, steps: int, before: CarriedHistory | None
    ) -> SeriesDataset:
        block = self.networks[0].block
        return SeriesDataset(
            series,
            self.running,
            self.baselines,
            self.encoder,
            clock,
            steps,
            block,
            before,
            self.effect,
        )

    def _entered(
        self, ends: SeriesState, series: Sequence[Series]
    ) -> tuple[SeriesState, list[int]]:
        """The state with new series added, and the row of each of ``series`` in it."""
        place = {name: k for k, name in enumerate(ends.ids)}
        new = [s for s in series if s.id not in place]
        place |= {s.id: len(ends) + k for k, s in enumerate(new)}
        every = joined(ends, self._fresh(new, ends.smoothing.shape[1])) if new else ends
        return every, [place[s.id] for s in series]

    def _fresh(self, series: Sequence[Series], season: int) -> SeriesState:
        """The state of series before their first row; ``season`` is that of the smoothing, or 0."""
        before = replace(
            self._nothing(len(series)),
            static=self.encoder.encode("static", np.stack([s.static for s in series])),
        )
        return SeriesState(
            ids=tuple(s.id for s in series),
            keys=tuple(s.key for s in series),
            targets=np.array([s.target for s in series]),
            position=np.array([s.start for s in series]),
            before=before,
            states=self._states(len(series)),
            future=np.zeros((len(series), 0, len(self.features.known))),
            smoothing=np.full((len(series), season, 2), np.nan),
        )

    def _nothing(self, count: int) -> CarriedHistory:
        past, known, static, _ = self.encoder.widths
        patch = self.running.patch
        pending, sums = nothing_followed(count, self._recent)
        return CarriedHistory(
            carries=np.tile(self.running.empty(), (count, 1)),
            past=np.zeros((count, patch, past)),
            known=np.zeros((count, patch, known)),
            static=np.zeros((count, static)),
            pending=pending,
            sums=sums,
        )

    def _states(self, count: int) -> tuple[tuple[Singles, ...], ...]:
        return tuple(initial(n.eval(), self.running.patch, count) for n in self.networks)

    @property
    def _season(self) -> int:
        return smoothing_season(self.running)

    @property
    def _recent(self) -> RecentBest | None:
        """The choice between the baselines; None in older models."""
        last = self.baselines[-1]
        return last if isinstance(last, RecentBest) else None


def _from(s: Series, ends: SeriesState, k: int) -> Series:
    """New rows of a series, filled up with missing values from the step at which it ended."""
    gap = s.start - int(ends.position[k])
    if gap == 0:
        return s
    known = np.full((gap, s.known.shape[1]), np.nan)
    known_steps = min(gap, ends.future.shape[1])
    known[:known_steps] = ends.future[k, :known_steps]
    return replace(
        s,
        start=s.start - gap,
        values=np.concatenate([np.full(gap, np.nan), s.values]),
        past=np.concatenate([np.full((gap, s.past.shape[1]), np.nan), s.past]),
        known=np.concatenate([known, s.known]),
        closed=None,
    )


def _future(series: Sequence[Series], ends: SeriesState) -> Floats:
    """Known covariates after the last value of each series, [N, F, K]; new ones replace older ones."""
    new = [s.known[len(s.values) :] for s in series]
    old = [f[len(s.values) :] for s, f in zip(series, ends.future, strict=True)]
    future = np.full((len(new), max(map(len, (*new, *old))), ends.future.shape[2]), np.nan)
    for row, a, b in zip(future, old, new, strict=True):
        row[: len(a)] = a
        row[: len(b)] = np.where(np.isnan(b), row[: len(b)], b)
    return future
