"""Codes such as -999 in covariates are taken as missing and named; values that look odd for a reason are not."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from gatewise.errors import InputError
from gatewise.tasks import Forecaster
from gatewise.tasks.data.reader import read_table
from gatewise.tasks.data.series import Table
from gatewise.tasks.forecast.covariate_codes import without_covariate_codes

COUNT = 120
DAYS = pd.date_range("2024-01-01", periods=COUNT)


def frame(temperature: np.ndarray, y: np.ndarray | None = None) -> pd.DataFrame:
    y = 50 + np.random.default_rng(1).standard_normal(COUNT) if y is None else y
    return pd.DataFrame({"day": DAYS, "y": y, "temp": temperature})


def temperatures() -> np.ndarray:
    return np.random.default_rng(0).normal(15, 3, COUNT).round(1)


def table(data: pd.DataFrame, role: str = "known") -> Table:
    return read_table(data, target="y", **{role: ("temp",)})


@pytest.mark.parametrize("role", ("known", "past"))
@pytest.mark.parametrize("code", (-999.0, 9999.0, -99.9))
def test_codes_are_missing(role: str, code: float) -> None:
    temp = temperatures()
    low, high = temp.min(), temp.max()
    temp[[3, 40, 77]] = code
    left, codes = without_covariate_codes(table(frame(temp), role))
    assert codes == (f"{code:g}",)
    column = getattr(left.series[0], role)[:, 0]
    assert np.flatnonzero(np.isnan(column)).tolist() == [3, 40, 77]
    (feature,) = getattr(left.features, role)
    assert (feature.low, feature.high) == (low, high)
    (note,) = left.notes
    assert note.startswith(f"{code:g} is there 3 times in 'temp' (first at row 4, 2024-01-04)")


@pytest.mark.parametrize(
    "odd",
    [
        np.where(np.arange(COUNT) % 30 == 0, 10.0, 1.0),  # a promotion
        np.where(np.arange(COUNT) % 30 == 0, 999.0, 0.0),  # two values are no measurements
        np.where(np.arange(COUNT) % 30 == 0, 200.0, temperatures()),  # no code
    ],
)
def test_what_may_have_a_reason_stays(odd: np.ndarray) -> None:
    before = table(frame(odd))
    assert without_covariate_codes(before) == (before, ())


def test_a_value_of_the_target_is_no_code() -> None:
    temp, y = temperatures(), np.full(COUNT, 40.0)
    temp[[3, 40]] = -999
    y[::2] = -999
    before = table(frame(temp, y))
    assert without_covariate_codes(before) == (before, ())


def test_a_model_takes_them_for_missing_in_later_rows() -> None:
    temp = temperatures()
    temp[[3, 40, 77]] = -999
    model = Forecaster(2, target="y", known="temp", units=2, steps=2, members=1, random_state=0)
    model.fit(frame(temp))
    days = pd.date_range(DAYS[-1] + pd.Timedelta("1D"), periods=2)
    model.predict(future=pd.DataFrame({"day": days, "temp": [12.0, 13.0]}))
    with pytest.raises(InputError, match="'temp' is needed for each of the 2 steps"):
        model.predict(future=pd.DataFrame({"day": days, "temp": [12.0, -999.0]}))
