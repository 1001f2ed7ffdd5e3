"""Pieces of arrays are what slices give, for any places, also of arrays without columns."""

from __future__ import annotations

import numpy as np
import pytest

from gatewise.tasks.forecast.gather import pieces


@pytest.mark.parametrize("inner", [(), (3,), (0,)])
@pytest.mark.parametrize("lead", [(4,), (2, 3)])
def test_pieces_are_slices(inner: tuple[int, ...], lead: tuple[int, ...]) -> None:
    draw = np.random.default_rng(0)
    values = draw.standard_normal((20, *inner))
    at = draw.integers(0, 16, lead)
    at.flat[0], at.flat[1] = 0, 15  # the first and the last that fit
    windows = pieces(values, at, 5)
    assert windows.shape == (*lead, 5, *inner)
    for place in np.ndindex(lead):
        np.testing.assert_array_equal(windows[place], values[at[place] : at[place] + 5])
    windows[...] = 7.0  # a copy
    assert not (values == 7.0).any()
    with pytest.raises(IndexError):
        pieces(values, at + 1, 5)
