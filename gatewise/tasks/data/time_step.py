"""The time step of a table, found from the times of its series."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np

from gatewise.errors import InputError
from gatewise.tasks.data.clock import (
    DAY,
    MOST,
    SECOND,
    SHORTEST_MONTH,
    Clock,
    Times,
    months,
    place_in_month,
)
from gatewise.tasks.data.zones import to_wall

# share of the distances between rows that are whole steps, at least, of a clock that misses some
REGULAR = 0.5
# steps that a person may be told to take, in seconds
LONGER = {"W": 7, "MS": 31, "QS": 92, "YS": 366, "10YS": np.inf}
# rows less one that say at which step a series runs, and the share of them that do
LEAST_GAPS, EVEN = 8, 0.95
STEPS = {"s": 1, "10s": 10, "min": 60, "5min": 300, "15min": 900, "h": 3600, "D": 86_400}


def infer(
    groups: Iterable[Times],
    integer: bool,
    zone: str = "",
    names: Sequence[str] = (),
    like: Clock | None = None,
) -> Clock:
    """The clock of series of sorted, distinct times: their most frequent difference.

    Days and more in a time zone are counted on the wall, where a day may have 23 or 25 hours. ``names``
    are those of the series. A later table of a few rows may have the step of an earlier clock (``like``) and its
    closed days between them; if every series has one row, that clock it is.

    Raises InputError if the times do not lie on such a grid.
    """
    series = list(groups)
    named = [n for n, g in zip(names, series, strict=False) if len(g)]
    series = [g for g in series if len(g)]
    first = min(int(g[0]) for g in series)
    sample = [g[: max(1000, MOST // len(series))] for g in series]
    every = np.concatenate(sample)
    gaps = np.concatenate([np.diff(g) for g in sample])
    if not len(gaps) and like is not None:
        return like
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
    elif gaps.min() >= SHORTEST_MONTH and (within := place_in_month(every)) is not None:
        number = np.concatenate([np.diff(months(g)[0]) for g in sample])
        start = int(months(np.array([first]))[0][0])
        clock = Clock("month", _most_frequent(number), start, within, zone, wall)
    else:
        clock = Clock("fixed", _step(gaps), first, 0, zone, wall)
    if like is not None:
        clock = _like(clock, like, series)
    if like is None and not integer and len(sample) > 1 and named:
        _check_paces(sample, named)
    if clock.kind == "fixed" and like is None and np.mean(gaps % clock.step == 0) < REGULAR:
        raise InputError(_irregular(gaps))
    if named and clock.kind != "month" and not wall:
        _check_moments(clock, series, named)
    for g in series:
        for low in range(0, len(g), MOST):
            clock.positions(g[low : low + MOST])
    return clock


def _check_paces(groups: Sequence[Times], names: Sequence[str]) -> None:
    """Raises InputError where some series run at another step than most: days of one, months of another.

    A series that misses rows here and there does not; its gaps are of different lengths. One of Saturdays alone among
    others of days is closed on the other days.
    """
    paces = {n: _pace(np.diff(g)) for n, g in zip(names, groups, strict=True)}
    known = {n: p for n, p in paces.items() if p}
    if not known:
        return
    fast = min(known, key=lambda n: known[n])
    slow = max(known, key=lambda n: known[n])
    if known[slow] < 2 * known[fast] or (known[slow] == 7 * DAY and known[fast] == DAY):
        return
    name = next((s for s, seconds in STEPS.items() if seconds * SECOND >= known[slow]), "")
    name = name or next(s for s, days in LONGER.items() if days * DAY >= 0.9 * known[slow])
    count = sum(p >= 2 * known[fast] for p in known.values())
    raise InputError(
        f"the series run at different steps: {fast!r} has a row every {_span(known[fast])}, {slow!r} every "
        f"{_span(known[slow])}{f' (and {count - 1} more)' if count > 1 else ''}. Fit them apart, or bring all of them to the "
        f"longer step: --freq {name} --agg mean (sum, of amounts)"
    )


def _pace(gaps: Times) -> float:
    """The distance between the rows of a series that nearly all have; 0 if they have none, or are few."""
    if len(gaps) < LEAST_GAPS:
        return 0.0
    usual = float(np.median(gaps))
    near = np.abs(gaps - usual) <= (0.12 * usual if usual >= SHORTEST_MONTH else 0.0)
    return usual if np.mean(near) >= EVEN else 0.0


def _irregular(gaps: Times) -> str:
    """What to say of times that lie on no grid, and the step that would have about a row each."""
    usual = float(np.median(gaps)) / SECOND
    name = next((name for name, seconds in STEPS.items() if seconds >= usual), "W")
    return (
        f"the times are irregular: rows are {_span(gaps.min())} to {_span(gaps.max())} apart, half of them less than "
        f"{_span(np.median(gaps))}. Say the step and how its rows become one value, such as --freq {name} --agg mean "
        "(sum, of amounts)"
    )


def _span(gap: float) -> str:
    """A length of time in words."""
    seconds = float(gap) / SECOND
    for unit, size in (("days", 86_400), ("hours", 3600), ("minutes", 60)):
        if seconds >= 2 * size:
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds:.3g} seconds"


def _like(clock: Clock, earlier: Clock, groups: Sequence[Times]) -> Clock:
    """The clock with the step of an earlier one, if most rows follow each other on that: Monday on Friday."""
    if clock.kind != "fixed" or earlier.kind != "fixed" or clock.step == earlier.step:
        return clock
    if clock.step % earlier.step:
        return clock
    finer = replace(clock, step=earlier.step, calendar=earlier.calendar)
    gaps = np.concatenate([np.diff(finer.positions(g)) for g in groups])
    return replace(clock, step=earlier.step) if _most_frequent(gaps) == 1 else clock


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


def _step(gaps: Times) -> int:
    """The most frequent difference; a finer one if, with rows missing, that is what many are made of."""
    step = _most_frequent(gaps)
    odd = np.count_nonzero(gaps % step)
    finer = int(np.gcd.reduce(gaps))
    if finer % DAY == 0 and odd >= max(3, 0.2 * len(gaps)):  # Monday, Wednesday, Friday
        return finer
    return finer if odd >= max(10, 0.05 * len(gaps)) and step <= 12 * finer else step


def _most_frequent(gaps: Times) -> int:
    values, counts = np.unique(gaps, return_counts=True)
    return int(values[np.argmax(counts)]) if len(values) > 1 else math.gcd(int(values[0]))
