"""Lags, gaps and units that a person chooses."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from gatewise.errors import InputError
from gatewise.inspect.choices import whole_numbers


def test_whole_numbers_in_order() -> None:
    assert whole_numbers("lags", [5, np.int64(1), 5]) == (1, 5)
    assert whole_numbers("units", range(3), 0, 2) == (0, 1, 2)


@pytest.mark.parametrize("values", [(), 5, (0,), (4,), (1.5,), ("1",), (True,), None], ids=str)
def test_others_are_refused(values: Any) -> None:
    with pytest.raises(InputError, match="units must be a list of whole numbers from 1 to 3, not"):
        whole_numbers("units", values, 1, 3)
