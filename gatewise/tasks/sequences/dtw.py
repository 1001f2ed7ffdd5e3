"""Dynamic time warping of many pairs at once, within a band (Sakoe & Chiba 1978); for a baseline."""

from __future__ import annotations

import numpy as np

from gatewise.arrays import Floats, Ints, Singles
from gatewise.tasks.sequences.ragged import Measurements, Sequences

BAND = 0.1  # of the longest sequence, for each pair at least as wide as its lengths differ
MOST_CELLS = 5e7  # of the tables of all pairs: about two seconds
MOST_MEANS = 8  # neighbouring values whose mean is one step, where there are more cells
PIECE = 4_000_000  # numbers of the diagonals that are worked out at once


def obstacle(data: Sequences) -> str:
    """Why distances of all pairs are not taken; "" if they can be."""
    if not isinstance(data, Measurements):
        return "it compares numbers"
    return "" if size_of_means(data) else "there are too many pairs of sequences"


def size_of_means(data: Measurements) -> int:
    """How many neighbouring values become their mean before pairs are compared (Keogh & Pazzani 2000).

    1 where all pairs are few enough as they are; 0 where they are too many at any size.
    """
    for size in range(1, MOST_MEANS + 1):
        longest, band = -(-data.longest // size), -(-_band(data) // size)
        cells = len(data) ** 2 / 2 * longest * (2 * band + 1) * data.values.shape[1]
        if cells <= MOST_CELLS:
            return size
    return 0


def means(data: Measurements, size: int) -> Measurements:
    """Means of so many neighbouring values; the last one is of those that are left."""
    if size == 1:
        return data
    lengths = -(-data.lengths // size)
    first = np.concatenate(
        [b + np.arange(0, n, size) for b, n in zip(data.starts[:-1], data.lengths, strict=True)]
    )
    sums = np.add.reduceat(data.values, first, axis=0)
    counts = np.diff(np.append(first, data.starts[-1]))
    starts = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
    return Measurements(starts, sums / counts[:, None], data.channels)


def distances(data: Measurements) -> Floats:
    """[N, N] the distance of each pair: the root of the least sum of squared differences along a path.

    Where there are many pairs, of means of a few neighbouring values: ``size_of_means``.
    """
    data = means(data, max(1, size_of_means(data)))
    count, longest = len(data), data.longest
    padded = np.zeros((count, longest, data.values.shape[1]), dtype=np.float32)
    for k in range(count):
        padded[k, : data.lengths[k]] = data.one(k)
    first, second = np.triu_indices(count, 1)
    table = np.zeros((count, count))
    size = max(1, PIECE // ((2 * _band(data) + 1) * padded.shape[2]))
    # pairs of similar lengths end at similar diagonals
    order = np.argsort(data.lengths[first] + data.lengths[second], kind="stable")
    for begin in range(0, len(order), size):
        pairs = order[begin : begin + size]
        a, b = first[pairs], second[pairs]
        table[a, b] = table[b, a] = _pairs(padded, data.lengths, a, b, _band(data))
    return table


def _band(data: Measurements) -> int:
    lengths = data.lengths
    return max(1, int(np.ceil(BAND * lengths.max())), int(lengths.max() - lengths.min()))


def _pairs(padded: Singles, lengths: Ints, a: Ints, b: Ints, band: int) -> Floats:
    """Distances of some pairs, diagonal by diagonal: the cells of one do not depend on each other.

    On diagonal k the cell of row i compares step i of the one with step k - i of the other. A diagonal is kept
    by rows, with a border of infinity at row -1.
    """
    rows = int(lengths[a].max())
    columns = int(lengths[b].max())
    before = np.full((len(a), rows + 1), np.inf, dtype=np.float32)
    last = before.copy()
    result = np.empty(len(a))
    ends = lengths[a] + lengths[b] - 2
    for k in range(int(ends.max()) + 1):
        low = max(0, k - columns + 1, -(-(k - band) // 2))
        high = min(rows - 1, k, (k + band) // 2)
        i = np.arange(low, high + 1)
        apart = padded[a[:, None], i] - padded[b[:, None], k - i]
        cost = np.einsum("pic,pic->pi", apart, apart)
        now = np.full_like(before, np.inf)
        if k == 0:
            now[:, 1] = cost[:, 0]
        else:
            # from row i of the last diagonal, row i - 1 of it, and row i - 1 of the one before
            least = np.minimum(last[:, low + 1 : high + 2], last[:, low : high + 1])
            now[:, low + 1 : high + 2] = cost + np.minimum(least, before[:, low : high + 1])
        done = np.flatnonzero(ends == k)
        result[done] = now[done, lengths[a[done]]]
        before, last = last, now
    return np.sqrt(result)
