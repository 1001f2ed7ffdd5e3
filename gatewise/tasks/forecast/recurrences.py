"""Recurrences along a series: each continues from what was carried, so that pieces give what the whole gives.

``s`` is the length of a season; what is carried of one, ``before``, are the values at its ``s`` latest steps.
"""

from __future__ import annotations

import numpy as np
from scipy.signal import lfilter

from gatewise.arrays import Bools, Floats


def mean_or(total: Floats, count: Floats, otherwise: Floats) -> Floats:
    """``total / count``, and ``otherwise`` where nothing was counted."""
    counted = count > 0
    return np.where(counted, total / np.where(counted, count, 1.0), otherwise)


def trended_mean(total: Floats, count: Floats, ages: Floats, slope: Floats) -> Floats:
    """A mean moved along a slope [per step] by the mean age of its values; NaN where nothing was counted.

    ``ages`` is the sum of their ages, as ``total`` is that of the values.
    """
    return mean_or(total + slope * ages, count, np.full(len(total), np.nan))


def steps_since(seen: Bools, before: float) -> Floats:
    """Steps since a value was seen, [n]; ``before`` of them had gone by before the first of these."""
    at = np.arange(1, len(seen) + 1)
    latest = np.maximum.accumulate(np.where(seen, at, 0))
    return np.where(latest > 0, at - latest, at + before).astype(float)


def latest_of_season(y: Floats, before: Floats) -> Floats:
    """At each step the latest value that was seen at the same place of the season, [n]."""
    s = len(before)
    grid = np.concatenate([before, _padded(y, s, np.nan)]).reshape(-1, s)
    row = np.where(np.isnan(grid), 0, np.arange(len(grid))[:, None])
    np.maximum.accumulate(row, axis=0, out=row)
    return np.take_along_axis(grid, row, axis=0).reshape(-1)[s : s + len(y)]


def decayed(x: Floats, before: Floats, keep: float) -> Floats:
    """``sums[t] = keep * sums[t - s] + x[t]``, [n]."""
    s = len(before)
    grid = _padded(x, s, 0.0).reshape(-1, s)
    sums, _ = lfilter([1.0], [1.0, -keep], grid, axis=0, zi=keep * before[None])
    return np.asarray(sums.reshape(-1)[: len(x)])


def moving_mean(values: Floats, size: int, otherwise: Floats) -> Floats:
    """The mean of what was seen among each ``size`` values, [n - size + 1]; ``otherwise`` where nothing was."""
    seen = ~np.isnan(values)
    ones = np.ones(size)
    count = np.convolve(seen, ones, "valid")
    total = np.convolve(np.where(seen, values, 0.0), ones, "valid")
    return np.where(count > 0, total / np.maximum(count, 1), otherwise)


def _padded(x: Floats, s: int, value: float) -> Floats:
    """``x`` with ``value`` behind it, up to a whole number of seasons."""
    padded = np.full(len(x) + -len(x) % s, value)
    padded[: len(x)] = x
    return padded
