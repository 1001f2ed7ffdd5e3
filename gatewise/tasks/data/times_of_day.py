"""Dates in one column and the time of day in another: "2024-01-31" and "13:00", or the hour 13."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from gatewise.arrays import Floats, Ints
from gatewise.errors import InputError
from gatewise.tasks.data.clock import DAY, SECOND
from gatewise.tasks.data.columns import Columns
from gatewise.tasks.data.whole_times import are_dates

HOURS = (
    "hour",
    "hours",
    "hr",
    "hh",
    "stunde",
    "std",
    "heure",
    "hora",
    "ora",
    "uur",
    "godzina",
    "time",
    "uhrzeit",
    "zeit",
    "tid",
    "he",
    "hour ending",
    "hourending",
)
# columns that count the parts of a day, and how many there are where clocks do not change
PERIODS = (
    "settlement period",
    "trading period",
    "period",
    "interval",
    "sp",
    "half hour",
    "periode",
)
HALVES, QUARTERS = 48, 96
_TIME = re.compile(
    r"(?:HE ?)?(?P<h>\d{1,2})(?:[:.h](?P<m>[0-5]\d)(?:[:.](?P<s>[0-5]\d)(?:[.,](?P<f>\d+))?)?)?\s*(?:(?P<half>[ap])\.?m\.?|uhr|h)?",
    re.IGNORECASE,
)
_UNTIL = re.compile(r"\s*[-–]\s*\d{1,2}[:.h]\d\d(?:[:.]\d\d)?$")  # 00:00-00:30


def find_time_of_day(
    columns: Columns, date: str, id: str | None, others: Sequence[str], sub_daily: bool | None
) -> str:
    """The column that holds the time of day beside one of dates without; "" if there is none.

    Args:
        columns: of the table.
        date, id: the columns of dates, and of the series.
        others: columns that have no part yet.
        sub_daily: whether the steps are finer than a day; None: they are if dates repeat in a series.
    """
    if sub_daily is False:
        return ""
    candidates = [name for name in others if is_time_of_day(columns, name)]
    if len(candidates) != 1 or not _holds_days(columns, date):
        return ""
    return candidates[0] if sub_daily or _repeats(columns, date, id) else ""


def times_of_day(columns: Columns, name: str, fractions: bool = False) -> Ints:
    """Microseconds since midnight of a column; 24 is the end of the day. Raises InputError, with the row.

    ``fractions``: whether those of seconds count.
    """
    if columns.kind(name) == "integer":
        values = columns.numbers(name).astype(np.int64)
        if counts_periods(columns, name):
            return (values - 1) * (DAY // _periods(values))
        clock = int(values.max()) >= 100  # 1330 is half past one
        hours, minutes = np.divmod(values, 100) if clock else (values, np.zeros_like(values))
        wrong = (values < 0) | (hours * 60 + minutes > 24 * 60) | (minutes > 59)
        if wrong.any():
            row = int(np.argmax(wrong))
            raise InputError(f"column {name!r}, row {row + 1}: {values[row]} is no time of day")
        return np.asarray((hours * 60 + minutes) * 60 * SECOND)
    texts, codes = columns.texts(name)
    times = [_read(text, fractions) for text in texts]
    wrong = codes < 0
    for code, time in enumerate(times):
        wrong |= (codes == code) & (time is None)
    if wrong.any():
        row = int(np.argmax(wrong))
        shown = texts[codes[row]] if codes[row] >= 0 else ""
        raise InputError(f"column {name!r}, row {row + 1}: {shown!r} is no time of day")
    return np.array([time or 0 for time in times])[codes]


def counts_periods(columns: Columns, name: str) -> bool:
    """Whether a column counts the half-hours or quarter-hours of a day, from 1."""
    if _plain(name) not in PERIODS or columns.kind(name) != "integer":
        return False
    values = columns.numbers(name)
    return int(values.min()) == 1 and _periods(values) > 0


def check_periods(columns: Columns, name: str) -> None:
    """Raises InputError, with the row, for the 49th half-hour: only a time zone tells when that was."""
    values = columns.numbers(name)
    extra = values > _periods(values)
    if extra.any():
        row = int(np.argmax(extra))
        raise InputError(
            f"column {name!r}, row {row + 1}: {values[row]:g} is of a day on which the clock is set back: name the "
            "time zone, such as --zone Europe/London"
        )


def _periods(values: Floats | Ints) -> int:
    """The periods of a usual day: 48 of half an hour, 96 of a quarter; 0 for neither."""
    most = int(values.max())
    return next((n for n in (HALVES, QUARTERS) if n - n // 24 <= most <= n + n // 24), 0)


def _plain(name: str) -> str:
    return name.strip().casefold().replace("_", " ")


def _holds_days(columns: Columns, name: str) -> bool:
    """Whether a column holds dates without a time of day."""
    kind = columns.kind(name)
    if kind == "text":
        return ":" not in str(columns.first(name))
    if kind == "integer":
        values = columns.whole(name)
        return values is not None and are_dates(values)
    return kind == "time" and bool(np.all(columns.times(name)[0] % DAY == 0))


def _repeats(columns: Columns, date: str, id: str | None) -> bool:
    """Whether a date stands in several rows of a series."""
    days = _codes(columns, date)
    if id is None:
        return len(np.unique(days)) < len(days)
    pairs = np.stack([_codes(columns, id), days], axis=1)
    return len(np.unique(pairs, axis=0)) < len(pairs)


def _codes(columns: Columns, name: str) -> Ints:
    kind = columns.kind(name)
    if kind == "time":
        return columns.times(name)[0]
    return columns.texts(name)[1] if kind == "text" else columns.numbers(name).astype(np.int64)


def is_time_of_day(columns: Columns, name: str) -> bool:
    """Whether a column holds times of day, or hours by its name."""
    kind = columns.kind(name)
    if kind == "integer":
        if counts_periods(columns, name):
            return True
        if _plain(name) not in HOURS:
            return False
        values = columns.numbers(name)
        return float(values.min()) >= 0 and 2 <= float(values.max()) <= 2400
    if kind == "time":
        return columns.is_clock(name)
    first = str(columns.first(name)).strip()
    if kind != "text" or first.isdigit() or _read(first) is None:
        return False
    texts = columns.texts(name)[0]
    return all(_read(text) is not None for text in texts)


def _read(text: str, fractions: bool = False) -> int | None:
    """Microseconds since midnight; None for what is no time of day."""
    match = _TIME.fullmatch(_UNTIL.sub("", text.strip()))
    if match is None:
        return None
    hour, minute, second = (int(match[part] or 0) for part in ("h", "m", "s"))
    if match["half"]:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + 12 * (match["half"].lower() == "p")
    seconds = (hour * 60 + minute) * 60 + second
    if seconds > 24 * 3600:
        return None
    digits = (match["f"] or "") if fractions else ""
    return seconds * SECOND + int(digits[:6].ljust(6, "0"))
