"""Times that are numbers: 20240131, seconds since 1970, days as Excel counts them, or plain numbers."""

from __future__ import annotations

from datetime import date

import numpy as np

from gatewise.arrays import Floats
from gatewise.errors import InputError
from gatewise.tasks.data.cells import CellFormat
from gatewise.tasks.data.clock import DAY, SECOND, Times
from gatewise.tasks.data.periods import first_of_week

_EXCEL = 25_569  # days from the beginning of Excel's count to 1970-01-01
LEAST = 3  # different numbers that look like times
_DOUBT = (18_264, 73_415)  # 1950 to 2100: numbers of days that may be dates


def times_of_numbers(
    values: Times | Floats, name: str, cell_format: CellFormat
) -> tuple[Times, str | None]:
    """Times of a column of numbers, as ``Columns.times`` gives them.

    Raises InputError for fractions, and for numbers that may be dates of Excel where the format asks about them.
    """
    date_format = cell_format.options.date_format
    if date_format == "excel":
        return from_days(np.asarray(values, dtype=float), name), ""
    if date_format is None and cell_format.ask_excel_dates:
        question = in_doubt(values, name)
        if question:
            raise InputError(question)
    if values.dtype != np.int64 and date_format is None and are_seconds(values):
        return np.round(values * 1e6).astype(np.int64), "UTC"
    if values.dtype != np.int64:
        raise InputError(f"column {name!r}: times are dates or whole numbers, not fractions")
    whole = np.asarray(values, dtype=np.int64)
    return (whole, None) if date_format == "number" else from_whole(whole, name)


