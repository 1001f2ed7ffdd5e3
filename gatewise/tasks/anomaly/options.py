"""The options of a detector."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from gatewise.tasks.options import Rule, count, number
from gatewise.tasks.sequences.options import is_column
from gatewise.tasks.steps.options import STEP_RULES, StepOptions


def _span(value: Any) -> str:
    if value is None:
        return ""
    pair = isinstance(value, list | tuple) and len(value) == 2
    whole = pair and all(isinstance(k, int) and not isinstance(k, bool) for k in value)
    if whole and 0 <= value[0] < value[1]:
        return ""
    return f"is the first step and the one behind the last, such as [0, 5000], not {value!r:.80}"


@dataclass(frozen=True)
class Options(StepOptions):
    """The arguments of ``AnomalyDetector`` besides the cell; it says what they mean.

    Raises InputError for one out of range.
    """

    rules: ClassVar[Mapping[str, Rule]] = STEP_RULES | {
        "ahead": count(10_000, optional=False),
        "smooth": count(10_000, optional=False),
        "margin": number(0.01, 1000),
        "quiet": _span,
        "label": is_column,
    }

    ahead: int = 1
    smooth: int = 3
    margin: float = 1.25
    quiet: tuple[int, int] | None = None
    label: str | None = None

    @property
    def labels(self) -> tuple[str, ...]:
        return () if self.label is None else (self.label,)
