"""Calendars: slots that are never observed are found, named, left out, and counted in no horizon."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd
import pytest

from gatewise.errors import InputError, InputWarning
from gatewise.tasks.data.calendar import holiday_code, holidays_of
from gatewise.tasks.data.calendar_options import CalendarChoice
from gatewise.tasks.data.reader import read_table
from gatewise.tasks.data.series import Table

OFFICE = pd.bdate_range("2024-01-01", "2024-06-28")


def table_of(times: pd.DatetimeIndex, **options: object) -> Table:
    rng = np.random.default_rng(0)
    return read_table(pd.DataFrame({"ds": times, "y": rng.standard_normal(len(times))}), **options)


def words(table: Table) -> str:
    return table.clock.describe_calendar()


def hourly(first: str, last: str, zone: str | None = None) -> pd.DatetimeIndex:
    return pd.date_range(first, last, freq="h", tz=zone)


def test_business_days_are_found_and_the_weekend_is_not_missing() -> None:
    table = table_of(OFFICE)
    assert words(table) == "Monday to Friday"
    assert (table.series[0].missing, len(table.series[0].values)) == (0, len(OFFICE))
    assert table.clock.cycles() == (5, 261)
    after = table.clock.at(np.array([table.series[0].end]))
    assert str(after.astype("datetime64[us]")[0])[:10] == "2024-07-01"


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        ("0,1,2,3,4,5", "Monday to Saturday"),
        ("0,2,4", "Monday, Wednesday, Friday"),
        ("6,0,1,2,3", "Monday to Thursday, Sunday"),
    ],
)
def test_other_weeks_are_found(days: str, expected: str) -> None:
    every = pd.date_range("2024-01-01", "2024-06-28")
    assert (
        words(table_of(every[np.isin(every.dayofweek, [int(d) for d in days.split(",")])]))
        == expected
    )


def test_three_weekends_say_too_little_and_many_holes_do_not_make_a_calendar() -> None:
    assert words(table_of(OFFICE[:14])) == ""
    every = pd.date_range("2024-01-01", periods=120)
    seen = np.random.default_rng(1).random(120) < 0.5
    assert words(table_of(every[seen])) == ""


def test_nights_that_are_seen_now_and_then_are_no_closed_hours() -> None:
    every = hourly("2024-01-01", "2024-05-31 23:00")
    day = (every.hour > 6) & (every.hour < 22)
    seen = np.random.default_rng(0).random(len(every)) < np.where(day, 0.6, 0.03)
    assert words(table_of(every[seen])) == ""


def test_one_sunday_that_was_worked_is_an_exception_and_is_named() -> None:
    days = OFFICE.append(pd.DatetimeIndex(["2024-03-03"])).sort_values()
    table = table_of(days)
    assert words(table) == "Monday to Friday"
    assert "1 row lies outside the calendar and is left out (row 46, 2024-03-03)" in " ".join(
        table.notes
    )
    assert table_of(days, calendar="all").series[0].missing == len(
        pd.date_range(days[0], days[-1])
    ) - len(days)


def test_a_day_that_is_seen_now_and_then_is_no_closed_day() -> None:
    saturdays = pd.date_range("2024-01-06", "2024-06-28", freq="4W-SAT")
    assert "Saturday" in words(table_of(OFFICE.append(saturdays).sort_values()))


def test_empty_cells_on_weekends_are_as_good_as_no_rows() -> None:
    every = pd.date_range("2024-01-01", "2024-06-28")
    y = np.where(every.dayofweek < 5, 1.0 + np.arange(len(every)) % 3, np.nan)
    table = read_table(pd.DataFrame({"ds": every, "y": y}))
    assert words(table) == "Monday to Friday"
    assert table.series[0].missing == 0


def test_opening_hours_that_differ_by_day_keep_their_season() -> None:
    every = hourly("2024-01-01", "2024-06-28 23:00")
    short = (every.dayofweek == 5) & (every.hour >= 8) & (every.hour < 13)
    table = table_of(every[((every.dayofweek < 5) & (every.hour >= 8) & (every.hour < 18)) | short])
    assert words(table) == "Monday to Friday 08:00 to 18:00; Saturday 08:00 to 13:00"
    assert table.clock.cycles() == (10, 60)  # Saturday afternoon is a position, and closed
    assert table.series[0].missing == 0
    assert table.clock.closed(np.arange(60)).sum() == 5


def test_nights_are_found_over_midnight() -> None:
    every = hourly("2024-01-01", "2024-05-01")
    table = table_of(every[(every.hour >= 22) | (every.hour < 6)])
    assert words(table) == "every day 00:00 to 06:00, 22:00 to 24:00"
    assert table.clock.cycles() == (8, 56)


def test_hours_are_found_in_less_time_than_days() -> None:
    every = hourly("2024-01-01", "2024-01-12 23:00")
    open_ = (every.dayofweek < 5) & (every.hour >= 8) & (every.hour < 18)
    assert words(table_of(every[open_])) == "every day 08:00 to 18:00"


def test_series_of_other_calendars_share_one_clock() -> None:
    every = pd.date_range("2024-01-01", "2024-06-28")
    frame = pd.concat(
        [
            pd.DataFrame({"shop": "bank", "ds": OFFICE, "y": 1.0 + np.arange(len(OFFICE)) % 2}),
            pd.DataFrame({"shop": "kiosk", "ds": every, "y": 1.0 + np.arange(len(every)) % 2}),
        ]
    )
    table = read_table(frame, id="shop")
    assert words(table) == "every day; fewer in 1 series"
    assert [s.missing for s in table.series] == [0, 0]
    week = np.arange(7) + table.clock.positions(np.array([1704067200000000]))
    assert table.clock.closed(week, "bank").tolist() == [False] * 5 + [True] * 2
    assert not table.clock.closed(week, "kiosk").any()


def test_hours_on_the_wall_stay_where_they_are_when_the_clock_changes() -> None:
    every = hourly("2024-01-01", "2024-05-31 23:00", "Europe/Berlin")
    table = table_of(every[(every.dayofweek < 5) & (every.hour >= 8) & (every.hour < 18)])
    assert words(table) == "Monday to Friday 08:00 to 18:00"
    assert table.series[0].missing == 0
    positions = np.arange(table.series[0].end)
    walls = pd.DatetimeIndex(table.clock.wall_times(positions).astype("datetime64[us]"))
    assert ((walls.hour >= 8) & (walls.hour < 18)).all()


def test_a_night_shift_has_the_hour_that_comes_twice() -> None:
    every = hourly("2024-08-01", "2024-12-31 23:00", "Europe/Berlin")
    table = table_of(every[(every.hour >= 22) | (every.hour < 6)])
    assert (table.series[0].missing, len(table.series[0].values)) == (0, 8 * 153 + 1)


@pytest.mark.parametrize(
    ("calendar", "expected"),
    [
        ("all", ""),
        ("6-day", "Monday to Saturday"),
        ("mon-thu", "Monday to Thursday"),
        ("tue,fri", "Tuesday, Friday"),
        ("sat-mon", "Monday, Saturday, Sunday"),
    ],
)
def test_a_person_decides(calendar: str, expected: str) -> None:
    assert words(table_of(OFFICE, calendar=calendar)) == expected


def test_named_days_have_the_hours_of_the_data_and_named_hours_those() -> None:
    every = hourly("2024-01-01", "2024-03-28 23:00")
    times = every[(every.dayofweek < 6) & (every.hour >= 8) & (every.hour < 18)]
    assert words(table_of(times, calendar="business")) == "Monday to Friday 08:00 to 18:00"
    assert words(table_of(times, calendar="mon-fri 9-17")) == "Monday to Friday 09:00 to 17:00"
    night = table_of(every, calendar="fri,sat 22:00-05:00")
    assert words(night) == (
        "Friday 22:00 to 24:00; Saturday 00:00 to 05:00, 22:00 to 24:00; Sunday 00:00 to 05:00"
    )


def test_holidays_are_closed_but_those_on_which_there_are_values() -> None:
    days = pd.bdate_range("2022-01-03", "2024-06-28")
    us = {pd.Timestamp(d, unit="D"): n for d, n in holidays_of(("US",), (), 18_900, 20_000).items()}
    workdays = [d for d in days if d not in us or us[d] == "Columbus Day"]
    table = table_of(pd.DatetimeIndex(workdays), calendar="US")
    assert words(table).startswith(
        "Monday to Friday; closed on holidays (US), but for those with values: Columbus"
    )
    assert table.series[0].missing == 0
    assert table.clock.cycles() == (
        5,
        261,
    )  # a holiday is a position, so that Tuesday stays a Tuesday
    day = (pd.Timestamp("2024-07-04") - pd.Timestamp("1970-01-01")) // pd.Timedelta("1us")
    assert table.clock.closed(table.clock.positions(np.array([day]))).all()


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("US", "US"),
        ("de-by", "DE-BY"),
        ("NYSE", "NYSE"),
        ("XX", None),
        ("sales", None),
        ("DE_BY", "DE-BY"),
    ],
)
def test_codes_of_countries_and_exchanges(text: str, code: str | None) -> None:
    assert holiday_code(text) == code


def test_a_part_that_a_country_does_not_have() -> None:
    with pytest.raises(InputError, match=r"DE has no part 'BX'.*BY"):
        holiday_code("DE-BX")


@pytest.mark.parametrize(
    "column",
    [
        ("open", lambda shut: (~shut).astype(int)),
        ("closed", lambda shut: np.where(shut, "yes", "no")),
        ("holiday", lambda shut: np.where(shut, "Labour Day", "")),
    ],
    ids=lambda c: c[0],
)
def test_a_column_says_what_is_closed(column: tuple[str, object]) -> None:
    name, cells = column
    days = pd.date_range("2024-01-01", periods=100)
    shut = np.random.default_rng(2).random(100) < 0.15
    shut[[0, -1]] = False
    y = np.where(shut, 0.0, 5.0 + np.arange(100) % 3)
    frame = pd.DataFrame({"ds": days, name: cells(shut), "y": y})  # type: ignore[operator]
    table = read_table(frame, target="y", calendar=name)
    series = table.series[0]
    assert series.missing == 0
    assert np.isnan(series.values).sum() == shut.sum()
    assert words(table) == f"every day; closed where {name} says so"


def test_a_column_that_contradicts_the_target_is_refused_with_the_row() -> None:
    days = pd.date_range("2024-01-01", periods=60)
    closed = np.arange(60) % 7 == 3
    frame = pd.DataFrame({"ds": days, "closed": closed.astype(int), "y": 5.0 + np.arange(60) % 3})
    with pytest.raises(InputError, match=r"column 'closed', row 4: it says closed"):
        read_table(frame, target="y", calendar="closed")


def test_a_file_of_closed_days(tmp_path: pytest.TempPathFactory) -> None:
    file = tmp_path / "closed.csv"  # type: ignore[operator]
    file.write_text("date,why\n2024-02-12,carnival\n2024-05-01,Labour Day\n")
    table = table_of(OFFICE.drop(["2024-02-12", "2024-05-01"]), calendar=["learn", str(file)])
    assert words(table) == "Monday to Friday; 2 closed days"
    assert table.series[0].missing == 0


def test_a_calendar_that_forbids_every_row_is_refused() -> None:
    with pytest.raises(
        InputError, match=r"the calendar \(Saturday, Sunday\) leaves no row of the table"
    ):
        table_of(OFFICE, calendar="sat,sun")


@pytest.mark.parametrize(
    ("calendar", "match"),
    [
        ("sometimes", "is no calendar, column or file"),
        ("", "calendar is a word"),
        ("mon-fri 25-26", "is no calendar"),
    ],
)
def test_what_is_no_calendar(calendar: str, match: str) -> None:
    with pytest.raises(InputError, match=match):
        table_of(OFFICE, calendar=calendar)


def test_months_have_no_calendar() -> None:
    months = pd.date_range("2015-01-31", periods=60, freq="ME")
    assert words(table_of(months)) == ""
    with pytest.raises(InputError, match=r"every month: leave --calendar out"):
        table_of(months, calendar="US")


def test_later_rows_are_read_with_the_calendar_of_training() -> None:
    table = table_of(OFFICE)
    rows = pd.DataFrame({"ds": pd.to_datetime(["2024-06-28", "2024-07-01"]), "y": [1.0, 2.0]})
    later = read_table(rows, like=table.features, pace=table.clock)
    assert len(later.series[0].values) == 2  # not three days of two missing
    rows = pd.DataFrame({"ds": pd.to_datetime(["2024-07-01", "2024-07-06"]), "y": [1.0, 2.0]})
    with pytest.warns(InputWarning, match=r"1 row lies outside the calendar.*2024-07-06"):
        read_table(rows, like=table.features, clock=table.clock)


def choices() -> Iterator[tuple[str | list[str], CalendarChoice]]:
    yield "business", CalendarChoice(days=(True,) * 5 + (False,) * 2)
    yield ["learn", "US"], CalendarChoice(holidays=("US",))
    yield "08:30-17:00", CalendarChoice(hours=(510, 1020))


@pytest.mark.parametrize(("text", "choice"), list(choices()))
def test_words(text: str | list[str], choice: CalendarChoice) -> None:
    assert CalendarChoice.of(text) == choice
