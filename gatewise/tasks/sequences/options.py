"""The options that classifier and regressor share: one frozen record, checked by one table of rules."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from typing import Any, ClassVar, Self

import numpy as np

from gatewise import cells
from gatewise.errors import InputError
from gatewise.lang.cell import Cell
from gatewise.tasks.sequences.network import POOLINGS
from gatewise.tasks.training.devices import DEVICES, PRECISIONS

# what is wrong with a value, as the end of a sentence; "" if nothing
Rule = Callable[[Any], str]
FOLDS = 5  # parts of the data, one of which judges and one of which stops


def count(most: int | None = None) -> Rule:
    """None, or a whole number from 1 to ``most``."""

    def problem(value: Any) -> str:
        if value is None:
            return ""
        if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < 1:
            return f"must be a whole number of at least 1, not {value!r}"
        return f"must be at most {most:,}, not {value:,}" if most and value > most else ""

    return problem


def number(low: float, high: float, *, optional: bool = False) -> Rule:
    """A number from ``low`` to ``high``; ``optional``: or None."""

    def problem(value: Any) -> str:
        if value is None and optional:
            return ""
        numeric = isinstance(value, int | float | np.number) and not isinstance(value, bool)
        if numeric and low <= value <= high:
            return ""
        return f"must be a number from {low:g} to {high:g}, not {value!r}"

    return problem


def one_of(*known: object) -> Rule:
    """One of a few values."""

    def problem(value: Any) -> str:
        if any(value is one or (isinstance(one, str) and value == one) for one in known):
            return ""
        return f"is one of {', '.join(map(str, known))}, not {value!r}"

    return problem


def _seed(value: Any) -> str:
    if isinstance(value, int) and not 0 <= value < 2**32:
        return f"must be a whole number from 0 to {2**32 - 1}, not {value}"
    return ""


def _seconds(value: Any) -> str:
    numeric = isinstance(value, int | float) and not isinstance(value, bool)
    if value is None or (numeric and value > 0):
        return ""
    return f"must be seconds above 0, or None for no limit, not {value!r}"


def _column(value: Any) -> str:
    return (
        "" if value is None or isinstance(value, str) else f"is the name of a column, not {value!r}"
    )


def _columns(value: Any) -> str:
    names = (value,) if isinstance(value, str) else value
    good = isinstance(names, list | tuple) and all(isinstance(name, str) for name in names)
    return "" if value is None or good else f"are names of columns, not {value!r}"


RULES: dict[str, Rule] = {
    "streaming": one_of(True, False),
    "pooling": one_of(None, *POOLINGS),
    "tokens": one_of(None, True, False),
    "patch": count(10_000),
    "units": count(10_000),
    "steps": count(),
    "batch": count(1_000_000),
    "members": count(100),
    "folds": count(FOLDS),
    "learning_rate": number(0, 1),
    "dropout": number(0, 0.999),
    "noise": number(0, 10),
    "patience": lambda value: (
        "must be a whole number of at least 1, not None" if value is None else count()(value)
    ),
    "device": one_of(*DEVICES),
    # the networks are float32
    "precision": one_of(*(name for name in PRECISIONS if name != "64-true")),
    "time_limit": _seconds,
    "random_state": _seed,
    "id": _column,
    "order": _column,
    "label": _column,
    "group": _column,
    "values": _columns,
}


@dataclass(frozen=True)
class SequenceOptions:
    """Arguments of an estimator of whole sequences besides the cell; the estimators say what they mean.

    Raises InputError for one out of range.
    """

    # how pydantic reads them from the file of a saved model
    __pydantic_config__: ClassVar[dict[str, Any]] = {
        "extra": "forbid",
        "strict": True,
        "allow_inf_nan": False,
    }
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
    learning_rate: float = 5e-3
    dropout: float = 0.4
    noise: float = 0.3
    patience: int = 10
    id: str | None = None
    order: str | None = None
    label: str | None = None
    group: str | None = None
    values: str | tuple[str, ...] | None = None
    device: str = "cpu"
    precision: str = "32-true"
    time_limit: float | None = 600
    random_state: int | None = None

    def __post_init__(self) -> None:
        for name, rule in self.rules.items():
            problem = rule(getattr(self, name))
            if problem:
                raise InputError(f"{name} {problem}")

    @classmethod
    def of(cls, arguments: Mapping[str, Any]) -> Self:
        """The options among an estimator's arguments: Python's own numbers, and tuples.

        A generator as ``random_state`` is no data, and left out.
        """
        options = {field.name: _plain(arguments[field.name]) for field in fields(cls)}
        if not isinstance(options["random_state"], int):
            options["random_state"] = None
        return cls(**options)

    @property
    def arguments(self) -> dict[str, Any]:
        """As arguments of the estimator."""
        return {field.name: getattr(self, field.name) for field in fields(self)}


def _plain(value: Any) -> Any:
    if isinstance(value, np.generic):
        return value.item()
    return tuple(value) if isinstance(value, list) else value


def cell_of(cell: object) -> Cell:
    """The cell of an option. Raises InputError for one with several inputs, CellError for no name."""
    chosen = cells.get(cell) if isinstance(cell, str) else cell
    if not isinstance(chosen, Cell):
        raise InputError(f"cell is a name of the catalogue or a cell, not {type(chosen).__name__}")
    if len(chosen.program.inputs) != 1:
        names = ", ".join(i.name for i in chosen.program.inputs)
        raise InputError(
            f"the cell {chosen.name} has several inputs ({names}); sequences give it one"
        )
    return chosen
