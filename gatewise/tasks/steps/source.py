"""What tasks at every step are given, read in one place: lists and blocks of arrays, long tables, files."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import narwhals as nw
import numpy as np

from gatewise.arrays import Array, Ints
from gatewise.errors import InputError
from gatewise.tasks.data.columns import Columns
from gatewise.tasks.data.joined_ids import with_joined_id
from gatewise.tasks.sequences.folders import Files, signal_files
from gatewise.tasks.sequences.inputs import as_sequences
from gatewise.tasks.sequences.options import words_of
from gatewise.tasks.sequences.ragged import Sequences
from gatewise.tasks.sequences.row_order import Arranged, arranged
from gatewise.tasks.sequences.source import FILE, is_table
from gatewise.tasks.sequences.table_labels import one_each
from gatewise.tasks.sequences.tables import (
    check_roles,
    describe_columns,
    sequences_of,
    value_columns,
)
from gatewise.tasks.sequences.values import (
    describe_missing,
    named_columns,
    read_columns,
    recoded,
    warn_of_codes,
    warn_of_label_codes,
)
from gatewise.tasks.sequences.wfdb_records import read_record, signals_of
from gatewise.tasks.steps.options import StepOptions

STEP = "step"  # the column that numbers steps where no other tells their place
SECONDS = "seconds"  # and the one that says when they begin, where that is known
# steps that show how far apart they are; by how much equal ones differ; share of the steps that are mostly equal
LEAST_APART, EVEN, MOSTLY = 20, 0.1, 0.8


@dataclass(frozen=True)
class StepSource:
    """N sequences of S steps, and what is said of the steps.

    Attributes:
        sequences: of any kind.
        y: [S] or [S, K] what is said; missing: NaN or None. None where nothing is said.
        labels: K names of it.
        groups: [N] whose parts stay together; None where there are none.
        ids: names of the sequences; empty where they have none.
        library: of the table they were read from; "" where predictions are plain arrays.
        row_of_step: [S] the row of each step; None for what is no table.
        places: what orders the steps: the name of a column, and [S] its values; None if no column does.
        named: the column that names the sequences; "" where they have no names.
        pace: seconds from one step to the next; None where that is not known.
        rate: samples a second at which sounds were read; None where they are no sounds.
        notes: what was read and changed, for people, a line each.
    """

    sequences: Sequences
    y: Array | None
    labels: tuple[str, ...]
    groups: Array | None
    ids: tuple[str, ...] = ()
    library: str = ""
    row_of_step: Ints | None = None
    places: tuple[str, Any] | None = None
    named: str = ""
    pace: float | None = None
    rate: int | None = None
    notes: tuple[str, ...] = ()

    def describe(self) -> list[str]:
        """For people, a line each."""
        lengths = self.sequences.lengths
        if len(lengths) == 1:
            data = f"data     one sequence of {lengths[0]} steps"
        else:
            low, high = lengths.min(), lengths.max()
            steps = f"{low} to {high}" if low < high else f"{low}"
            data = f"data     {len(lengths)} sequences of {steps} steps"
        return [data, *describe_missing(self.sequences), *self.notes]

    def frame(self, columns: dict[str, Array]) -> Any:
        """A frame of the same library with a row for each step, in the order of the table's rows."""
        data: dict[str, Any] = {}
        lengths = self.sequences.lengths
        if self.ids and self.named:
            data[self.named] = np.repeat(np.array(self.ids), lengths)
        if self.places is not None:
            data[self.places[0]] = self.places[1]
        else:
            starts = self.sequences.starts
            data[STEP] = np.arange(starts[-1]) - np.repeat(starts[:-1], lengths)
        if self.pace is not None:
            data[SECONDS] = np.round(data[STEP] * self.pace, 6)
        data |= {name: column for name, column in columns.items() if name not in data}
        if self.row_of_step is not None:
            order = np.argsort(self.row_of_step, kind="stable")
            data = {name: column[order] for name, column in data.items()}
        library: Any = self.library or "pandas"
        return nw.from_dict(data, backend=library).to_native()


