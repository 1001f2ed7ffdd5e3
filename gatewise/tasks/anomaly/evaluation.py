"""Figures of a fitted detector on sequences whose anomalies are known."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from gatewise.errors import InputError
from gatewise.tasks.anomaly.figures import ScoreRow, format_scores, score_row
from gatewise.tasks.anomaly.fitted import Fitted, shifted
from gatewise.tasks.anomaly.fitting import truth_of
from gatewise.tasks.anomaly.scores import scores_of
from gatewise.tasks.sequences.ragged import Measurements
from gatewise.tasks.steps.source import StepSource


@dataclass(frozen=True)
class Evaluation:
    """How well scores tell anomalies that are known, beside simple scores on the same steps.

    Attributes:
        sequences, steps: how many there are, and how many steps belong to anomalies.
        rows: figures, best first.
    """

    sequences: int
    steps: int
    rows: list[ScoreRow]

    def describe(self) -> list[str]:
        """For people."""
        first = f"{self.sequences} sequences, {self.steps} steps of anomalies"
        return [first, "", *format_scores(self.rows)]

    def to_dict(self) -> dict[str, Any]:
        rows = [row.to_dict() for row in self.rows]
        return {"sequences": self.sequences, "steps": self.steps, "rows": rows}


def evaluate(fitted: Fitted, source: StepSource) -> Evaluation:
    """Measure a detector. Raises InputError without labels, and where all steps have the same."""
    if source.y is None:
        raise InputError(
            "evaluating needs labels that are 1 in anomalies: give y, or fit with label=, a column of the table"
        )
    truth, data = truth_of(source.y), source.sequences
    if truth.all() or not truth.any():
        raise InputError(
            f"all steps have the label {int(truth.all())}: there is nothing to tell apart"
        )
    assert isinstance(data, Measurements)
    scaled = (data.values - np.array(fitted.scaler.mean)) / np.array(fitted.scaler.scale)
    ones = np.ones(scaled.shape[1])
    change = shifted(scaled, scaled, data.starts, 1)
    ways = {
        fitted.name: fitted.scores(data),
        "distance from the mean": scores_of(scaled, ones, data.starts, 1),
        "change from the last value": scores_of(change, ones, data.starts, 1),
    }
    rows = [score_row(name, scores, truth, data.starts) for name, scores in ways.items()]
    rows.sort(key=lambda row: (-row.hits, -row.auc))
    return Evaluation(len(data), int(truth.sum()), rows)
