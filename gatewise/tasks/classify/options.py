"""The options of a classifier."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Self

import numpy as np

from gatewise.tasks.options import Rule, number
from gatewise.tasks.sequences.options import RULES, SequenceOptions

Label = str | int | float | bool


def _class_weight(value: Any) -> str:
    if value is None or value in ("equal", "mild", "balanced") or isinstance(value, tuple):
        return ""
    return f'is None, "equal", "mild", "balanced" or a dict of labels and weights, not {value!r}'


@dataclass(frozen=True)
class Options(SequenceOptions):
    """The arguments of ``SequenceClassifier`` besides the cell; it says what they mean.

    Raises InputError for one out of range.
    """

    rules: ClassVar[Mapping[str, Rule]] = RULES | {
        "class_weight": _class_weight,
        "unknown_below": number(0, 1, optional=True),
    }

    class_weight: str | tuple[tuple[Label, float], ...] | None = None
    unknown_below: float | None = None

    @classmethod
    def of(cls, arguments: Mapping[str, Any]) -> Self:
        weight = arguments["class_weight"]
        if isinstance(weight, Mapping):
            weight = tuple((_label(k), float(v)) for k, v in weight.items())
        return super().of({**arguments, "class_weight": weight})

    @property
    def arguments(self) -> dict[str, Any]:
        weight = self.class_weight
        return super().arguments | {
            "class_weight": dict(weight) if isinstance(weight, tuple) else weight
        }


def _label(value: Any) -> Any:
    return value.item() if isinstance(value, np.generic) else value
