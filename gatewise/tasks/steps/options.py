"""The options that all tasks at every step share, and their rules."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from gatewise.tasks.options import TRAINING_RULES, EstimatorOptions, Rule, count, number
from gatewise.tasks.sequences.options import (
    FOLDS,
    Missing,
    are_columns,
    is_column,
    stand_for_missing,
)

MOST_DELAY = 10_000


def delay(value: Any) -> str:
    """None, or a whole number of steps from 0 on."""
    if value is None:
        return ""
    whole = isinstance(value, int | np.integer) and not isinstance(value, bool)
    if not whole or value < 0:
        return f"must be a whole number of at least 0, or None to read to the end, not {value!r}"
    return "" if value <= MOST_DELAY else f"must be at most {MOST_DELAY:,}, not {value:,}"


STEP_RULES: dict[str, Rule] = TRAINING_RULES | {
    "window": count(1_000_000),
    "folds": count(FOLDS),
    "noise": number(0, 10),
    "id": is_column,
    "order": is_column,
    "group": is_column,
    "values": are_columns,
    "missing": stand_for_missing,
}


@dataclass(frozen=True)
class StepOptions(EstimatorOptions):
    """Arguments of an estimator at every step besides the cell; the estimators say what they mean.

    Raises InputError for one out of range.
    """

    rules: ClassVar[Mapping[str, Rule]] = STEP_RULES

    window: int | None = None
    units: int | None = None
    steps: int | None = None
    batch: int | None = None
    members: int | None = None
    folds: int | None = None
    learning_rate: float = 5e-3
    dropout: float = 0.1
    noise: float = 0.1
    patience: int = 10
    id: str | None = None
    order: str | None = None
    group: str | None = None
    values: str | tuple[str, ...] | None = None
    missing: Missing = None
    device: str = "cpu"
    precision: str = "32-true"
    time_limit: float | None = 600
    random_state: int | None = None

    @property
    def columns(self) -> tuple[str, ...] | None:
        """Names of the columns to read; None: all others of numbers."""
        return (self.values,) if isinstance(self.values, str) else self.values

    @property
    def labels(self) -> tuple[str, ...]:
        """Names of the columns of what is said; a task without such columns has none."""
        return ()

    @property
    def as_tokens(self) -> bool | None:
        """Whether whole numbers are tokens; None: only texts are."""
        return False
