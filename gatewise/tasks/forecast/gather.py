"""Pieces of an array that begin at many places, looked up without an index for each of their values."""

from __future__ import annotations

import numpy as np

from gatewise.arrays import Array, Ints


def pieces(values: Array, at: Ints, count: int) -> Array:
    """``values[a : a + count]`` for each a of ``at`` [...], copied: [..., count, *values.shape[1:]].

    ``values`` is contiguous. As rows of a view, pieces are copied whole: with an index for each value it takes
    ten times as long.
    """
    row = values.strides[0]
    shape = (len(values) - count + 1, count, *values.shape[1:])
    view = np.ndarray(shape, values.dtype, values, 0, (row, *values.strides))
    rows: Array = view[at]
    return rows
