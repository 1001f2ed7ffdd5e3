"""What is said of the series of a table besides their numbers."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from gatewise.errors import some_of
from gatewise.tasks.data.clock import Clock
from gatewise.tasks.data.date_readers import is_total
from gatewise.tasks.data.series import Series


def note_ended(series: Sequence[Series], clock: Clock) -> list[str]:
    """A sentence on series whose last rows have no value."""
    early = [s for s in series if len(s.known) > len(s.values)]
    if not early:
        return []
    s = max(early, key=lambda one: len(one.known) - len(one.values))
    last = clock.show(int(clock.at(np.array([s.end - 1]))[0]))
    others = f", and {len(early) - 1} more end early" if len(early) > 1 else ""
    return [
        f"{s.id} has no value after {last}, {len(s.known) - len(s.values)} steps before the end of the "
        f"table{others}: a forecast begins where the values end"
    ]


def note_constant(series: Sequence[Series]) -> list[str]:
    """A sentence each on series that never change, on those that have stopped changing, on zeros."""
    never, since = [], []
    for s in series:
        count = int(np.count_nonzero(~np.isnan(s.values)))
        other = (s.values != s.values[-1]) & ~np.isnan(s.values)
        last = len(other) - int(np.argmax(other[::-1]))
        run = int(np.count_nonzero(~np.isnan(s.values[last:])))
        if not other.any():
            never.append(s.id)
        elif run >= max(20, count // 10) and s.values[-1] != 0:
            since.append(f"{s.id} ({run} times)")
    notes = []
    for names, what in (
        (never, "never changing"),
        (since, "ending in one value over and over, as of a stuck sensor"),
    ):
        if names:
            notes.append(f"{len(names)} series {what}: {some_of(names, 3)}")
    zeros = sum(int(np.count_nonzero(s.values == 0)) for s in series)
    share = zeros / sum(int(np.count_nonzero(~np.isnan(s.values))) for s in series)
    if share >= 0.05:
        notes.append(f"{share:.0%} of the values are 0, where errors in percent (sMAPE) say little")
    return notes


def note_total(series: Sequence[Series]) -> list[str]:
    """A sentence on a series that is called a total and stands among others."""
    totals = [s.id for s in series if is_total(s.id)]
    if not totals or len(totals) == len(series):
        return []
    return [
        f"series {totals[0]!r} is called a total: if it is that of the others, leave it out, or forecast it by itself"
    ]
