"""Columns that are made of the time or of other columns are not forecast beside these."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from gatewise.tasks.data.derived_columns import copies, parts_of_time
from gatewise.tasks.data.reader import read_table

HOURS = pd.date_range("2023-11-20 05:00", periods=3_000, freq="h")
TIMES = HOURS.to_numpy().astype("datetime64[us]").astype(np.int64)
SOLD = np.random.default_rng(0).normal(50, 5, 400).round(2)


@pytest.mark.parametrize(
    "part",
    [
        HOURS.year,
        HOURS.quarter,
        HOURS.month,
        HOURS.isocalendar().week,
        HOURS.day,
        HOURS.dayofweek,
        HOURS.dayofweek + 1,
        (HOURS.dayofweek + 1) % 7,
        HOURS.dayofyear,
        HOURS.hour,
    ],
    ids=[
        "year",
        "quarter",
        "month",
        "week",
        "day",
        "weekday",
        "from 1",
        "from Sunday",
        "day of year",
        "hour",
    ],
)
def test_parts_of_the_time(part: pd.Index) -> None:
    values = np.asarray(part, dtype=float)
    changed = values.copy()
    changed[::7] += 1
    several = len(np.unique(values)) > 2
    assert parts_of_time({"a": values, "b": changed}, TIMES) == (["a"] if several else [])


def test_what_rises_evenly_is_no_part() -> None:
    days = TIMES[::24]
    assert parts_of_time({"sold": np.arange(len(days)) + 7.0}, days[:40]) == []


def test_later_and_mean() -> None:
    y = pd.Series(SOLD)
    other = np.random.default_rng(1).normal(50, 5, 400).round(2)
    columns = {
        "lag": y.shift(3),
        "y": y,
        "mean": y.shift(1).rolling(7).mean().round(3),
        "x": pd.Series(other),
    }
    repeated = copies({n: c.to_numpy(float) for n, c in columns.items()})
    assert repeated == {"lag": "'y' 3 rows later", "mean": "'y' as a mean of 7 rows"}


def test_they_are_left_out_with_a_note_unless_they_are_named() -> None:
    days = pd.date_range("2023-01-01", periods=400)
    frame = pd.DataFrame({"date": days, "month": days.month, "sold": SOLD, "sold_lag_1": SOLD})
    frame["sold_lag_1"] = frame.sold.shift(1)
    table = read_table(frame)
    assert [s.id for s in table.series] == ["sold"]
    notes = "\n".join(table.notes)
    assert "parts of the time and left out: 'month'" in notes
    assert "'sold_lag_1' ('sold' 1 row later)" in notes
    assert [s.id for s in read_table(frame, target=["sold", "month"]).series] == ["sold", "month"]


def test_the_columns_of_an_id_are_not_forecast() -> None:
    days = pd.date_range("2023-01-01", periods=40)
    parts = [
        pd.DataFrame({"date": days, "shop": shop, "item": item, "sold": np.arange(40) % 9})
        for shop in (1, 2)
        for item in ("a", "b")
    ]
    table = read_table(pd.concat(parts), id="shop,item")
    assert [s.id for s in table.series] == ["1 / a", "1 / b", "2 / a", "2 / b"]


def test_a_clock_of_seconds_is_not_forecast() -> None:
    frame = pd.DataFrame({"t": np.arange(400) / 100, "force": SOLD})
    assert [s.id for s in read_table(frame).series] == ["force"]
    stopwatch = [f"{k // 4:02}:{k % 4 * 15:02}:00" for k in range(400)]
    assert [s.id for s in read_table(pd.DataFrame({"Time": stopwatch, "force": SOLD})).series] == [
        "force"
    ]
