"""What a fit on whole sequences will do, so that it can be read before anything is trained."""

from __future__ import annotations

from dataclasses import dataclass

from gatewise.arrays import Ints
from gatewise.tasks.sequences.choices import Choices
from gatewise.tasks.sequences.options import SequenceOptions
from gatewise.tasks.sequences.source import Source
from gatewise.tasks.sequences.splits import Copies, Rotation


@dataclass(frozen=True, kw_only=True)
class SequencePlan:
    """What ``fit`` will do; a task adds what is to be learned.

    Attributes:
        source: the sequences.
        options, choices: how.
        rotations: of their parts.
        copies: sequences that occur more than once.
        seen: [N] digests of the sequences.
    """

    source: Source
    options: SequenceOptions
    choices: Choices
    rotations: tuple[Rotation, ...]
    copies: Copies
    seen: Ints

    def describe(self) -> list[str]:
        """For people, a line each."""
        return [
            *self.source.describe(),
            *self.describe_target(),
            *self.copies.describe(),
            *self.choices.describe(self.options.streaming),
        ]

    def describe_target(self) -> list[str]:
        """Of what is to be learned."""
        raise NotImplementedError
