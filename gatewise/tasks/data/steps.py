"""Times brought to a regular step: clocks that run a little unevenly, and a step that a person names."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from gatewise.arrays import Bools, Floats, Ints
from gatewise.errors import InputError, OptionError
from gatewise.tasks.data.clock import (
    DAY,
    FIRST_WORKING_DAY,
    LAST_DAY,
    LAST_WORKING_DAY,
    MOST,
    SECOND,
    SHORTEST_MONTH,
    Clock,
    Times,
    months,
    named_day,
    place_in_month,
)
from gatewise.tasks.data.zones import from_wall, to_wall

# steps of clocks, in seconds
USUAL = (
    *(1, 2, 5, 10, 15, 20, 30),
    *(60 * minutes for minutes in (1, 2, 5, 10, 15, 20, 30)),
    *(3600 * hours for hours in (1, 2, 3, 4, 6, 8, 12, 24)),
    7 * 86_400,
)
JITTER = 0.2  # of a step, by which times may lie beside it
OFTEN = 0.2  # share of the times that must lie beside it, for that to be how the clock runs
LITTLE = 0.02  # of a step, by which fewer may
MOST_DAYS = 5  # by which the last working day of a month may be missed, as before holidays
_NAMED_DAYS = {LAST_WORKING_DAY: "last working day", FIRST_WORKING_DAY: "first working day"}
NEAR = 0.05  # of a usual step, by which the median difference may be off


@dataclass(frozen=True)
class Rounding:
    """Times that have been rounded to a step, and a sentence on it."""

    times: Times
    note: str


def round_uneven(times: Times, groups: Iterable[Ints], zone: str | None) -> Rounding | None:
    """Times of an uneven clock, rounded to its step; None where they lie on one, or no step is plain.

    Args:
        times: [n] of all rows, in microseconds.
        groups: the rows of each series, in the order of time.
        zone: of the times; None for whole numbers, "" for none.
    """
    rows = [g for g in groups if len(g) > 2]
    if zone is None or not rows:
        return None
    gaps = np.concatenate([np.diff(times[g[:MOST]]) for g in rows])
    gaps = gaps[gaps > 0]
    if not len(gaps) or not np.any(gaps % _most_frequent(gaps)):
        return None
    step = _usual_step(gaps)
    if step is None:
        return _round_to_months(times, rows, zone) if gaps.min() >= SHORTEST_MONTH else None
    walls = to_wall(times, zone) if zone and step >= DAY else times
    rounded, off = _round_to_step(walls, step)
    beside = np.abs(off) > 0
    if not beside.any():  # a regular step on the wall, where days have 23 and 25 hours
        return None
    if np.abs(off).max() > JITTER * step:
        return None
    if np.mean(beside) < OFTEN and np.abs(off).max() > LITTLE * step and step < 7 * DAY:
        return None
    if any(np.any(np.diff(rounded[g]) <= 0) for g in rows):
        return None
    times = from_wall(rounded, zone) if zone and step >= DAY else rounded
    return Rounding(times, _sentence(step, off))


def _round_to_months(times: Times, rows: Iterable[Ints], zone: str) -> Rounding | None:
    """Dates of months, some of them a few days beside the last or first working day, as before a holiday."""
    walls = to_wall(times, zone) if zone else times
    number = months(walls)[0]
    if any(np.any(np.diff(number[g]) <= 0) for g in rows) or place_in_month(walls) is not None:
        return None
    fits = []
    for within, name in _NAMED_DAYS.items():
        off = np.abs(walls - named_day(number, within))
        if off.max() <= MOST_DAYS * DAY and np.mean(off > 0) <= OFTEN:
            fits.append((int(np.count_nonzero(off)), within, name))
    if not fits:
        return None
    count, within, name = min(fits)
    rounded = named_day(number, within)
    dates = "1 date lies" if count == 1 else f"{count} dates lie"
    return Rounding(
        from_wall(rounded, zone) if zone else rounded,
        f"{dates} a few days beside the {name} of the month, and count as it",
    )


def round_to_clock(clock: Clock, times: Times) -> Rounding | None:
    """Times rounded to the step of a clock; None where they lie on it, or too far beside it."""
    walls = to_wall(times, clock.zone) if clock.wall else times
    if clock.kind == "month" and clock.within < LAST_DAY:
        rounded = named_day(months(walls)[0], clock.within)
        off = np.abs(rounded - walls)
        if not off.any() or off.max() > MOST_DAYS * DAY:
            return None
        name = _NAMED_DAYS[clock.within]
        return Rounding(
            from_wall(rounded, clock.zone) if clock.wall else rounded,
            f"dates beside the {name} of the month count as it",
        )
    if clock.kind != "fixed":
        return None
    off = (walls - clock.origin + clock.step // 2) % clock.step - clock.step // 2
    if not off.any() or np.abs(off).max() > JITTER * clock.step:
        return None
    rounded = walls - off
    times = from_wall(rounded, clock.zone) if clock.wall else rounded
    return Rounding(times, _sentence(clock.step, off))


def _usual_step(gaps: Times) -> int | None:
    """The usual step that most differences are near to."""
    middle = float(np.median(gaps))
    steps = np.array(USUAL) * SECOND
    step = int(steps[np.argmin(np.abs(np.log(steps / middle)))])
    return step if abs(middle - step) <= NEAR * step else None


def _round_to_step(times: Times, step: int) -> tuple[Times, Times]:
    """Times at multiples of a step, or all as far from them, and how far each was off."""
    if step == 7 * DAY:  # the usual day; a holiday moves one week to the day before
        begin = _most_frequent(times % step)
        off = (times - begin + step // 2) % step - step // 2
        return times - off, off
    off = (times + step // 2) % step - step // 2
    if np.abs(off).max() > JITTER * step:  # not at full steps: at the moment that is in the middle
        turn = np.angle(np.mean(np.exp(2j * np.pi * (times % step) / step))) / (2 * np.pi)
        begin = round(turn * step / SECOND) * SECOND
        off = (times - begin + step // 2) % step - step // 2
    return times - off, off


def _sentence(step: int, off: Times) -> str:
    words = Clock("fixed", step, 0).describe()
    return (
        f"times lie up to {np.abs(off).max() / SECOND:g} seconds beside a regular step and are rounded to it "
        f"({words})"
    )


def _most_frequent(gaps: Times) -> int:
    values, counts = np.unique(gaps, return_counts=True)
    return int(values[np.argmax(counts)])


# --- a step that is named -------------------------------------------------------------------------


@dataclass(frozen=True)
class Step:
    """A time step that a person names.

    Attributes:
        clock: of it; its origin is any time on its grid.
        ends: rows belong to the end of the week, month or quarter that they lie in, not to its beginning.
    """

    clock: Clock
    ends: bool = False

    def of(self, times: Times) -> Times:
        """The time on the grid that each time belongs to."""
        clock = self.clock
        walls = to_wall(times, clock.zone) if clock.wall else times
        values = months(walls)[0] if clock.kind == "month" else walls
        if self.ends and clock.kind == "fixed":  # all of the last day of a week belongs to it
            values = values - values % DAY
        behind = (values - clock.origin) % clock.step
        values = np.where(behind > 0, values - behind + (clock.step if self.ends else 0), values)
        return clock.at((values - clock.origin) // clock.step)


def bring_to_step(times: Times, freq: str, zone: str | None) -> tuple[Times, Step]:
    """Times [n] brought to a step that is named, and the step. Those that lie on such a grid stay there.

    Raises InputError for what is no step.
    """
    step = step_of(freq, zone)
    clock = step.clock
    walls = to_wall(times, clock.zone) if clock.wall else times
    if clock.kind == "fixed" and len(np.unique(walls % clock.step)) == 1:
        return times, replace(step, clock=replace(clock, origin=int(walls[0])))
    if clock.kind == "month":
        number, within = months(walls)[0], place_in_month(walls)
        if within is not None and len(np.unique(number % clock.step)) == 1:
            return times, Step(replace(clock, origin=int(number[0]), within=within), within < 0)
    return step.of(times), step


def step_of(freq: str, zone: str | None) -> Step:
    """The step that a text such as "h", "15min", "D", "W", "MS" names. Raises InputError for any other."""
    if zone is None:
        raise InputError(
            f"freq={freq!r} is a step of time, and the times are whole numbers: name a column of dates, or "
            "leave --freq out"
        )
    try:
        from pandas.tseries.frequencies import to_offset
    except ImportError:
        raise InputError('--freq needs pandas: pip install "gatewise[forecast]"') from None
    try:
        offset: Any = to_offset(freq)
        count = int(offset.n)
    except (ValueError, TypeError, AttributeError):
        raise OptionError(
            f"there is no time step {freq!r:.40}: write h, 15min, D, W, MS (beginning of the month), ME (its "
            "end), QS or YS"
        ) from None
    if count < 1:
        raise OptionError(f"freq must be a step forward, not {freq!r:.40}")
    nanoseconds = getattr(offset, "nanos", None) if type(offset).__name__ in _TICKS else None
    name = type(offset).__name__
    if nanoseconds is not None:
        step = int(nanoseconds) // 1000
        if not step:
            raise InputError(f"freq={freq!r:.40} is finer than a microsecond")
        return Step(Clock("fixed", step, 0, zone=zone, wall=bool(zone) and step % DAY == 0))
    if name == "Week":
        last = 6 if offset.weekday is None else int(offset.weekday)
        origin = (last - 3) % 7 * DAY  # 1970-01-01 was a Thursday
        return Step(Clock("fixed", 7 * count * DAY, origin, zone=zone, wall=bool(zone)), ends=True)
    if name in _MONTHS:
        unit, ends = _MONTHS[name]
        within = _WORKING.get(name, -1 if ends else 0)
        first = int(getattr(offset, "startingMonth", None) or getattr(offset, "month", None) or 1)
        clock = Clock("month", unit * count, first - 1, within, zone, bool(zone))
        return Step(clock, ends)
    raise InputError(
        f"the time step {freq!r:.40} is not regular: name a regular one such as D, and days that are never "
        "observed are found in the table"
    )


_TICKS = ("Day", "Hour", "Minute", "Second", "Milli", "Micro", "Nano")
_MONTHS = {
    "MonthBegin": (1, False),
    "MonthEnd": (1, True),
    "QuarterBegin": (3, False),
    "QuarterEnd": (3, True),
    "YearBegin": (12, False),
    "YearEnd": (12, True),
    "BusinessMonthBegin": (1, False),
    "BusinessMonthEnd": (1, True),
    "BQuarterBegin": (3, False),
    "BQuarterEnd": (3, True),
}
_WORKING = dict.fromkeys(("BusinessMonthEnd", "BQuarterEnd"), LAST_WORKING_DAY) | dict.fromkeys(
    ("BusinessMonthBegin", "BQuarterBegin"), FIRST_WORKING_DAY
)


# --- rows that come together ----------------------------------------------------------------------

_FUNCTIONS: dict[str, Callable[[Floats], float]] = {
    "sum": np.sum,
    "mean": np.mean,
    "median": np.median,
    "min": np.min,
    "max": np.max,
    "first": lambda v: v[0],
    "last": lambda v: v[-1],
}


@dataclass(frozen=True)
class Rows:
    """The rows of a series in the order of time.

    Attributes:
        index: [m] their numbers in the table.
        starts: [k] where among them each different time begins; None if every row has its own.
    """

    index: Ints
    starts: Ints | None = None

    @staticmethod
    def grouped(index: Ints, times: Times) -> Rows:
        """Rows of which some have the same time; ``times`` [n] are those of the table."""
        row_times = times[index]
        new = np.flatnonzero(np.diff(row_times, prepend=row_times[0] - 1))
        return Rows(index, None if len(new) == len(index) else new)

    def at(self, chosen: Bools, times: Ints) -> Rows:
        """Some of the rows: ``chosen`` [m]; ``times`` [n] are those of the table."""
        if chosen.all():
            return self
        index = self.index[chosen]
        return Rows.grouped(index, times) if len(index) else Rows(index)

    @property
    def first(self) -> Ints:
        """The first row of each different time."""
        return self.index if self.starts is None else self.index[self.starts]

    def combined(self, values: Floats, how: str) -> Floats:
        """Values [n] of the table as one [k] for each different time; missing ones do not count."""
        if self.starts is None:
            return values[self.index]
        function = _FUNCTIONS[how]
        out = np.full(len(self.starts), np.nan)
        for k, group in enumerate(np.split(values[self.index], self.starts[1:])):
            present = group[~np.isnan(group)]
            if len(present):
                out[k] = function(present)
        return out
