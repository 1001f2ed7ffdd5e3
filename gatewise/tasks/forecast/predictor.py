"""From rows to the ends of series, from the ends on with new rows, and forecasts from there."""

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
from gatewise.tasks.forecast.dataset import CarriedHistory, DecoderInputs, SeriesDataset
from gatewise.tasks.forecast.metrics import widen
from gatewise.tasks.forecast.network import Network
from gatewise.tasks.forecast.objective import decoded
from gatewise.tasks.forecast.running_stats import OnlineStats
from gatewise.tasks.forecast.series_state import SeriesState, advanced, initial

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Array = NDArray[Any]
Future = Mapping[str, tuple[Ints, Floats]]  # see ``table.future_rows``


@dataclass(frozen=True)
class Predictor:
    """What forecasts are made with: all that training has fitted."""

    networks: tuple[Network, ...]
    running: OnlineStats
    baselines: tuple[Baseline, ...]
    encoder: Encoder
    features: Features
    correction: Floats

    def check(self, ends: SeriesState, horizon: int, levels: int) -> None:
        """Raises InputError where the arrays of a saved model do not fit each other."""
        count, patch, b = len(ends), self.running.patch, ends.before
        past, known, static, _ = self.encoder.widths
        shapes: list[tuple[Any, tuple[int, ...]]] = [
            (self.correction, (horizon, levels)), (ends.targets, (count,)),
            (ends.position, (count,)), (b.carries, (count, self.running.width)),
            (b.past, (count, patch, past)), (b.known, (count, patch, known)),
            (b.static, (count, static)),
            (ends.future, (count, *ends.future.shape[1:2], len(self.features.known))),
        ]  # fmt: skip
        for network, states in zip(self.networks, ends.states, strict=True):
            like = initial(network, patch, count)
            shapes += [(s, i.shape) for s, i in zip(states, like, strict=True)]
        if not self.networks or any(a.shape != tuple(shape) for a, shape in shapes):
            raise InputError("the ends of its series do not fit its networks")

    def start(self, series: Sequence[Series], clock: Clock) -> SeriesState:
        """The ends of series that begin with their first row."""
        none = SeriesState((), (), np.zeros(0, np.int64), np.zeros(0, np.int64), self._nothing(0),
                    self._states(0), np.zeros((0, 0, len(self.features.known))))  # fmt: skip
        return self.go_on(none, series, clock)

    def go_on(self, ends: SeriesState, series: Sequence[Series], clock: Clock) -> SeriesState:
        """The ends after new rows; series that were not there begin.

        Raises InputError for rows that are not later than the last of their series.
        """
        place = {name: k for k, name in enumerate(ends.ids)}
        for s in (s for s in series if s.id in place):
            last = int(ends.position[place[s.id]]) - 1
            if s.start <= last:
                first, before = (clock.show(int(t)) for t in clock.at(np.array([s.start, last])))
                raise InputError(
                    f"series {s.id!r} has a row at {first}, and the model has seen it up to {before}: "
                    "give later rows only (a file that was applied already changes nothing)"
                )
        every, rows = self._entered(ends, series)
        part = every.take(rows)
        later = [_from(s, part, k) for k, s in enumerate(series)]
        store = self._store(later, clock, 1, part.before)
        after = replace(advanced(part, store, self.networks), future=_future(later, part))
        return _put(every, rows, after)

    def along(
        self, ends: SeriesState, series: Sequence[Series], clock: Clock, horizon: int
    ) -> tuple[SeriesDataset, SeriesState]:
        """New rows of series, to be forecast from each of them on, and the ends that they go on from.

        Series that are not there begin. The ends are in the order of the series.
        """
        every, rows = self._entered(ends, series)
        part = every.take(rows)
        later = [_from(s, part, k) for k, s in enumerate(series)]
        return self._store(later, clock, horizon, part.before), part

    def forecast(
        self, ends: SeriesState, clock: Clock, steps: int, future: Future | None = None
    ) -> Floats:
        """Calibrated quantiles [N, steps, Q] of what follows, in the units of the target.

        Raises InputError if a known covariate is missing there.
        """
        known = self._known(ends, clock, steps, future or {})
        series = [
            Series(name, int(at), np.zeros(0), np.zeros((0, len(self.features.past))), k)
            for name, at, k in zip(ends.ids, ends.position, known, strict=True)
        ]
        store = self._store(series, clock, steps, ends.before)
        return self.in_units(
            *decoded(
                self.networks, ends.outputs(self.running.patch), store.ahead(store.ends()), steps
            )
        )

    def in_units(self, quantiles: Floats, ahead: DecoderInputs) -> Floats:
        """Calibrated quantiles in the units of the target, from scaled ones [B, h, Q]."""
        steps = quantiles.shape[1]
        by = self.correction[np.minimum(np.arange(steps), len(self.correction) - 1)]
        unit = ahead.unit[:, None, None]
        wide = widen(quantiles / unit, by) * unit
        made = wide * ahead.scale[:, None, None] + ahead.level[:, None, None]
        return np.exp(made) if self.running.log else made

    def _known(self, ends: SeriesState, clock: Clock, steps: int, future: Future) -> Floats:
        grid = np.full((len(ends), steps, len(self.features.known)), np.nan)
        if not self.features.known:
            return grid
        there = min(steps, ends.future.shape[1])
        grid[:, :there] = ends.future[:, :there]
        for k, (key, at) in enumerate(zip(ends.keys, ends.position, strict=True)):
            positions, values = future.get(
                key, future.get("", (np.zeros(0, np.int64), grid[0, :0]))
            )
            step = positions - at
            inside = (step >= 0) & (step < steps)
            grid[k, step[inside]] = values[inside]

            def show(step: int, at: int = int(at)) -> str:
                return clock.show(int(clock.at(np.array([at + step]))[0]))

            needed(grid[k], self.features, key, steps, show)
        return grid

    def _store(
        self, series: Sequence[Series], clock: Clock, steps: int, before: CarriedHistory | None
    ) -> SeriesDataset:
        block = self.networks[0].block
        return SeriesDataset(
            series, self.running, self.baselines, self.encoder, clock, steps, block, before
        )

    def _entered(
        self, ends: SeriesState, series: Sequence[Series]
    ) -> tuple[SeriesState, list[int]]:
        """The ends and the beginnings of series that are not there yet, and where the given ones stand."""
        place = {name: k for k, name in enumerate(ends.ids)}
        new = [s for s in series if s.id not in place]
        place |= {s.id: len(ends) + k for k, s in enumerate(new)}
        every = _joined(ends, self._fresh(new)) if new else ends
        return every, [place[s.id] for s in series]

    def _fresh(self, series: Sequence[Series]) -> SeriesState:
        """The ends of series of which no row was taken up yet."""
        before = replace(
            self._nothing(len(series)),
            static=self.encoder.encode("static", np.stack([s.static for s in series])),
        )
        return SeriesState(
            tuple(s.id for s in series), tuple(s.key for s in series),
            np.array([s.target for s in series]), np.array([s.start for s in series]), before,
            self._states(len(series)), np.zeros((len(series), 0, len(self.features.known))),
        )  # fmt: skip

    def _nothing(self, count: int) -> CarriedHistory:
        past, known, static, _ = self.encoder.widths
        patch = self.running.patch
        return CarriedHistory(
            np.tile(self.running.empty(), (count, 1)), np.zeros((count, patch, past)),
            np.zeros((count, patch, known)), np.zeros((count, static)),
        )  # fmt: skip

    def _states(self, count: int) -> tuple[tuple[NDArray[np.float32], ...], ...]:
        return tuple(initial(n.eval(), self.running.patch, count) for n in self.networks)


