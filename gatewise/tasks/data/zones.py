"""Time zones: from UTC to the clock on the wall and back, for whole arrays. Summer time is what is hard.

Times are microseconds since 1970, of UTC or as a clock on the wall shows them.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

import numpy as np
from numpy.typing import NDArray

from gatewise.errors import InputError, nearest

Times = NDArray[np.int64]
_SECOND = 1_000_000
_DAY = 86_400 * _SECOND
_START = datetime(1970, 1, 1)
_ZONE = re.compile(r"\w[\w+-]{0,31}(/[\w+-]{1,32}){0,3}", re.ASCII)


def zone_of(name: str) -> ZoneInfo:
    """A time zone by its name (Europe/Berlin). Raises InputError, with the nearest name."""
    if not is_zone(name):
        raise InputError(
            f"there is no time zone {name!r}.{nearest(name, sorted(available_timezones()))} "
            "Write it as Europe/Berlin or UTC"
        )
    return ZoneInfo(name)


def is_zone(name: str) -> bool:
    """Whether there is a time zone of that name. Only names that zones have are looked up on disk."""
    return _ZONE.fullmatch(name) is not None and name in _zones()


@functools.cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())


def to_wall(times: Times, zone: str) -> Times:
    """What a clock on the wall of a zone shows at instants in UTC."""
    if zone in ("", "UTC"):
        return times
    place = zone_of(zone)
    return times + _by_day(times, lambda t: _offset(_moment(t).replace(tzinfo=UTC), place))


def from_wall(walls: Times, zone: str, second: NDArray[np.bool_] | None = None) -> Times:
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
    return _by_day(walls, lambda t: _offset(_moment(t).replace(tzinfo=place, fold=fold), place))


def _moment(time: int) -> datetime:
    try:
        return _START + timedelta(microseconds=time)
    except OverflowError:
        raise InputError(
            "time zones are known for the years 1 to 9999 only: ask for fewer steps"
        ) from None


def _offset(moment: datetime, zone: ZoneInfo) -> int:
    offset = moment.astimezone(zone).utcoffset() if moment.tzinfo is UTC else moment.utcoffset()
    return int((offset or timedelta(0)) / timedelta(microseconds=1))


def _by_day(times: Times, offset: Callable[[int], int]) -> Times:
    """Offsets of times; each is looked up for itself only on days on which it changes."""
    days, place = np.unique(times // _DAY, return_inverse=True)
    starts = np.array([offset(int(d) * _DAY) for d in days], dtype=np.int64)
    ends = np.array([offset((int(d) + 1) * _DAY - 1) for d in days], dtype=np.int64)
    out = starts[place]
    for k in np.flatnonzero((starts != ends)[place]):
        out[k] = offset(int(times[k]))
    return out
