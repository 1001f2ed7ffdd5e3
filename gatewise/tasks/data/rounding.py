"""Times of a clock that runs a little unevenly, rounded to its step."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from gatewise.arrays import Ints
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
