"""Windows cut from series: what is known at a cutoff, and the values that follow it.

All series lie behind each other in one array, with room of NaN before each, so that a window never
reaches into its neighbour and is cut by indexing alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gatewise.tasks.baselines import Baseline
from gatewise.tasks.table import Series

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
LIMIT = 10.0  # scaled inputs are held within
QUIET = 0.1  # of a series' usual deviation: the least that counts as a window's own


@dataclass(frozen=True)
class Cutoffs:
    """Where windows are cut: ``at`` [N], the index of the first unknown value; ``series`` [N]."""

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
class Windows:
    """What is known at B cutoffs, all from values before them.

    Attributes:
        x: [B, C] values of the context, scaled by the window itself; 0 where missing.
        seen: [B, C] 1 where a value is there.
        level, scale: [B] of the window: its recent mean, and its mean deviation from that, or a tenth
            of the deviation of the series so far if that is more.
        candidates: [B, K, h] what the baselines forecast, scaled likewise.
    """

    x: Floats
    seen: Floats
    level: Floats
    scale: Floats
    candidates: Floats


class Store:
    """Series and their baselines, ready for cutting.

    Args:
        series: of any lengths.
        baselines: that are prepared on them.
        context, horizon: steps before and after a cutoff.
        recent: steps that the level of a window is the mean of.
        log: work on logarithms; all values must be positive.
    """

    def __init__(
        self,
        series: Sequence[Series],
        baselines: Sequence[Baseline],
        context: int,
        horizon: int,
        recent: int,
        log: bool,
    ) -> None:
        self.baselines, self.context, self.horizon = tuple(baselines), context, horizon
        self.recent, self.log = recent, log
        room = max(context, recent, *(b.season for b in baselines))
        self.length = np.array([len(s.values) for s in series])
        self.start = np.array([s.start for s in series])
        self.first = np.cumsum(room + self.length) - self.length  # index of each first value
        self.flat = np.full(int(self.first[-1] + self.length[-1]) + horizon, np.nan)
        self.prepared = [np.full((2, len(self.flat)), np.nan) for _ in baselines]
        self.last = np.full((2, len(self.flat)), np.nan)
        self.usual = np.zeros(len(self.flat))  # deviation of each series so far
        for at, one in zip(self.first, series, strict=True):
            y = np.log(one.values) if log else one.values
            here = slice(at, at + len(y))
            self.flat[here] = y
            self.last[:, here] = Baseline("naive", 1).prepare(y)
            self.usual[here] = _deviation(y)
            for into, baseline in zip(self.prepared, baselines, strict=True):
                into[:, here] = baseline.prepare(y)
        self._count = np.concatenate([[0], np.cumsum(~np.isnan(self.flat))])

    def cutoffs(self, low: int | None, high: int | None, least: int) -> Cutoffs:
        """All cutoffs whose whole horizon lies at positions low .. high - 1 (None: no bound).

        A cutoff lies at least ``least`` steps into its series; a quarter of so many values are known
        in its context, and one in its horizon.
        """
        at, of = [], []
        for k, (first, start, n) in enumerate(
            zip(self.first, self.start, self.length, strict=True)
        ):
            begin = max(least, 0 if low is None else low - start)
            end = min(n, n if high is None else high - start) - self.horizon
            if end >= begin:
                at.append(np.arange(first + begin, first + end + 1))
                of.append(np.full(end - begin + 1, k))
        if not at:
            return Cutoffs(np.zeros(0, np.int64), np.zeros(0, np.int64))
        found = Cutoffs(np.concatenate(at), np.concatenate(of))
        known = self._count[found.at] - self._count[found.at - self.context]
        ahead = self._count[found.at + self.horizon] - self._count[found.at]
        return found.take(np.flatnonzero((known >= max(2, least // 4)) & (ahead >= 1)))

    def ends(self) -> Cutoffs:
        """The cutoff after the last value of every series."""
        return Cutoffs(self.first + self.length, np.arange(len(self.first)))

    def windows(self, cuts: Cutoffs) -> Windows:
        """The windows at cutoffs."""
        raw = self.flat[cuts.at[:, None] + np.arange(-self.context, 0)]
        seen = ~np.isnan(raw)
        level = _mean(raw[:, -self.recent :], self.last[0, cuts.at - 1])
        away = np.abs(raw - level[:, None])
        # a window that hardly moves must not make what follows look enormous
        floor = np.maximum(
            QUIET * self.usual[cuts.at - 1], 1e-3 * (1.0 if self.log else np.abs(level))
        )
        scale = np.maximum(_mean(away, np.zeros(len(level))), np.where(floor > 0, floor, 1e-3))
        x = np.where(seen, (raw - level[:, None]) / scale[:, None], 0.0).clip(-LIMIT, LIMIT)
        k = np.stack([self.baseline(n, cuts) for n in range(len(self.baselines))], axis=1)
        return Windows(
            x, seen.astype(float), level, scale, (k - level[:, None, None]) / scale[:, None, None]
        )

    def baseline(self, number: int, cuts: Cutoffs) -> Floats:
        """What a baseline forecasts, [B, h]: the last value where it has seen nothing itself."""
        made = self.baselines[number].forecast(self.prepared[number], cuts.at, self.horizon)
        return np.where(np.isnan(made), self.last[0, cuts.at - 1][:, None], made)

    def truth(self, cuts: Cutoffs) -> Floats:
        """The values after cutoffs, [B, h]; NaN where missing."""
        return np.asarray(self.flat[cuts.at[:, None] + np.arange(self.horizon)])


def _deviation(y: Floats) -> Floats:
    """At each time the mean distance so far from the mean so far."""
    seen = ~np.isnan(y)
    count = np.maximum(np.cumsum(seen), 1)
    away = np.abs(y - np.cumsum(np.nan_to_num(y)) / count)
    return np.asarray(np.cumsum(np.nan_to_num(away)) / count)


def _mean(values: Floats, otherwise: Floats) -> Floats:
    """Mean over the last axis of what is there."""
    seen = ~np.isnan(values)
    count = seen.sum(-1)
    total = np.where(seen, values, 0.0).sum(-1)
    return np.where(count > 0, total / np.maximum(count, 1), otherwise)
