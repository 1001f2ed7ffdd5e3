"""The horizon that is suggested for a table, where a person names none."""

from __future__ import annotations

from gatewise.tasks.data.clock import DAY
from gatewise.tasks.data.series import Table

LONGEST = 60  # steps, where a day has not more
SHARE = 15  # of the series is a horizon at most; of a day a fifth suffices
SPANS = 5  # spans of a horizon each that a fit needs
UNKNOWN = 12  # steps where no cycle of the calendar is short enough


def suggested_horizon(table: Table) -> int:
    """Steps to forecast: those for which known covariates are given, else a day, else another cycle of the calendar."""
    if table.features.known and (ahead := min(len(s.known) - len(s.values) for s in table.series)):
        return ahead
    day = table.clock.steps_in(DAY)
    if day > 1 and SPANS * day + 2 <= table.length:
        return day
    most = max(1, table.length // SHARE)
    cycles = (n for n in table.clock.cycles() if n <= min(most, LONGEST))
    return max(cycles, default=min(most, UNKNOWN))
