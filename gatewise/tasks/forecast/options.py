"""The options of a forecaster, and their rules."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Literal, Self

from gatewise.errors import OptionError
from gatewise.lang.cell import Cell
from gatewise.tasks.data.calendar_options import CalendarChoice
from gatewise.tasks.data.read_options import ReadOptions
from gatewise.tasks.options import (
    TRAINING_RULES,
    EstimatorOptions,
    Rule,
    count,
    one_of,
    single_input_cell,
)


def _truth(value: Any) -> str:
    return "" if value in (None, True, False) else f"must be True, False or None, not {value!r}"


def _levels(value: Any) -> str:
    if _whole(value, 1, 99) and len(value):
        return ""
    return f"are different percentages from 1 to 99, not {value!r}"


def _seasons(value: Any) -> str:
    if value is None or _whole(value, 2, 100_000):
        return ""
    return f"are different whole numbers of at least 2, not {value!r}"


def _bound(value: Any) -> str:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if value is None or value == "none" or (number and math.isfinite(value)):
        return ""
    return f"must be a number, or 'none' for no bound, not {value!r}"


RULES: dict[str, Rule] = TRAINING_RULES | {
    "horizon": count(optional=False),
    "patch": count(),
    "context": count(),
    "log": _truth,
    "levels": _levels,
    "seasons": _seasons,
    "lower": _bound,
    "upper": _bound,
    "integer": _truth,
    "outliers": one_of("mask", "keep"),
}


@dataclass(frozen=True)
class Options(EstimatorOptions):
    """The arguments of ``Forecaster`` except the cell; ``Forecaster`` documents them.

    Raises InputError for one out of range.
    """

    rules: ClassVar[Mapping[str, Rule]] = RULES

    horizon: int = 1
    time: str | None = None
    target: str | tuple[str, ...] | None = None
    id: str | None = None
    known: str | tuple[str, ...] = ()
    past: str | tuple[str, ...] = ()
    static: str | tuple[str, ...] = ()
    zone: str | None = None
    calendar: str | tuple[str, ...] | None = None
    levels: tuple[int, ...] = (80, 90)
    seasons: tuple[int, ...] | None = None
    log: bool | None = None
    patch: int | None = None
    context: int | None = None
    units: int | None = None
    steps: int | None = None
    batch: int | None = None
    members: int | None = None
    learning_rate: float = 2e-3
    dropout: float = 0.1
    patience: int = 8
    device: str = "cpu"
    precision: str = "32-true"
    time_limit: float | None = 600
    random_state: int | None = None
    reading: ReadOptions | None = None
    lower: float | Literal["none"] | None = None
    upper: float | Literal["none"] | None = None
    integer: bool | None = None
    outliers: Literal["mask", "keep"] = "mask"

    def __post_init__(self) -> None:
        super().__post_init__()
        low, high = self.lower, self.upper
        if isinstance(low, int | float) and isinstance(high, int | float) and low >= high:
            raise OptionError(f"lower is {low:g} and upper is {high:g}: lower must be less")

    @classmethod
    def of(cls, arguments: Mapping[str, Any]) -> Self:
        CalendarChoice.of(arguments["calendar"])
        reading = arguments["reading"]
        if reading is not None:
            reading = ReadOptions.of(reading)
        return super().of({**arguments, "reading": reading})

    @property
    def several_targets(self) -> bool:
        """Whether a forecast has separate columns for each target."""
        return not isinstance(self.target, str) and len(self.target or ()) > 1


def cell_of(cell: object) -> Cell:
    """The cell of an option. Raises InputError for one that cannot forecast, CellError for no name."""
    return single_input_cell(cell, "forecasting gives it one")


def _whole(values: object, low: int, high: int) -> bool:
    """Whether it is a sequence of different whole numbers in a range."""
    if isinstance(values, str) or not isinstance(values, Sequence):
        return False
    numbers = all(isinstance(v, int) and not isinstance(v, bool) for v in values)
    return numbers and len(set(values)) == len(values) and all(low <= v <= high for v in values)
