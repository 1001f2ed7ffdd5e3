"""Figures of a fitted classifier on other sequences."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from gatewise.arrays import Ints
from gatewise.errors import InputError, some_of
from gatewise.tasks.classify.fitted import Fitted
from gatewise.tasks.sequences.calibration import calibration_error
from gatewise.tasks.sequences.class_figures import Row, confusion, format_table, row_of
from gatewise.tasks.sequences.source import Source
from gatewise.tasks.sequences.training_copies import are_copies, count_copies, figures_with_copies

MOST_CLASSES = 1_000  # of a confusion matrix


@dataclass(frozen=True)
class Evaluation:
    """Figures on sequences that are no copies of training sequences, and of all.

    Attributes:
        sequences: how many there are.
        seen: how many of them are equal to a sequence of training.
        row: figures on the others; None if there are none.
        all: figures on all.
        majority: those of the most frequent class of training, on the same sequences as ``row``.
        calibration: expected calibration error, on the same.
        answered: share of all that got an answer, where there is a threshold for the unknown; else None.
        answered_accuracy: accuracy on these; None if there are none.
        confusion: [K][K] over all, a row is a true class; None where there are more than 1,000 classes.
    """

    sequences: int
    seen: int
    row: Row | None
    all: Row
    majority: Row | None
    calibration: float | None
    answered: float | None
    answered_accuracy: float | None
    confusion: list[list[int]] | None

    def describe(self) -> list[str]:
        """For people."""
        lines = [count_copies(self.sequences, self.seen), ""]
        if self.row is not None and self.majority is not None and self.calibration is not None:
            lines += format_table([self.row, self.majority])
            lines += ["", f"expected calibration error {100 * self.calibration:.1f} %"]
        lines += figures_with_copies(format_table([self.all]), self.seen)
        if self.answered is not None:
            hits = self.answered_accuracy
            right = "" if hits is None else f", {100 * hits:.1f} % of these right"
            lines += ["", f"{100 * self.answered:.1f} % got an answer{right}"]
        return lines

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)


def evaluate(fitted: Fitted, source: Source) -> Evaluation:
    """Measure a classifier. Raises InputError for labels that it does not know."""
    truth = codes_of(fitted, source.y, len(source.sequences))
    probability = fitted.probability(source.sequences)
    classes, answer = len(fitted.classes), probability.argmax(-1)
    copy = are_copies(fitted, source.sequences)
    new = np.flatnonzero(~copy)
    row = majority = error = None
    if len(new):
        row = row_of(fitted.name, truth[new], answer[new], classes, probability[new])
        most = np.full(len(new), int(np.argmax(fitted.counts)))
        majority = row_of("majority", truth[new], most, classes)
        error = calibration_error(probability[new], truth[new])
    answered = hits = None
    if fitted.options.unknown_below is not None:
        sure = probability.max(-1) >= fitted.options.unknown_below
        answered = float(sure.mean())
        hits = float((answer == truth)[sure].mean()) if sure.any() else None
    return Evaluation(
        len(truth),
        int(copy.sum()),
        row,
        row_of(fitted.name, truth, answer, classes, probability),
        majority,
        error,
        answered,
        hits,
        confusion(truth, answer, classes).toarray().tolist() if classes <= MOST_CLASSES else None,
    )


def codes_of(fitted: Fitted, y: Any, count: int) -> Ints:
    """[N] codes of the labels. Raises InputError for missing and unknown ones."""
    if y is None:
        raise InputError("evaluating needs labels: give y, or a table with the label column")
    labels = np.asarray(y)
    if labels.shape != (count,):
        raise InputError(f"there are {count} sequences, and labels of the shape {labels.shape}")
    code = {label: k for k, label in enumerate(fitted.classes.tolist())}
    if fitted.classes.dtype.kind in "OUT":
        labels = labels.astype(str)
    codes = np.array([code.get(label, -1) for label in labels.tolist()], dtype=np.int64)
    if (codes < 0).any():
        k = int(np.argmax(codes < 0))
        raise InputError(
            f"sequence {k} has the label {labels.tolist()[k]!r:.80}, which training has not seen; there are "
            f"{some_of(map(repr, code), 10)}"
        )
    return codes
