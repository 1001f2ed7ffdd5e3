"""Values that are missing where they are needed: which series, since when, what to do."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from gatewise.errors import InputError
from gatewise.tasks import Forecaster
from gatewise.tasks.data.reader import read_table
from tests.tasks.conftest import long_frame

QUICK = {"steps": 5, "units": 8, "members": 1, "random_state": 0}


def wide() -> pd.DataFrame:
    long = long_frame(400)
    return long.pivot(index="ds", columns="unique_id", values="y").reset_index()


def test_a_gap_that_leaves_no_window(recwarn: pytest.WarningsRecorder) -> None:
    table = wide()
    table.loc[250:397, "a"] = np.nan
    expected = (
        r"the validation span has no window: series 'a' has no value from 2024-01-11 10:00:00 to 2024-01-17 13:00:00 "
        r"\(148 steps\)\. Drop the rows from 2024-01-11 10:00:00 on"
    )
    with pytest.raises(InputError, match=expected):
        Forecaster(12, target="a", **QUICK).fit(table)
    table.loc[260:390, "b"] = np.nan
    with pytest.raises(
        InputError, match=r"the validation span has no window: .*and 1 more series have a gap there"
    ):
        Forecaster(12, **QUICK).fit(table)
    table["b"] = wide()["b"]
    Forecaster(12, **QUICK).fit(table)  # the other one has windows


def test_a_target_that_ends_too_early_to_learn_from() -> None:
    table = wide()
    table.loc[20:, "a"] = np.nan
    expected = (
        r"too short: 20 steps, .* \(series 'a' has no value after 2024-01-01 19:00:00, and the table has "
        r"380 more steps: fill in the missing values\)"
    )
    with pytest.raises(InputError, match=expected):
        Forecaster(12, target="a", past="b", **QUICK).fit(table)


def test_a_target_that_ends_early_is_noted() -> None:
    table = wide()
    table.loc[250:, "a"] = np.nan
    notes = [note for note in read_table(table).notes if "has no value after" in note]
    assert notes == [
        "a has no value after 2024-01-11 09:00:00, 150 steps before the end of the table: a forecast "
        "begins where the values end"
    ]
    table.loc[390:, "b"] = np.nan
    assert any(
        "a has no value" in n and ", and 1 more end early" in n for n in read_table(table).notes
    )
    # the future of what is known beforehand
    assert not any("has no value" in n for n in read_table(table, target="a", known="b").notes)


def test_series_at_other_moments_are_named() -> None:
    table = long_frame(100)
    table.loc[table.unique_id == "b", "ds"] += pd.Timedelta("30min")
    expected = (
        r"all series run every hour, but not at the same moments: 'a' at 2024-01-01, 'b' at 2024-01-01 "
        r"00:30:00\. Bring them to the same moments first, such as by rounding the times down"
    )
    with pytest.raises(InputError, match=expected):
        read_table(table)
    read_table(table.assign(ds=table.ds.dt.floor("h")))
    table.loc[150, "ds"] += pd.Timedelta("10min")  # not regular in itself: the row is named
    with pytest.raises(InputError, match="does not fit the time step"):
        read_table(table)
