"""How time runs in a table: parsed instants, the step between rows, positions on its grid."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from gatewise.errors import InputError
from gatewise.tasks.data.dates import no_date
from gatewise.tasks.data.zones import fixed_name, from_wall, to_wall

Times = NDArray[np.int64]
SECOND = 1_000_000  # instants are microseconds since 1970
DAY = 86_400 * SECOND
MOST = 1 << 18  # times that are looked at at once
# the years 1 to 9999, as Python counts them
_FIRST, _LAST = -719_162 * DAY, 2_932_897 * DAY - 1
_MONTH_ONLY = re.compile(r"\d{4}-\d{2}")
_NAMES = {1: "second", 60: "minute", 3600: "hour", 86_400: "day", 604_800: "week"}
_MONTHS = {1: "month", 3: "quarter", 6: "half-year", 12: "year"}


@dataclass(frozen=True)
class Clock:
    """A regular grid of times: position p stands for ``origin + p * step``.

    Attributes:
        kind: "integer" (plain numbers), "fixed" (a constant duration) or "month" (whole months).
        step: numbers, microseconds or months between two positions.
        origin: the time at position 0: a number, microseconds since 1970, or months since 1970-01.
        within: of months: microseconds from the beginning of the month; -1 is its last day, as is a day
            that a month does not have (the 30th of February).
        zone: of instants: the name of their time zone, "" for times that have none.
        wall: the grid runs on the clock on the wall in that zone (days, months), not in UTC.

    Times are UTC where there is a zone, wall times where there is none.
    """

    kind: Literal["integer", "fixed", "month"]
    step: int
    origin: int
    within: int = 0
    zone: str = ""
    wall: bool = False

    @property
    def datetimes(self) -> bool:
        return self.kind != "integer"

    def positions(self, times: Times) -> Times:
        """Positions of times on the grid. Raises InputError for a time between two positions."""
        if len(times) > MOST:  # piece by piece, for little memory
            out = np.empty(len(times), dtype=np.int64)
            for low in range(0, len(times), MOST):
                out[low : low + MOST] = self.positions(times[low : low + MOST])
            return out
        instants = times
        times = to_wall(times, self.zone) if self.wall else times
        values = months(times)[0] if self.kind == "month" else times
        place, remainder = np.divmod(values - self.origin, self.step)
        wrong = remainder != 0
        if self.kind == "month" and not np.any(wrong):
            wrong = self._grid(place) != times
        if np.any(wrong):
            bad = int(instants[np.argmax(wrong)])
            count = int(np.count_nonzero(wrong))
            raise InputError(
                f"{self.show(bad)} does not fit the time step ({self.describe()}, as from "
                f"{self.show(int(self.at(np.zeros(1, np.int64))[0]))})"
                + (
                    ": remove the row, or bring the table to one regular step first"
                    if count == 1
                    else f", and so do {count - 1} more: bring the table to one regular step first, "
                    "as with --freq D --agg mean"
                )
            )
        return place

    def at(self, positions: Times) -> Times:
        """Times at positions: numbers, or microseconds since 1970."""
        return from_wall(self._grid(positions), self.zone) if self.wall else self._grid(positions)

    def wall_times(self, positions: Times) -> Times:
        """Times at positions as a clock on the wall shows them, for what follows the calendar."""
        if self.wall or not self.zone:
            return self._grid(positions)
        return to_wall(self._grid(positions), self.zone)

    def _grid(self, positions: Times) -> Times:
        values = self.origin + positions * self.step
        if self.kind != "month":
            return values
        last = _month_start(values + 1) - DAY
        if self.within < 0:
            return last
        return np.minimum(_month_start(values) + self.within, last + self.within % DAY)

    def show(self, time: int) -> str:
        """A time as text."""
        if self.kind == "integer":
            return str(time)
        wall = int(to_wall(np.array([time]), self.zone)[0]) if self.zone else time
        text = str(np.datetime64(wall, "us")).replace("T", " ")
        text = text.removesuffix(".000000").removesuffix(" 00:00:00")
        return f"{text} {self.zone}" if self.zone else text

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
        lengths = [
            n * SECOND // self.step for n in (3600, 86_400, 604_800) if n * SECOND % self.step == 0
        ]
        if self.step >= DAY:
            lengths.append(round(365.25 * DAY / self.step))
        return tuple(n for n in lengths if n >= 2)

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)


def in_calendar(clock: Clock, first: int, last: int) -> bool:
    """Whether the times at two positions, and all between them, lie in the years 1 to 9999.

    Of whole numbers: whether they fit into 64 bits.
    """
    times = [clock.origin + position * clock.step for position in (first, last)]
    low, high = {
        "integer": (-(2**63), 2**63 - 1),
        "fixed": (_FIRST, _LAST),
        "month": (-12 * 1969, 12 * 8030 - 1),
    }[clock.kind]
    return all(low <= time <= high for time in times)


def parse(
    texts: Sequence[object], column: str, before: int = 0, shown: Sequence[str] | None = None
) -> tuple[Times, str]:
    """Instants of ISO 8601 texts (a month such as 1949-01 too), and their time zone ("" for none).

    Instants with an offset are UTC, those without are wall times. One offset is a zone of its own
    (UTC+02:00); several, as of summer and winter, come back as UTC. Raises InputError that names the row
    (the first below the header is row 1; ``before`` rows come before these), and its text as it is
    ``shown``.
    """
    words = [str(t).strip() for t in texts]
    if all(map(_PLAIN.fullmatch, words)):
        try:
            return np.array(words, dtype="datetime64[us]").astype(np.int64), ""
        except ValueError:  # a 31st of February: found with its row below
            pass
    out = np.empty(len(words), np.int64)
    zones: dict[timedelta | None, int] = {}  # distances from UTC, and the first row that has each
    for k, text in enumerate(words):
        row = before + k + 1
        try:
            moment = instant(text)
        except ValueError:
            raise InputError(no_date(column, row, text if shown is None else shown[k])) from None
        offset = moment.utcoffset()
        if offset not in zones:
            _check_zones(zones, offset, column, row, text)
            zones[offset] = row
        delta = moment.replace(tzinfo=UTC) - _EPOCH - (offset or timedelta(0))
        out[k] = (delta.days * 86_400 + delta.seconds) * SECOND + delta.microseconds
    offsets = [o for o in zones if o is not None]
    if len(offsets) < len(zones):
        return out, ""
    return out, fixed_name(offsets[0]) if len(offsets) == 1 else "UTC"


_PLAIN = re.compile(r"\d{4}-\d\d(-\d\d([ T]\d\d:\d\d(:\d\d(\.\d{1,6})?)?)?)?")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SUMMER = timedelta(hours=1)  # by which a zone's offset differs within a year at most


def _check_zones(
    zones: dict[timedelta | None, int], offset: timedelta | None, column: str, row: int, text: str
) -> None:
    """Raises InputError if a time's offset does not go with those before; summer time does."""
    others = [o for o in zones if o is not None]
    if zones and (offset is None or None in zones):
        raise InputError(
            f"column {column!r}, row {row}: some times carry a time zone and some do not: "
            f"give all of them one ({text!r})"
        )
    if others and offset is not None and max(abs(o - offset) for o in others) > _SUMMER:
        raise InputError(
            f"column {column!r}, rows {zones[others[0]]} and {row}: the times are of different time "
            f"zones ({text!r} in the last): bring them all to one, such as UTC"
        )


