"""Long tables: a row is one step of one sequence, and columns say which, when, what it is called."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from gatewise.arrays import Array, Ints
from gatewise.errors import InputError, InputWarning
from gatewise.tasks.data.columns import Columns
from gatewise.tasks.data.joined_ids import with_joined_id
from gatewise.tasks.data.missing_codes import find_codes, text_of
from gatewise.tasks.data.reader import columns_of
from gatewise.tasks.sequences.inputs import check_values
from gatewise.tasks.sequences.ragged import Measurements, Sequences, Tokens
from gatewise.tasks.sequences.row_order import arranged
from gatewise.tasks.sequences.table_labels import labels_of, one_each, warn_of_label


@dataclass(frozen=True)
class LongTable:
    """The sequences of a table, in the order in which they begin.

    Attributes:
        sequences: N of them.
        ids: their names.
        labels: [N] texts, whole numbers or numbers, [N, K] of several columns; None where the table has none.
        groups: [N] texts; None likewise.
        library: of the frame, such as "pandas".
    """

    sequences: Sequences
    ids: tuple[str, ...]
    labels: Array | None
    groups: Array | None
    library: str


def read_long(
    data: Any,
    *,
    id: str,
    order: str | None,
    labels: Sequence[str],
    group: str | None,
    values: Sequence[str] | None,
    needed: bool = False,
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

    Raises InputError for columns that are not there or do not fit, by name and row. Warns (InputWarning) of
    a column that tells the label.
    """
    columns = with_joined_id(columns_of(data), id)
    check_roles(id, order, labels)
    for name in (*([group] if group else []), *(values or ())):
        columns.check(name)
    order_of_rows = arranged(columns, id, order)
    ids, row_of_step, starts = order_of_rows.ids, order_of_rows.row_of_step, order_of_rows.starts
    used = value_columns(columns, values, {id, order, group, *labels}, {*labels})
    sequences = sequences_of(columns, used, row_of_step, starts)
    said = labels_of(columns, labels, row_of_step, starts, ids, needed)
    if said is not None:
        for name, of_column in zip(labels, said.reshape(len(ids), -1).T, strict=True):
            warn_of_label(sequences, of_column, name)
    groups = None if group is None else one_each(columns, group, row_of_step, starts, ids)
    return LongTable(sequences, ids, said, groups, columns.library)


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
    other: set[str | None],
    labels: set[str | None],
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


def sequences_of(
    columns: Columns, used: Sequence[str], row_of_step: Ints, starts: Ints
) -> Sequences:
    """The sequences in some columns. Raises InputError for cells that are no numbers, and missing tokens."""
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
    for name, column in zip(used, values.T, strict=True):
        _warn_of_codes(name, column)
    return check_values(Measurements(starts, values, tuple(used)))


def _warn_of_codes(name: str, values: Array) -> None:
    """Warn of a number such as -999, far from all others, that may stand for a missing value."""
    for code in find_codes(values, covariate=True):
        count = int((values == code).sum())
        times = "once" if count == 1 else f"{count} times"
        warnings.warn(
            f"column {name!r}: {text_of(code)} is there {times}, far from all other values. If it stands for a missing "
            "value, leave these cells empty",
            InputWarning,
            stacklevel=5,
        )


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
