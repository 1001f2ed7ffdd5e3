"""All that a fit of a classifier has found, as one record: predictions are made with it, a folder holds it."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gatewise.errors import InputError, InputWarning
from gatewise.lang.cell import Cell
from gatewise.tasks.classify.options import Options
from gatewise.tasks.classify.report.facts import Shown
from gatewise.tasks.sequences.calibration import probabilities
from gatewise.tasks.sequences.choices import Choices
from gatewise.tasks.sequences.class_figures import Row
from gatewise.tasks.sequences.fitting import encoded
from gatewise.tasks.sequences.network import Pooling, SequenceNetwork
from gatewise.tasks.sequences.objective import outputs_of
from gatewise.tasks.sequences.ragged import Sequences
from gatewise.tasks.sequences.scaling import Coding
from gatewise.tasks.training.checkpoint import LogEntry

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Fitted:
    """What a fit has found. ``SequenceClassifier`` has its fields as attributes.

    Attributes:
        options, cell: what the fit was asked for.
        classes: [K] labels, in order.
        counts: [K] training sequences of each.
        choices, pooling: how it was fitted.
        coding, networks, temperature: what probabilities are computed with.
        steps, stopped: of training.
        evaluation: figures of the network and its baselines over the test parts, best first.
        calibration: expected calibration error over the test parts, before and after the temperature.
        seen: [N] digests of the training sequences.
        notes: what was remarked on, a sentence each.
        library: of the table of training; "" if it was none.
        history: the learning curve; only of a fit that was made here, as is what follows.
        shown: what a report shows of the sequences.
    """

    options: Options
    cell: Cell
    classes: NDArray[Any]
    counts: tuple[int, ...]
    choices: Choices
    pooling: Pooling
    coding: Coding
    networks: tuple[SequenceNetwork, ...]
    temperature: float
    steps: int
    stopped: tuple[int, int] | None
    evaluation: list[Row]
    calibration: tuple[float, float]
    seen: Ints
    notes: tuple[str, ...]
    library: str
    history: tuple[LogEntry, ...] = ()
    shown: Shown | None = None

    @property
    def name(self) -> str:
        """Of its row among the figures."""
        return self.cell.name.upper()

    def probability(self, data: Sequences) -> Floats:
        """[N, K]: the mean of the networks' probabilities. Raises InputError for data of another kind.

        Warns (InputWarning) of missing values and tokens that training has not seen.
        """
        inputs = encoded(self.coding, data, self.choices.patch)
        doubt = self.coding.doubt(data)
        if doubt:
            warnings.warn(doubt, InputWarning, stacklevel=3)
        logits = outputs_of(self.networks, inputs, np.arange(len(data)))
        mean = probabilities(logits, self.temperature).mean(0)
        return np.asarray(mean / mean.sum(-1, keepdims=True))

    def answers(self, probability: Floats) -> NDArray[Any]:
        """[N] labels; the mark of the unknown where no class is likely enough."""
        labels = self.classes[probability.argmax(-1)]
        if self.options.unknown_below is None:
            return np.asarray(labels)
        mark = unknown_mark(self.classes)
        return np.asarray(np.where(probability.max(-1) < self.options.unknown_below, mark, labels))


def unknown_mark(classes: NDArray[Any]) -> Any:
    """What stands for no class: "unknown", -1 or NaN. Raises InputError where that is a class, or cannot be."""
    kind = classes.dtype.kind
    if kind in "OUT":
        mark: Any = "unknown"
    elif kind in "iu":
        mark = -1
    elif kind == "f":
        return np.nan
    else:
        raise InputError("truth values have no third value for the unknown: give texts as labels")
    if mark in classes.tolist():
        raise InputError(f"{mark!r} stands for the unknown and is a class too: rename the class")
    return mark
