"""What a fit at every step will do, so that it can be read before anything is trained."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from gatewise.arrays import Bools, Ints
from gatewise.errors import InputError
from gatewise.tasks.sequences.ragged import Measurements, digests
from gatewise.tasks.sequences.splits import Copies, copies
from gatewise.tasks.steps.choices import StepChoices
from gatewise.tasks.steps.options import StepOptions
from gatewise.tasks.steps.source import StepSource
from gatewise.tasks.steps.splits import StepParts, step_parts


@dataclass(frozen=True, kw_only=True)
class StepPlan:
    """What ``fit`` will do; a task adds what is to be learned.

    Attributes:
        source: the sequences.
        options, choices: how.
        parts: what trains, stops and judges.
        copies: sequences that occur more than once.
        seen: [N] digests of the sequences.
    """

    source: StepSource
    options: StepOptions
    choices: StepChoices
    parts: StepParts
    copies: Copies
    seen: Ints

    def describe(self) -> list[str]:
        """For people, a line each."""
        return [
            *self.source.describe(),
            *self.describe_target(),
            *self.copies.describe(),
            *self.choices.describe(self.delay),
            *self.parts.describe(),
        ]

    @property
    def delay(self) -> int | None:
        """Steps that the network waits before it speaks; None: it reads both ways."""
        raise NotImplementedError

    def describe_target(self) -> list[str]:
        """Of what is to be learned."""
        raise NotImplementedError


@dataclass(frozen=True, kw_only=True)
class MeasurementsPlan(StepPlan):
    """A plan of sequences of numbers."""

    @property
    def data(self) -> Measurements:
        """The sequences."""
        assert isinstance(self.source.sequences, Measurements)
        return self.source.sequences


def measurements_of(source: StepSource, task: str) -> Measurements:
    """The sequences of a task on numbers.

    Args:
        source: of them.
        task: what is done with numbers, as the beginning of a sentence.

    Raises InputError for tokens, and for a column without a value.
    """
    data = source.sequences
    if not isinstance(data, Measurements):
        raise InputError(f"{task}, and these are sequences of tokens")
    blank = np.isnan(data.values).all(0)
    if blank.any():
        name = data.channels[int(np.argmax(blank))]
        raise InputError(f"column {name!r} has no value at all: leave it out of values")
    return data


def plan_fields(
    source: StepSource,
    options: StepOptions,
    choices: StepChoices,
    known: Bools,
    strata: Ints,
    *,
    two_sided: bool,
    seed: int,
) -> dict[str, Any]:
    """The fields of ``StepPlan``, which every task fills in the same way.

    Args:
        source, options, choices: of the plan.
        known: [S] steps of which a truth is known.
        strata: [N] what the parts share evenly where they are whole sequences.
        two_sided: whether the network reads both ways.
        seed: of the order among equals.

    Raises InputError where there are too few steps with a truth.
    """
    data, groups = source.sequences, source.groups
    seen = digests(data)
    parts = step_parts(
        data.starts,
        known,
        strata,
        seen,
        groups,
        folds=choices.folds,
        context=choices.window,
        two_sided=two_sided,
        seed=seed,
    )
    return {
        "source": source,
        "options": options,
        "choices": choices,
        "parts": parts,
        "copies": copies(seen, strata, groups),
        "seen": seen,
    }
