"""The calibration of intervals: how much wider they are to be, from what fell outside them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from gatewise.arrays import Floats
from gatewise.tasks.forecast.dataset import DecoderInputs
from gatewise.tasks.forecast.objective import scaled

# with at least so many windows each step of the horizon is calibrated separately
ENOUGH = 50


def conformal(truth: Floats, quantiles: Floats, levels: Sequence[int]) -> Floats:
    """How much to widen each interval on either side, [h, L]; negative narrows it.

    Conformalised quantile regression (Romano, Patterson & Candes 2019) on the windows of the
    calibration span, scaled: each step by itself if there are enough windows, else all together.
    """
    horizon, middle = truth.shape[1], quantiles.shape[-1] // 2
    widths = np.zeros((horizon, len(levels)))
    for k, level in enumerate(levels):
        missed = np.maximum(
            quantiles[..., middle - 1 - k] - truth, truth - quantiles[..., middle + 1 + k]
        )
        for step in range(horizon):
            column = missed[:, step] if len(missed) >= ENOUGH else missed
            seen = np.sort(column[~np.isnan(column)])
            if len(seen):
                place = int(np.ceil((len(seen) + 1) * level / 100)) - 1
                widths[step, k] = seen[min(place, len(seen) - 1)]
    return widths


def widen(quantiles: Floats, by: Floats) -> Floats:
    """Quantiles [B, h, Q] with intervals widened by [h, L], still in order."""
    wide = quantiles.copy()
    middle = quantiles.shape[-1] // 2
    for k in range(by.shape[1]):
        low, high = middle - 1 - k, middle + 1 + k
        wide[..., low] = np.minimum(wide[..., low] - by[:, k], wide[..., low + 1])
        wide[..., high] = np.maximum(wide[..., high] + by[:, k], wide[..., high - 1])
    return wide


def probabilities(levels: Sequence[int]) -> tuple[float, ...]:
    """The quantiles of ascending levels: 80, 90 gives 0.05, 0.1, 0.5, 0.9, 0.95."""
    lower = [(100 - level) / 200 for level in reversed(levels)]
    return (*lower, 0.5, *(1 - p for p in reversed(lower)))


def calibrated(
    quantiles: Floats, ahead: DecoderInputs, truth: Floats, levels: Sequence[int]
) -> Floats:
    """What calibration adds to the intervals on either side, [h, L], in units."""
    unit = ahead.unit[:, None]
    return conformal(scaled(truth, ahead) / unit, quantiles / unit[..., None], levels)


def narrower(judged: tuple[Floats, DecoderInputs], final: tuple[Floats, DecoderInputs]) -> Floats:
    """How much narrower the intervals of the final networks are on either side, [h, L], in units.

    Those that were calibrated stopped in the midst of a training; after as many steps of a training that ends
    there the widths may be far from those.
    """
    widths = []
    for quantiles, ahead in (judged, final):
        middle = quantiles.shape[-1] // 2
        sides = quantiles[..., middle + 1 :] - quantiles[..., middle - 1 :: -1]
        widths.append((sides / ahead.unit[:, None, None]).mean(0) / 2)
    return np.asarray(widths[0] - widths[1])
