"""Gaps: blocks of values that are removed to learn from, and what a network reads of values with gaps."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gatewise.arrays import Bools, Floats, Singles

SHARES = (0.1, 0.5)  # of values that are removed
BLOCK = 24  # steps of a block at most, where the data have no longer gaps
TOGETHER = 0.5  # chance that all channels are missing at the same steps
FAR = 5.0  # what logarithms of distances are divided by


def longest_gap(values: Floats, most: int) -> int:
    """Steps of the longest gap, between ``BLOCK`` and ``most``."""
    longest = 0
    for column in np.isnan(values).T:
        edges = np.flatnonzero(np.diff(np.concatenate([[False], column, [False]]).astype(np.int8)))
        longest = max([longest, *(edges[1::2] - edges[::2]).tolist()])
    return max(1, min(most, max(BLOCK, longest)))


def removed(
    shape: tuple[int, int], block: int, rng: np.random.Generator, share: float | None = None
) -> Bools:
    """[T, C] values to remove, in blocks of 1 .. ``block`` steps; ``share`` of them, or a random share."""
    length, channels = shape
    rate = float(rng.uniform(*SHARES)) if share is None else share
    columns = 1 if rng.random() < TOGETHER else channels
    is_removed = np.zeros((length, columns), dtype=bool)
    for k in range(columns):
        while is_removed[:, k].mean() < rate:
            # short and long blocks are equally likely by their size
            size = int(np.exp(rng.uniform(0, np.log(block + 1))))
            left = int(np.ceil(rate * length - is_removed[:, k].sum()))
            size = min(size, max(left, 1))
            begin = int(rng.integers(-size + 1, length))
            is_removed[max(begin, 0) : begin + size, k] = True
    return np.broadcast_to(is_removed, shape).copy() if columns == 1 else is_removed


@dataclass(frozen=True)
class Read:
    """What a network reads of a stretch with gaps.

    Attributes:
        inputs: [T, width].
        base: [T, C] linear interpolation, which the network corrects.
        seasonal: [T, C] the course of the season, moved to the known values around each gap.
    """

    inputs: Singles
    base: Floats
    seasonal: Floats


def width_of(channels: int) -> int:
    """Numbers that are read of a step."""
    return 5 * channels


def read(values: Floats, profile: Floats) -> Read:
    """Values [T, C], standardised, NaN where missing, with the season's course [T, C] at these steps.

    A network reads of each channel the linear interpolation, a mark where it is one, how far the last and the next known
    value are, and the seasonal interpolation.
    """
    missing = np.isnan(values)
    base, seasonal = _interpolated(values), _interpolated(values - profile) + profile
    before, behind = _distances(missing)
    parts = (
        base,
        missing.astype(np.float64),
        np.log1p(before) / FAR,
        np.log1p(behind) / FAR,
        seasonal - base,
    )
    return Read(np.concatenate(parts, axis=1).astype(np.float32), base, seasonal)


def _interpolated(values: Floats) -> Floats:
    """Linear between known values, level at the ends, 0 where nothing is known."""
    filled = np.zeros_like(values)
    steps = np.arange(len(values))
    for k, column in enumerate(values.T):
        known = ~np.isnan(column)
        if known.all():
            filled[:, k] = column
        elif known.any():
            filled[:, k] = np.interp(steps, steps[known], column[known])
    return filled


def _distances(missing: Bools) -> tuple[Floats, Floats]:
    """[T, C] steps to the last known value and to the next; T where there is none."""
    length = len(missing)
    steps = np.arange(length)[:, None]
    last = np.maximum.accumulate(np.where(missing, -length, steps), axis=0)
    ahead = np.minimum.accumulate(np.where(missing, 2 * length, steps)[::-1], axis=0)[::-1]
    return (
        np.minimum(steps - last, length).astype(np.float64),
        np.minimum(ahead - steps, length).astype(np.float64),
    )
