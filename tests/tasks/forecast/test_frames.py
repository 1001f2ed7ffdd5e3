"""Forecasts are written with as many decimals as the data have."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from gatewise.tasks.data.series import Feature
from gatewise.tasks.forecast.frames import rounded

SALES = Feature("sales", decimals=1)  # whole numbers of two figures: a third figure is kept


def frame(*values: float) -> pd.DataFrame:
    return pd.DataFrame({"ds": range(len(values)), "LSTM": values})


def test_whole_numbers_are_written_as_such() -> None:
    written = rounded(frame(43.0, 50.0), [SALES], whole_numbers=True)
    assert written["LSTM"].dtype == np.int64
    assert written["LSTM"].tolist() == [43, 50]


@pytest.mark.parametrize(
    ("values", "whole_numbers", "digits"),
    [
        ((43.25, 50.0), True, None),  # the mean of whole numbers is none
        ((43.0, 50.0), False, None),
        ((43.0, np.nan), True, None),
        ((43.0, 50.0), True, 1),
    ],
)
def test_other_numbers_keep_their_decimals(
    values: tuple[float, ...], whole_numbers: bool, digits: int | None
) -> None:
    written = rounded(frame(*values), [SALES], digits, whole_numbers)
    assert written["LSTM"].dtype == np.float64
    np.testing.assert_array_equal(written["LSTM"], np.round(values, 1))


def test_no_decimals_are_whole_numbers() -> None:
    assert rounded(frame(43.2, 50.0), [SALES], 0)["LSTM"].tolist() == [43, 50]
