"""Cutoffs: the places in a data set that forecasts start from."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gatewise.arrays import Ints

# cutoffs that errors are measured at, and values of one forecast at all of them, at most
MOST_CUTOFFS, MOST_VALUES = 20_000, 2_000_000


@dataclass(frozen=True)
class Cutoffs:
    """Where forecasts start: ``at`` [N], the place of the first unknown value; ``series`` [N]."""

    at: Ints
    series: Ints

    def __len__(self) -> int:
        return len(self.at)

    def take(self, rows: Ints | slice) -> Cutoffs:
        return Cutoffs(self.at[rows], self.series[rows])

    def thinned(self, most: int) -> Cutoffs:
        """At most ``most`` of them, evenly spread."""
        if len(self) <= most:
            return self
        return self.take(np.linspace(0, len(self) - 1, most).astype(np.int64))

    def measured(self, horizon: int) -> Cutoffs:
        """Those that errors are measured at, evenly spread: fewer where each has a long horizon."""
        return self.thinned(max(1, min(MOST_CUTOFFS, MOST_VALUES // horizon)))
