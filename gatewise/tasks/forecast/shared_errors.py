"""Errors that series share, where spans go over series: all of them are calibrated at one moment, and others differ.

A week of bad weather is below every forecast of that week. Calibrated on many series of one week, intervals know how series
differ among each other, and not how weeks do. The baseline's errors of earlier weeks say that.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from gatewise.arrays import Floats, Ints
from gatewise.tasks.forecast.calibration import conformal
from gatewise.tasks.forecast.cutoffs import Cutoffs
from gatewise.tasks.forecast.dataset import DecoderInputs, SeriesDataset
from gatewise.tasks.forecast.objective import scaled

# cutoffs of the past that are looked at, at most; windows that calibrate, at most
PAST, WINDOWS = 20_000, 40_000
# series whose errors at one moment have a median worth the name
SERIES = 6
# moments, at least
MOMENTS = 3


def shared_errors(store: SeriesDataset, past: Cutoffs, base: int) -> Floats:
    """What all series were off from a baseline at each moment of the past, in usual errors, [T, h].

    Less the mean over all moments, which a network learns. T is 0 where too few series or moments are there.
    """
    cuts = past.thinned(PAST)
    ahead = store.ahead(cuts)
    error = scaled(store.truth(cuts), ahead) - ahead.candidates[:, base, : store.horizon]
    shared = _medians(error / ahead.unit[:, None], store.position(cuts.at, cuts.series))
    if len(shared) < MOMENTS:
        return np.zeros((0, store.horizon))
    # neighbouring moments see the same weeks
    independent = max(2.0, 1 + (len(shared) - 1) / store.horizon)
    return np.asarray((shared - shared.mean(0)) * np.sqrt(independent / (independent - 1)))


def calibrated_over_moments(
    forecast: tuple[Floats, DecoderInputs],
    truth: Floats,
    shared: Floats,
    levels: Sequence[int],
) -> Floats:
    """As ``calibration.calibrated``, [h, L], as if the windows had come at other moments as well.

    Args:
        forecast: quantiles [B, h, Q] and inputs of the decoder at the windows that calibrate, of one moment.
        truth: [B, h] what followed, as the network forecasts it.
        shared: [T, h] of ``shared_errors``.
        levels: of the intervals.
    """
    quantiles, ahead = forecast
    unit = ahead.unit[:, None]
    apart = quantiles / unit[..., None]
    values = scaled(truth, ahead) / unit
    error = values - apart[..., apart.shape[-1] // 2]
    here = np.nan_to_num(np.nanmedian(error, axis=0)) if len(error) >= SERIES else 0.0
    moments = shared[_some(len(shared), max(1, WINDOWS // len(values)))]
    moved = (values - here)[None] + moments[:, None]
    return conformal(
        moved.reshape(-1, values.shape[1]), np.tile(apart, (len(moments), 1, 1)), levels
    )


def _medians(error: Floats, position: Ints) -> Floats:
    """The median [T, h] over the series of errors [B, h] at each position that enough of them have."""
    out = []
    for moment in np.unique(position):
        rows = error[position == moment]
        if len(rows) >= SERIES and not np.isnan(rows).all(axis=0).any():
            out.append(np.nanmedian(rows, axis=0))
    return np.array(out).reshape(-1, error.shape[1])


def _some(count: int, most: int) -> Ints:
    return np.unique(np.linspace(0, count - 1, min(count, most)).astype(np.int64))
