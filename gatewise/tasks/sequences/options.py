"""The options that classifier and regressor share, and their rules."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from gatewise.lang.cell import Cell
from gatewise.tasks.audio.features import KINDS
from gatewise.tasks.audio.recordings import RATES
from gatewise.tasks.data.missing_codes import text_of
from gatewise.tasks.data.read_options import MOST_WORDS
from gatewise.tasks.options import (
    TRAINING_RULES,
    EstimatorOptions,
    Rule,
    count,
    number,
    one_of,
    single_input_cell,
)
from gatewise.tasks.sequences.network import POOLINGS

Missing = str | int | float | tuple[str | int | float, ...] | None
FOLDS = 5  # parts of the data, one of which judges and one of which stops


def is_column(value: Any) -> str:
    """None, or the name of a column."""
    return (
        "" if value is None or isinstance(value, str) else f"is the name of a column, not {value!r}"
    )


def are_columns(value: Any) -> str:
    """None, or names of columns."""
    names = (value,) if isinstance(value, str) else value
    good = isinstance(names, list | tuple) and all(isinstance(name, str) for name in names)
    return "" if value is None or good else f"are names of columns, not {value!r}"


def stand_for_missing(value: Any) -> str:
    """None, or numbers and texts."""
    parts = value if isinstance(value, list | tuple) else [value]
    plain = all(isinstance(p, str | int | float) and not isinstance(p, bool) for p in parts)
    if value is not None and not plain:
        return f"is a number or a text, or a list of them, not {value!r:.80}"
    if value is not None and any(isinstance(p, float) and not np.isfinite(p) for p in parts):
        return 'is a text where it is infinite ("inf"); NaN is missing in any case'
    return (
        "" if len(parts) <= MOST_WORDS else f"names at most {MOST_WORDS} values, not {len(parts)}"
    )


def words_of(missing: Missing) -> tuple[str, ...]:
    """What stands for a missing value, as texts."""
    parts = missing if isinstance(missing, tuple | list) else () if missing is None else (missing,)
    return tuple(text_of(part) if isinstance(part, float) else str(part) for part in parts)


def chosen_columns(values: str | Sequence[str] | None) -> tuple[str, ...] | None:
    """Names of the columns to read; None: all that can be."""
    if values is None:
        return None
    return (values,) if isinstance(values, str) else tuple(values)


RULES: dict[str, Rule] = TRAINING_RULES | {
    "streaming": one_of(True, False),
    "pooling": one_of(None, *POOLINGS),
    "tokens": one_of(None, True, False),
    "patch": count(10_000),
    "folds": count(FOLDS),
    "noise": number(0, 10),
    "learning_rate": number(0, 1, optional=True),
    "id": is_column,
    "order": is_column,
    "label": is_column,
    "group": is_column,
    "values": are_columns,
    "missing": stand_for_missing,
    "wide": one_of(True, False),
    "pattern": is_column,
    "rate": count(RATES[1], least=RATES[0]),
    "features": one_of(None, *KINDS),
    "masking": one_of(True, False),
    "text": one_of(None, "characters", "words"),
}


@dataclass(frozen=True)
class SequenceOptions(EstimatorOptions):
    """Arguments of an estimator of whole sequences besides the cell; the estimators say what they mean.

    Raises InputError for one out of range.
    """

    rules: ClassVar[Mapping[str, Rule]] = RULES

    streaming: bool = False
    pooling: str | None = None
    tokens: bool | None = None
    patch: int | None = None
    units: int | None = None
    steps: int | None = None
    batch: int | None = None
    members: int | None = None
    folds: int | None = None
    learning_rate: float | None = None
    dropout: float = 0.4
    noise: float = 0.3
    patience: int = 10
    id: str | None = None
    order: str | None = None
    label: str | tuple[str, ...] | None = None
    group: str | None = None
    values: str | tuple[str, ...] | None = None
    missing: Missing = None
    wide: bool = False
    pattern: str | None = None
    rate: int | None = None
    features: str | None = None
    masking: bool = False
    text: str | None = None
    device: str = "cpu"
    precision: str = "32-true"
    time_limit: float | None = 600
    random_state: int | None = None

    @property
    def labels(self) -> tuple[str, ...]:
        """Columns of what is to be learned."""
        return (self.label,) if isinstance(self.label, str) else tuple(self.label or ())


def cell_of(cell: object) -> Cell:
    """The cell of an option. Raises InputError for one with several inputs, CellError for no name."""
    return single_input_cell(cell, "sequences give it one")
