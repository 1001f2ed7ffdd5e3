"""What ``fit`` and ``predict`` are given, read in one place: arrays, lists, long tables, files."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gatewise.errors import InputError
from gatewise.tasks.sequences.inputs import as_sequences
from gatewise.tasks.sequences.options import SequenceOptions
from gatewise.tasks.sequences.ragged import Sequences
from gatewise.tasks.sequences.tables import read_long
from gatewise.tasks.sequences.ts_files import read_ts


@dataclass(frozen=True)
class Source:
    """N sequences and what is said of them.

    Attributes:
        sequences: of any kind.
        y: [N] labels or values; None where there are none.
        groups: [N] whose parts stay together; None likewise.
        ids: names; empty where sequences have none.
        library: of the table they were read from; "" where predictions are plain arrays.
    """

    sequences: Sequences
    y: NDArray[Any] | None
    groups: NDArray[Any] | None
    ids: tuple[str, ...] = ()
    library: str = ""

    def describe(self) -> list[str]:
        """For people, a line each."""
        lengths = self.sequences.lengths
        steps = (
            f"{lengths.min()} to {lengths.max()}"
            if lengths.min() < lengths.max()
            else f"{lengths.min()}"
        )
        return [f"data     {len(self.sequences)} sequences of {steps} steps"]


def read_source(
    X: Any, y: Any, options: SequenceOptions, lengths: Any = None, groups: Any = None
) -> Source:
    """Read what an estimator is given.

    Args:
        X: sequences as ``as_sequences`` takes them; with ``options.id`` a long table; or the path of a
            ``.ts`` file or a table.
        y, groups: [N], or None where they are columns of the table or stand in the file.
        options: names of columns.
        lengths: [N] for sequences in one array.

    Raises InputError for what cannot be read or does not fit together.
    """
    if isinstance(X, Source):
        return X
    is_path = isinstance(X, Path) or (
        isinstance(X, str) and (options.id is not None or X.endswith(".ts"))
    )
    if is_path and str(X).endswith(".ts"):
        file = read_ts(X)
        labels = None if file.labels is None else np.array(file.labels)
        return Source(
            file.sequences, y if y is not None else labels, _row(groups), library="pandas"
        )
    if is_path or (options.id is not None and _is_table(X)):
        if options.id is None:
            raise InputError(
                "a long table needs id=, the column that says which sequence a row belongs to"
            )
        names = (options.values,) if isinstance(options.values, str) else options.values
        table = read_long(
            X,
            id=options.id,
            order=options.order,
            label=options.label,
            group=options.group,
            values=names,
        )
        groups_ = table.groups if groups is None else _row(groups)
        return Source(
            table.sequences, table.labels if y is None else y, groups_, table.ids, table.library
        )
    sequences = as_sequences(X, lengths, as_tokens=options.tokens)
    groups = _row(groups)
    if groups is not None and len(groups) != len(sequences):
        raise InputError(f"there are {len(sequences)} sequences and {len(groups)} groups")
    return Source(sequences, y, groups)


def _is_table(X: Any) -> bool:
    return hasattr(X, "columns") or hasattr(X, "column_names")


def _row(groups: Any) -> NDArray[Any] | None:
    return None if groups is None else np.asarray(groups)
