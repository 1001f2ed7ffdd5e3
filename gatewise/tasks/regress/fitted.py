"""All that a fit of a regressor has found, as one record: predictions are made with it, a folder holds it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gatewise.arrays import Floats
from gatewise.tasks.regress.report.facts import Shown
from gatewise.tasks.sequences.fitted import FittedSequences
from gatewise.tasks.sequences.ragged import Sequences
from gatewise.tasks.sequences.value_figures import Row, half_width


@dataclass(frozen=True, kw_only=True)
class Fitted(FittedSequences):
    """What a fit has produced. ``SequenceRegressor`` has its fields as attributes.

    Attributes:
        names: [K] of the values; () where there is a single one for each sequence.
        mean, scale: [K] of the values of training.
        residuals: [K, n] absolute errors over the test parts, ascending: what intervals are made of.
        shown: what a report shows of the sequences; only of a fit that was made here.
    """

    names: tuple[str, ...]
    mean: tuple[float, ...]
    scale: tuple[float, ...]
    residuals: Floats
    evaluation: list[Row]
    shown: Shown | None = None

    def values(self, data: Sequences) -> Floats:
        """[N] or [N, K]: the mean of the networks. Raises InputError for data of another kind.

        Warns (InputWarning) of missing values and tokens that training has not seen.
        """
        return self.finished(self.outputs(data))

    def finished(self, outputs: Floats) -> Floats:
        """[N] or [N, K] values of the outputs [M, N, K] of the networks."""
        values = outputs.mean(0) * np.array(self.scale) + np.array(self.mean)
        return np.asarray(values if self.names else values[:, 0])

    @property
    def unit(self) -> Floats:
        """[K] what errors are told in, as ``Values`` has it."""
        return np.array(self.scale) if self.names else np.ones(1)

    def half_widths(self, level: float) -> Floats:
        """[K] half of the intervals that hold a new value with so many percent."""
        return np.array([half_width(residuals, level) for residuals in self.residuals])
