"""The options of an imputer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from gatewise.tasks.options import Rule, count
from gatewise.tasks.steps.options import STEP_RULES, StepOptions


@dataclass(frozen=True)
class Options(StepOptions):
    """The arguments of ``SequenceImputer`` besides the cell; it says what they mean.

    Raises InputError for one out of range.
    """

    rules: ClassVar[Mapping[str, Rule]] = STEP_RULES | {
        "season": count(100_000),
        "block": count(100_000),
    }

    season: int | None = None
    block: int | None = None
