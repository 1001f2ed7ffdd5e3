"""Error messages about series without values where values are needed."""

from __future__ import annotations

import numpy as np

from gatewise.tasks.data.series import Series, Table


def no_window(table: Table, low: int, high: int, span: str) -> str:
    """Why a span, at positions low .. high - 1, has no window, and what to do."""
    gaps = [(s, gap) for s in table.series if (gap := _gap(s, low, high)) is not None]
    if not gaps:
        return f"the series are too short or have too many gaps: the {span} span has no window"
    s, (since, until) = max(gaps, key=lambda item: len(item[0].values))
    count = len(gaps) - 1
    others = f" (and {count} more series have a gap there)" if count else ""
    first, last = _shown(table, since), _shown(table, until - 1)
    return (
        f"the {span} span has no window: series {s.id!r} has no value from {first} to {last} "
        f"({until - since} steps){others}. Drop the rows from {first} on, so that the forecast starts "
        "there, or fill in the missing values"
    )


def ends_early(table: Table, s: Series) -> str:
    """A remark on a series without values at the end of its table; "" if it has values there."""
    more = len(s.known) - len(s.values)
    if not more:
        return ""
    return (
        f" (series {s.id!r} has no value after {_shown(table, s.end - 1)}, and the table has {more} more "
        "steps: fill in the missing values)"
    )


def _gap(s: Series, low: int, high: int) -> tuple[int, int] | None:
    """The run of missing values that a span lies in: its first position and the one after its last."""
    if not s.start < low or not high < s.end:
        return None
    present = np.flatnonzero(~np.isnan(s.values)) + s.start
    before, after = present[present < low], present[present >= low]
    if after[0] < high:
        return None
    return int(before[-1]) + 1, int(after[0])


def _shown(table: Table, position: int) -> str:
    return table.clock.show(int(table.clock.at(np.array([position]))[0]))
