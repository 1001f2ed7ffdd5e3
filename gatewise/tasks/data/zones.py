"""Time zones: from UTC to the clock on the wall and back, for whole arrays. Summer time is what is hard.

Times are microseconds since 1970, of UTC or as a clock on the wall shows them.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo, available_timezones

import numpy as np

from gatewise.arrays import Bools, Ints
from gatewise.errors import InputError, nearest

Times = Ints
_SECOND = 1_000_000
_DAY = 86_400 * _SECOND
_START = datetime(1970, 1, 1)
_OFFSET = re.compile(r"UTC([+-])(\d\d):([0-5]\d)")  # such as pandas writes it
_ZONE = re.compile(r"\w[\w+-]{0,31}(/[\w+-]{1,32}){0,3}", re.ASCII)


def zone_of(name: str) -> tzinfo:
    """A time zone by its name (Europe/Berlin, UTC+02:00). Raises InputError, with the nearest name."""
    if not is_zone(name):
        raise InputError(no_zone(name))
    offset = _fixed_offset(name)
    return ZoneInfo(name) if offset is None else timezone(offset, name)


def no_zone(name: str) -> str:
    """What to say of a name that no zone has, with the nearest that one has."""
    return (
        f"there is no time zone {name!r:.100}.{nearest(name, sorted(available_timezones()))} "
        "Write it as Europe/Berlin or UTC"
    )


def is_zone(name: str) -> bool:
    """Whether there is a time zone of that name. Only names that zones have are looked up on disk."""
    return _fixed_offset(name) is not None or (
        _ZONE.fullmatch(name) is not None and name in _zones()
    )


def fixed_name(offset: timedelta) -> str:
    """The name of the zone that always is so far from UTC."""
    minutes = round(offset / timedelta(minutes=1))
    if not minutes or offset % timedelta(minutes=1):
        return "UTC"
    hours, remainder = divmod(abs(minutes), 60)
    return f"UTC{'-' if minutes < 0 else '+'}{hours:02}:{remainder:02}"


def known_name(name: str) -> str:
    """A name that every library knows: Etc/GMT-2 for UTC+02:00; UTC where there is none."""
    offset = _fixed_offset(name)
    if offset is None:
        return name
    hours, remainder = divmod(offset, timedelta(hours=1))
    other = f"Etc/GMT{-hours:+d}"
    return other if not remainder and is_zone(other) else "UTC"


def _fixed_offset(name: str) -> timedelta | None:
    """The distance from UTC in the name of a fixed zone."""
    match = _OFFSET.fullmatch(name)
    if match is None or int(match[2]) > 14:
        return None
    offset = timedelta(hours=int(match[2]), minutes=int(match[3]))
    return -offset if match[1] == "-" else offset


@functools.cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())


def to_wall(times: Times, zone: str) -> Times:
    """What a clock on the wall of a zone shows at instants in UTC."""
    if zone in ("", "UTC"):
        return times
    place = zone_of(zone)
    if (offset := _fixed_offset(zone)) is not None:
        return times + round(offset / timedelta(microseconds=1))
    return times + _by_day(times, lambda t: _offset(_moment(t).replace(tzinfo=UTC), place))


def from_wall(walls: Times, zone: str, second: Bools | None = None) -> Times:
    """Instants in UTC of what a clock on the wall shows.

    Args:
        second: where the clock shows a time twice at the end of summer time: which of them is the
            second. The first is meant where it is not given.

    A time that the clock leaves out at the beginning of summer time is read as if it had not.
    """
    if zone in ("", "UTC"):
        return walls
    first, last = (walls - offsets(walls, zone, fold) for fold in (0, 1))
    return first if second is None else np.where(second, last, first)


def offsets(walls: Times, zone: str, fold: int) -> Times:
    """Distance from UTC of wall times, before (fold 0) or after (1) the clock is changed."""
    place = zone_of(zone)
    if (offset := _fixed_offset(zone)) is not None:
        return np.full(len(walls), round(offset / timedelta(microseconds=1)))
    return _by_day(walls, lambda t: _offset(_moment(t).replace(tzinfo=place, fold=fold), place))


def _moment(time: int) -> datetime:
    try:
        return _START + timedelta(microseconds=time)
    except OverflowError:
        raise InputError(
            "time zones are known for the years 1 to 9999 only: ask for fewer steps"
        ) from None


def _offset(moment: datetime, zone: tzinfo) -> int:
    offset = moment.astimezone(zone).utcoffset() if moment.tzinfo is UTC else moment.utcoffset()
    return int((offset or timedelta(0)) / timedelta(microseconds=1))


def _by_day(times: Times, offset: Callable[[int], int]) -> Times:
    """Offsets of times; each is looked up for itself only on days on which it changes."""
    days, place = np.unique(times // _DAY, return_inverse=True)
    starts = np.array([offset(int(d) * _DAY) for d in days], dtype=np.int64)
    ends = np.array([offset((int(d) + 1) * _DAY - 1) for d in days], dtype=np.int64)
    of_times = starts[place]
    for k in np.flatnonzero((starts != ends)[place]):
        of_times[k] = offset(int(times[k]))
    return of_times