def read_steps(
    X: Any,
    y: Any,
    options: StepOptions,
    *,
    lengths: Any = None,
    groups: Any = None,
) -> StepSource:
    """Read what an estimator is given.

    Args:
        X: sequences as ``as_sequences`` takes them, a long table, or the path of one; a table without
            ``options.id`` is one sequence. Or the path of a WFDB record, or of a folder of them.
        y: [N] arrays [T] or [T, K], one a sequence; None where they are columns of the table.
        options: names of columns.
        lengths: [N] for sequences in one array.
        groups: [N] whose sequences stay together.

    Raises InputError for what cannot be read or does not fit together.
    """
    if isinstance(X, StepSource):
        return X
    files = signal_files(X, None)
    if files is not None:
        return of_records(files, options, groups)
    if isinstance(X, str | Path) and str(X).lower().endswith(".ts"):
        raise InputError(
            f"{X} says one thing of each whole sequence: gatewise fit classify and regress read .ts files"
        )
    if isinstance(X, Path) or is_table(X) or (isinstance(X, str) and Path(X).suffix):
        return _read_table(X, options, options.labels)
    words = words_of(options.missing)
    sequences = as_sequences(X, lengths, as_tokens=options.as_tokens, missing=words)
    said = None if y is None else joined(y, sequences)
    names = options.labels or (() if said is None else names_of(said))
    return StepSource(sequences, said, names, _array_of(groups, len(sequences)))


def of_records(files: Files, options: StepOptions, groups: Any = None) -> StepSource:
    """The signals of WFDB records, of which nothing is said yet. Raises InputError for other files."""
    if files.kind != "record":
        raise InputError(
            f"{files.paths[0]} is a sound: gatewise fit tag reads sounds, step by step"
        )
    records = [read_record(path) for path in files.paths]
    signals, notes = signals_of(records, files.names, options.columns)
    sequences = recoded(signals, words_of(options.missing))
    return StepSource(
        sequences,
        None,
        options.labels,
        _array_of(files.groups if groups is None else groups, len(sequences)),
        files.names,
        "pandas",
        np.arange(sequences.starts[-1]),
        named=FILE,
        pace=1 / records[0].rate,
        notes=notes,
    )


def _array_of(groups: Any, count: int) -> Array | None:
    if groups is None:
        return None
    if len(groups) != count:
        raise InputError(f"there are {count} sequences and {len(groups)} groups")
    return np.asarray(groups)


def names_of(said: Array) -> tuple[str, ...]:
    """[K] of what is said where nothing names it."""
    return ("label",) if said.ndim == 1 else tuple(str(k) for k in range(said.shape[1]))


def joined(y: Any, sequences: Sequences) -> Array:
    """What is said of the steps, one sequence after another. Raises InputError where it does not fit."""
    parts = list(y) if hasattr(y, "__iter__") and not isinstance(y, str) else [y]
    if len(parts) != len(sequences):
        raise InputError(
            f"there are {len(sequences)} sequences and {len(parts)} arrays of labels: y has one array [T] for "
            "each sequence"
        )
    arrays = [
        part if isinstance(part, np.ndarray) else _array(part, k) for k, part in enumerate(parts)
    ]
    for k, (array, length) in enumerate(zip(arrays, sequences.lengths, strict=True)):
        if array.ndim not in (1, 2) or len(array) != length:
            raise InputError(
                f"sequence {k} has {length} steps, and its labels have the shape {array.shape}: each step needs one "
                "(NaN or None where it is not known)"
            )
        if array.shape[1:] != arrays[0].shape[1:]:
            raise InputError(
                f"the labels of sequence {k} have the shape {array.shape}, and those of sequence 0 "
                f"{arrays[0].shape}: all need the same number of columns"
            )
    kinds = {"text" if array.dtype.kind in "OUT" else "number" for array in arrays}
    if len(kinds) > 1:
        arrays = [array.astype(object) for array in arrays]
    return np.concatenate(arrays)


