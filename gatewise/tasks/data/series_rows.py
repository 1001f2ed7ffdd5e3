"""The rows of one series in the order of time, of which several may have the same time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from gatewise.arrays import Bools, Floats, Ints
from gatewise.tasks.data.clock import Times

_FUNCTIONS: dict[str, Callable[[Floats], float]] = {
    "sum": np.sum,
    "mean": np.mean,
    "median": np.median,
    "min": np.min,
    "max": np.max,
    "first": lambda v: v[0],
    "last": lambda v: v[-1],
}


@dataclass(frozen=True)
class Rows:
    """The rows of a series in the order of time.

    Attributes:
        index: [m] their numbers in the table.
        starts: [k] where among them each different time begins; None if every row has its own.
    """

    index: Ints
    starts: Ints | None = None

    @staticmethod
    def grouped(index: Ints, times: Times) -> Rows:
        """Rows of which some have the same time; ``times`` [n] are those of the table."""
        row_times = times[index]
        new = np.flatnonzero(np.diff(row_times, prepend=row_times[0] - 1))
        return Rows(index, None if len(new) == len(index) else new)

    def at(self, chosen: Bools, times: Ints) -> Rows:
        """Some of the rows: ``chosen`` [m]; ``times`` [n] are those of the table."""
        if chosen.all():
            return self
        index = self.index[chosen]
        return Rows.grouped(index, times) if len(index) else Rows(index)

    @property
    def first(self) -> Ints:
        """The first row of each different time."""
        return self.index if self.starts is None else self.index[self.starts]

    def combined(self, values: Floats, how: str) -> Floats:
        """Values [n] of the table as one [k] for each different time; missing ones do not count."""
        if self.starts is None:
            return values[self.index]
        function = _FUNCTIONS[how]
        merged = np.full(len(self.starts), np.nan)
        for k, group in enumerate(np.split(values[self.index], self.starts[1:])):
            present = group[~np.isnan(group)]
            if len(present):
                merged[k] = function(present)
        return merged
