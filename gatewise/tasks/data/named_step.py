"""A time step that a person names, such as "15min" or "MS", and times brought to it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from gatewise.errors import InputError, OptionError
from gatewise.tasks.data.clock import (
    DAY,
    FIRST_WORKING_DAY,
    LAST_WORKING_DAY,
    Clock,
    Times,
    months,
    place_in_month,
)
from gatewise.tasks.data.zones import to_wall

# pandas' names of steps of a fixed length
_TICKS = ("Day", "Hour", "Minute", "Second", "Milli", "Micro", "Nano")
# of steps of months: how many, and whether rows belong to the end of the step
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
# the day within the month, where it is a working day
_WORKING = dict.fromkeys(("BusinessMonthEnd", "BQuarterEnd"), LAST_WORKING_DAY) | dict.fromkeys(
    ("BusinessMonthBegin", "BQuarterBegin"), FIRST_WORKING_DAY
)


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
