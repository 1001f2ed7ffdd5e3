"""The wall-clock time that the trainings of a fit may take together."""

from __future__ import annotations

from collections.abc import Sequence

from gatewise.tasks.training.checkpoint import LogEntry


class Budget:
    """The rest of a time limit, for trainings that follow one another.

    Each may take an equal share of what the earlier ones have left, so every training gets its turn, and
    time that one does not need is left for the others.

    Args:
        limit: seconds; None: no limit.
        trainings: the number of trainings, at most.

    Attributes:
        stopped: (step, steps) of the first training that the limit ended; None if it ended none.
    """

    def __init__(self, limit: float | None, trainings: int) -> None:
        self._limit, self._trainings = limit, trainings
        self.stopped: tuple[int, int] | None = None

    def share(self) -> float | None:
        """Seconds for the next training; 0 if nothing is left, which gives it a single step."""
        return None if self._limit is None else max(0.0, self._limit) / self._trainings

    @property
    def left(self) -> float | None:
        """Seconds for all trainings that are still to come; None: no limit."""
        return self._limit

    def add(self) -> None:
        """Another training is to come."""
        self._trainings += 1

    def spend(self, curve: Sequence[LogEntry], steps: int) -> None:
        """Subtract the time of a training with this learning curve; ``steps`` is the number it was planned for."""
        self._trainings -= 1
        if not curve:
            return
        if self._limit is not None:
            self._limit -= curve[-1].seconds
        if curve[-1].stopped and self.stopped is None:
            self.stopped = curve[-1].step, steps
