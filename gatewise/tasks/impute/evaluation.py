"""Figures of a fitted imputer on other sequences: blocks of known values are removed and filled in again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from gatewise.arrays import Floats, Ints
from gatewise.tasks.impute.baselines import baselines
from gatewise.tasks.impute.figures import SHARES, Row, format_table, ordered, row_of
from gatewise.tasks.impute.fitted import Fitted
from gatewise.tasks.impute.problem import course_of, fill, hide
from gatewise.tasks.sequences.ragged import Measurements
from gatewise.tasks.sequences.training_copies import are_copies, count_copies
from gatewise.tasks.steps.source import StepSource
from gatewise.tasks.steps.windows import Spans


@dataclass(frozen=True)
class Evaluation:
    """Figures on other sequences, of which blocks of known values were removed.

    Attributes:
        sequences: how many there are.
        seen: how many of them are equal to a sequence of training.
        rows: figures on the others, best first; empty if there are none.
    """

    sequences: int
    seen: int
    rows: list[Row]

    def describe(self) -> list[str]:
        """For people."""
        lines = [count_copies(self.sequences, self.seen), ""]
        return lines + (format_table(self.rows) if self.rows else ["nothing to judge by"])

    def to_dict(self) -> dict[str, Any]:
        rows = [row.to_dict() for row in self.rows]
        return {"sequences": self.sequences, "seen": self.seen, "rows": rows}


def evaluate(fitted: Fitted, source: StepSource) -> Evaluation:
    """Measure an imputer. Raises InputError for sequences of another kind than those of training."""
    copy = are_copies(fitted, source.sequences)
    new = np.flatnonzero(~copy)
    rows = measured(fitted, source, new) if len(new) else []
    return Evaluation(len(copy), int(copy.sum()), rows)


def measured(fitted: Fitted, source: StepSource, index: Ints) -> list[Row]:
    """Figures on sequences of these numbers, best first. Raises InputError as ``evaluate`` does."""
    data = source.sequences
    fitted.scaler.encode(data)  # raises InputError for other channels than those of training
    assert isinstance(data, Measurements)
    spans = Spans.whole(data.starts, index)
    course = course_of(data, fitted.scaler, fitted.profile)
    errors: dict[str, list[Floats]] = {}
    for k, share in enumerate(SHARES):
        hidden = hide(course, spans, fitted.block, 1 + k, share)
        held = hidden & ~np.isnan(course.scaled)
        said, _ = fill(course, list(fitted.networks), spans, hidden)
        ways = {fitted.name: said} | baselines(course, spans, hidden, fitted.season)
        for way, values in ways.items():
            errors.setdefault(way, []).append((values - course.scaled)[held])
    return ordered([row_of(way, rows) for way, rows in errors.items()])
