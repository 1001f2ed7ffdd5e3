"""All that a fit of a classifier has found, as one record: predictions are made with it, a folder holds it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from gatewise.arrays import Array, Floats
from gatewise.errors import InputError
from gatewise.tasks.classify.options import Options
from gatewise.tasks.classify.report.facts import Shown
from gatewise.tasks.sequences.calibration import probabilities
from gatewise.tasks.sequences.class_figures import Row
from gatewise.tasks.sequences.fitted import FittedSequences
from gatewise.tasks.sequences.ragged import Sequences


@dataclass(frozen=True, kw_only=True)
class Fitted(FittedSequences):
    """What a fit has produced. ``SequenceClassifier`` has its fields as attributes.

    Attributes:
        classes: [K] labels, in order.
        counts: [K] training sequences of each.
        temperature: of the probabilities.
        calibration: expected calibration error over the test parts, before and after the temperature.
        shown: what a report shows of the sequences; only of a fit that was made here.
    """

    options: Options
    classes: Array
    counts: tuple[int, ...]
    temperature: float
    evaluation: list[Row]
    calibration: tuple[float, float]
    shown: Shown | None = None

    def probability(self, data: Sequences) -> Floats:
        """[N, K]: the mean of the networks' probabilities. Raises InputError for data of another kind.

        Warns (InputWarning) of missing values and tokens that training has not seen.
        """
        return self.finished(self.outputs(data))

    def finished(self, logits: Floats) -> Floats:
        """[N, K] probabilities of the outputs [M, N, K] of the networks."""
        mean = probabilities(logits, self.temperature).mean(0)
        return np.asarray(mean / mean.sum(-1, keepdims=True))

    def answers(self, probability: Floats) -> Array:
        """[N] labels; the mark of the unknown where no class is likely enough."""
        labels = self.classes[probability.argmax(-1)]
        if self.options.unknown_below is None:
            return np.asarray(labels)
        mark = unknown_mark(self.classes)
        return np.asarray(np.where(probability.max(-1) < self.options.unknown_below, mark, labels))


def unknown_mark(classes: Array) -> Any:
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
