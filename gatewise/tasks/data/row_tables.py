"""Tables in which every row is a whole series, as in the M4 files: a name, then its values from left to right."""

from __future__ import annotations

import numpy as np

from gatewise.arrays import Floats
from gatewise.errors import InputError
from gatewise.tasks.data.columns import Columns
from gatewise.tasks.data.placing import place
from gatewise.tasks.data.roles import Roles
from gatewise.tasks.data.series import Series

LEAST_COLUMNS = 8  # of values, for a row to be a series


def row_columns(columns: Columns, roles: Roles) -> list[str]:
    """The columns of values where every row is a series: many numbers behind one name. [] for another table.

    Raises InputError for a covariate that changes over time.
    """
    first, *others = columns.names
    covariates = {*roles.static, *roles.known, *roles.past}
    names = [c for c in others if c not in covariates]
    if len(names) < LEAST_COLUMNS or columns.kind(first) != "text":
        return []
    ids, codes = columns.texts(first)
    if len(ids) < columns.rows or np.any(codes < 0):
        return []
    if any(columns.kind(c) not in ("integer", "number", "empty") for c in names):
        return []
    if wrong := (*roles.known, *roles.past):
        raise InputError(
            f"column {wrong[0]!r}: a table of one series a row has static covariates only"
        )
    return names


def row_values(columns: Columns, names: list[str]) -> Floats:
    """The values [N, T] of the rows, NaN where missing. Raises InputError if there are none."""
    values = np.stack([columns.numbers(name) for name in names], axis=1)
    if not np.isfinite(values).any():
        raise InputError("the table has no values: every cell is missing")
    return values


def row_series(columns: Columns, values: Floats, static: Floats) -> list[Series | None]:
    """The series of the rows, whose last values stand at the same time; None for one without any value.

    ``static`` [N, S] are their covariates.
    """
    texts, codes = columns.texts(columns.names[0])
    series = []
    for code, row, fixed in zip(codes, values, static, strict=True):
        seen = np.flatnonzero(~np.isnan(row))
        end = int(seen[-1]) + 1 if len(seen) else 0
        empty = np.zeros((end, 0))
        name, positions = texts[code], np.arange(end) - end
        series.append(place(name, name, 0, positions, row[:end], (empty, empty), fixed))
    return series
