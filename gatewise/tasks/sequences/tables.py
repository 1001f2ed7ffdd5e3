"""Long tables: a row is one step of one sequence, and columns say which, when, what it is called."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from gatewise.arrays import Array, Ints
from gatewise.errors import InputError, InputWarning, some_of
from gatewise.tasks.data.columns import Columns
from gatewise.tasks.data.joined_ids import with_joined_id
from gatewise.tasks.data.times_of_day import is_time_of_day, times_of_day
from gatewise.tasks.sequences.list_columns import holds_lists
from gatewise.tasks.sequences.ragged import Measurements, Sequences, Tokens
from gatewise.tasks.sequences.values import (
    check_values,
    named_columns,
    read_columns,
    warn_of_codes,
    warn_of_label_codes,
)

SHOWN = 10  # columns that a line names


@dataclass(frozen=True)
class LongTable:
    """The sequences of a table, in the order in which they begin.

    Attributes:
        sequences: N of them.
        ids: their names.
        labels: [N] texts, whole numbers or numbers, [N, K] of several columns; None where the table has none.
        groups: [N] texts; None likewise.
        library: of the frame, such as "pandas".
        note: which columns were read, for people.
    """

    sequences: Sequences
    ids: tuple[str, ...]
    labels: Array | None
    groups: Array | None
    library: str
    note: str


def read_long(
    data: Any,
    *,
    id: str,
    order: str | None,
    labels: Sequence[str],
    group: str | None,
    values: Sequence[str] | None,
    needed: bool = False,
    missing: Sequence[str] = (),
) -> LongTable:
    """Read a long table.

    Args:
        data: a frame of pandas, Polars or Arrow, or the path of a CSV or Parquet file.
        id: the column that says which sequence a row belongs to.
        order: the column that sequences are put in order by; None: their rows are in order.
        labels: columns with one value a sequence; where the first of them is not there, there are no labels,
            unless they are ``needed``.
        group: another such column.
        values: the columns that are read; None: all columns of numbers beside those above, or the one
            column of texts where there are no numbers (its cells are tokens).
        missing: what stands for a missing value, such as -999.

    Raises InputError for columns that are not there or do not fit, by name and row. Warns (InputWarning) of
    a column that tells the label.
    """
    columns = with_joined_id(read_columns(data, missing, (id, order, group), labels), id)
    check_roles(id, order, labels)
    for name in (*([group] if group else []), *(values or ())):
        columns.check(name)
    order_of_rows = arranged(columns, id, order)
    ids, row_of_step, starts = order_of_rows.ids, order_of_rows.row_of_step, order_of_rows.starts
    other = named_columns(id, order, group) | {*labels}
    used = value_columns(columns, values, other, {*labels})
    sequences = sequences_of(columns, used, row_of_step, starts)
    warn_of_codes(sequences)
    said = labels_of(columns, labels, row_of_step, starts, ids, needed)
    if said is not None:
        for name, of_column in zip(labels, said.reshape(len(ids), -1).T, strict=True):
            _tells_label(sequences, of_column, name)
    groups = None if group is None else one_each(columns, group, row_of_step, starts, ids)
    note = describe_columns(columns, used, other)
    return LongTable(sequences, ids, said, groups, columns.library, note)


def check_roles(id: str | None, order: str | None, labels: Sequence[str]) -> None:
    """Raises InputError where one column has two roles."""
    for name, what in ((id, "the id"), (order, "the order")):
        if name is not None and name in labels:
            raise InputError(
                f"column {name!r} is {what} and cannot be the label too: name another one"
            )
    if id is not None and id == order:
        raise InputError(f"column {id!r} is the id and cannot be the order too: name another one")


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


def value_columns(
    columns: Columns,
    values: Sequence[str] | None,
    other: set[str],
    labels: set[str],
) -> list[str]:
    """The columns that are read: ``values``, or all of numbers that are no ``other``.

    Raises InputError where one of them is a label, and where there are none.
    """
    if values is not None:
        twice = [name for name in values if name in other]
        if twice:
            what = "the label" if twice[0] in labels else "no input"
            raise InputError(
                f"column {twice[0]!r} is {what} and cannot be an input too: leave it out of values"
            )
        return list(values)
    names = [name for name in columns.names if name not in other]
    numeric = [name for name in names if columns.kind(name) in ("integer", "number")]
    if numeric:
        return numeric
    texts = [name for name in names if columns.kind(name) == "text"]
    if len(texts) == 1:
        return texts
    raise InputError(
        f"there is no column of numbers to read beside {', '.join(repr(n) for n in sorted(filter(None, other)))}"
    )


def describe_columns(columns: Columns, used: Sequence[str], other: set[str]) -> str:
    """For people: the columns that are read, and those that are not though they say something."""
    left = [n for n in columns.names if n not in {*used, *other} and columns.kind(n) != "empty"]
    more = f"; not read: {some_of(map(repr, left), SHOWN)}" if left else ""
    return f"columns  {some_of(map(repr, used), SHOWN)}{more}"


def sequences_of(
    columns: Columns, used: Sequence[str], row_of_step: Ints, starts: Ints
) -> Sequences:
    """The sequences in some columns. Raises InputError for cells that are no numbers, and missing tokens."""
    lists = [name for name in used if holds_lists(columns, name)]
    if lists:
        raise InputError(
            f"column {lists[0]!r} holds a list in each cell, so that a row is a whole sequence: add wide (--wide)"
        )
    if len(used) == 1 and columns.kind(used[0]) == "text":
        types, codes = columns.texts(used[0])
        numbers = np.array([_is_number(text) for text in types], dtype=bool)
        if 2 * numbers[codes[codes >= 0]].sum() > len(codes):
            columns.numbers(used[0])  # raises InputError: it names the cell that is not one
        if (codes < 0).any():
            row = int(np.argmax(codes < 0)) + 1
            raise InputError(f"column {used[0]!r}, row {row}: the token is missing")
        return Tokens(starts, codes[row_of_step], types)
    values = np.stack([columns.numbers(name)[row_of_step] for name in used], axis=1)
    return check_values(Measurements(starts, values, tuple(used)))


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def labels_of(
    columns: Columns,
    labels: Sequence[str],
    row_of_step: Ints,
    starts: Ints,
    ids: Sequence[str],
    needed: bool,
) -> Array | None:
    """[N] or, of several columns, [N, K] what is said of each sequence; None where the first column is not there."""
    if not labels or not (needed or labels[0].lower() in map(str.lower, columns.names)):
        return None
    for name in labels:
        columns.check(name)  # raises InputError, too, where only the case is another
    of_columns = [one_each(columns, name, row_of_step, starts, ids) for name in labels]
    for name, values in zip(labels, of_columns, strict=True):
        warn_of_label_codes(values, name)
    return of_columns[0] if len(labels) == 1 else np.stack(of_columns, axis=1)


def one_each(
    columns: Columns, name: str, row_of_step: Ints, starts: Ints, ids: Sequence[str]
) -> Array:
    """[N] the value of a column for each sequence, of whose rows some may be empty.

    Raises InputError where it changes or is missing.
    """
    types, codes = columns.texts(name)
    codes = codes[row_of_step]
    # the first step of each sequence that says something, or else its first one
    steps = np.arange(len(codes))
    first = np.minimum.reduceat(np.where(codes >= 0, steps, len(codes)), starts[:-1])
    first = np.where(first < len(codes), first, starts[:-1])
    other = (codes >= 0) & (codes != np.repeat(codes[first], np.diff(starts)))
    if other.any():
        step = int(np.argmax(other))
        k = int(np.searchsorted(starts, step, side="right")) - 1
        raise InputError(
            f"column {name!r}, row {row_of_step[step] + 1}: sequence {ids[k]!r} has two values there; it needs "
            "one for all of its rows"
        )
    missing = np.flatnonzero(codes[first] < 0)
    if len(missing):
        more = f" and {len(missing) - 1} more" if len(missing) > 1 else ""
        raise InputError(
            f"column {name!r} is empty for sequence {ids[missing[0]]!r}{more} (NA and NULL count as empty): fill it in, "
            "or leave these sequences out"
        )
    if set(types) <= {"True", "False"}:
        return np.array([text == "True" for text in types])[codes[first]]
    if columns.kind(name) in ("integer", "number"):
        values = columns.numbers(name)[row_of_step][first]
        # whole numbers among empty cells are held as others
        whole = columns.kind(name) == "integer" or ((codes < 0).any() and (values % 1 == 0).all())
        return values.astype(np.int64) if whole else values
    return np.array(types)[codes[first]]


def _tells_label(sequences: Sequences, labels: Array, label: str) -> None:
    """Warn of a column that is the label in other words: constant in each sequence, one value a label."""
    if not isinstance(sequences, Measurements):
        return
    classes, code = np.unique(labels, return_inverse=True)
    if len(classes) * 2 > len(code):
        return
    lengths = sequences.lengths
    for name, column in zip(sequences.channels, sequences.values.T, strict=True):
        first = column[sequences.starts[:-1]]
        if np.isnan(column).any() or (column != np.repeat(first, lengths)).any():
            continue
        pairs = len(np.unique(np.stack([first, code]), axis=1).T)
        if pairs == len(classes) == len(np.unique(first)):
            warnings.warn(
                f"column {name!r} never changes within a sequence and tells {label!r} exactly: is it the label in "
                "other words? Leave it out of values then",
                InputWarning,
                stacklevel=4,
            )
