"""All that a fit of a regressor has found, as one record: predictions are made with it, a folder holds it."""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gatewise.errors import InputWarning
from gatewise.lang.cell import Cell
from gatewise.tasks.regress.report.facts import Shown
from gatewise.tasks.sequences.choices import Choices
from gatewise.tasks.sequences.fitting import encoded
from gatewise.tasks.sequences.network import Pooling, SequenceNetwork
from gatewise.tasks.sequences.objective import outputs_of
from gatewise.tasks.sequences.options import SequenceOptions
from gatewise.tasks.sequences.ragged import Sequences
from gatewise.tasks.sequences.scaling import Coding
from gatewise.tasks.sequences.value_figures import Row
from gatewise.tasks.training.checkpoint import LogEntry

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Fitted:
    """What a fit has found. ``SequenceRegressor`` has its fields as attributes.

    Attributes:
        options, cell: what the fit was asked for.
        mean, scale: of the values of training.
        choices, pooling: how it was fitted.
        coding, networks: what values are computed with.
        residuals: absolute errors over the test parts, ascending: what intervals are made of.
        steps, stopped: of training.
        evaluation: figures of the network and its baselines over the test parts, best first.
        seen: [N] digests of the training sequences.
        notes: what was remarked on, a sentence each.
        library: of the table of training; "" if it was none.
        history: the learning curve; only of a fit that was made here, as is what follows.
        shown: what a report shows of the sequences.
    """

    options: SequenceOptions
    cell: Cell
    mean: float
    scale: float
    choices: Choices
    pooling: Pooling
    coding: Coding
    networks: tuple[SequenceNetwork, ...]
    residuals: Floats
    steps: int
    stopped: tuple[int, int] | None
    evaluation: list[Row]
    seen: Ints
    notes: tuple[str, ...]
    library: str
    history: tuple[LogEntry, ...] = ()
    shown: Shown | None = None

    @property
    def name(self) -> str:
        """Of its row among the figures."""
        return self.cell.name.upper()

    def values(self, data: Sequences) -> Floats:
        """[N]: the mean of the networks. Raises InputError for data of another kind.

        Warns (InputWarning) of missing values and tokens that training has not seen.
        """
        inputs = encoded(self.coding, data, self.choices.patch)
        doubt = self.coding.doubt(data)
        if doubt:
            warnings.warn(doubt, InputWarning, stacklevel=3)
        outputs = outputs_of(self.networks, inputs, np.arange(len(data)))
        return np.asarray(outputs.mean(0)[:, 0] * self.scale + self.mean)
