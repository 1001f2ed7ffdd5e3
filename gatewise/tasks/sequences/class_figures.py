"""Figures of a classifier, beside those of its baselines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from gatewise.arrays import Floats, Ints


@dataclass(frozen=True)
class Row:
    """The figures of one classifier on the same sequences.

    Attributes:
        name: of the classifier.
        accuracy: the share of right answers.
        balanced: the mean over the classes of their shares.
        macro_f1: the mean over the classes of the harmonic mean of precision and recall.
        log_loss: in nats; None for one that gives no probabilities.
    """

    name: str
    accuracy: float
    balanced: float
    macro_f1: float
    log_loss: float | None = None

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)


def row_of(
    name: str, truth: Ints, answer: Ints, classes: int, probability: Floats | None = None
) -> Row:
    """Figures for codes of classes [B], and probabilities [B, K] where there are some."""
    right, of_class, of_answer = (
        np.bincount(codes, minlength=classes) for codes in (truth[truth == answer], truth, answer)
    )
    present = of_class > 0
    recall = right[present] / of_class[present]
    used = (of_class + of_answer) > 0
    f1 = 2 * right[used] / (of_class + of_answer)[used]
    loss = None
    if probability is not None:
        picked = probability[np.arange(len(truth)), truth]
        loss = float(-np.log(np.maximum(picked, 1e-300)).mean())
    return Row(name, float(right.sum() / len(truth)), float(recall.mean()), float(f1.mean()), loss)


def confusion(truth: Ints, answer: Ints, classes: int) -> Any:
    """[K, K] how many sequences of each class (row) got each answer (column): an array of SciPy's sparse ones."""
    from scipy.sparse import csr_array

    ones = np.ones(len(truth), dtype=np.int64)
    return csr_array((ones, (truth, answer)), shape=(classes, classes))


def ordered(rows: Sequence[Row]) -> list[Row]:
    """Best first: by accuracy, then by macro F1."""
    return sorted(rows, key=lambda row: (-row.accuracy, -row.macro_f1))


def format_table(rows: Sequence[Row]) -> list[str]:
    """For people, a line each."""
    width = max(len(row.name) for row in rows)
    lines = [f"{'':{width}}  accuracy  balanced  macro F1  log loss"]
    for row in rows:
        loss = "       –" if row.log_loss is None else f"{row.log_loss:8.3f}"
        lines.append(
            f"{row.name:{width}}  {100 * row.accuracy:6.1f} %  {100 * row.balanced:6.1f} %  {row.macro_f1:8.3f}  {loss}"
        )
    return lines
