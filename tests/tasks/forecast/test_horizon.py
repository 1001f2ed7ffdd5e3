"""The suggested horizon, and what a step of the network reads where a day has many steps."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from gatewise.tasks import Forecaster
from gatewise.tasks.data.reader import read_table
from gatewise.tasks.forecast.horizon import suggested_horizon


def table_of(freq: str, rows: int, cycle: int = 24) -> pd.DataFrame:
    t = np.arange(rows)
    y = np.sin(2 * np.pi * t / cycle) + 0.1 * np.random.default_rng(0).standard_normal(rows)
    return pd.DataFrame({"ds": pd.date_range("2024-01-01", periods=rows, freq=freq), "y": y})


@pytest.mark.parametrize(
    ("freq", "rows", "steps"),
    [
        ("15min", 2000, 96),
        ("min", 8000, 1440),
        ("h", 500, 24),
        ("15min", 300, 4),  # three days are too few for a day ahead
        ("D", 500, 7),
        ("MS", 100, 6),
        ("W", 200, 12),
    ],
)
def test_a_day_is_suggested_where_there_are_enough(freq: str, rows: int, steps: int) -> None:
    assert suggested_horizon(read_table(table_of(freq, rows))) == steps


def test_a_day_of_opening_hours() -> None:
    frame = table_of("h", 3000)
    assert suggested_horizon(read_table(frame[frame.ds.dt.hour.between(8, 17)])) == 10


def test_known_rows_decide() -> None:
    frame = table_of("h", 500).assign(open=1.0)
    frame.loc[490:, "y"] = np.nan
    assert suggested_horizon(read_table(frame, target="y", known="open")) == 10


@pytest.mark.parametrize(
    ("freq", "day", "patch"), [("15min", 96, 48), ("5min", 288, 48), ("min", 1440, 60)]
)
def test_steps_of_the_network_make_up_a_day_and_the_context_two(
    freq: str, day: int, patch: int
) -> None:
    choices = Forecaster(day).plan(table_of(freq, 14 * day, day)).choices
    assert choices.seasons[0] == day
    assert (choices.patch, day % choices.patch) == (patch, 0)
    assert choices.context >= 2 * day
