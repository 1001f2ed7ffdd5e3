"""All that a fit of a regressor has found, as one record: predictions are made with it, a folder holds it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gatewise.tasks.regress.report.facts import Shown
from gatewise.tasks.sequences.fitted import FittedSequences
from gatewise.tasks.sequences.ragged import Sequences
from gatewise.tasks.sequences.value_figures import Row

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, kw_only=True)
class Fitted(FittedSequences):
    """What a fit has produced. ``SequenceRegressor`` has its fields as attributes.

    Attributes:
        mean, scale: of the values of training.
        residuals: absolute errors over the test parts, ascending: what intervals are made of.
        shown: what a report shows of the sequences; only of a fit that was made here.
    """

    mean: float
    scale: float
    residuals: Floats
    evaluation: list[Row]
    shown: Shown | None = None

    def values(self, data: Sequences) -> Floats:
        """[N]: the mean of the networks. Raises InputError for data of another kind.

        Warns (InputWarning) of missing values and tokens that training has not seen.
        """
        return self.finished(self.outputs(data))

    def finished(self, outputs: Floats) -> Floats:
        """[N] values of the outputs [M, N, 1] of the networks."""
        return np.asarray(outputs.mean(0)[:, 0] * self.scale + self.mean)
