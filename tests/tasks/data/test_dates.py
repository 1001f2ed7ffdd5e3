"""Dates that are not ISO 8601: read where they can only mean one thing, refused where they cannot."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from gatewise.errors import InputError
from gatewise.tasks.data.reader import read_table


def first_and_step(texts: list[object]) -> tuple[str, str, tuple[str, ...]]:
    table = read_table(pd.DataFrame({"when": texts, "y": range(1, len(texts) + 1)}), time="when")
    start = table.clock.at(np.array([table.series[0].start]))
    return table.clock.show(int(start[0])), table.clock.describe(), table.notes


@pytest.mark.parametrize(
    ("texts", "first", "step", "note"),
    [
        (["01.02.2024", "02.02.2024", "03.02.2024"], "2024-02-01", "every day", "day, month, year"),
        (["30/1/2024", "31/1/2024", "1/2/2024"], "2024-01-30", "every day", "day, month, year"),
        (["1/30/2024", "1/31/2024", "2/1/2024"], "2024-01-30", "every day", "month, day, year"),
        (
            ["1/30/2024 11:00 PM", "1/31/2024 12:00 AM", "1/31/2024 1:00 AM"],
            "2024-01-30 23:00:00",
            "every hour",
            "month, day, year",
        ),
        (["2024/01/30", "2024/01/31", "2024/02/01"], "2024-01-30", "every day", "year, month, day"),
        (["2023-Q4", "2024-Q1", "2024-Q2"], "2023-10-01", "every quarter", "day of the quarter"),
        (["Dec 2023", "Jan 2024", "Feb 2024"], "2023-12-01", "every month", "2023-12-01"),
        (["30-Dec-2023", "31-Dec-2023", "01-Jan-2024"], "2023-12-30", "every day", "2023-12-30"),
        (["December 30, 2023", "December 31, 2023"], "2023-12-30", "every day", "2023-12-30"),
        ([20231230, 20231231, 20240101], "2023-12-30", "every day", ""),
        ([1704067200, 1704070800, 1704074400], "2024-01-01 UTC", "every hour", "UTC"),
        ([1704067200000, 1704070800000], "2024-01-01 UTC", "every hour", "UTC"),
        ([0, 3600, 7200], "0", "integer steps of 3600", ""),
    ],
)
def test_what_can_only_mean_one_thing(
    texts: list[object], first: str, step: str, note: str
) -> None:
    shown, words, notes = first_and_step(texts)
    assert (shown, words) == (first, step)
    assert note in " ".join(notes)


@pytest.mark.parametrize(
    ("texts", "message"),
    [
        (["01/02/2024", "02/02/2024"], "do not say which is the day and which the month"),
        (["31.02.2024", "01.03.2024"], "row 1: '31.02.2024' is not a date"),
        (["30/1/2024", "1/30/2024"], "row 2: '1/30/2024' is not a date"),
        (
            ["2024-02-02", "13/02/2024"],
            "row 2: '13/02/2024' is a text, and other rows are dates",
        ),
        (["Wed 2024", "Thu 2024"], "row 1: 'Wed 2024' is not a date"),
        ([20231230, 20231131], "row 2: 20231131 is not a date"),
    ],
)
def test_what_cannot(texts: list[object], message: str) -> None:
    with pytest.raises(InputError, match=message):
        first_and_step(texts)


def test_an_ambiguous_date_is_shown_by_a_row_that_differs() -> None:
    texts = ["01/01/2024", "02/01/2024", "03/01/2024", "04/02/2024"]
    with pytest.raises(InputError, match=r"'02/01/2024'.* 2024-01-02 or 2024-02-01"):
        read_table(pd.DataFrame({"date": texts, "y": [1.0, 2.0, 3.0, 4.0]}))