def _array(part: Any, k: int) -> Array:
    values = part.to_numpy() if hasattr(part, "to_numpy") else part
    if np.ndim(values) == 0:
        raise InputError(
            f"sequence {k} has the label {values!r:.80}, a single value: a tagger says something of every step, so "
            "y has one array [T] for each sequence"
        )
    texts = any(isinstance(value, str) or value is None for value in values)
    return np.array(values, dtype=object) if texts else np.asarray(values)


def _read_table(X: Any, options: StepOptions, labels: Sequence[str]) -> StepSource:
    group = options.group
    roles = options.id, options.order, group
    read = read_columns(X, words_of(options.missing), roles, labels)
    columns = with_joined_id(read, options.id)
    check_roles(options.id, options.order, labels)
    for name in (*([group] if group else []), *(options.columns or ())):
        columns.check(name)
    rows = arranged(columns, options.id, options.order)
    other = named_columns(*roles) | {*labels}
    used = value_columns(columns, options.columns, other, set(labels))
    if options.values is None and options.order is None:
        used = [name for name in used if not _counts(columns, name, rows.row_of_step)]
    if not used:
        raise InputError("there is no column of numbers to read")
    sequences = sequences_of(columns, used, rows.row_of_step, rows.starts)
    warn_of_codes(sequences)
    named = [name for name in labels if name in columns.names]
    if labels and named and len(named) < len(labels):
        columns.check(next(name for name in labels if name not in named))
    y = None
    if named:
        said = [_said(columns, name, rows.row_of_step) for name in named]
        y = said[0] if len(said) == 1 else np.stack(said, axis=1)
    groups = (
        None
        if group is None
        else one_each(columns, group, rows.row_of_step, rows.starts, rows.ids or ("",))
    )
    places = None
    notes: tuple[str, ...] = (describe_columns(columns, used, other),)
    if options.order is not None:
        notes += _jumps(options.order, rows)
        # as the table has them
        places = options.order, columns.frame[options.order].to_numpy()[rows.row_of_step]
    return StepSource(
        sequences,
        y,
        tuple(labels),
        groups,
        rows.ids,
        columns.library,
        rows.row_of_step,
        places,
        options.id or "",
        notes=notes,
    )


def _jumps(name: str, rows: Arranged) -> tuple[str, ...]:
    """A remark where places that are mostly equally far apart are farther apart: rows are missing there."""
    inner = np.ones(len(rows.places), dtype=bool)
    inner[rows.starts[:-1]] = False
    apart = np.diff(rows.places, prepend=rows.places[:1]).astype(float)[inner]
    if len(apart) < LEAST_APART:
        return ()
    usual = float(np.median(apart))
    if not usual > 0 or (np.abs(apart - usual) <= EVEN * usual).mean() < MOSTLY:
        return ()
    jumps = np.flatnonzero(inner)[apart > (1 + MOSTLY) * usual]
    if not len(jumps):
        return ()
    more = f" and in {len(jumps) - 1} more places" if len(jumps) > 1 else ""
    row = int(rows.row_of_step[jumps[0]]) + 1
    return (
        f"note     rows are missing: column {name!r} jumps before row {row}{more}; the steps on both sides count as "
        "neighbours",
    )


def _counts(columns: Columns, name: str, row_of_step: Ints) -> bool:
    """Whether a column only numbers the rows: a step that is always the same says nothing."""
    if columns.kind(name) != "integer":
        return False
    steps = np.diff(columns.numbers(name)[row_of_step])
    return len(steps) > 1 and bool((steps == 1).all())


def _said(columns: Columns, name: str, row_of_step: Ints) -> Array:
    """A column of labels: numbers with NaN, or texts with None."""
    types, codes = columns.texts(name)
    if set(types) == {"True", "False"} and (codes >= 0).all():
        return np.array([text == "True" for text in types])[codes[row_of_step]]
    if columns.kind(name) in ("integer", "number"):
        values = np.asarray(columns.numbers(name)[row_of_step])
        warn_of_label_codes(values, name)
        return values
    texts = np.array([*types, None], dtype=object)
    return np.asarray(texts[codes[row_of_step]])
