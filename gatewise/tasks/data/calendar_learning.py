"""Which slots of the week are never observed: found from the times of the values, with care for the evidence.

A slot counts as never observed where it has been seen in none of many weeks, or rarely, while others are seen
nearly always: the chance that it is one of those, and was missed each time, must be tiny.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from scipy.special import bdtr

from gatewise.arrays import Bools, Floats, Ints
from gatewise.tasks.data.calendar import SECOND, Calendar, slots_of
from gatewise.tasks.data.clock import Clock

FINEST = 60 * SECOND  # the least step that has hours of opening
LEAST_WEEKS = 3
CHANCE = 1e-3  # that any slot of a week is called never observed by mistake
RARE = 0.05  # of the weeks, in which a slot may be seen and still be called never observed
LOW = 0.25  # quantile of the rates of the others that a slot is compared with: some may be seen rarely
SELDOM = 0.2  # of the weeks, in which a slot must be seen to be clearly one that is observed
FULL = 2 / 3  # of days times hours that are observed, from which all of them are positions


@dataclass(frozen=True)
class Counts:
    """How often each slot of the week could be observed, and was: [slots] each."""

    seen: Floats
    possible: Floats
    seen_by_hour: Floats  # [slots of a day]: on how many days
    days: int  # on which anything was observed

    @staticmethod
    def of(clock: Clock, times: Ints) -> Counts:
        """Of the times [n] of the values of a series, ascending."""
        count = clock.slots
        walls = clock.wall_of(times)
        slots = slots_of(walls, clock.step)
        first, last = int(slots[0]), int((times[-1] - times[0]) // clock.step) + 1
        weeks, more = divmod(last, count)
        after = (np.arange(count) - first) % count
        hours = slots % (count // 7)
        return Counts(
            np.bincount(slots, minlength=count).astype(float),
            weeks + (after < more).astype(float),
            np.bincount(hours, minlength=count // 7).astype(float),
            len(np.unique(walls // (count // 7 * clock.step))),
        )


def learn(clock: Clock, times: Mapping[str, Ints]) -> Calendar | None:
    """The calendar of some series; None where all slots are observed, or too little is known.

    Args:
        clock: without a calendar.
        times: of the values of each series, by its name, ascending.
    """
    count = clock.slots
    times = {name: t for name, t in times.items() if len(t)}
    if not count or clock.step < FINEST or not times:
        return None
    first = min(int(t[0]) for t in times.values())
    last = max(int(t[-1]) for t in times.values())
    if last - first < LEAST_WEEKS * 7 * 86_400 * SECOND - clock.step and count == 7:
        return None
    never: dict[str, Bools] = {}
    total = np.zeros((2, count))
    hours, days = np.zeros(count // 7), 0
    observed = np.zeros(count, bool)  # by some series, more than rarely
    for name, moments in times.items():
        counts = Counts.of(clock, moments)
        never[name] = never_observed(counts)
        observed |= (counts.seen > _rarely(counts.possible)) & ~never[name]
        total += counts.seen, counts.possible
        hours, days = hours + counts.seen_by_hour, days + counts.days
    together = never_observed(
        Counts(total[0], total[1], hours, days), weeks=(last - first) / clock.step / count
    )
    everywhere = ~observed & (together | np.any(list(never.values()), axis=0))
    own = {name: mask & ~everywhere for name, mask in never.items()}
    return calendar_of(~everywhere, own)


def never_observed(counts: Counts, weeks: float | None = None) -> Bools:
    """The slots [count] that a series never observes; ``weeks``: of several series together."""
    seen, possible = counts.seen, counts.possible
    days = float(counts.days)
    by_hour = counts.seen_by_hour
    if weeks is not None:  # several series say little more than one does
        part = np.minimum(1.0, weeks / np.maximum(possible, 1))
        seen, possible = seen * part, possible * part
        by_hour, days = by_hour * min(1.0, 7 * weeks / max(days, 1)), min(days, 7 * weeks)
    rare = seen <= _rarely(possible)
    never = rare & _unlikely(seen, possible) & (possible >= LEAST_WEEKS)
    if len(by_hour) > 1:  # an hour that is observed on no day needs fewer weeks
        hours = _unlikely(by_hour, np.full(len(by_hour), days)) & (days >= 2 * LEAST_WEEKS)
        if np.all(by_hour[hours] <= 1):  # else there is no border between the two
            never |= rare & np.tile(hours, 7)
    return np.asarray(never)


def _rarely(possible: Floats) -> Floats:
    """How often a slot may be seen and still be never observed but for exceptions."""
    return np.where(possible >= 1 / RARE, RARE * possible, np.where(possible >= 8, 1, 0))


def _unlikely(seen: Floats, possible: Floats) -> Bools:
    """Where a slot that is observed as often as others would hardly have been seen so rarely."""
    rare = seen <= _rarely(possible)
    common = ~rare & (possible > 0)
    if not common.any() or common.all():
        return np.zeros(len(seen), bool)
    rates = np.sort(seen[common] / possible[common]).clip(0, 1)
    if len(seen) > 7 and np.sum(rates < SELDOM) > 0.1 * np.sum(rare):  # no border between the two
        return np.zeros(len(seen), bool)
    number = possible[common].sum()
    rate = (rates[int(LOW * (len(rates) - 1))] * number + 1) / (number + 2)
    chance = bdtr(np.floor(seen), np.maximum(possible, seen).round().astype(int), rate)
    return np.asarray(rare & (chance < CHANCE / len(seen)))


def calendar_of(observed: Bools, own: Mapping[str, Bools]) -> Calendar | None:
    """The calendar of a week.

    Args:
        observed: [slots] those that any series observes.
        own: for each series the others that it does not.

    Days and hours make a block where they can, so that every day has as many positions.
    """
    if not observed.any():
        return None
    by_day = observed.reshape(7, -1)
    days, hours = np.any(by_day, axis=1), np.any(by_day, axis=0)
    block = np.outer(days, hours).reshape(-1)
    week = block if observed.sum() >= FULL * block.sum() else observed
    patterns: dict[tuple[int, ...], int] = {}
    pattern_of: dict[str, int] = {}
    for name, mask in own.items():
        slots = _numbers(mask & week)
        if slots:
            pattern_of[name] = patterns.setdefault(slots, len(patterns))
    shut = _numbers(week & ~observed)
    if week.all() and not shut and not patterns:
        return None
    return Calendar(
        week=() if week.all() else _numbers(week),
        shut=shut,
        patterns=tuple(patterns),
        pattern_of=pattern_of,
    )


def _numbers(mask: Bools) -> tuple[int, ...]:
    return tuple(map(int, np.flatnonzero(mask)))
