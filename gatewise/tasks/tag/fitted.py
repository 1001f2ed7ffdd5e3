"""All that a fit of a tagger has found, as one record: predictions are made with it, a folder holds it."""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np

from gatewise.arrays import Array, Floats
from gatewise.errors import InputWarning
from gatewise.tasks.sequences.ragged import Sequences
from gatewise.tasks.steps.fitted import FittedSteps
from gatewise.tasks.steps.fitting import windowed
from gatewise.tasks.steps.problem import outputs_of
from gatewise.tasks.steps.windows import Spans
from gatewise.tasks.tag.events import Detection, EventRow
from gatewise.tasks.tag.figures import Row
from gatewise.tasks.tag.labels import What
from gatewise.tasks.tag.options import Options
from gatewise.tasks.tag.target import answered


@dataclass(frozen=True, kw_only=True)
class Fitted(FittedSteps):
    """What a fit has produced. ``SequenceTagger`` has its fields as attributes.

    Attributes:
        what: "class", "several" or "value".
        classes: [K] labels in order, or the names of the labels or values.
        counts: [K] labelled steps of each.
        mean, scale: [K] of values; 0 and 1 for labels.
        events: numbers of the classes or labels whose runs are events.
        temperature: of probabilities.
        detection: how they become events.
        event_evaluation: figures of events over the test parts, best first; empty for values.
        calibration: expected calibration error there, before and after the temperature; None for values and
            several labels.
    """

    options: Options
    evaluation: list[Row]
    what: What
    classes: Array
    counts: tuple[int, ...]
    mean: tuple[float, ...]
    scale: tuple[float, ...]
    events: tuple[int, ...]
    temperature: float
    detection: Detection
    event_evaluation: list[EventRow]
    calibration: tuple[float, float] | None

    def said(self, data: Sequences) -> Floats:
        """[S, K] probabilities or values. Raises InputError for data of another kind.

        Warns (InputWarning) of missing values and tokens that training has not seen.
        """
        inputs = windowed(self.coding, data, self.choices.patch, self.options.lookahead)
        doubt = self.coding.doubt(data)
        if doubt:
            warnings.warn(doubt, InputWarning, stacklevel=3)
        everything = Spans.whole(data.starts, np.arange(len(data)))
        return self.finished(outputs_of(self.networks, inputs, everything))

    def finished(self, outputs: Floats) -> Floats:
        """[S, K] probabilities or values of outputs [networks, S, K]."""
        mean, scale = np.array(self.mean), np.array(self.scale)
        return answered(self.what, outputs, self.temperature, mean, scale)

    def answers(self, said: Floats) -> Array:
        """[S] labels, [S, K] of 0 and 1, or values ([S] where there is one)."""
        if self.what == "class":
            return np.asarray(self.classes[said.argmax(-1)])
        if self.what == "several":
            return (said >= 0.5).astype(np.int64)
        return said[:, 0] if said.shape[1] == 1 else said
