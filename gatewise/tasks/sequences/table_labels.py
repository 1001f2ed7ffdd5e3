"""Columns of a table with one value a sequence: labels and groups."""

from __future__ import annotations

import warnings
from collections.abc import Sequence

import numpy as np

from gatewise.arrays import Array, Ints
from gatewise.errors import InputError, InputWarning
from gatewise.tasks.data.columns import Columns
from gatewise.tasks.sequences.ragged import Measurements, Sequences
from gatewise.tasks.sequences.values import warn_of_label_codes


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


def warn_of_label(sequences: Sequences, labels: Array, label: str) -> None:
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
