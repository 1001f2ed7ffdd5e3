"""Series laid out so that whatever is known at a cutoff is looked up by its place.

All series lie behind each other in one array, with room of NaN before each, so that nothing reaches
into its neighbour. A cutoff is the place of the first value that is not known.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gatewise.tasks.data.clock import Clock
from gatewise.tasks.data.disk_arrays import allocate
from gatewise.tasks.data.encoding import Encoder
from gatewise.tasks.data.series import Series
from gatewise.tasks.forecast.baselines import Baseline
from gatewise.tasks.forecast.gather import pieces
from gatewise.tasks.forecast.running_stats import OnlineStats

Floats = NDArray[np.float64]
Singles = NDArray[np.float32]
Ints = NDArray[np.int64]
MOST_CUTOFFS = 20_000  # that figures are taken on
LIMIT = 10.0  # scaled values that the network reads are held within
LEAST_UNIT = 0.02  # of the scale: corrections are not made smaller than that


@dataclass(frozen=True)
class Cutoffs:
    """Where forecasts start: ``at`` [N], the place of the first unknown value; ``series`` [N]."""

    at: Ints
    series: Ints

    def __len__(self) -> int:
        return len(self.at)

    def take(self, rows: Ints | slice) -> Cutoffs:
        return Cutoffs(self.at[rows], self.series[rows])

    def thinned(self, most: int) -> Cutoffs:
        """At most so many, evenly spread."""
        if len(self) <= most:
            return self
        return self.take(np.linspace(0, len(self) - 1, most).astype(np.int64))


@dataclass(frozen=True)
class DecoderInputs:
    """What the decoder is given at B cutoffs, all of it known there; scaled by level and scale.

    Attributes:
        candidates: [B, K, r] what the baselines forecast; r is the horizon in whole blocks.
        known: [B, r, F] known covariates and the calendar of each step.
        static: [B, S].
        unit: [B] usual error of a seasonal naive forecast, of which corrections are multiples.
        level, scale: [B] in the units of the target, or of its logarithm.
    """

    candidates: Floats
    known: Floats
    static: Floats
    unit: Floats
    level: Floats
    scale: Floats


@dataclass(frozen=True)
class CarriedHistory:
    """What is carried of N series from the rows that are not at hand any more.

    Attributes:
        carries: [N, width] of ``OnlineStats``.
        past, known: [N, patch, F] numbers of the last steps.
        static: [N, S].
    """

    carries: Floats
    past: Floats
    known: Floats
    static: Floats


@dataclass(frozen=True)
class BatchShape:
    """How training reads a batch of series: ``batch`` stretches of ``length`` steps of the network."""

    batch: int
    length: int
    least: int  # steps of its series that a cutoff needs before it


class SeriesDataset:
    """Series, what is carried along them and their covariates, ready to be looked up.

    Args:
        series: of any lengths.
        running: the recurrences.
        baselines: what they forecast is given to the network.
        encoder: of covariates and calendar.
        clock: of the series' positions.
        horizon: steps after a cutoff.
        block: steps that the decoder makes at once: it is given whole blocks, so that what it makes of a
            step does not depend on how many are asked for.
        before: what came before the series, from where they are gone on with; None: nothing.
    """

    def __init__(
        self,
        series: Sequence[Series],
        running: OnlineStats,
        baselines: Sequence[Baseline],
        encoder: Encoder,
        clock: Clock,
        horizon: int,
        block: int,
        before: CarriedHistory | None = None,
    ) -> None:
        self.running, self.baselines, self.encoder = running, tuple(baselines), encoder
        self.clock, self.horizon = clock, horizon
        self.reach = -(-horizon // block) * block
        space = running.tail + running.patch + 1
        self.length = np.array([len(s.values) for s in series])
        self.start = np.array([s.start for s in series])
        ahead = np.array([max(self.reach, len(s.known) - len(s.values)) for s in series])
        ends = np.cumsum(space + self.length + ahead)
        self.first = ends - ahead - self.length  # place of each first value
        total = int(ends[-1])
        self.flat = allocate((total,))  # large arrays lie in files
        self.tracks: dict[str, Floats] = {}
        self.carries = np.empty((len(series), running.width))
        past, known, static, times = encoder.widths
        self.past, self.known = allocate((total, past), 0.0), allocate((total, known), 0.0)
        self.times = allocate((total, times), 0.0)
        self.static = np.zeros((len(series), static)) if before is None else before.static
        for k, (at, one) in enumerate(zip(self.first, series, strict=True)):
            y = np.log(one.values) if running.log else one.values
            here = slice(at, at + len(y))
            carry = running.empty() if before is None else before.carries[k]
            earlier = running.before(carry)
            found, self.carries[k] = running.advance(carry, y)
            self.flat[here], self.flat[at - running.tail : at] = y, earlier.pop("tail")
            for name, values in earlier.items():
                if name not in self.tracks:
                    self.tracks[name] = allocate((total,))
                track = self.tracks[name]
                track[at - len(values) : at] = values
                track[here] = found.get(name, values[:0])
            self.past[here] = encoder.encode("past", one.past)
            self.known[at : at + len(one.known)] = encoder.encode("known", one.known)
            on = np.arange(one.start, one.start + len(y) + ahead[k])
            self.times[at : at + len(on)] = encoder.times(clock, on)
            if before is None:
                self.static[k] = encoder.encode("static", one.static)
            else:
                self.past[at - running.patch : at] = before.past[k]
                self.known[at - running.patch : at] = before.known[k]
        self._count = np.concatenate([[0], np.cumsum(~np.isnan(self.flat))])

    def after(self) -> CarriedHistory:
        """What is carried on from the ends of the series."""
        places = (self.first + self.length)[:, None] + np.arange(-self.running.patch, 0)
        return CarriedHistory(self.carries, self.past[places], self.known[places], self.static)

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
        found = Cutoffs(np.concatenate(at), np.concatenate(of))
        known = self._count[found.at] - self._count[self.first[found.series] - self.running.tail]
        ahead = self._count[found.at + self.horizon] - self._count[found.at]
        return found.take(np.flatnonzero((known >= 2) & (ahead >= 1)))

    def position(self, at: Ints, series: Ints) -> Ints:
        """Positions on the clock of places in the array."""
        return np.asarray(at - self.first[series] + self.start[series])

    def unit(self, at: Ints) -> Floats:
        """The usual error of the seasonal naive forecast, scaled; [...] for cutoffs [...]."""
        first = (self.running.seasons or (1,))[0]
        error, other = (self.tracks[f"error {s}"][at - 1] for s in (first, 1))
        error = np.where(np.isnan(error), other, error)  # the first season has no season before it
        return np.maximum(np.nan_to_num(error / self.tracks["scale"][at - 1]), LEAST_UNIT)

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
        """What the decoder is given at cutoffs."""
        at, h = cuts.at, self.reach
        level, scale = self.tracks["level"][at - 1], self.tracks["scale"][at - 1]
        made = np.stack([b.at(self.tracks, at, h) for b in self.baselines], axis=1)
        made -= level[:, None, None]
        made /= scale[:, None, None]
        return DecoderInputs(
            made,
            np.concatenate([pieces(self.known, at, h), pieces(self.times, at, h)], axis=-1),
            self.static[cuts.series],
            self.unit(at),
            level,
            scale,
        )

    def ends(self) -> Cutoffs:
        """The cutoff after the last value of every series."""
        return Cutoffs(self.first + self.length, np.arange(len(self.first)))

    def truth(self, cuts: Cutoffs) -> Floats:
        """The values after cutoffs, [B, h]; NaN where missing."""
        return pieces(self.flat, cuts.at, self.horizon)


def step_inputs(
    x: Floats, numbers: Floats, past: Floats, known: Floats, static: Floats, times: Floats
) -> Singles:
    """One step of the network as numbers [..., width], in the float type that it has.

    Args:
        x: [..., patch] scaled values, NaN where missing.
        numbers: [..., 4] change of the level and of the scale, age, unit; NaN where not known.
        past, known: [..., patch, F].
        static: [..., S].
        times: [..., C] the calendar at the cutoff.
    """
    seen = ~np.isnan(x)
    shape = x.shape[:-1]
    return np.concatenate(
        [
            np.where(seen, x, 0.0).clip(-LIMIT, LIMIT),
            seen,
            np.nan_to_num(numbers).clip(-LIMIT, LIMIT),
            past.reshape(*shape, -1),
            known.reshape(*shape, -1),
            np.broadcast_to(static, (*shape, static.shape[-1])),
            times,
        ],
        axis=-1,
        dtype=np.float32,
        casting="same_kind",
    )


def step_width(patch: int, encoder: Encoder) -> int:
    """How many numbers a step of the network reads."""
    past, known, static, times = encoder.widths
    return 2 * patch + 4 + patch * (past + known) + static + times
