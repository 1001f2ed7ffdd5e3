"""Rare values of known covariates are marked in pictures."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from gatewise.tasks import Forecaster
from gatewise.tasks.data.reader import read_table
from gatewise.tasks.data.series import Table
from gatewise.tasks.forecast.report.events import NONE, events_of
from gatewise.tasks.forecast.report.outlook import outlook_of
from gatewise.tasks.forecast.report.sketch import sketch

COUNT = 120
QUICK: dict[str, Any] = {"units": 4, "steps": 2, "members": 1, "random_state": 0}
KNOWN = ("price", "promo", "holiday", "open")


def frame() -> pd.DataFrame:
    draw = np.random.default_rng(0)
    t = np.arange(COUNT + 4)
    holiday = np.where(t % 40 == 5, "public", "")
    y = 20 + draw.standard_normal(COUNT + 4)
    y[COUNT:] = np.nan
    return pd.DataFrame(
        {
            "ds": pd.date_range("2024-01-01", periods=COUNT + 4),
            "y": y,
            "price": draw.random(COUNT + 4),
            "promo": (t % 11 == 0).astype(int),
            "holiday": holiday,
            "open": (t % 7 != 6).astype(int),
        }
    )


def table(known: tuple[str, ...] = KNOWN) -> Table:
    return read_table(frame(), target="y", known=known)


def test_rare_values_are_events_and_measurements_are_not() -> None:
    events = events_of(table())
    assert events.labels == ("promo", "holiday: public", "open = 0")
    marks = events.at("y", np.arange(30, 50))
    assert {label: (at + 30).tolist() for label, at in marks.items()} == {
        "promo": [33, 44],
        "holiday: public": [45],
        "open = 0": [34, 41, 48],
    }
    # future rows have events, and what is not kept has none
    assert events.at("y", np.array([121, 122]))["promo"].tolist() == [0]
    late = events_of(table(), 10)
    assert late.at("y", np.arange(100, 112))["promo"].tolist() == [10]
    assert late.at("other", np.arange(3)) == {}
    assert events_of(table(("price",))) is NONE


@pytest.fixture(scope="module")
def model() -> Forecaster:
    return Forecaster(4, known=KNOWN, target="y", **QUICK).fit(frame())


def test_a_report_marks_them(model: Forecaster) -> None:
    page = model.report()
    for mark, label in (("▲", "promo"), ("■", "holiday: public"), ("◆", "open = 0")):
        assert f'<span class="mark">{mark}</span>{label}' in page
    outlook = outlook_of(model.fitted_, data=frame())
    assert outlook.marks["promo"].tolist()[-1] == len(outlook.times) - 3
    assert sketch(outlook).count("▲") == len(outlook.marks["promo"])
