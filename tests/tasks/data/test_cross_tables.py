"""Tables with times in the names of their columns."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from gatewise.tasks.data.reader import Table, read_table

VALUES = np.round(100 + 30 * np.sin(np.arange(96) / 3), 2)
MONTHS = pd.date_range("2016-01-01", periods=96, freq="MS")
NAMES = [f"{m:%b}" for m in MONTHS[:12]]


def first_of(table: Table) -> str:
    return table.clock.show(int(table.clock.at(np.array([table.series[0].start]))[0]))


def years_and_months() -> pd.DataFrame:
    frame = pd.DataFrame(VALUES.reshape(8, 12), columns=NAMES)
    frame.insert(0, "Year", range(2016, 2024))
    return frame.assign(Total=frame[NAMES].sum(axis=1))


def months_and_years() -> pd.DataFrame:
    frame = pd.DataFrame(VALUES.reshape(8, 12).T, columns=[str(y) for y in range(2016, 2024)])
    frame.insert(0, "Month", NAMES)
    return frame


def days_and_hours(first: int = 0) -> pd.DataFrame:
    frame = pd.DataFrame(VALUES.reshape(4, 24), columns=[f"{(h + first):02}:00" for h in range(24)])
    frame.insert(0, "day", pd.date_range("2016-01-01", periods=4))
    return frame


SHAPES = {
    "years and months": (years_and_months(), "every month"),
    "months and years": (months_and_years(), "every month"),
    "days and hours": (days_and_hours(), "every hour"),
    "hours by their end": (days_and_hours(1), "every hour"),
}


@pytest.mark.parametrize("name", SHAPES)
def test_one_series(name: str) -> None:
    frame, step = SHAPES[name]
    table = read_table(frame)
    assert (len(table.series), table.clock.describe(), first_of(table)) == (1, step, "2016-01-01")
    np.testing.assert_array_equal(table.series[0].values, VALUES)
    assert "read as one series" in " ".join(table.notes)


@pytest.mark.parametrize("written", ["%Y-%m", "%b %y", "%d.%m.%Y"])
def test_a_row_is_a_series_and_names_of_columns_are_times(written: str) -> None:
    frame = pd.DataFrame(np.stack([VALUES, 2 * VALUES]), columns=MONTHS.strftime(written))
    frame.insert(0, "Product", ["A", "B"])
    table = read_table(frame)
    assert ([s.id for s in table.series], table.clock.describe()) == (["A", "B"], "every month")
    assert (table.id, first_of(table)) == ("Product", "2016-01-01")
    np.testing.assert_array_equal(table.series[1].values, 2 * VALUES)


def test_two_columns_that_name_a_series_together() -> None:
    frame = pd.DataFrame(np.stack([VALUES] * 4), columns=MONTHS.strftime("%Y-%m"))
    frame.insert(0, "Region", ["N", "N", "S", "S"])
    frame.insert(0, "Product", ["A", "B", "A", "B"])
    assert [s.id for s in read_table(frame).series] == ["A / N", "A / S", "B / N", "B / S"]


def test_years_and_months_of_several_series() -> None:
    both = [years_and_months().assign(Station=name) for name in ("N", "S")]
    table = read_table(pd.concat(both, ignore_index=True))
    assert ([s.id for s in table.series], table.id) == (["N", "S"], "Station")
    np.testing.assert_array_equal(table.series[1].values, VALUES)


def test_months_to_come_are_empty() -> None:
    frame = years_and_months()
    frame.loc[7, NAMES[5:]] = np.nan
    table = read_table(frame)
    np.testing.assert_array_equal(table.series[0].values, VALUES[:-7])


def test_what_is_no_table_of_times() -> None:
    """Columns that are called 1 to 24 may be shops, and a column that is named is one."""
    frame = days_and_hours()
    shops = frame.set_axis(["day", *(str(k) for k in range(1, 25))], axis=1)
    assert len(read_table(shops).series) == 24
    assert read_table(years_and_months(), target="Total").features.names("target") == ("Total",)
