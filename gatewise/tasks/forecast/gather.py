"""Pieces of an array that begin at many places, looked up without an index for each of their values."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


def pieces(values: NDArray[Any], at: NDArray[np.int64], count: int) -> NDArray[Any]:
    """``values[a : a + count]`` for each a of ``at`` [...], copied: [..., count, *values.shape[1:]].

    ``values`` is contiguous. As rows of a view, pieces are copied whole: with an index for each value it takes
    ten times as long.
    """
    row = values.strides[0]
    shape = (len(values) - count + 1, count, *values.shape[1:])
    view = np.ndarray(shape, values.dtype, values, 0, (row, *values.strides))
    rows: NDArray[Any] = view[at]
    return rows
