"""How errors are correlated from step to step: what the mean, the median and the total of a forecast need.

Intervals are of single steps. Errors of neighbouring steps are alike, so the interval of a total is neither the sum
of theirs nor what independent errors would give. Both are measured on windows that training has not seen: how
large errors are, in half-widths of the network's widest interval, and how alike after so many steps. Likeness is
taken to be ``common + (1 - common) * decay ** lag``: a part that all steps of a window share, and one that fades.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy.signal import lfilter
from scipy.stats import norm

from gatewise.arrays import Bools, Floats, Ints

Point = Literal["mean", "median"]
# an error counts as so many half-widths at most
FARTHEST = 20.0
# windows from which the size of errors is told for each step by itself
ENOUGH = 30
# independent windows from which the limits of totals are theirs, and from which their spread is
MANY, SOME = 40, 8
# a mean error below so many of its standard errors is none
CLEAR = 2.0
GRID = np.linspace(0, 0.95, 20)


@dataclass(frozen=True)
class ErrorPaths:
    """Errors of point forecasts, in half-widths of the widest interval before its calibration.

    Attributes:
        size: their root mean square at each step of the horizon.
        common, decay: how alike they are.
        mean, median: of all of them.
        limits: for each level, ascending, the lower and the upper limit of the error of a total, in multiples of
            its standard deviation.
    """

    size: tuple[float, ...]
    common: float
    decay: float
    mean: float
    median: float
    limits: tuple[tuple[float, float], ...]

    def point(self, quantiles: Floats, which: Point) -> Floats:
        """The mean or the median [N, h] of forecasts with these quantiles [N, h, Q], which are not calibrated."""
        middle = quantiles[..., quantiles.shape[-1] // 2]
        return middle + (self.mean if which == "mean" else self.median) * half_widths(quantiles)

    def total(self, quantiles: Floats) -> Floats:
        """Quantiles [N, Q] of the totals of all steps, from those of the steps [N, h, Q]."""
        middle = quantiles.shape[-1] // 2
        widths = half_widths(quantiles)
        spread = self.deviation(widths)
        sums = quantiles[..., middle].sum(1)
        totals = np.empty((len(sums), quantiles.shape[-1]))
        totals[:, middle] = sums + self.mean * widths.sum(1)
        for k, (low, high) in enumerate(self.limits, 1):
            inner = totals[:, middle - k + 1], totals[:, middle + k - 1]
            totals[:, middle - k] = np.minimum(sums + low * spread, inner[0])
            totals[:, middle + k] = np.maximum(sums + high * spread, inner[1])
        return totals

    def deviation(self, widths: Floats) -> Floats:
        """The standard deviation [N] of totals of steps with these half-widths [N, h]."""
        steps = np.minimum(np.arange(widths.shape[1]), len(self.size) - 1)
        return _deviation(widths * np.array(self.size)[steps], self.common, self.decay)


def half_widths(quantiles: Floats) -> Floats:
    """Half of the widest interval [N, h] of quantiles [N, h, Q]."""
    return np.asarray((quantiles[..., -1] - quantiles[..., 0]) / 2)


def measured(
    truth: Floats, quantiles: Floats, series: Ints, levels: Sequence[int]
) -> ErrorPaths | None:
    """The errors of windows; None if nothing can be told from them.

    Args:
        truth: [B, h] in the units of the target, NaN where missing.
        quantiles: [B, h, Q] in the same units, not calibrated.
        series: [B] the number of each window's series; its windows overlap.
        levels: of the intervals, ascending.
    """
    if quantiles.shape[-1] < 3 or not len(truth):
        return None
    widths = half_widths(quantiles)
    error = truth - quantiles[..., quantiles.shape[-1] // 2]
    with np.errstate(invalid="ignore", divide="ignore"):
        share = np.where(widths > 0, error / widths, np.nan).clip(-FARTHEST, FARTHEST)
    seen = ~np.isnan(share)
    if not seen.any():
        return None
    horizon = truth.shape[1]
    count = float(sum(n / horizon + 1 - 1 / horizon for n in np.bincount(series) if n))
    overall = _root_mean_square(share[seen]) or 1e-6
    size = [
        _root_mean_square(column[~np.isnan(column)]) or overall
        if np.count_nonzero(~np.isnan(column)) >= ENOUGH and count >= SOME
        else overall
        for column in share.T
    ]
    common, decay = _likeness(share / np.array(size))
    whole = seen.all(1)
    spread = _deviation(widths * np.array(size), common, decay)[whole]
    off = error[whole].sum(1) / np.where(spread > 0, spread, np.nan)
    return ErrorPaths(
        size=tuple(size),
        common=common,
        decay=decay,
        mean=_clear_mean(error, widths, seen, count),
        median=float(np.median(share[seen])),
        limits=_limits(off[~np.isnan(off)], levels, count * whole.mean()),
    )


def _deviation(sizes: Floats, common: float, decay: float) -> Floats:
    """The standard deviation [N] of sums of errors with these deviations [N, h]."""
    faded = lfilter([1.0], [1.0, -decay], sizes, axis=1)
    fading = (2 * sizes * faded - sizes**2).sum(1)
    return np.asarray(np.sqrt(common * sizes.sum(1) ** 2 + (1 - common) * fading))


def _likeness(errors: Floats) -> tuple[float, float]:
    """The two numbers that describe best how alike errors [B, h] are after so many steps."""
    horizon = errors.shape[1]
    if horizon == 1:
        return 0.0, 0.0
    filled = np.nan_to_num(errors)
    seen = (~np.isnan(errors)).astype(float)
    lags = np.unique(np.geomspace(1, horizon - 1, 40).round().astype(int))
    pairs = [(filled[:, k:] * filled[:, :-k]).sum() for k in lags]
    counts = np.array([(seen[:, k:] * seen[:, :-k]).sum() for k in lags])
    own = (filled**2).sum() / max(seen.sum(), 1)
    alike = np.array(pairs) / np.maximum(counts, 1) / (own or 1.0)
    weight = (horizon - lags) * (counts > 0)
    a, d = GRID[:, None, None], GRID[None, :, None]
    missed = (weight * (alike - (a + (1 - a) * d**lags)) ** 2).sum(-1)
    best = np.unravel_index(int(np.argmin(missed)), missed.shape)
    return float(GRID[best[0]]), float(GRID[best[1]])


def _clear_mean(error: Floats, widths: Floats, seen: Bools, independent: float) -> float:
    """The mean error in half-widths, if it is more than chance; ``independent`` is the number of such windows."""
    total = np.where(seen, widths, 0.0).sum()
    if independent < 2 or not total > 0:
        return 0.0
    mean = float(np.where(seen, error, 0.0).sum() / total)
    off = np.where(seen, error - mean * widths, 0.0).sum(1)
    chance = float(off.std()) * len(off) / math.sqrt(independent) / total
    return mean if abs(mean) > CLEAR * chance else 0.0


def _limits(
    off: Floats, levels: Sequence[int], independent: float
) -> tuple[tuple[float, float], ...]:
    """The limits of each level of errors of totals, in standard deviations.

    Of many independent windows their own quantiles; of some a normal distribution with their spread, a little
    wider as it is not known for certain; of few a standard one.
    """
    limits = []
    for level in levels:
        low, high = (100 - level) / 200, (100 + level) / 200
        if independent >= MANY:
            limits.append((float(np.quantile(off, low)), float(np.quantile(off, high))))
            continue
        spread = _root_mean_square(off) if independent >= SOME else max(1.0, _root_mean_square(off))
        half = float(norm.ppf(high)) * spread * math.sqrt(1 + 1 / max(independent, 1.0))
        limits.append((-half, half))
    return tuple(limits)


def _root_mean_square(values: Floats) -> float:
    return float(np.sqrt(np.mean(values**2))) if len(values) else 0.0
