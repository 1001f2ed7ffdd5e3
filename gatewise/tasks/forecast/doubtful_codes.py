"""Values that may stand for a missing one and are left as they are: 0 and -1, far below all others."""

from __future__ import annotations

import numpy as np

from gatewise.tasks.data.series import Series, Table

VALUES = (0.0, -1.0)
# times that one must be there, and share of the values that may be one
LEAST, MOST = 2, 0.1
# how far below the others, in widths of them
GAP = 0.5
WEEK = 7


def doubtful_codes(table: Table) -> list[str]:
    """A sentence on each such value, with its first row. Known covariates may say why it is there: then there is none."""
    if table.features.known:
        return []
    doubts = []
    for value in VALUES:
        where = [s for s in table.series if _is_doubtful(s, value)]
        if not where:
            continue
        one = where[0]
        places = np.flatnonzero(one.values == value)
        others = one.values[(one.values != value) & ~np.isnan(one.values)]
        more = f", and in {len(where) - 1} more series" if len(where) > 1 else ""
        doubts.append(
            f"{value:g} is there {len(places)} times (first at {table.place(one, int(places[0]))}), far from all other "
            f"values ({others.min():.6g} to {others.max():.6g}){more}: if it stands for a missing value, say "
            f"--missing {value:g}; if nothing was open then, --calendar or a known covariate may say when"
        )
    return doubts


def _is_doubtful(series: Series, value: float) -> bool:
    y = series.values[~np.isnan(series.values)]
    others = y[y != value]
    count = len(y) - len(others)
    if count < LEAST or count > MOST * len(y):
        return False
    low, high = float(others.min()), float(others.max())
    places = np.flatnonzero(series.values == value)
    # closed on a day of the week, or one long pause, is no gap in the data
    recurs = len(set((places % WEEK).tolist())) == 1 or np.ptp(places) == len(places) - 1
    return high > low and low - value >= GAP * (high - low) and not recurs
