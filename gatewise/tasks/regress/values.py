"""Values as people have them, one or several for each sequence, checked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.utils import column_or_1d

from gatewise.arrays import Floats
from gatewise.errors import InputError
from gatewise.tasks.data.cells import LARGEST

MOST_SHOWN = 5  # values that the plan names


@dataclass(frozen=True)
class Values:
    """What is to be learned of N sequences.

    Attributes:
        numbers: [N, K].
        names: [K] of the values.
        single: whether there is one for each sequence, given as [N].
    """

    numbers: Floats
    names: tuple[str, ...]
    single: bool

    @property
    def unit(self) -> Floats:
        """[K] what errors are told in: several values, each in units of its own deviation; a single one as it is."""
        return np.ones(1) if self.single else deviations(self.numbers)

    def describe(self) -> list[str]:
        """For people, a line each."""
        lines = []
        for name, column in list(zip(self.names, self.numbers.T, strict=True))[:MOST_SHOWN]:
            title = "" if self.single else f"{name} "
            low, high = column.min(), column.max()
            lines.append(f"values   {title}from {low:.4g} to {high:.4g}, mean {column.mean():.4g}")
        if len(self.names) > MOST_SHOWN:
            lines.append(f"values   and {len(self.names) - MOST_SHOWN} more")
        if not self.single:
            lines.append(
                "values   errors are told in deviations of each value, and as the mean of all"
            )
        return lines


def _is_number(value: Any) -> bool:
    try:
        float(value)
    except (TypeError, ValueError):
        return False
    return True


def deviations(numbers: Floats) -> Floats:
    """[K] of numbers [N, K]; 1 where all are the same."""
    spread = numbers.std(0)
    return np.where(spread > 0, spread, 1.0)


def read_values(y: Any, count: int, names: tuple[str, ...] = ()) -> Values:
    """Read the values of ``count`` sequences.

    Args:
        y: [N], or [N, K] for K values each.
        count: N.
        names: of the values; (): they are numbered from 0.

    Raises InputError for missing, infinite and other values. Warns, as scikit-learn does, of a single column.
    """
    if y is None:
        raise InputError(
            "this SequenceRegressor requires y to be passed, but the target y is None: give values, or "
            "name the column of a table with label="
        )
    columns = np.asarray(y)
    if columns.ndim > 2:
        raise InputError(
            f"y has the shape {columns.shape}: values are [N], one for each sequence, or [N, K]"
        )
    single = columns.ndim != 2 or columns.shape[1] == 1
    if single:
        columns = column_or_1d(columns, warn=True)[:, None]
    try:
        if columns.dtype.kind == "c":
            raise TypeError("Complex data not supported")
        numbers = columns.astype(np.float64)
    except TypeError as error:
        raise InputError(f"the values to learn are no numbers: {error!s:.120}") from None
    except ValueError:
        k = int(np.argmax([any(not _is_number(one) for one in row) for row in columns.tolist()]))
        raise InputError(
            f"the values to learn are no numbers: that of sequence {k} is {columns.tolist()[k][0]!r:.80}"
        ) from None
    if len(numbers) != count:
        raise InputError(
            f"there are {count} sequences and {len(numbers)} values: inconsistent numbers of samples"
        )
    if not numbers.shape[1]:
        raise InputError("y has no column: there is nothing to learn")
    wrong = ~(np.abs(numbers) <= LARGEST)
    if wrong.any():
        k, column = np.argwhere(wrong)[0]
        value = numbers[k, column]
        too_large = "infinite (inf)" if np.isinf(value) else "too large for a measurement"
        what = "missing (NaN)" if np.isnan(value) else too_large
        which = "the value" if single else f"value {column}"
        raise InputError(
            f"{which} of sequence {k} is {what}: leave {int(wrong.any(1).sum())} such sequences out"
        )
    width = numbers.shape[1]
    return Values(numbers, names[:width] or tuple(str(k) for k in range(width)), single)
