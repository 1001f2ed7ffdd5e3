"""The season of sequences of numbers: how many steps until they look like themselves again, and its profile."""

from __future__ import annotations

import numpy as np

from gatewise.arrays import Floats, Ints
from gatewise.tasks.sequences.ragged import Measurements

MOST = 1000  # steps of a season that is looked for
CYCLES = 4  # of it that the longest sequence needs
LEAST = 0.3  # autocorrelation at its lag
NEARLY = 0.9  # of the highest peak, which a shorter season needs to be preferred


def season_of(data: Measurements) -> int:
    """The shortest lag at which the autocorrelation of the longest sequence peaks; 1: there is none."""
    k = int(np.argmax(data.lengths))
    values = data.one(k)
    most = min(MOST, len(values) // CYCLES)
    if most < 3:
        return 1
    # a season of one channel is worth as much as one of all
    correlation = np.max([_correlation(column, most) for column in values.T], axis=0)
    lags = np.arange(2, most)
    peaks = lags[
        (correlation[lags] >= correlation[lags - 1]) & (correlation[lags] >= correlation[lags + 1])
    ]
    peaks = peaks[correlation[peaks] >= LEAST]
    if not len(peaks):
        return 1
    return int(peaks[correlation[peaks] >= NEARLY * correlation[peaks].max()][0])


def _correlation(column: Floats, most: int) -> Floats:
    """[most + 1] autocorrelation of the changes of a column, which its slow course does not disturb.

    Changes to and from missing values count as 0.
    """
    change = np.diff(column)
    known = ~np.isnan(change)
    if not known.any() or np.ptp(change[known]) == 0:
        return np.zeros(most + 1)
    values = np.where(known, change - change[known].mean(), 0.0)
    size = 1 << int(np.ceil(np.log2(2 * len(values))))
    spectrum = np.fft.rfft(values, size)
    power = np.fft.irfft(np.abs(spectrum) ** 2, size)[: most + 1]
    return np.asarray(power / max(float(power[0]), 1e-300))


def profile_of(values: Floats, phase: Ints, season: int) -> Floats:
    """[season, C] the mean of the values at each phase; where a phase has none, the mean of all.

    Args:
        values: [n, C], NaN where missing.
        phase: [n] of each, 0 .. season - 1.
        season: steps.
    """
    known = ~np.isnan(values)
    total, count = np.zeros((season, values.shape[1])), np.zeros((season, values.shape[1]))
    np.add.at(total, phase, np.where(known, values, 0.0))
    np.add.at(count, phase, known)
    mean = total.sum(0) / np.maximum(count.sum(0), 1)
    return np.where(count > 0, total / np.maximum(count, 1), mean)
