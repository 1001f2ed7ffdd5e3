"""Wide tables: a row is a whole sequence. Its steps are columns of numbers or of words, or it is a text."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from gatewise.arrays import Array
from gatewise.errors import InputError, InputWarning, some_of
from gatewise.tasks.data.columns import Columns
from gatewise.tasks.data.joined_ids import with_joined_id
from gatewise.tasks.sequences.list_columns import LEAST, holds_lists, read_lists
from gatewise.tasks.sequences.ragged import Sequences, measurements, tokens
from gatewise.tasks.sequences.table_labels import labels_of, one_each
from gatewise.tasks.sequences.tables import check_roles, value_columns
from gatewise.tasks.sequences.values import check_values, named_columns, read_columns, warn_of_codes

SHOWN = 5  # columns that a message names
WORDS = 3  # of a typical cell of a column that is read as texts beside columns of numbers
FEW = 3  # columns of numbers beside which a column of texts is read nevertheless


@dataclass(frozen=True)
class WideTable:
    """The sequences of a table, in the order of its rows.

    Attributes:
        sequences: N of one channel or of tokens, or N texts.
        columns: that were read.
        ids: their names: those of the column of names, else the numbers of the rows.
        labels: [N] texts, whole numbers or numbers, [N, K] of several columns; None where the table has none.
        groups: [N] texts; None likewise.
        library: of the frame, such as "pandas".
        note: what was read, for people.
    """

    sequences: Sequences | list[str]
    columns: tuple[str, ...]
    ids: tuple[str, ...]
    labels: Array | None
    groups: Array | None
    library: str
    note: str


def read_wide(
    data: Any,
    *,
    id: str | None,
    labels: Sequence[str],
    group: str | None,
    values: Sequence[str] | None,
    needed: bool = False,
    known: Sequence[str] = (),
    missing: Sequence[str] = (),
) -> WideTable:
    """Read a wide table. What is missing at the end of a row is no step of it.

    Args:
        data: a frame of pandas, Polars or Arrow, or the path of a CSV or Parquet file.
        id: the column of the names of rows; None: rows are numbered.
        labels: columns of what is to be learned; where the first of them is not there, there are no labels, unless
            they are ``needed``.
        group: the column whose rows stay together.
        values: the columns that are steps, in their order, of numbers or of words, or the one column of texts; None: all columns of numbers
            beside those above, or the column of texts where there is one and hardly any numbers.
        known: columns that training has read: those of them that are there are read.
        missing: what stands for a missing value, such as -999.

    Raises InputError for columns that are not there or do not fit, by name and row. Warns (InputWarning) of
    columns that training has not seen.
    """
    columns = with_joined_id(read_columns(data, missing, (id, group), labels), id)
    check_roles(id, None, labels)
    for name in (*([id] if id else []), *([group] if group else []), *(values or ())):
        columns.check(name)
    other = named_columns(id, group) | {*labels}
    used = _used(columns, values, other, {*labels}, known)
    starts = np.arange(columns.rows + 1)
    rows = starts[:-1]
    ids = tuple(str(k + 1) for k in rows)
    if id is not None:
        names, codes = columns.texts(id)
        if (codes < 0).any():
            raise InputError(
                f"column {id!r}, row {int(np.argmax(codes < 0)) + 1}: the name is missing"
            )
        ids = tuple(names[k] for k in codes)
    sequences: Sequences | list[str]
    if all(holds_lists(columns, name, 2 if name in known else LEAST) for name in used):
        sequences = read_lists(columns, used, missing)
        note = f"rows     a row is a whole sequence: the list in {_listed(used, ('', ''))}"
    elif len(used) == 1 and columns.kind(used[0]) == "text":
        sequences = _texts(columns, used[0])
        note = f"rows     a row is a whole text, of the column {used[0]!r}"
    else:
        sequences, note = _steps(columns, used)
    return WideTable(
        sequences,
        tuple(used),
        ids,
        labels_of(columns, labels, rows, starts, ids, needed),
        None if group is None else one_each(columns, group, rows, starts, ids),
        columns.library,
        note,
    )


def _used(
    columns: Columns,
    values: Sequence[str] | None,
    other: set[str],
    labels: set[str],
    known: Sequence[str],
) -> list[str]:
    """The columns that are read."""
    seen = [name for name in known if name in columns.named]
    lists = [n for n in columns.names if n not in other and holds_lists(columns, n)]
    if not seen and values is None and lists:
        return lists
    if not seen:
        if values is None and (text := _column_of_texts(columns, other)):
            return [text]
        words = [n for n in columns.names if n not in other and columns.kind(n) == "text"]
        numbers = any(
            columns.kind(n) in ("integer", "number") for n in columns.names if n not in other
        )
        if values is None and not numbers and len(words) > 1:
            raise InputError(
                f"there are no columns of numbers, and {len(words)} of words ({', '.join(map(repr, words[:SHOWN]))}): "
                "name those that are the steps of a row as values"
            )
        return value_columns(columns, values, other, labels)
    more = [
        name
        for name in columns.names
        if name not in {*known, *other} and columns.kind(name) in ("integer", "number")
    ]
    if more and values is None and columns.kind(seen[0]) != "text":
        warnings.warn(
            f"{_listed(more)} not read: training had no such column",
            InputWarning,
            stacklevel=5,
        )
    return seen


def _column_of_texts(columns: Columns, other: set[str]) -> str:
    """The one column whose cells are texts of several words, mostly different; "" if there is none."""
    names = [name for name in columns.names if name not in other]
    if sum(columns.kind(name) in ("integer", "number") for name in names) >= FEW:
        return ""
    written = [name for name in names if columns.kind(name) == "text" and _is_prose(columns, name)]
    return written[0] if len(written) == 1 else ""


def _is_prose(columns: Columns, name: str) -> bool:
    types, codes = columns.texts(name)
    words = np.array([len(text.split()) for text in types])[codes[codes >= 0]]
    return 2 * len(types) > len(codes) and bool(np.median(words) >= WORDS)


def _texts(columns: Columns, name: str) -> list[str]:
    """[N] the cells of a column. Raises InputError for one that is empty."""
    types, codes = columns.texts(name)
    if (codes < 0).any():
        row = int(np.argmax(codes < 0)) + 1
        raise InputError(f"column {name!r}, row {row}: the text is missing: leave the row out")
    return [types[k] for k in codes]


def _steps(columns: Columns, used: Sequence[str]) -> tuple[Sequences, str]:
    """Rows as sequences of one channel or of words, each to its last value, and what to say of it."""
    words = all(columns.kind(name) == "text" for name in used)
    block: Array
    sequences: Sequences
    if words:
        texts = [
            (np.array([*types, ""], dtype=object), codes)
            for types, codes in map(columns.texts, used)
        ]
        block = np.stack([types[codes] for types, codes in texts], axis=1)
        known = block != ""
    else:
        block = np.stack([columns.numbers(name) for name in used], axis=1)
        known = ~np.isnan(block)
    if not known.any(1).all():
        row = int(np.argmin(known.any(1))) + 1
        raise InputError(f"row {row}: {_listed(used)} empty: leave the row out")
    ends = block.shape[1] - np.argmax(known[:, ::-1], axis=1)
    parts = [row[:end] for row, end in zip(block, ends, strict=True)]
    if words:
        sequences = tokens([part.tolist() for part in parts])  # a missing word is one of its own
    else:
        sequences = check_values(measurements([part[:, None] for part in parts]))
        warn_of_codes(sequences)
    end = "; each to its last value" if ends.min() < ends.max() else ""
    between = f" to {used[-1]!r}" if len(used) > 1 else ""
    what = f"{len(used)} columns" if len(used) > 1 else "column"
    note = f"rows     a row is a whole sequence; its steps are the {what} {used[0]!r}{between}{end}"
    return sequences, note


def _listed(names: Sequence[str], verbs: tuple[str, str] = (" is", " are")) -> str:
    """``columns 'a', 'b' and 3 more are``; ``verbs``: of one and of several."""
    if len(names) == 1:
        return f"column {names[0]!r}{verbs[0]}"
    return f"columns {some_of(map(repr, names), SHOWN)}{verbs[1]}"