def from_whole(values: Times, name: str) -> tuple[Times, str | None]:
    """Times of whole numbers: dates such as 20240131, time since 1970, or numbers as they are."""
    if are_dates(values):
        return dates_of(values, name)
    if are_months(values):
        return dates_of(values * 100 + 1, name)
    if are_weeks(values):
        return weeks_of(values, name)
    if are_moments(values):
        return moments_of(values, name)
    low, high = int(values.min()), int(values.max())
    for unit in (1, 1_000, 1_000_000, 1_000_000_000):  # of a second, since 1970: 2001 to 2096
        if 10**9 * unit <= low and high < 4 * 10**9 * unit:
            return values * (1_000_000 // unit) if unit <= 10**6 else values // 1000, "UTC"
    return values, None


def are_seconds(values: Floats | Times) -> bool:
    """Whether fractions of seconds since 1970 stand in a column, 2001 to 2096, which rise."""
    if len(values) < LEAST or np.isnan(values).any():
        return False
    return bool(values.min() >= 10**9 and values.max() < 4 * 10**9 and np.all(np.diff(values) > 0))


def look_like_times(values: Times) -> bool:
    """Whether whole numbers of a column that is not named as one of times are times all the same.

    Dates such as 20240131, months such as 202401, years that follow each other, or time since 1970.
    """
    different = np.unique(values)
    if len(different) < LEAST:
        return False
    if any(are(values) for are in (are_dates, are_months, are_weeks, are_moments)):
        return True
    rises = bool(np.all(np.diff(values) >= 0))
    if rises and different[0] >= 1800 and different[-1] <= 2100:
        return bool(np.all(np.diff(different) == 1))
    return rises and from_whole(values, "")[1] is not None


def are_dates(values: Times) -> bool:
    """Whether whole numbers are dates such as 20240131."""
    if not len(values) or values.min() < 1000_01_01 or values.max() > 2999_12_31:
        return False
    month, day = values // 100 % 100, values % 100
    return bool(np.all((month >= 1) & (month <= 12) & (day >= 1) & (day <= 31)))


def are_moments(values: Times) -> bool:
    """Whether whole numbers are times such as 2024013113, 202401311330 or 20240131133015.

    Seconds since 1970 may be one, but not many of them.
    """
    if len(values) < LEAST or values.min() < 1900_01_01_00:
        return False
    digits = len(str(int(values.min())))
    if digits not in (10, 12, 14) or len(str(int(values.max()))) != digits:
        return False
    clock = 10 ** (digits - 8)
    hours, smaller = values % clock // (clock // 100), values % (clock // 100)
    full = (hours < 24) | ((hours == 24) & (smaller == 0))
    minutes, seconds = (smaller // 100, smaller % 100) if digits == 14 else (smaller, 0 * smaller)
    days = values // clock
    this_age = days.min() > 1900_00_00 and days.max() < 2101_00_00
    return bool(this_age and are_dates(days) and np.all(full & (minutes < 60) & (seconds < 60)))


def are_months(values: Times) -> bool:
    """Whether whole numbers are months such as 202401."""
    if not len(values) or values.min() < 1900_01 or values.max() > 2100_12:
        return False
    month = values % 100
    return bool(np.all((month >= 1) & (month <= 12)))


def are_weeks(values: Times) -> bool:
    """Whether whole numbers are ISO weeks such as 202452: of a year, one behind the other."""
    if not len(values) or values.min() < 1900_01 or values.max() > 2100_53:
        return False
    week = values % 100
    if not np.all((week >= 1) & (week <= 53)):
        return False
    steps = np.diff(np.unique(values))
    return bool(np.all((steps < 10) | ((steps >= 48) & (steps < 60))))


def weeks_of(values: Times, name: str) -> tuple[Times, str]:
    """The Mondays of such weeks, in microseconds. Raises InputError, with the row, for a week that is none."""
    days = {
        week: date.fromisoformat(first_of_week(week // 100, week % 100, str(week), name, row + 1))
        for week, row in zip(
            *map(np.ndarray.tolist, np.unique(values, return_index=True)), strict=True
        )
    }
    at = np.array([days[week].toordinal() for week in values.tolist()], dtype=np.int64)
    return (at - date(1970, 1, 1).toordinal()) * DAY, ""


def in_doubt(values: Times | Floats, name: str) -> str:
    """A question, if numbers may be days as Excel counts them; "" if they are not."""
    low, high = _DOUBT
    if not len(values) or not (low <= values.min() and values.max() <= high):
        return ""
    day = from_days(np.asarray(values[:1], dtype=float), name)[0]
    shown = str(np.datetime64(int(day), "us")).replace("T", " ").removesuffix(".000000")
    return (
        f"column {name!r}: {values[0]:g} may be a date as Excel counts days ({shown.removesuffix(' 00:00:00')}) "
        "or a plain number: say which with --date-format excel or --date-format number"
    )


def from_days(values: Floats, name: str) -> Times:
    """The times of days as Excel counts them, to the second. Raises InputError, with the row."""
    wrong = ~((values > 0) & (values < 2_958_466))  # of the year 9999
    if wrong.any():
        row = int(np.argmax(wrong))
        raise InputError(f"column {name!r}, row {row + 1}: {values[row]:g} is no date of Excel")
    seconds = np.round((values - _EXCEL) * (DAY / SECOND)).astype(np.int64)
    return seconds * SECOND


def moments_of(values: Times, name: str) -> tuple[Times, str]:
    """The times of such numbers, in microseconds, without a zone. Raises InputError, with the row."""
    digits = len(str(int(values[0])))
    clock = values % 10 ** (digits - 8) * 10 ** (14 - digits)
    days, _ = dates_of(values // 10 ** (digits - 8), name)
    seconds = (clock // 10_000 * 60 + clock // 100 % 100) * 60 + clock % 100
    return days + seconds * SECOND, ""


def dates_of(values: Times, name: str) -> tuple[Times, str]:
    """The times of such dates, in microseconds, without a zone. Raises InputError."""
    months = ((values // 10_000 - 1970) * 12 + values // 100 % 100 - 1).astype("datetime64[M]")
    days = months.astype("datetime64[D]") + (values % 100 - 1)
    wrong = days.astype("datetime64[M]") != months
    if wrong.any():
        row = int(np.argmax(wrong))
        raise InputError(f"column {name!r}, row {row + 1}: {values[row]} is not a date")
    return days.astype("datetime64[us]").astype(np.int64), ""
