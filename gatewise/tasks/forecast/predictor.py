"""``Predictor``: takes rows up into the state of series, and forecasts from there."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gatewise.errors import InputError
from gatewise.tasks.data.clock import Clock
from gatewise.tasks.data.covariates import needed
from gatewise.tasks.data.encoding import Encoder
from gatewise.tasks.data.series import Features, Series
from gatewise.tasks.forecast.baselines import Baseline
from gatewise.tasks.forecast.dataset import (
    CarriedHistory,
    DecoderInputs,
    SeriesDataset,
    in_units,
    nothing_followed,
)
from gatewise.tasks.forecast.domain import Domain, bounded, keep
from gatewise.tasks.forecast.error_paths import ErrorPaths, Point
from gatewise.tasks.forecast.exponential_smoothing import (
    smoothing_after,
    smoothing_ahead,
    smoothing_name,
    smoothing_season,
)
from gatewise.tasks.forecast.known_effect import KnownEffect
from gatewise.tasks.forecast.metrics import widen
from gatewise.tasks.forecast.network import Network
from gatewise.tasks.forecast.objective import decoded
from gatewise.tasks.forecast.recent_best import RecentBest
from gatewise.tasks.forecast.running_stats import OnlineStats
from gatewise.tasks.forecast.series_state import SeriesState, advanced, initial

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Array = NDArray[Any]
# known covariates of later steps, as ``reader.future_rows`` returns them
# steps that are looked at, at least, before a calendar is said to forbid them all
MOST_CLOSED = 10_000
Future = Mapping[str, tuple[Ints, Floats]]


@dataclass(frozen=True)
class Predictor:
    """Everything that training has fitted and that forecasts are computed with."""

    networks: tuple[Network, ...]
    running: OnlineStats
    baselines: tuple[Baseline | RecentBest, ...]
    encoder: Encoder
    features: Features
    correction: Floats
    domains: tuple[Domain, ...] = ()
    effect: KnownEffect | None = None
    paths: ErrorPaths | None = None

    @property
    def baseline_names(self) -> tuple[str, ...]:
        """The baselines that a forecast can be had of."""
        return (*(b.name for b in self.baselines), smoothing_name(self.running))

    def check(self, ends: SeriesState, horizon: int, levels: int) -> None:
        """Raises InputError where the arrays of a saved model do not fit each other."""
        count, patch, b = len(ends), self.running.patch, ends.before
        past, known, static, _ = self.encoder.widths
        shapes: list[tuple[Any, tuple[int, ...]]] = [
            (self.correction, (horizon, levels)),
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
        if not self.networks or any(a.shape != tuple(shape) for a, shape in shapes):
            raise InputError("the ends of its series do not fit its networks")

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
        store = self._store(later, clock, 1, part.before)
        after = replace(
            advanced(part, store, self.networks),
            future=_future(later, part),
            smoothing=smoothing_after(part.smoothing, store),
        )
        return _put(every, rows, after)

    def along(
        self, ends: SeriesState, series: Sequence[Series], clock: Clock, horizon: int
    ) -> tuple[SeriesDataset, SeriesState]:
        """A data set of new rows to forecast from, and the state of the series before those rows.

        New series begin. The state is in the order of ``series``.
        """
        every, rows = self._entered(ends, series)
        part = every.take(rows)
        later = [_from(s, part, k) for k, s in enumerate(series)]
        return self._store(later, clock, horizon, part.before), part

    def forecast(
        self, ends: SeriesState, clock: Clock, steps: int, future: Future | None = None
    ) -> Floats:
        """Calibrated quantiles [N, steps, Q] of the next steps that are open, in the units of the target.

        Raises InputError if a known covariate is missing there.
        """
        quantiles, ahead, offsets = self._decoded(ends, clock, steps, future)
        values = self.in_units(quantiles, ahead, ends.targets)
        return np.take_along_axis(values, offsets[..., None], axis=1)

    def point(
        self, which: Point, ends: SeriesState, clock: Clock, steps: int, future: Future | None
    ) -> Floats:
        """The mean or the median [N, steps] of the next steps that are open, in the units of the target.

        Raises InputError as ``forecast`` does, and for an older model.
        """
        quantiles, ahead, offsets = self._decoded(ends, clock, steps, future)
        raw = np.take_along_axis(self.uncalibrated(quantiles, ahead), offsets[..., None], axis=1)
        point = self._paths().point(raw, which)[..., None]
        return keep(point, self.domains, ends.targets, rounded=which == "median")[..., 0]

    def total(
        self, ends: SeriesState, clock: Clock, steps: int, future: Future | None = None
    ) -> Floats:
        """Quantiles [N, Q] of the total of the next steps that are open, in the units of the target.

        Raises InputError as ``forecast`` does, and for an older model.
        """
        quantiles, ahead, offsets = self._decoded(ends, clock, steps, future)
        raw = np.take_along_axis(self.uncalibrated(quantiles, ahead), offsets[..., None], axis=1)
        total = self._paths().total(raw)[:, None]
        domains = [domain.of_total(steps) for domain in self.domains]
        out = keep(total, domains, ends.targets, rounded=False)[:, 0]
        # the mean of whole numbers is none: the limits are those around it
        middle, whole = out.shape[-1] // 2, np.array([d.whole for d in domains])[ends.targets]
        for limits, nearest in ((slice(middle), np.floor), (slice(middle + 1, None), np.ceil)):
            edge = nearest(out[whole, middle])[:, None]
            bound = np.minimum if nearest is np.floor else np.maximum
            out[whole, limits] = bound(out[whole, limits], edge)
        return out

    def _paths(self) -> ErrorPaths:
        if self.paths is None:
            raise InputError(
                "this model does not know how its errors go on from step to step (it was saved by an older "
                "Gatewise, or has no intervals), which the mean, the median and the total need: fit it again"
            )
        return self.paths

    def _decoded(
        self, ends: SeriesState, clock: Clock, steps: int, future: Future | None
    ) -> tuple[Floats, DecoderInputs, Ints]:
        """Scaled quantiles up to the last of the next steps that are open, their inputs, and which steps are."""
        offsets = self.ahead(ends, clock, steps, future)
        known = self._known(ends, clock, offsets, future or {})
        reach = known.shape[1]
        store = self._ahead(ends, clock, reach, known)
        quantiles, ahead = decoded(
            self.networks, ends.outputs(self.running.patch), store.ahead(store.ends()), reach
        )
        return quantiles, ahead, offsets

    def ahead(
        self, ends: SeriesState, clock: Clock, steps: int, future: Future | None = None
    ) -> Ints:
        """The next steps [N, steps] that are open, counted from the end of each series: 0 is the first.

        Raises InputError for a calendar that leaves none.
        """
        calendar, reach = clock.calendar, steps
        if calendar is None:
            return np.broadcast_to(np.arange(steps), (len(ends), steps))
        while True:
            closed = np.stack(
                [
                    clock.closed(at + np.arange(reach), name)
                    for name, at in zip(ends.ids, ends.position, strict=True)
                ]
            )
            if calendar.column:
                column = self.features.names("known").index(calendar.column)
                said = self._known_grid(ends, reach, future or {})[..., column]
                closed |= ~np.isnan(said) & (said != calendar.open_value)
            if np.all((~closed).sum(1) >= steps):
                return np.argsort(closed, axis=1, kind="stable")[:, :steps]
            if reach > MOST_CLOSED + 10 * steps:
                raise InputError(
                    f"the calendar forbids all slots: of the next {reach} steps fewer than {steps} are open"
                )
            reach *= 2

    def baseline(
        self,
        name: str,
        ends: SeriesState,
        clock: Clock,
        steps: int,
        future: Future | None = None,
    ) -> Floats:
        """The forecast [N, steps] of a baseline of what follows, in the units of the target.

        Raises InputError for a name that no baseline has, if its state was not kept, or if a known covariate
        is missing that has an effect.
        """
        if name not in self.baseline_names:
            raise InputError(
                f"there is no baseline {name!r}: name one of {', '.join(self.baseline_names)}"
            )
        simple = next((b for b in self.baselines if b.name == name), None)
        offsets = self.ahead(ends, clock, steps, future)
        steps = int(offsets.max()) + 1
        if simple is None:
            if not ends.smoothing.shape[1]:
                raise InputError(
                    f"this model was saved by an older Gatewise, which did not keep the state of {name}: "
                    "give the rows as data (--data FILE), or fit the model again"
                )
            values = smoothing_ahead(ends.smoothing, ends.position, steps)
        # a baseline reads no covariate but what has an effect
        known = None if self.effect is None else self._known(ends, clock, offsets, future or {})
        store = self._ahead(ends, clock, steps, known)
        if simple is not None:
            values = simple.at(store.tracks, store.ends().at, steps)
        values = np.take_along_axis(store.in_units(values, store.ends().at), offsets, axis=1)
        return bounded(values, self.domains, ends.targets)

    def in_units(self, quantiles: Floats, ahead: DecoderInputs, targets: Ints) -> Floats:
        """Calibrated quantiles in the units of the targets [B] and in their domains, from scaled ones [B, h, Q]."""
        steps = quantiles.shape[1]
        by = self.correction[np.minimum(np.arange(steps), len(self.correction) - 1)]
        unit = ahead.unit[:, None, None]
        wide = widen(quantiles / unit, by) * unit
        return keep(self.uncalibrated(wide, ahead), self.domains, targets)

    def uncalibrated(self, quantiles: Floats, ahead: DecoderInputs) -> Floats:
        """Scaled quantiles [B, h, Q] as they are, in the units of the targets."""
        values = quantiles * ahead.scale[:, None, None] + ahead.level[:, None, None]
        steps = quantiles.shape[1]
        factor, shift = (part[:, :steps, None] for part in (ahead.factor, ahead.shift))
        return in_units(values, factor, shift, self.running.log)

    def _ahead(
        self, ends: SeriesState, clock: Clock, steps: int, known: Floats | None
    ) -> SeriesDataset:
        """A data set of no rows, to forecast ``steps`` from with known covariates [N, steps, K]."""
        if known is None:
            known = np.full((len(ends), 0, len(self.features.known)), np.nan)
        series = [
            Series(
                id=name,
                start=int(at),
                values=np.zeros(0),
                past=np.zeros((0, len(self.features.past))),
                known=values,
                target=int(target),
            )
            for name, at, values, target in zip(
                ends.ids, ends.position, known, ends.targets, strict=True
            )
        ]
        return self._store(series, clock, steps, ends.before)

    def _known(self, ends: SeriesState, clock: Clock, offsets: Ints, future: Future) -> Floats:
        """The known covariates [N, reach, K] up to the last of the steps to forecast.

        Raises InputError where one of these has none.
        """
        grid = self._known_grid(ends, int(offsets.max()) + 1, future)
        column = clock.calendar.column if clock.calendar is not None else ""
        if column:  # what nobody has said to be closed is open
            values = grid[..., self.features.names("known").index(column)]
            values[np.isnan(values)] = clock.calendar.open_value if clock.calendar else np.nan
        for k, (key, at) in enumerate(zip(ends.keys, ends.position, strict=True)):

            def show(step: int, places: Ints = at + offsets[k]) -> str:
                return clock.show(int(clock.at(places[step : step + 1])[0]))

            needed(grid[k, offsets[k]], self.features, key, offsets.shape[1], show)
        return grid

    def _known_grid(self, ends: SeriesState, steps: int, future: Future) -> Floats:
        """The known covariates [N, steps, K] that are given; NaN where none are."""
        grid = np.full((len(ends), steps, len(self.features.known)), np.nan)
        if not self.features.known:
            return grid
        known_steps = min(steps, ends.future.shape[1])
        grid[:, :known_steps] = ends.future[:, :known_steps]
        for k, (key, at) in enumerate(zip(ends.keys, ends.position, strict=True)):
            positions, values = future.get(
                key, future.get("", (np.zeros(0, np.int64), grid[0, :0]))
            )
            step = positions - at
            inside = (step >= 0) & (step < steps)
            grid[k, step[inside]] = values[inside]
        return grid

    def _store(
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
        every = _joined(ends, self._fresh(new, ends.smoothing.shape[1])) if new else ends
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

    @property
    def _season(self) -> int:
        return smoothing_season(self.running)

    @property
    def _recent(self) -> RecentBest | None:
        """The choice between the baselines; None in older models."""
        last = self.baselines[-1]
        return last if isinstance(last, RecentBest) else None

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

    def _states(self, count: int) -> tuple[tuple[NDArray[np.float32], ...], ...]:
        return tuple(initial(n.eval(), self.running.patch, count) for n in self.networks)


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
    out = np.full((len(new), max(map(len, (*new, *old))), ends.future.shape[2]), np.nan)
    for row, a, b in zip(out, old, new, strict=True):
        row[: len(a)] = a
        row[: len(b)] = np.where(np.isnan(b), row[: len(b)], b)
    return out


def _joined(a: SeriesState, b: SeriesState) -> SeriesState:
    """The series of both states."""
    every = _merged(a, b, lambda x, y: np.concatenate([x, y]))
    return replace(every, ids=a.ids + b.ids, keys=a.keys + b.keys)


def _put(every: SeriesState, rows: Sequence[int], part: SeriesState) -> SeriesState:
    """The state of all series, with the rows of ``part`` replaced."""

    def put(x: Array, y: Array) -> Array:
        x = x.copy()
        x[rows] = y
        return x

    return _merged(every, part, put)


def _merged(a: SeriesState, b: SeriesState, merge: Callable[[Array, Array], Array]) -> SeriesState:
    """The state ``a``, with each array merged with that of ``b``."""
    steps = max(a.future.shape[1], b.future.shape[1])
    names = [field.name for field in fields(CarriedHistory)]
    before = CarriedHistory(*(merge(getattr(a.before, n), getattr(b.before, n)) for n in names))
    states = tuple(
        tuple(merge(x, y) for x, y in zip(p, q, strict=True))
        for p, q in zip(a.states, b.states, strict=True)
    )
    return replace(
        a,
        targets=merge(a.targets, b.targets),
        position=merge(a.position, b.position),
        before=before,
        states=states,
        future=merge(_longer(a.future, steps), _longer(b.future, steps)),
        smoothing=merge(a.smoothing, b.smoothing),
    )


def _longer(values: Floats, steps: int) -> Floats:
    return np.pad(values, ((0, 0), (0, steps - values.shape[1]), (0, 0)), constant_values=np.nan)
