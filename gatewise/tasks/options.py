"""The options of an estimator as one frozen record, and the rules that its values are checked by.

An estimator derives its record from ``EstimatorOptions`` and states a rule for each field that needs one. A rule is
a function of the value; its answer is what is wrong with it, as the end of a sentence, or "" if nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, ClassVar, Self

import numpy as np

from gatewise import cells
from gatewise.errors import InputError, OptionError
from gatewise.lang.cell import Cell
from gatewise.tasks.training.devices import DEVICES, PRECISIONS

Rule = Callable[[Any], str]


def count(most: int | None = None, *, least: int = 1, optional: bool = True) -> Rule:
    """A whole number from ``least`` to ``most``; ``optional``: or None, which leaves the choice to the fit."""

    def problem(value: Any) -> str:
        if value is None and optional:
            return ""
        if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < least:
            return f"must be a whole number of at least {least}, not {value!r}"
        if most is not None and value > most:
            return f"must be at most {most:,}, not {value:,}"
        return ""

    return problem


def whole(low: int, high: int) -> Rule:
    """A whole number from ``low`` to ``high``."""

    def problem(value: Any) -> str:
        if isinstance(value, int) and not isinstance(value, bool) and low <= value <= high:
            return ""
        return f"must be a whole number from {low:,} to {high:,}, not {value!r}"

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


def one_of(*values: object) -> Rule:
    """One of a few texts, truth values and None."""

    def problem(value: Any) -> str:
        if any(value is one or (isinstance(one, str) and value == one) for one in values):
            return ""
        return f"is one of {', '.join(map(str, values))}, not {value!r}"

    return problem


def _seconds(value: Any) -> str:
    numeric = isinstance(value, int | float) and not isinstance(value, bool)
    if value is None or (numeric and value > 0):
        return ""
    return f"must be seconds above 0, or None for no limit, not {value!r}"


def _seed(value: Any) -> str:
    if isinstance(value, int) and not 0 <= value < 2**32:
        return f"must be a whole number from 0 to {2**32 - 1}, not {value}"
    return ""


# options that mean the same for every estimator that trains networks
TRAINING_RULES: dict[str, Rule] = {
    "units": count(10_000),
    "steps": count(),
    "batch": count(1_000_000),
    "members": count(100),
    "learning_rate": number(0, 1),
    "dropout": number(0, 0.999),
    "patience": count(optional=False),
    "device": one_of(*DEVICES),
    # the networks are float32
    "precision": one_of(*(name for name in PRECISIONS if name != "64-true")),
    "time_limit": _seconds,
    "random_state": _seed,
}


@dataclass(frozen=True)
class CheckedOptions:
    """A record of options whose values keep ``rules``, by name.

    Raises OptionError for a value that breaks its rule.
    """

    # how pydantic reads them from the file of a saved model
    __pydantic_config__: ClassVar[dict[str, Any]] = {
        "extra": "forbid",
        "strict": True,
        "allow_inf_nan": False,
    }
    rules: ClassVar[Mapping[str, Rule]] = {}

    def __post_init__(self) -> None:
        for name, rule in self.rules.items():
            problem = rule(getattr(self, name))
            if problem:
                raise OptionError(f"{name} {problem}")


@dataclass(frozen=True)
class EstimatorOptions(CheckedOptions):
    """What the records of all estimators share; an estimator adds its fields and its ``rules``."""

    rules: ClassVar[Mapping[str, Rule]] = TRAINING_RULES

    @classmethod
    def of(cls, arguments: Mapping[str, Any]) -> Self:
        """The options among an estimator's arguments, as Python numbers and tuples.

        A random generator as ``random_state`` is not data, and becomes None.
        """
        values = {field.name: _plain(arguments[field.name]) for field in fields(cls)}
        if not isinstance(values["random_state"], int):
            values["random_state"] = None
        return cls(**values)

    @property
    def arguments(self) -> dict[str, Any]:
        """As arguments of the estimator."""
        return {field.name: getattr(self, field.name) for field in fields(self)}


def _plain(value: Any) -> Any:
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, str) or not isinstance(value, Sequence):
        return value
    return tuple(_plain(part) for part in value)


def single_input_cell(cell: object, reason: str) -> Cell:
    """The cell of an option.

    Raises InputError for one with several inputs, where ``reason`` says why there is one; CellError for a
    name that is not in the catalogue.
    """
    chosen = cells.get(cell) if isinstance(cell, str) else cell
    if not isinstance(chosen, Cell):
        raise InputError(f"cell is a name of the catalogue or a cell, not {type(chosen).__name__}")
    if len(chosen.program.inputs) != 1:
        names = ", ".join(i.name for i in chosen.program.inputs)
        raise InputError(f"the cell {chosen.name} has several inputs ({names}); {reason}")
    return chosen
