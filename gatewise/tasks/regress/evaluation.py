"""Figures of a fitted regressor on other sequences."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from gatewise.errors import InputError
from gatewise.tasks.regress.fitted import Fitted
from gatewise.tasks.regress.values import read_values
from gatewise.tasks.sequences.source import Source
from gatewise.tasks.sequences.training_copies import are_copies, count_copies, figures_with_copies
from gatewise.tasks.sequences.value_figures import Row, format_table, row_of

LEVELS = (80, 90)  # of the intervals whose coverage is told


@dataclass(frozen=True)
class Evaluation:
    """Figures on sequences that are no copies of training sequences, and of all.

    Attributes:
        sequences: how many there are.
        seen: how many of them are equal to a sequence of training.
        row: figures on the others; None if there are none.
        all: figures on all.
        mean: those of the mean of training, on the same sequences as ``row``.
        coverage: by level in percent, the share of these that the interval holds.
    """

    sequences: int
    seen: int
    row: Row | None
    all: Row
    mean: Row | None
    coverage: dict[int, float]

    def describe(self) -> list[str]:
        """For people."""
        lines = [count_copies(self.sequences, self.seen), ""]
        if self.row is not None and self.mean is not None:
            lines += format_table([self.row, self.mean])
            held = ", ".join(
                f"{100 * s:.0f} % in the {n} % interval" for n, s in self.coverage.items()
            )
            lines += ["", held]
        lines += figures_with_copies(format_table([self.all]), self.seen)
        return lines

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)


def evaluate(fitted: Fitted, source: Source) -> Evaluation:
    """Measure a regressor. Raises InputError for values that are missing, or too few or many of them."""
    truth = read_values(source.y, len(source.sequences)).numbers
    answer = fitted.values(source.sequences).reshape(len(truth), -1)
    if truth.shape != answer.shape:
        raise InputError(
            f"the model tells {answer.shape[1]} values of a sequence, and y has {truth.shape[1]}"
        )
    unit = fitted.unit
    copy = are_copies(fitted, source.sequences)
    new = np.flatnonzero(~copy)
    row = mean = None
    coverage = {}
    if len(new):
        row = row_of(fitted.name, truth[new] / unit, answer[new] / unit)
        usual = np.repeat(np.array(fitted.mean)[None], len(new), 0)
        mean = row_of("mean", truth[new] / unit, usual / unit)
        error = np.abs(truth - answer)[new]
        coverage = {n: float((error <= fitted.half_widths(n)).mean()) for n in LEVELS}
    overall = row_of(fitted.name, truth / unit, answer / unit)
    return Evaluation(len(truth), int(copy.sum()), row, overall, mean, coverage)
