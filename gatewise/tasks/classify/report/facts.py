"""What the report of a classifier tells, as plain data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from gatewise.arrays import Floats
from gatewise.tasks.sequences.class_figures import Row
from gatewise.tasks.training.checkpoint import LogEntry


@dataclass(frozen=True)
class Example:
    """A sequence that the network of a rotation had not seen, with what its answer rests on.

    Attributes:
        name: of the sequence.
        truth, answer: labels as texts.
        probability: of the answer.
        place: which of the sequences it is, in words.
        values: [T, C], NaN where missing; of tokens [T, 1] of zeros.
        tokens: [T] texts; empty for numbers.
        evidence: [steps of the network] what each adds to the answer.
        patch: values of a step.
    """

    name: str
    truth: str
    answer: str
    probability: float
    place: str
    values: Floats
    tokens: tuple[str, ...]
    evidence: Floats
    patch: int


@dataclass(frozen=True)
class Shown:
    """What a report shows of the sequences: kept with the model in memory, never in its folder as data.

    Attributes:
        confusion: [K, K] over the test parts, sparse.
        examples: right and wrong ones.
        by_length: (shortest, longest, sequences, share wrong) of a few ranges of lengths.
        reliability: (mean probability, share right, sequences) of the filled bins.
        data, model: lines of a summary, each a short title and a text.
    """

    confusion: Any
    examples: tuple[Example, ...]
    by_length: tuple[tuple[int, int, int, float], ...]
    reliability: tuple[tuple[float, float, int], ...]
    data: tuple[tuple[str, str], ...]
    model: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Facts:
    """All that a report tells."""

    model_name: str
    classes: Sequence[str]
    rows: Sequence[Row]
    calibration: tuple[float, float]
    judged: int
    shown: Shown
    notes: Sequence[str]
    curve: Sequence[LogEntry]
    steps: int
    command: str
    versions: dict[str, str]

    @property
    def mine(self) -> Row:
        """The model's figures."""
        return next(row for row in self.rows if row.name == self.model_name)

    @property
    def other(self) -> Row:
        """Those of the best baseline."""
        return next(row for row in self.rows if row.name != self.model_name)
