"""What to learn (``Problem``) and how to train (``Recipe``): the two inputs of the training loop."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from torch import Tensor, nn


class Problem(Protocol):
    """What to learn. Derive from it; ``part``, ``describe`` and ``fingerprint`` have defaults.

    Every process draws the same batch, as indices, and works out its own part of it.
    """

    def draw(self, rng: np.random.Generator) -> Any:
        """One batch, as indices: cheap. With a length, a bad loss can be traced to its examples."""

    def part(self, batch: Any, rank: int, world: int) -> Any:
        """Piece ``rank`` of ``world`` of a batch; it may be empty. Every ``world``-th row, if not overridden."""
        return batch if world == 1 else batch[rank::world]

    def loss(self, network: nn.Module, part: Any) -> tuple[Tensor, Tensor]:
        """The sum of weighted losses and the sum of weights, both 0-dimensional."""

    def check(self, network: nn.Module) -> float:
        """The validation loss; not called where the number of steps is fixed."""

    def describe(self, part: Any) -> str:
        """A part of a batch in a few words, for an error message."""
        return "an example"

    def fingerprint(self) -> str:
        """A digest of data and options: a run folder of other data is refused."""
        return ""


@dataclass(frozen=True)
class Recipe:
    """How to train.

    Attributes:
        steps: the steps of the learning-rate schedule; training may end earlier.
        learning_rate: the peak of the schedule, after 5 % of the steps; half a cosine leads down from it.
        patience: validation checks without an improvement after which training ends.
        seed: the seed of batches and dropout.
        checks: how often in ``steps`` the validation loss is computed.
        weight_decay: the weight decay of AdamW.
        clip: the norm to which larger gradients are clipped.
        precision: "32-true", "64-true" or "bf16-mixed", as Lightning calls them.
        device: "cpu", "cuda" or "auto".
        time_limit: seconds of training, over all its starts, after which it ends with the next step; None:
            no limit. If it is reached, the result depends on the speed of the machine.
        save_every: seconds between two states written to the run folder; does not change the result.
        pieces: the parts that a batch is split into, which run one after another or in several processes,
            each with its own dropout; at least one for each process. The result depends on this number but
            not on the number of processes, and more pieces need less memory.
    """

    steps: int
    learning_rate: float = 2e-3
    patience: int = 8
    seed: int = 0
    checks: int = 25
    weight_decay: float = 0.01
    clip: float = 1.0
    precision: str = "32-true"
    device: str = "cpu"
    time_limit: float | None = None
    save_every: float = 5.0
    pieces: int = 1
