"""How time runs in a table: the step between rows, and positions on its grid."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any, Literal

import numpy as np

from gatewise.arrays import Bools, Ints
from gatewise.errors import InputError, some_of
from gatewise.tasks.data.calendar import DAY as DAY
from gatewise.tasks.data.calendar import SECOND as SECOND
from gatewise.tasks.data.calendar import WEEK, Calendar, describe_week, mask_of, slots_of
from gatewise.tasks.data.open_places import OpenPlaces
from gatewise.tasks.data.zones import from_wall, to_wall

Times = Ints
SHORTEST_MONTH = 25 * DAY  # between the last working days of two months, or the first ones
LAST_DAY, LAST_WORKING_DAY, FIRST_WORKING_DAY = -1, -2, -3  # of a month
MOST = 1 << 18  # times that are looked at at once
# the years 1 to 9999, as Python counts them
_FIRST, _LAST = -719_162 * DAY, 2_932_897 * DAY - 1
_NAMES = {1: "second", 60: "minute", 3600: "hour", 86_400: "day", 604_800: "week"}
_MONTHS = {1: "month", 3: "quarter", 6: "half-year", 12: "year"}


@dataclass(frozen=True)
class Clock:
    """A regular grid of times: position p stands for ``origin + p * step``.

    With a calendar, the places of the grid that it leaves out are no positions: position p is the one
    numbered p of the others, counted from the origin on.

    Attributes:
        kind: "integer" (plain numbers), "fixed" (a constant duration) or "month" (whole months).
        step: numbers, microseconds or months between two positions.
        origin: the time at position 0: a number, microseconds since 1970, or months since 1970-01.
        within: of months: microseconds from the beginning of the month; -1 is its last day, as is a day
            that a month does not have (the 30th of February). -2 is the last of Monday to Friday, -3 the first.
        zone: of instants: the name of their time zone, "" for times that have none.
        wall: the grid runs on the clock on the wall in that zone (days, months), not in UTC.
        calendar: the slots of the week that are left out, and those that are closed; None for none.

    Times are UTC where there is a zone, wall times where there is none.
    """

    kind: Literal["integer", "fixed", "month"]
    step: int
    origin: int
    within: int = 0
    zone: str = ""
    wall: bool = False
    calendar: Calendar | None = None

    @property
    def datetimes(self) -> bool:
        return self.kind != "integer"

    @property
    def sub_daily(self) -> bool:
        """Whether its steps are finer than a day."""
        return self.kind == "fixed" and self.step < DAY

    @property
    def slots(self) -> int:
        """Steps in a week; 0 where they do not divide a day."""
        whole = self.kind == "fixed" and DAY % self.step == 0
        return WEEK // self.step if whole else 0

    @property
    def share(self) -> float:
        """The share of the places of the grid that are positions."""
        left_out = self.calendar is not None and self.calendar.week
        return len(self.calendar.week) / self.slots if self.calendar and left_out else 1.0

    def positions(self, times: Times) -> Times:
        """Positions of times on the grid; of a time that the calendar leaves out, that of the next one.

        Raises InputError for a time between two places of the grid.
        """
        if len(times) > MOST:  # piece by piece, for little memory
            places = np.empty(len(times), dtype=np.int64)
            for low in range(0, len(times), MOST):
                places[low : low + MOST] = self.positions(times[low : low + MOST])
            return places
        place = self._places(times)
        return place if self._open_places is None else self._open_places.positions(place)

    def left_out(self, times: Times) -> Bools:
        """Which times the calendar leaves out. Raises InputError for one between two places of the grid."""
        if self._open_places is None:
            return np.zeros(len(times), bool)
        return ~self._is_open(self._places(times))

    def closed(self, positions: Times, series: str = "") -> Bools:
        """Which positions [n] are closed for a series: nothing is observed there, and nothing forecast."""
        if self.calendar is None:
            return np.zeros(len(positions), bool)
        return self.calendar.closed(self.wall_times(positions), self.step, series)

    @cached_property
    def _open_places(self) -> OpenPlaces | None:
        """The places that are positions; None if all are."""
        return OpenPlaces(self._is_open, self.share) if self.share < 1 else None

    def _is_open(self, places: Times) -> Bools:
        week = () if self.calendar is None else self.calendar.week
        walls = self._wall(self._grid(places))
        return np.asarray(mask_of(week, self.slots)[slots_of(walls, self.step)])

    def _places(self, times: Times) -> Times:
        """Places of times on the whole grid."""
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
        grid = self._grid(self._places_of(positions))
        return from_wall(grid, self.zone) if self.wall else grid

    def wall_times(self, positions: Times) -> Times:
        """Times at positions as a clock on the wall shows them, for what follows the calendar."""
        return self._wall(self._grid(self._places_of(positions)))

    def wall_of(self, times: Times) -> Times:
        """What a clock on the wall shows at instants."""
        return to_wall(times, self.zone) if self.zone else times

    def _places_of(self, positions: Times) -> Times:
        return positions if self._open_places is None else self._open_places.at(positions)

    def _wall(self, grid: Times) -> Times:
        """Times of the grid as a clock on the wall shows them."""
        return grid if self.wall or not self.zone else to_wall(grid, self.zone)

    def _grid(self, places: Times) -> Times:
        values = self.origin + places * self.step
        if self.kind != "month":
            return values
        last = _month_start(values + 1) - DAY
        if self.within < 0:
            return named_day(values, self.within)
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
        spans = (3600 * SECOND, DAY, WEEK)
        lengths = [self.steps_in(n) for n in spans if n % self.step == 0]
        if self.step >= DAY:
            lengths.append(round(365.25 * DAY / self.step * self.share))
        return tuple(n for n in lengths if n >= 2)

    def steps_in(self, span: int) -> int:
        """Positions in an hour, a day or a week, in microseconds; 0 where there is no such cycle."""
        if self.kind != "fixed" or span % self.step:
            return 0
        if self.share == 1:
            return span // self.step
        mask = mask_of(self.calendar.week if self.calendar else (), self.slots)
        counts = mask.reshape(WEEK // span, -1).sum(1)
        counts = counts[counts > 0]
        return int(counts[0]) if np.all(counts == counts[0]) else 0

    def describe_calendar(self) -> str:
        """The days and hours that are observed, in words; "" where all are."""
        calendar = self.calendar
        if calendar is None:
            return ""
        days = "every day"
        if self.slots:
            week = calendar.week or tuple(range(self.slots))
            days = describe_week(
                mask_of(week, self.slots) & ~mask_of(calendar.shut, self.slots), self.step
            )
        if calendar.pattern_of:
            count = len(calendar.pattern_of)
            days += f"; fewer in {count} series" if count > 1 else "; fewer in 1 series"
        if calendar.holidays:
            days += f"; closed on holidays ({', '.join(calendar.holidays)})"
        if calendar.worked:
            days += f", but for those with values: {some_of(calendar.worked, 3)}"
        if calendar.closures:
            days += f"; {len(calendar.closures)} closed days"
        return days + (f"; closed where {calendar.column} says so" if calendar.column else "")

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)


def in_calendar(clock: Clock, first: int, last: int) -> bool:
    """Whether the times at two positions, and all between them, lie in the years 1 to 9999.

    Of whole numbers: whether they fit into 64 bits.
    """
    places = (first, last) if clock.share == 1 else [round(p / clock.share) for p in (first, last)]
    times = [clock.origin + place * clock.step for place in places]
    low, high = {
        "integer": (-(2**63), 2**63 - 1),
        "fixed": (_FIRST, _LAST),
        "month": (-12 * 1969, 12 * 8030 - 1),
    }[clock.kind]
    return all(low <= time <= high for time in times)


def months(times: Times) -> tuple[Times, Times]:
    """Months since 1970-01 of instants, and the microseconds since each month began."""
    number = times.astype("datetime64[us]").astype("datetime64[M]").astype(np.int64)
    return number, times - _month_start(number)


def named_day(number: Times, within: int) -> Times:
    """The last day of months, or the last or first of Monday to Friday; see ``Clock.within``."""
    last = _month_start(number + 1) - DAY
    if within == LAST_DAY:
        return last
    day = last if within == LAST_WORKING_DAY else _month_start(number)
    weekend = np.maximum(slots_of(day, DAY) - 4, 0)  # 1 on Saturday, 2 on Sunday
    if within == LAST_WORKING_DAY:
        return np.asarray(day - weekend * DAY)
    return np.asarray(day + np.where(weekend > 0, 3 - weekend, 0) * DAY)


def _month_start(number: Times) -> Times:
    return number.astype("datetime64[M]").astype("datetime64[us]").astype(np.int64)


def place_in_month(times: Times) -> int | None:
    """The same place in all months: microseconds since they began, or one of the named days (``Clock.within``).

    The 29th, the 30th and the 31st are the last day of a month that does not have them.
    """
    number, within = months(times)
    for named in (LAST_DAY, LAST_WORKING_DAY, FIRST_WORKING_DAY):
        if np.all(times == named_day(number, named)) and (
            named == LAST_DAY or len(np.unique(within)) > 1
        ):
            return named
    last = _month_start(number + 1) - DAY
    most = int(within.max())
    clipped = np.minimum(_month_start(number) + most, last + most % DAY)
    return most if np.all(times == clipped) else None