def instant(text: str) -> datetime:
    """A moment from its text. Raises ValueError."""
    text = text.strip()
    return datetime.fromisoformat(f"{text}-01" if _MONTH_ONLY.fullmatch(text) else text)


def infer(
    groups: Iterable[Times], integer: bool, zone: str = "", names: Sequence[str] = ()
) -> Clock:
    """The clock of series of sorted, distinct times: their most frequent difference.

    Days and more in a time zone are counted on the wall, where a day may have 23 or 25 hours. ``names``
    are those of the series.

    Raises InputError if the times do not lie on such a grid.
    """
    series = list(groups)
    named = [n for n, g in zip(names, series, strict=False) if len(g)]
    series = [g for g in series if len(g)]
    first = min(int(g[0]) for g in series)
    sample = [g[: max(1000, MOST // len(series))] for g in series]
    every = np.concatenate(sample)
    gaps = np.concatenate([np.diff(g) for g in sample])
    if not len(gaps):
        raise InputError("every series has one row only: nothing can be learned from them")
    wall = False
    if not integer and zone and gaps.min() > 20 * 3600 * SECOND:
        walls = to_wall(every, zone)
        if wall := bool(np.all(walls % DAY == walls[0] % DAY)):
            first = int(to_wall(np.array([first]), zone)[0])
            every, sample = walls, [to_wall(g, zone) for g in sample]
            gaps = np.concatenate([np.diff(g) for g in sample])
    if integer:
        clock = Clock("integer", _step(gaps), first)
    elif gaps.min() >= 28 * DAY and (within := place_in_month(every)) is not None:
        number = np.concatenate([np.diff(months(g)[0]) for g in sample])
        start = int(months(np.array([first]))[0][0])
        clock = Clock("month", _most_frequent(number), start, within, zone, wall)
    else:
        clock = Clock("fixed", _step(gaps), first, 0, zone, wall)
    if named and clock.kind != "month" and not wall:
        _check_moments(clock, series, named)
    for g in series:
        for low in range(0, len(g), MOST):
            clock.positions(g[low : low + MOST])
    return clock


def _check_moments(clock: Clock, groups: Sequence[Times], names: Sequence[str]) -> None:
    """Raises InputError where series keep the time step, but not at the same moments."""
    begins = np.array([int(g[0]) for g in groups])
    apart = (begins - clock.origin) % clock.step != 0
    one, at = int(np.argmin(begins)), int(np.argmax(apart))
    if not apart.any() or np.any(np.diff(groups[at]) % clock.step):
        return
    raise InputError(
        f"all series run {clock.describe()}, but not at the same moments: {names[one]!r} at "
        f"{clock.show(int(groups[one][0]))}, {names[at]!r} at {clock.show(int(groups[at][0]))}. Bring "
        "them to the same moments first, such as by rounding the times down to the step (dt.floor in "
        "pandas), or fit those at other moments by themselves"
    )


def months(times: Times) -> tuple[Times, Times]:
    """Months since 1970-01 of instants, and the microseconds since each month began."""
    number = times.astype("datetime64[us]").astype("datetime64[M]").astype(np.int64)
    return number, times - _month_start(number)


def _month_start(number: Times) -> Times:
    return number.astype("datetime64[M]").astype("datetime64[us]").astype(np.int64)


def place_in_month(times: Times) -> int | None:
    """The same place in all months: microseconds since they began, -1 for the last day.

    The 29th, the 30th and the 31st are the last day of a month that does not have them.
    """
    number, within = months(times)
    last = _month_start(number + 1) - DAY
    if np.all(times == last):
        return -1
    most = int(within.max())
    clipped = np.minimum(_month_start(number) + most, last + most % DAY)
    return most if np.all(times == clipped) else None


def _step(gaps: Times) -> int:
    """The most frequent difference; a finer one if, with rows missing, that is what many are made of."""
    step = _most_frequent(gaps)
    odd = np.count_nonzero(gaps % step)
    finer = int(np.gcd.reduce(gaps))
    return finer if odd >= max(10, 0.05 * len(gaps)) and step <= 12 * finer else step


def _most_frequent(gaps: Times) -> int:
    values, counts = np.unique(gaps, return_counts=True)
    return int(values[np.argmax(counts)]) if len(values) > 1 else math.gcd(int(values[0]))
