"""What is chosen from the data before training at every step. All of it can be set."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from gatewise.tasks.sequences.choices import smooth_patch
from gatewise.tasks.sequences.ragged import Sequences
from gatewise.tasks.steps.options import StepOptions

WINDOW = 256  # steps of the network in a window
STEPS_OF_BATCH = 6_000  # of the network
BATCHES = (4, 64)  # windows of a batch, at least and at most
STEPS = (250, 1500)  # of training, at least and at most
EPOCHS = 40  # passes over the data, between those limits
UNITS = 64
MOST_PATCH = 4  # what is said changes faster than what is read
# steps of the network times units that go through one training, up to which several are cheap
CHEAP = 1.0e8


@dataclass(frozen=True)
class StepChoices:
    """What a model is fitted with.

    Attributes:
        patch: values that one step of the network reads.
        window: values of a window of training at most.
        units: of each direction.
        steps: of training at most.
        batch: windows at one step of training.
        members: networks whose mean is the answer.
        folds: rotations of the parts, each of which trains, stops and judges.
    """

    patch: int
    window: int
    units: int
    steps: int
    batch: int
    members: int
    folds: int

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)

    def describe(self, lookahead: int | None) -> list[str]:
        """For people, one choice a line."""
        direction = {
            None: "two directions: it reads to the end before it speaks",
            0: "one direction: it speaks at once",
        }.get(lookahead, f"one direction: it speaks {lookahead} steps later")
        values = "one value" if self.patch == 1 else f"{self.patch} values"
        networks = "" if self.members == 1 else f"; the mean of {self.members} networks"
        return [
            f"network  {self.units} units, {direction}; a step reads {values}{networks}",
            f"training at most {self.steps} steps of {self.batch} windows of up to {self.window} values",
        ]


def choices_of(data: Sequences, options: StepOptions, patch: int | None) -> StepChoices:
    """Choose from the data what the options leave open (None); ``patch``: values of a step of the network."""
    patch = patch or min(MOST_PATCH, smooth_patch(data))
    window = min(options.window or WINDOW * patch, data.longest)
    length = min(window, float(data.lengths.mean())) / patch
    total = float(data.starts[-1]) / patch
    batch = options.batch or int(np.clip(STEPS_OF_BATCH / length, *BATCHES))
    steps = options.steps or int(np.clip(EPOCHS * total / (batch * length), *STEPS))
    units = options.units or UNITS
    cheap = steps * batch * length * units <= CHEAP
    return StepChoices(
        int(patch),
        int(window),
        int(units),
        int(steps),
        int(batch),
        int(options.members or (3 if cheap else 1)),
        int(options.folds or 1),
    )
