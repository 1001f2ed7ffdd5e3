"""How time runs in a table: parsed instants, the step between rows, positions on its grid."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from gatewise.errors import InputError

Times = NDArray[np.int64]
SECOND = 1_000_000  # instants are microseconds since 1970
DAY = 86_400 * SECOND
_MONTH_ONLY = re.compile(r"\d{4}-\d{2}")
_NAMES = {1: "second", 60: "minute", 3600: "hour", 86_400: "day", 604_800: "week"}
_MONTHS = {1: "month", 3: "quarter", 12: "year"}


@dataclass(frozen=True)
class Clock:
    """A regular grid of times: position p stands for ``origin + p * step``.

    Attributes:
        kind: "integer" (plain numbers), "fixed" (a constant duration) or "month" (whole months).
        step: numbers, microseconds or months between two positions.
        origin: the time at position 0: a number, microseconds since 1970, or months since 1970-01.
        within: of months: microseconds from the beginning of the month; -1 is its last day.
        zoned: instants carried a time zone; they are kept in UTC.
    """

    kind: Literal["integer", "fixed", "month"]
    step: int
    origin: int
    within: int = 0
    zoned: bool = False

    @property
    def datetimes(self) -> bool:
        return self.kind != "integer"

    def positions(self, times: Times) -> Times:
        """Positions of times on the grid. Raises InputError for a time between two positions."""
        values = months(times)[0] if self.kind == "month" else times
        place, rest = np.divmod(values - self.origin, self.step)
        wrong = rest != 0
        if self.kind == "month" and not np.any(wrong):
            wrong = self.at(place) != times
        if np.any(wrong):
            bad = int(times[np.argmax(wrong)])
            raise InputError(
                f"{self.show(bad)} does not fit the time step ({self.describe()}, as from "
                f"{self.show(int(self.at(np.zeros(1, np.int64))[0]))}): remove the row, or bring the "
                "table to one regular step first"
            )
        return place

    def at(self, positions: Times) -> Times:
        """Times at positions: numbers, or microseconds since 1970."""
        values = self.origin + positions * self.step
        if self.kind != "month":
            return values
        if self.within < 0:
            return _month_start(values + 1) - DAY
        return _month_start(values) + self.within

    def show(self, time: int) -> str:
        """A time as text."""
        if self.kind == "integer":
            return str(time)
        return str(np.datetime64(time, "us").astype(datetime)).removesuffix(" 00:00:00")

    def describe(self) -> str:
        """The step in words: "every hour", "every 15 minutes"."""
        if self.kind == "integer":
            return f"integer steps of {self.step}"
        if self.kind == "month":
            unit = max(n for n in _MONTHS if self.step % n == 0)
            count, name = self.step // unit, _MONTHS[unit]
        else:
            seconds = self.step / SECOND
            unit = max((n for n in _NAMES if seconds % n == 0), default=0)
            if not unit:
                return f"every {seconds:g} seconds"
            count, name = round(seconds / unit), _NAMES[unit]
        return f"every {name}" if count == 1 else f"every {count} {name}s"

    def cycles(self) -> tuple[int, ...]:
        """Steps in the cycles of the calendar (hour, day, week, year), from 2 up."""
        if self.kind == "integer":  # nothing is known: the usual ones
            return (4, 7, 12, 24, 48, 52, 96, 168, 365)
        if self.kind == "month":
            return (12 // self.step,) if 12 % self.step == 0 and self.step <= 6 else ()
        found = [
            n * SECOND // self.step for n in (3600, 86_400, 604_800) if n * SECOND % self.step == 0
        ]
        if self.step >= DAY:
            found.append(round(365.25 * DAY / self.step))
        return tuple(n for n in found if n >= 2)

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)


def parse(texts: Sequence[object], column: str) -> tuple[Times, bool]:
    """Instants of ISO 8601 texts (a month such as 1949-01 too) and whether they carry a time zone.

    Raises InputError that names the row (the first below the header is row 1).
    """
    out = np.empty(len(texts), np.int64)
    zones = set()
    for k, text in enumerate(texts):
        try:
            moment = instant(str(text))
        except ValueError:
            raise InputError(
                f"column {column!r}, row {k + 1}: {text!r} is not a date. Write dates as 2024-01-31, "
                "2024-01-31 13:00 or 2024-01-31T13:00+01:00"
            ) from None
        zones.add(moment.tzinfo is not None)
        if len(zones) > 1:
            raise InputError(
                f"column {column!r}, row {k + 1}: some times carry a time zone and some do not: "
                f"give all of them one ({text!r})"
            )
        aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        delta = aware - _EPOCH
        out[k] = (delta.days * 86_400 + delta.seconds) * SECOND + delta.microseconds
    return out, True in zones


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def instant(text: str) -> datetime:
    """A moment from its text. Raises ValueError."""
    text = text.strip()
    return datetime.fromisoformat(f"{text}-01" if _MONTH_ONLY.fullmatch(text) else text)


def infer(groups: Iterable[Times], integer: bool, zoned: bool = False) -> Clock:
    """The clock of series of sorted, distinct times: their most frequent difference.

    Raises InputError if the times do not lie on such a grid.
    """
    groups = [g for g in groups if len(g)]
    every = np.concatenate(groups)
    gaps = np.concatenate([np.diff(g) for g in groups])
    if not len(gaps):
        raise InputError("every series has one row only: nothing can be learned from them")
    first = int(every.min())
    if integer:
        clock = Clock("integer", _most_frequent(gaps), first)
    elif gaps.min() >= 28 * DAY and (within := _place_in_month(every)) is not None:
        number = np.concatenate([np.diff(months(g)[0]) for g in groups])
        start = int(months(np.array([first]))[0][0])
        clock = Clock("month", _most_frequent(number), start, within, zoned)
    else:
        clock = Clock("fixed", _most_frequent(gaps), first, 0, zoned)
    clock.positions(every)
    return clock


def months(times: Times) -> tuple[Times, Times]:
    """Months since 1970-01 of instants, and the microseconds since each month began."""
    number = times.astype("datetime64[us]").astype("datetime64[M]").astype(np.int64)
    return number, times - _month_start(number)


def _month_start(number: Times) -> Times:
    return number.astype("datetime64[M]").astype("datetime64[us]").astype(np.int64)


def _place_in_month(times: Times) -> int | None:
    """The same place in all months: microseconds since they began, -1 for the last day."""
    number, within = months(times)
    if np.all(times == _month_start(number + 1) - DAY):
        return -1
    return int(within[0]) if np.all(within == within[0]) else None


def _most_frequent(gaps: Times) -> int:
    values, counts = np.unique(gaps, return_counts=True)
    return int(values[np.argmax(counts)]) if len(values) > 1 else math.gcd(int(values[0]))
