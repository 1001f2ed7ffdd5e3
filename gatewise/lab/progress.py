"""What training has shown so far: whether the criterion is met, and the curve of the error."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from gatewise.arrays import Array
from gatewise.lab.experiment import Criterion

_FEWEST = 10  # updates before a test
_POINTS = 200  # of a curve, at most


@dataclass
class Progress:
    """What training has shown since the gap last grew, held against the criterion.

    Attributes:
        criterion: when a test is due.
        last: how many sequences it looks back on.
        error: the running mean of the error.
    """

    criterion: Criterion
    last: int
    error: float = 0.0
    updates: int = 0
    _wrong: list[Array] = field(default_factory=list)  # of each batch: which sequences were wrong
    _sequences: int = 0  # of these batches
    _next_test: int = 0

    def update(self, wrong: Array, error: float) -> None:
        """Take in a batch: which of its sequences were wrong [B], and its mean error."""
        self.updates += 1
        decay = 0.0 if self.updates == 1 else self.criterion.decay
        self.error = decay * self.error + (1 - decay) * error
        self._wrong.append(wrong)
        self._sequences += len(wrong)
        while self._sequences - len(self._wrong[0]) >= self.last and len(self._wrong) > 1:
            self._sequences -= len(self._wrong.pop(0))

    def test_is_due(self) -> bool:
        """Whether the criterion is met in training, and the last test lies far enough back."""
        c = self.criterion
        if self.updates < self._next_test:
            return False
        if c.every is not None:
            return self.updates % c.every == 0
        if self._sequences < self.last or self.updates < _FEWEST:
            return False
        if c.error is not None and not self.error < c.error:
            return False
        return not self.last or sum(int(w.sum()) for w in self._wrong) <= c.wrong

    def put_off(self, updates: int) -> None:
        """A test failed: the next is due in so many updates, at the earliest."""
        self._next_test = self.updates + updates


@dataclass
class Curve:
    """The running error now and then: (sequences, error), the points evenly apart."""

    points: list[tuple[int, float]] = field(default_factory=list)
    _apart: int = 1  # updates between two points

    def draw(self, updates: int, sequences: int, error: float) -> None:
        """Take the error down, unless the last point is too near."""
        if updates % self._apart == 0 and math.isfinite(error):
            self.points.append((sequences, round(error, 6)))
        if len(self.points) > _POINTS:
            self.points, self._apart = self.points[1::2], 2 * self._apart
