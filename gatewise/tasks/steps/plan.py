"""What a fit at every step will do, so that it can be read before anything is trained."""

from __future__ import annotations

from dataclasses import dataclass

from gatewise.arrays import Ints
from gatewise.tasks.sequences.splits import Copies
from gatewise.tasks.steps.choices import StepChoices
from gatewise.tasks.steps.options import StepOptions
from gatewise.tasks.steps.source import StepSource
from gatewise.tasks.steps.splits import StepParts


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
