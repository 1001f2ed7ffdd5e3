"""Series laid out in flat arrays, so that everything known at a cutoff is looked up by its place.

All series stand one after another in one array, with NaN in between, so that no lookup reaches into a
neighbour. A cutoff is the place of the first value that is not known.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from gatewise.arrays import Floats, Ints, Singles
from gatewise.tasks.data.clock import Clock
from gatewise.tasks.data.disk_arrays import allocate
from gatewise.tasks.data.encoding import Encoder
from gatewise.tasks.data.series import Series
from gatewise.tasks.forecast.baselines import Simple
from gatewise.tasks.forecast.carried_history import CarriedHistory, nothing_followed
from gatewise.tasks.forecast.cutoffs import Cutoffs
from gatewise.tasks.forecast.gather import pieces
from gatewise.tasks.forecast.known_effect import KnownEffect, without
from gatewise.tasks.forecast.recent_best import RecentBest
from gatewise.tasks.forecast.recent_level import continued
from gatewise.tasks.forecast.running_stats import OnlineStats
from gatewise.tasks.forecast.step_inputs import step_inputs

# the smallest unit of corrections, as a share of the scale
LEAST_UNIT = 0.02


@dataclass(frozen=True)
class DecoderInputs:
    """The inputs of the decoder at B cutoffs, all of them known there; scaled by level and scale.

    Attributes:
        candidates: [B, K, r] the forecasts of the baselines; r is the horizon in whole blocks.
        known: [B, r, F] the known covariates and the calendar of each step.
        static: [B, S] the static covariates.
        unit: [B] the usual error of a seasonal naive forecast; corrections are multiples of it.
        continuing: [B, n, r] what would come if the level of each of the last n values stayed; NaN where unknown.
        level, scale: [B] in the units of the target, or of its logarithm.
        factor, shift: [B, r] what known covariates make of a forecast (see ``KnownEffect``); 1 and 0 without them.
    """

    candidates: Floats
    known: Floats
    static: Floats
    unit: Floats
    continuing: Floats
    level: Floats
    scale: Floats
    factor: Floats
    shift: Floats


class SeriesDataset:
    """Series with their running statistics and covariates, ready to be looked up at cutoffs.

    Args:
        series: of any lengths.
        running: the running statistics.
        baselines: their forecasts are inputs of the network.
        encoder: encodes covariates and the calendar.
        clock: the clock of the positions.
        horizon: steps after a cutoff.
        block: steps that the decoder makes at once. It reads whole blocks, so that the forecast of a step
            does not depend on the horizon.
        effect: of the known covariates; it is taken off before anything else is looked at. None: there is none.
        before: what is carried from earlier rows of the series; None if they begin with their first row.
    """

    def __init__(
        self,
        series: Sequence[Series],
        running: OnlineStats,
        baselines: Sequence[Simple | RecentBest],
        encoder: Encoder,
        clock: Clock,
        horizon: int,
        block: int,
        before: CarriedHistory | None = None,
        effect: KnownEffect | None = None,
    ) -> None:
        self.running, self.encoder = running, encoder
        self.baselines: tuple[Simple | RecentBest, ...] = tuple(baselines)
        self.clock, self.horizon, self.effect = clock, horizon, effect
        self.reach = -(-horizon // block) * block
        self.start = np.array([s.start for s in series])
        self.length = np.array([len(s.values) for s in series])
        self._reaches = np.array([max(self.reach, len(s.known) - len(s.values)) for s in series])
        self._allocate()
        for k, one in enumerate(series):
            self._fill(k, one, before)
        self._count = np.concatenate([[0], np.cumsum(~np.isnan(self.flat))])
        self.pending, self.sums = nothing_followed(len(series), None)
        if isinstance(self.baselines[-1], RecentBest):
            self.follow(self.baselines[-1], before)

    def follow(self, recent: RecentBest, before: CarriedHistory | None = None) -> None:
        """Choose a baseline at every row; ``recent`` is then the last of the baselines."""
        if not isinstance(self.baselines[-1], RecentBest):
            self.baselines = (*self.baselines, recent)
        start = nothing_followed(len(self.first), recent)
        self.pending, self.sums = (
            start if before is None else (before.pending.copy(), before.sums.copy())
        )
        best = self.tracks["best"] = allocate((len(self.flat),))
        for k, (first, count) in enumerate(zip(self.first, self.length, strict=True)):
            rows = slice(int(first), int(first + count))
            best[rows], self.pending[k], self.sums[k] = recent.follow(
                self.tracks, rows, self.flat[rows], self.pending[k], self.sums[k]
            )
            if before is not None:
                best[first - 1] = recent.now(before.sums[k])

    def _allocate(self) -> None:
        """The arrays of all series, each with room before its first value and after its last.

        Large arrays lie in files.
        """
        room = self.running.tail + self.running.patch + 1
        ends = np.cumsum(room + self.length + self._reaches)
        # place of each first value
        self.first = ends - self._reaches - self.length
        total, count = int(ends[-1]), len(self.length)
        past, known, static, times = self.encoder.widths
        self.flat = allocate((total,))
        names = self.running.before(self.running.empty()).keys() - {"tail"}
        self.tracks: dict[str, Floats] = {name: allocate((total,)) for name in sorted(names)}
        self.past = allocate((total, past), 0.0)
        self.known = allocate((total, known), 0.0)
        changed = 0 if self.effect is None else total
        self.raw, self.factor = allocate((changed,)), allocate((changed,), 1.0)
        self.shift = allocate((changed,), 0.0)
        self.times = allocate((total, times), 0.0)
        self.static = np.zeros((count, static))
        self.carries = np.empty((count, self.running.width))

    def _fill(self, k: int, series: Series, before: CarriedHistory | None) -> None:
        """Write series number k, and what came before it, to its place in the arrays."""
        running, encoder, first = self.running, self.encoder, int(self.first[k])
        y = series.values if self.effect is None else self._without_effect(k, series, self.effect)
        y = np.log(y) if running.log else y
        rows = slice(first, first + len(y))
        carry = running.empty() if before is None else before.carries[k]
        earlier = running.before(carry)
        stats, self.carries[k] = running.advance(carry, y)
        self.flat[first - running.tail : first] = earlier.pop("tail")
        self.flat[rows] = y
        for name, values in earlier.items():
            track = self.tracks[name]
            track[first - len(values) : first] = values
            # of no rows there are no stats
            track[rows] = stats.get(name, values[:0])
        self.past[rows] = encoder.encode("past", series.past)
        self.known[first : first + len(series.known)] = encoder.encode("known", series.known)
        positions = np.arange(series.start, series.start + len(y) + self._reaches[k])
        self.times[first : first + len(positions)] = encoder.times(self.clock, positions)
        if before is None:
            self.static[k] = encoder.encode("static", series.static)
        else:
            self.static[k] = before.static[k]
            self.past[first - running.patch : first] = before.past[k]
            self.known[first - running.patch : first] = before.known[k]

    def _without_effect(self, k: int, series: Series, effect: KnownEffect) -> Floats:
        """The values of series number k without the effect, which is written to its place."""
        first, count = int(self.first[k]), len(series.values)
        known = np.full((count + self._reaches[k], series.known.shape[1]), np.nan)
        known[: len(series.known)] = series.known
        factor, shift = effect.at(series, known, self.clock)
        self.raw[first : first + count] = series.values
        self.factor[first : first + len(known)] = factor
        self.shift[first : first + len(known)] = shift
        return without(series.values, factor[:count], shift[:count])

    def after(self) -> CarriedHistory:
        """What is carried on after the ends of the series."""
        places = (self.first + self.length)[:, None] + np.arange(-self.running.patch, 0)
        return CarriedHistory(
            carries=self.carries,
            past=self.past[places],
            known=self.known[places],
            static=self.static,
            pending=self.pending,
            sums=self.sums,
        )

    def cutoffs(self, low: int | None, high: int | None, least: int | Ints) -> Cutoffs:
        """All cutoffs whose whole horizon lies at positions low .. high - 1 (None: no bound).

        A cutoff lies at least ``least`` steps into its series (which may be a number for each); two values
        are known before it, and one in its horizon.
        """
        at, of = [], []
        into = np.broadcast_to(least, len(self.first))
        for k, (first, start, n, steps) in enumerate(
            zip(self.first, self.start, self.length, into, strict=True)
        ):
            begin = max(steps, 0 if low is None else low - start)
            end = min(n, n if high is None else high - start) - self.horizon
            if end >= begin:
                at.append(np.arange(first + begin, first + end + 1))
                of.append(np.full(end - begin + 1, k))
        if not at:
            return Cutoffs(np.zeros(0, np.int64), np.zeros(0, np.int64))
        cuts = Cutoffs(np.concatenate(at), np.concatenate(of))
        known = self._count[cuts.at] - self._count[self.first[cuts.series] - self.running.tail]
        ahead = self._count[cuts.at + self.horizon] - self._count[cuts.at]
        return cuts.take(np.flatnonzero((known >= 2) & (ahead >= 1)))

    def position(self, at: Ints, series: Ints) -> Ints:
        """Positions on the clock of places in the array."""
        return np.asarray(at - self.first[series] + self.start[series])

    def unit(self, at: Ints) -> Floats:
        """The usual error of the seasonal naive forecast, scaled; [...] for cutoffs [...]."""
        first = (self.running.seasons or (1,))[0]
        error, other = (self.tracks[f"error {s}"][at - 1] for s in (first, 1))
        # the first season has no season before it
        error = np.where(np.isnan(error), other, error)
        # of a single value nothing is known: the scale, which is then assumed
        unit = np.where(np.isnan(error), 1.0, error / self.tracks["scale"][at - 1])
        least: Floats = np.maximum(np.nan_to_num(unit), LEAST_UNIT)
        return least

    def patches(self, at: Ints, series: Ints) -> Singles:
        """What one step of the network reads at cutoffs [...]: [..., width]."""
        p, tracks = self.running.patch, self.tracks
        level, scale = tracks["level"][at - 1], tracks["scale"][at - 1]
        before = at - 1 - p
        numbers = (
            (level - tracks["level"][before]) / scale,
            np.log(scale / tracks["scale"][before]),
            np.log1p(tracks["age"][at - 1]),
            np.log(self.unit(at)),
        )
        return step_inputs(
            (pieces(self.flat, at - p, p) - level[..., None]) / scale[..., None],
            np.stack(numbers, axis=-1),
            pieces(self.past, at - p, p),
            pieces(self.known, at - p, p),
            self.static[series],
            self.times[at],
        )

    def ahead(self, cuts: Cutoffs) -> DecoderInputs:
        """The inputs of the decoder at cutoffs."""
        at, h = cuts.at, self.reach
        level, scale = self.tracks["level"][at - 1], self.tracks["scale"][at - 1]
        candidates = np.stack([b.at(self.tracks, at, h) for b in self.baselines], axis=1)
        continuing = continued(self.flat, self.tracks, self.running, at, h)
        for values in (candidates, continuing):
            values -= level[:, None, None]
            values /= scale[:, None, None]
        factor, shift = self._effect_at(at, h)
        return DecoderInputs(
            candidates=candidates,
            known=np.concatenate([pieces(self.known, at, h), pieces(self.times, at, h)], axis=-1),
            static=self.static[cuts.series],
            unit=self.unit(at),
            continuing=continuing,
            level=level,
            scale=scale,
            factor=factor,
            shift=shift,
        )

    def _effect_at(self, at: Ints, steps: int) -> tuple[Floats, Floats]:
        """Factor and shift [B, steps] from cutoffs [B] on."""
        if self.effect is None:
            return np.broadcast_to(1.0, (len(at), steps)), np.broadcast_to(0.0, (len(at), steps))
        return pieces(self.factor, at, steps), pieces(self.shift, at, steps)

    def ends(self) -> Cutoffs:
        """The cutoff after the last value of every series."""
        return Cutoffs(self.first + self.length, np.arange(len(self.first)))

    def truth(self, cuts: Cutoffs) -> Floats:
        """The values after cutoffs, [B, h], as the network forecasts them; NaN where missing."""
        return pieces(self.flat, cuts.at, self.horizon)

    def actual(self, at: Ints, steps: int) -> Floats:
        """The values at places ``at`` [B] and on, [B, steps], in the units of the target; NaN where missing."""
        if self.effect is not None:
            return pieces(self.raw, at, steps)
        values = pieces(self.flat, at, steps)
        return np.exp(values) if self.running.log else values

    def in_units(self, values: Floats, at: Ints) -> Floats:
        """Forecasts [B, h] from cutoffs ``at`` [B] on, in the units of the target."""
        factor, shift = self._effect_at(at, values.shape[1])
        return in_units(values, factor, shift, self.running.log)


def in_units(values: Floats, factor: Floats, shift: Floats, log: bool) -> Floats:
    """Forecasts in the units of the target, with the effect of known covariates put back; zero where closed."""
    base = np.exp(values) if log else values
    # a series that was always closed has no base
    return np.where(factor == 0, shift, base * factor + shift)
