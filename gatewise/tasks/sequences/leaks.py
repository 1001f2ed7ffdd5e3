"""A column that tells the label by itself: mostly it is the label in other words, or was measured after it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from gatewise.arrays import Floats, Ints
from gatewise.errors import some_of
from gatewise.tasks.sequences.ragged import Measurements, Sequences

LEAST = 10  # sequences of a class on average: fewer are told apart by chance
ALIKE = 0.9999  # correlation with a value from which a column is the value


def tells_class(data: Sequences, codes: Ints) -> str:
    """A remark on the channels whose mean over a sequence tells every class; "" where none does."""
    classes = len(np.unique(codes))
    if not isinstance(data, Measurements) or len(codes) < LEAST * classes:
        return ""
    telling = []
    for name, mean in zip(data.channels, _means(data).T, strict=True):
        order = np.lexsort((codes, mean))
        changes = np.flatnonzero(np.diff(codes[order]))
        # one run for each class, and no value that two classes share
        apart = mean[order][changes + 1] > mean[order][changes]
        if len(changes) == classes - 1 and apart.all():
            telling.append(name)
    return _remark(telling, "the class of every sequence")


def tells_value(data: Sequences, values: Floats) -> str:
    """A remark on the channels whose mean over a sequence is one of its values [N, K]; "" where none is."""
    if not isinstance(data, Measurements) or len(values) < LEAST:
        return ""
    telling = []
    for name, mean in zip(data.channels, _means(data).T, strict=True):
        if mean.std() == 0 or (values.std(0) == 0).any():
            continue
        if max(abs(np.corrcoef(mean, column)[0, 1]) for column in values.T) > ALIKE:
            telling.append(name)
    return _remark(telling, "the value of every sequence")


def _means(data: Measurements) -> Any:
    """[N, C] of the known values; 0 where there are none."""
    known = ~np.isnan(data.values)
    count = np.add.reduceat(known, data.starts[:-1], axis=0, dtype=np.int64)
    sums = np.add.reduceat(np.where(known, data.values, 0.0), data.starts[:-1], axis=0)
    return sums / np.maximum(count, 1)


def _remark(names: Sequence[str], what: str) -> str:
    if not names:
        return ""
    which = (
        f"column {names[0]!r} alone tells"
        if len(names) == 1
        else (f"columns {some_of(map(repr, names), 3)} each tell")
    )
    return f"{which} {what}: is that known when the model is to be used? Leave it out of values if it is not"