def _from(s: Series, ends: SeriesState, k: int) -> Series:
    """A series of new rows from the step at which it ended; steps between have no values."""
    gap = s.start - int(ends.position[k])
    if gap == 0:
        return s
    known = np.full((gap, s.known.shape[1]), np.nan)
    there = min(gap, ends.future.shape[1])
    known[:there] = ends.future[k, :there]
    return replace(
        s,
        start=s.start - gap,
        values=np.concatenate([np.full(gap, np.nan), s.values]),
        past=np.concatenate([np.full((gap, s.past.shape[1]), np.nan), s.past]),
        known=np.concatenate([known, s.known]),
    )


def _future(series: Sequence[Series], ends: SeriesState) -> Floats:
    """Known covariates beyond the last value of each, [N, F, K], new ones before those already told."""
    new = [s.known[len(s.values) :] for s in series]
    old = [f[len(s.values) :] for s, f in zip(series, ends.future, strict=True)]
    out = np.full((len(new), max(map(len, (*new, *old))), ends.future.shape[2]), np.nan)
    for row, a, b in zip(out, old, new, strict=True):
        row[: len(a)] = a
        row[: len(b)] = np.where(np.isnan(b), row[: len(b)], b)
    return out


def _joined(a: SeriesState, b: SeriesState) -> SeriesState:
    """The series of both."""
    every = _merged(a, b, lambda x, y: np.concatenate([x, y]))
    return replace(every, ids=a.ids + b.ids, keys=a.keys + b.keys)


def _put(every: SeriesState, rows: Sequence[int], part: SeriesState) -> SeriesState:
    """All series, some of which have gone on."""

    def put(x: Array, y: Array) -> Array:
        x = x.copy()
        x[rows] = y
        return x

    return _merged(every, part, put)


def _merged(a: SeriesState, b: SeriesState, merge: Callable[[Array, Array], Array]) -> SeriesState:
    """The ends ``a`` with each array merged with that of ``b``."""
    steps = max(a.future.shape[1], b.future.shape[1])
    names = [field.name for field in fields(CarriedHistory)]
    before = CarriedHistory(*(merge(getattr(a.before, n), getattr(b.before, n)) for n in names))
    states = tuple(
        tuple(merge(x, y) for x, y in zip(p, q, strict=True))
        for p, q in zip(a.states, b.states, strict=True)
    )
    return replace(
        a, targets=merge(a.targets, b.targets), position=merge(a.position, b.position),
        before=before, states=states, future=merge(_longer(a.future, steps), _longer(b.future, steps)),
    )  # fmt: skip


def _longer(values: Floats, steps: int) -> Floats:
    return np.pad(values, ((0, 0), (0, steps - values.shape[1]), (0, 0)), constant_values=np.nan)
