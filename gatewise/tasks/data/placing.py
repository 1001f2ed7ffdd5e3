"""Series at their positions on a clock: values and covariates on a grid, and what may not be there."""

from __future__ import annotations

import numpy as np

from gatewise.arrays import Floats, Ints
from gatewise.errors import InputError
from gatewise.tasks.data.clock import Clock, Times
from gatewise.tasks.data.disk_arrays import allocate
from gatewise.tasks.data.future import cell_text
from gatewise.tasks.data.series import Features, Series

MOST_ROWS = 1_000_000  # of a series with gaps whose numbers are kept
SPARSE = 1000  # steps for each row, above which a table is taken to have a wrong time in it


def place(
    id: str,
    key: str,
    target: int,
    positions: Times,
    values: Floats,
    covariates: tuple[Floats, Floats],
    static: Floats,
    rows: Ints | None = None,
) -> Series | None:
    """A series on its grid, from its first value to its last; None if it has no value.

    The covariates [n, P] and [n + f, K] begin at the first position. Series share them. ``rows`` [n] are the
    numbers of the rows in the table, from 0.
    """
    seen = ~np.isnan(values)
    if not seen.any():
        return None
    low = int(positions[0])
    span = slice(int(np.argmax(seen)), len(seen) - int(np.argmax(seen[::-1])))
    positions, values = positions[span], values[span]
    start, end = int(positions[0]), int(positions[-1]) + 1
    y = values
    if len(values) < end - start:
        y = allocate((end - start,))
        y[positions - start] = values
    past, known = covariates
    return Series(
        id=id,
        start=start,
        values=y,
        past=past[start - low : end - low],
        known=known[start - low :],
        static=static,
        key=key,
        target=target,
        rows=None if rows is None else _numbers(positions, rows[span]),
    )


def _numbers(positions: Times, rows: Ints) -> int | tuple[Ints, Ints] | None:
    """Where values stand in the table, as ``Series.rows`` has it. Of large series with gaps it is not kept."""
    if len(rows) == positions[-1] - positions[0] + 1 and np.all(np.diff(rows) == 1):
        return int(rows[0] - positions[0]) + 1
    return (positions, rows + 1) if len(rows) <= MOST_ROWS else None


def check_dense(positions: Times, clock: Clock, key: str) -> None:
    """Raises InputError for a series that is nearly all gap: a time in it is wrong."""
    span = int(positions[-1]) - int(positions[0]) + 1
    if span <= 10_000 + SPARSE * len(positions):
        return
    at = int(np.argmax(np.diff(positions)))
    ends = [clock.show(int(t)) for t in clock.at(positions[at : at + 2])]
    raise InputError(
        f"{f'series {key!r}' if key else 'the table'} has {len(positions)} rows for {span} steps "
        f"({clock.describe()}), with nothing between {ends[0]} and {ends[1]}: is one of them wrong?"
    )


def check_agreement(
    positions: Ints,
    known: Floats,
    ahead: Ints,
    later: Floats,
    features: Features,
    clock: Clock,
    key: str,
) -> None:
    """Raises InputError where future rows say something else than the table does at the same time."""
    if not len(ahead):
        return
    shared, mine, theirs = np.intersect1d(positions, ahead, return_indices=True)
    if not len(shared):
        return
    both = ~np.isnan(known[mine]) & ~np.isnan(later[theirs])
    wrong = np.argwhere(both & (known[mine] != later[theirs]))
    if len(wrong):
        k, column = (int(n) for n in wrong[0])
        feature = features.known[column]
        moment = clock.show(int(clock.at(shared[k : k + 1])[0]))
        cells = [
            cell_text(feature, float(v[place][column]))
            for v, place in ((known, mine[k]), (later, theirs[k]))
        ]
        raise InputError(
            f"column {feature.name!r}: at {moment}{f' of series {key!r}' if key else ''} the table has "
            f"{cells[0]} and the future rows have {cells[1]}: give rows that follow the table, or correct one "
            "of them"
        )
