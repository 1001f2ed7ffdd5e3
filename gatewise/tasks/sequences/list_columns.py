"""Columns whose cells are whole sequences: lists of numbers or words, or several numbers written in one cell."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import numpy as np

from gatewise.arrays import Floats
from gatewise.errors import InputError
from gatewise.tasks.data.cells import is_missing
from gatewise.tasks.data.columns import Columns
from gatewise.tasks.sequences.ragged import Sequences, measurements, tokens
from gatewise.tasks.sequences.values import check_values, without_codes

NUMBER = r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?|nan|none|null"
# "[0.1, 0.2, nan]", "0.1 0.2", "1;2;3"
WRITTEN = re.compile(
    rf"\s*[\[(]?\s*(?:{NUMBER})(?:[\s,;|]+(?:{NUMBER}))+\s*,?\s*[\])]?\s*", re.IGNORECASE
)
BETWEEN = re.compile(r"[\s,;|\[\]()]+")
FIRST = 20  # cells that show what a column holds
LEAST = 5  # numbers of a typical cell in which they are written


def holds_lists(columns: Columns, name: str, least: int = LEAST) -> bool:
    """Whether the cells of a column are lists, or texts of numbers, typically of ``least`` at least."""
    if type(columns) is not Columns or columns.kind(name) != "text":
        return False  # the cells of a table larger than memory are not there
    cells = [c for c in columns.frame[name][:FIRST].to_list() if _is_list(c) or not is_missing(c)]
    if cells and all(map(_is_list, cells)):
        return True
    written = all(isinstance(cell, str) and WRITTEN.fullmatch(cell) for cell in cells)
    return bool(cells) and written and np.median([len(_written(c)) for c in cells]) >= least


def read_lists(columns: Columns, names: Sequence[str], missing: Sequence[str]) -> Sequences:
    """[N] sequences of the lists in some columns, each a channel. Lists of words are tokens.

    Raises InputError for cells that are empty or hold other things, and for lists of one row that differ in length.
    """
    opened = [
        [_opened(cell, name, k) for k, cell in enumerate(columns.frame[name].to_list())]
        for name in names
    ]
    rows = list(zip(*opened, strict=True))
    if len(names) == 1 and all(isinstance(value, str) for value in rows[0][0]):
        return tokens([[str(value) for value in row] for (row,) in rows])
    parts = []
    for k, lists in enumerate(rows):
        channels = [_numbers(values, name, k) for name, values in zip(names, lists, strict=True)]
        for name, channel in zip(names, channels, strict=True):
            if len(channel) != len(channels[0]):
                raise InputError(
                    f"row {k + 1}: column {names[0]!r} holds {len(channels[0])} steps and column {name!r} {len(channel)}: "
                    "the lists of a row are of equal length"
                )
        parts.append(without_codes(np.concatenate(channels, axis=1), missing))
    widths = {part.shape[1] for part in parts}
    if len(widths) > 1:
        raise InputError(
            f"the lists of column {names[0]!r} hold steps of {min(widths)} and {max(widths)} values"
        )
    return check_values(measurements(parts, names if widths == {len(names)} else ()))


def _opened(cell: Any, name: str, k: int) -> list[Any]:
    """The values of a cell. Raises InputError where it has none."""
    if _is_list(cell):
        values = list(cell)
    elif is_missing(cell):
        values = []
    elif WRITTEN.fullmatch(str(cell)):
        values = _written(str(cell))
    else:
        raise InputError(
            f"column {name!r}, row {k + 1}: {str(cell)!r:.80} is no list of numbers, as other cells are"
        )
    if not values:
        raise InputError(f"column {name!r}, row {k + 1}: the list is empty: leave the row out")
    return values


def _written(cell: str) -> list[Any]:
    """The numbers that are written in a cell, None where one is missing."""
    return [
        None if is_missing(word) or word.lower() == "none" else float(word)
        for word in BETWEEN.split(cell)
        if word
    ]


def _numbers(values: list[Any], name: str, k: int) -> Floats:
    """[T, C] a list of numbers, or of lists of numbers."""
    try:
        row = np.array([np.nan if v is None else v for v in values], dtype=np.float64)
    except (TypeError, ValueError):
        row = np.empty(())
    if row.ndim not in (1, 2):
        raise InputError(f"column {name!r}, row {k + 1}: the list holds what is no number")
    return row[:, None] if row.ndim == 1 else row


def _is_list(cell: object) -> bool:
    return isinstance(cell, list | tuple | np.ndarray) or type(cell).__name__ == "Series"
