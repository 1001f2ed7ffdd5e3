"""Positions of a clock that leaves some places of its grid out, looked up in both directions."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from gatewise.arrays import Bools, Ints
from gatewise.errors import InputError

MOST = 1 << 25  # places that are looked at at most
LEAST = 1 << 10  # places by which the table grows at least


class OpenPlaces:
    """The places of a grid that are positions, numbered from place 0 on. It grows as it is asked.

    Args:
        is_open: which of some places are positions.
        share: of the places that are, roughly.
    """

    def __init__(self, is_open: Callable[[Ints], Bools], share: float) -> None:
        self._is_open, self._share = is_open, share
        self._low = self._high = 0
        self._open = np.zeros(0, np.int64)  # ascending
        self._zero = 0  # how many of them lie before place 0

    def positions(self, places: Ints) -> Ints:
        """The position of each place; of one that is none, that of the next. Raises InputError."""
        if not len(places):
            return places
        self._cover(int(places.min()), int(places.max()) + 1)
        return np.asarray(np.searchsorted(self._open, places) - self._zero)

    def at(self, positions: Ints) -> Ints:
        """The places of positions. Raises InputError for those too far away to be counted."""
        if not positions.size:
            return positions
        first, last = int(positions.min()), int(positions.max())
        while first + self._zero < 0:
            missing = -(first + self._zero)
            self._cover(self._low - int(missing / self._share) - LEAST, self._high)
        while last + self._zero >= len(self._open):
            missing = last + self._zero - len(self._open) + 1
            self._cover(self._low, self._high + int(missing / self._share) + LEAST)
        return np.asarray(self._open[positions + self._zero])

    def _cover(self, low: int, high: int) -> None:
        """Look at the places low .. high - 1 as well."""
        low = min(low, self._low - LEAST) if low < self._low else self._low
        high = max(high, self._high + LEAST) if high > self._high else self._high
        if high - low > MOST:
            raise InputError(
                "the times lie too far apart for a calendar of closed days and hours: is one of them wrong? "
                "--calendar all goes without"
            )
        if low < self._low:
            before = self._found(low, self._low)
            self._open, self._low = np.concatenate([before, self._open]), low
            self._zero += len(before)
        if high > self._high:
            self._open = np.concatenate([self._open, self._found(self._high, high)])
            self._high = high

    def _found(self, low: int, high: int) -> Ints:
        places = np.arange(low, high)
        return places[self._is_open(places)]
