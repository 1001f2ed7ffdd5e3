"""The options of a regressor."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from gatewise.tasks.options import Rule
from gatewise.tasks.sequences.options import RULES, SequenceOptions, are_columns


@dataclass(frozen=True)
class Options(SequenceOptions):
    """The arguments of ``SequenceRegressor`` besides the cell; it says what they mean.

    Raises InputError for one out of range.
    """

    rules: ClassVar[Mapping[str, Rule]] = RULES | {"label": are_columns}
