"""The options of a forecaster: one frozen record, checked by one table of rules."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, ClassVar

import numpy as np

from gatewise import cells
from gatewise.errors import InputError
from gatewise.lang.cell import Cell
from gatewise.tasks.data.read_options import ReadOptions
from gatewise.tasks.training.devices import DEVICES, PRECISIONS

# what is wrong with a value, as the end of a sentence; "" if nothing
Rule = Callable[[Any], str]


def _count(most: int | None = None, *, optional: bool = True) -> Rule:
    """A whole number of at least 1; ``optional``: or None, which leaves the choice to the fit."""

    def problem(value: Any) -> str:
        if value is None and optional:
            return ""
        if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < 1:
            return f"must be a whole number of at least 1, not {value!r}"
        if most is not None and value > most:
            return f"must be at most {most:,}, not {value:,}"
        return ""

    return problem


def _fraction(top: float) -> Rule:
    def problem(value: Any) -> str:
        number = isinstance(value, int | float) and not isinstance(value, bool)
        if number and 0 <= value <= top:
            return ""
        return f"must be a number from 0 to {top:g}, not {value!r}"

    return problem


def _one_of(known: Sequence[str]) -> Rule:
    return lambda value: "" if value in known else f"is one of {', '.join(known)}, not {value!r}"


def _seconds(value: Any) -> str:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if value is None or (number and value > 0):
        return ""
    return f"must be seconds above 0, or None for no limit, not {value!r}"


def _seed(value: Any) -> str:
    if isinstance(value, int) and not 0 <= value < 2**32:
        return f"must be a whole number from 0 to {2**32 - 1}, not {value}"
    return ""


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


RULES: dict[str, Rule] = {
    "horizon": _count(optional=False),
    "patience": _count(optional=False),
    "patch": _count(),
    "context": _count(),
    "units": _count(10_000),
    "steps": _count(),
    "batch": _count(1_000_000),
    "members": _count(100),
    "learning_rate": _fraction(1.0),
    "dropout": _fraction(0.999),
    "time_limit": _seconds,
    "device": _one_of(DEVICES),
    # the networks of a forecaster are float32
    "precision": _one_of([name for name in PRECISIONS if name != "64-true"]),
    "random_state": _seed,
    "log": _truth,
    "levels": _levels,
    "seasons": _seasons,
}


@dataclass(frozen=True)
class Options:
    """The arguments of ``Forecaster`` except the cell; ``Forecaster`` documents them.

    Raises InputError for one out of range.
    """

    # how pydantic reads them from the file of a saved model
    __pydantic_config__: ClassVar[dict[str, Any]] = {
        "extra": "forbid",
        "strict": True,
        "allow_inf_nan": False,
    }

    horizon: int = 1
    time: str | None = None
    target: str | tuple[str, ...] | None = None
    id: str | None = None
    known: str | tuple[str, ...] = ()
    past: str | tuple[str, ...] = ()
    static: str | tuple[str, ...] = ()
    zone: str | None = None
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

    def __post_init__(self) -> None:
        for name, rule in RULES.items():
            problem = rule(getattr(self, name))
            if problem:
                raise InputError(f"{name} {problem}")

    @staticmethod
    def of(arguments: Mapping[str, Any]) -> Options:
        """The options among an estimator's arguments, as Python numbers and tuples.

        A random generator as ``random_state`` is not data, and becomes None.
        """
        options = {f.name: _plain(arguments[f.name]) for f in fields(Options)}
        if not isinstance(options["random_state"], int):
            options["random_state"] = None
        if options["reading"] is not None:
            options["reading"] = ReadOptions.of(options["reading"])
        return Options(**options)

    @property
    def arguments(self) -> dict[str, Any]:
        """As arguments of ``Forecaster``."""
        return {f.name: getattr(self, f.name) for f in fields(self)}

    @property
    def several_targets(self) -> bool:
        """Whether a forecast has separate columns for each target."""
        return not isinstance(self.target, str) and len(self.target or ()) > 1


def _plain(value: Any) -> Any:
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, str) or not isinstance(value, Sequence):
        return value
    return tuple(_plain(part) for part in value)


def cell_of(cell: object) -> Cell:
    """The cell of an option. Raises InputError for one that cannot forecast, CellError for no name."""
    chosen = cells.get(cell) if isinstance(cell, str) else cell
    if not isinstance(chosen, Cell):
        raise InputError(f"cell is a name of the catalogue or a cell, not {type(chosen).__name__}")
    if len(chosen.program.inputs) != 1:
        names = ", ".join(i.name for i in chosen.program.inputs)
        raise InputError(
            f"the cell {chosen.name} has several inputs ({names}); forecasting gives it one"
        )
    return chosen


def _whole(values: object, low: int, high: int) -> bool:
    """Whether it is a sequence of different whole numbers in a range."""
    if isinstance(values, str) or not isinstance(values, Sequence):
        return False
    numbers = all(isinstance(v, int) and not isinstance(v, bool) for v in values)
    return numbers and len(set(values)) == len(values) and all(low <= v <= high for v in values)
