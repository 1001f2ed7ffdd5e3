"""Long tables: a row is one step of one sequence, and columns say which, when, what it is called."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from gatewise.arrays import Array, Ints
from gatewise.errors import InputError, some_of
from gatewise.tasks.data.columns import Columns
from gatewise.tasks.data.joined_ids import with_joined_id
from gatewise.tasks.sequences.list_columns import holds_lists
from gatewise.tasks.sequences.ragged import Measurements, Sequences, Tokens
from gatewise.tasks.sequences.row_order import arranged
from gatewise.tasks.sequences.table_labels import labels_of, one_each, warn_of_label
from gatewise.tasks.sequences.values import (
    check_values,
    named_columns,
    read_columns,
    warn_of_codes,
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
            warn_of_label(sequences, of_column, name)
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
