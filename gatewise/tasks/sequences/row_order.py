"""The rows of a long table as steps of sequences: which sequence a row belongs to, and in what order."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gatewise.arrays import Array, Ints
from gatewise.errors import InputError
from gatewise.tasks.data.columns import Columns
from gatewise.tasks.data.times_of_day import is_time_of_day, times_of_day


@dataclass(frozen=True)
class Arranged:
    """The rows of a table as steps of sequences, which stand in the order in which they begin.

    Attributes:
        ids: names of the N sequences; empty for a table that is one sequence.
        row_of_step: [S] the row of each step.
        starts: [N + 1] where each sequence begins.
        places: [S] what puts the steps in order; 0 where their rows do.
    """

    ids: tuple[str, ...]
    row_of_step: Ints
    starts: Ints
    places: Array


def arranged(columns: Columns, id: str | None, order: str | None) -> Arranged:
    """Put the rows in order.

    Args:
        columns: of the table.
        id: the column that says which sequence a row belongs to; None: all rows are one sequence.
        order: the column that sequences are put in order by; None: their rows are in order.

    Raises InputError for columns that are not there, a missing id or place, and two rows of the same place.
    """
    for name in (id, order):
        if name is not None:
            columns.check(name)
    names, of_row = columns.texts(id) if id else (("",), np.zeros(columns.rows, dtype=np.int64))
    if (of_row < 0).any():
        row = int(np.argmax(of_row < 0)) + 1
        raise InputError(
            f"column {id!r}, row {row}: the id is missing. If it stands in the first row of each sequence only, fill "
            "it in downwards"
        )
    first = np.unique(of_row, return_index=True)[1]
    rank = np.empty(len(names), dtype=np.int64)
    rank[np.argsort(first, kind="stable")] = np.arange(len(names))
    number = rank[of_row]
    when = np.zeros(columns.rows) if order is None else _order(columns, order)
    row_of_step = np.lexsort((np.arange(columns.rows), when, number))
    if order is not None and _is_clock(columns, order):
        _check_midnight(order, np.lexsort((np.arange(columns.rows), number)), row_of_step)
    if order is not None:
        _check_order(columns, order, number[row_of_step], when[row_of_step], row_of_step)
    starts = np.concatenate([[0], np.cumsum(np.bincount(number))]).astype(np.int64)
    ids = tuple(names[k] for k in np.argsort(rank)) if id else ()
    return Arranged(ids, row_of_step, starts, when[row_of_step])


def _order(columns: Columns, name: str) -> Array:
    """[rows] what a column of numbers or times puts in order."""
    if columns.kind(name) in ("integer", "number"):
        when = columns.numbers(name)
        if np.isnan(when).any():
            row = int(np.argmax(np.isnan(when))) + 1
            raise InputError(f"column {name!r}, row {row}: the place in the sequence is missing")
        return when
    if _is_clock(columns, name):
        return times_of_day(columns, name, fractions=True)
    return columns.times(name)[0]


def _is_clock(columns: Columns, name: str) -> bool:
    return columns.kind(name) in ("text", "time") and is_time_of_day(columns, name)


def _check_midnight(name: str, as_written: Ints, row_of_step: Ints) -> None:
    """Raises InputError where times of day do not grow from row to row: another day may have begun."""
    other = as_written != row_of_step
    if other.any():
        row = int(as_written[np.argmax(other)]) + 1
        raise InputError(
            f"column {name!r} holds times of day that go back near row {row}, and does not say on which day: put the date "
            "in front of them"
        )


def _check_order(columns: Columns, name: str, number: Ints, when: Array, row_of_step: Ints) -> None:
    """Raises InputError where two steps of a sequence have the same place."""
    same = (number[1:] == number[:-1]) & (when[1:] == when[:-1])
    if same.any():
        k = int(np.argmax(same))
        raise InputError(
            f"column {name!r}: rows {row_of_step[k] + 1} and {row_of_step[k + 1] + 1} are the same step of "
            "the same sequence: remove one of them, or name an id that tells them apart"
        )
