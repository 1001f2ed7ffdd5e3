"""The wall-clock time that the trainings of a fit may take together."""

from __future__ import annotations

from collections.abc import Sequence

from gatewise.tasks.training.checkpoint import LogEntry


class Budget:
    """What is left of a time limit for trainings that follow each other.

    Each may take an equal part of what those before it have left: so all of them get their turn, and
    what one does not need is left for the others.

    Args:
        limit: seconds; None: no limit.
        trainings: how many there are at most.

    Attributes:
        stopped: the step at which the limit ended a training, and how many it was to make: of the first
            that was ended so. None: of none.
    """

    def __init__(self, limit: float | None, trainings: int) -> None:
        self._limit, self._trainings = limit, trainings
        self.stopped: tuple[int, int] | None = None

    def share(self) -> float | None:
        """Seconds for the next training; 0 where nothing is left: it makes a single step then."""
        return None if self._limit is None else max(0.0, self._limit) / self._trainings

    def spend(self, notes: Sequence[LogEntry], steps: int) -> None:
        """Take off what a training has used; ``notes`` are its learning curve, ``steps`` it was to make."""
        self._trainings -= 1
        if not notes:
            return
        if self._limit is not None:
            self._limit -= notes[-1].seconds
        if notes[-1].stopped and self.stopped is None:
            self.stopped = notes[-1].step, steps
