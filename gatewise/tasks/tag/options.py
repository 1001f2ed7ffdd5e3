"""The options of a tagger."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from gatewise.errors import InputError
from gatewise.tasks.audio.recordings import RATES
from gatewise.tasks.options import Rule, count, number, one_of
from gatewise.tasks.sequences.options import are_columns, is_column
from gatewise.tasks.steps.options import STEP_RULES, StepOptions, delay
from gatewise.tasks.tag.labels import WHATS


def _pause(value: Any) -> str:
    whole = isinstance(value, int | np.integer) and not isinstance(value, bool)
    good = value is None or (whole and value >= 0)
    return "" if good else f"must be a whole number of steps from 0 on, or None, not {value!r}"


def _plain(value: Any) -> str:
    good = value is None or isinstance(value, str | int | float | bool)
    return "" if good else f"is a label, not {value!r:.80}"


@dataclass(frozen=True)
class Options(StepOptions):
    """The arguments of ``SequenceTagger`` besides the cell; it says what they mean.

    Raises InputError for one out of range.
    """

    rules: ClassVar[Mapping[str, Rule]] = STEP_RULES | {
        "lookahead": delay,
        "patch": count(10_000),
        "label": are_columns,
        "what": one_of(None, *WHATS),
        "tokens": one_of(None, True, False),
        "background": _plain,
        "on": number(0, 1, optional=True),
        "off": number(0, 1, optional=True),
        "least": count(),
        "gap": _pause,
        "tolerance": _pause,
        "rate": number(1e-9, 1e12, optional=True),
        "sounds": count(RATES[1], least=RATES[0]),
        "pattern": is_column,
    }

    lookahead: int | None = None
    patch: int | None = None
    label: str | tuple[str, ...] | None = None
    what: str | None = None
    tokens: bool | None = None
    background: str | bool | int | float | None = None
    on: float | None = None
    off: float | None = None
    least: int | None = None
    gap: int | None = None
    tolerance: int | None = None
    rate: float | None = None
    sounds: int | None = None
    pattern: str | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.lookahead is not None and self.patch not in (None, 1):
            raise InputError(
                f"patch {self.patch} needs lookahead=None: with a look-ahead every step is answered by itself, so a "
                "step reads one value"
            )
        if self.on is not None and self.off is not None and self.off > self.on:
            raise InputError(
                f"off {self.off} is above on {self.on}: an event lasts while the probability stays above off, so off is the lower one"
            )

    @property
    def labels(self) -> tuple[str, ...]:
        """Columns of what is said."""
        return (self.label,) if isinstance(self.label, str) else self.label or ()

    @property
    def as_tokens(self) -> bool | None:
        return self.tokens
