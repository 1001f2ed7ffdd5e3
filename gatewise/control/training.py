"""Where a training stands: what is learned, what learns it, and how far it has come."""

from __future__ import annotations

from dataclasses import dataclass, field

from torch import Tensor

from gatewise.control.environments import Environments
from gatewise.control.history import Entry
from gatewise.control.making import Setting
from gatewise.control.moments import Moments, ReturnScale
from gatewise.control.options import Options
from gatewise.control.policy import Policy
from gatewise.control.rollout import Finished, Running
from gatewise.errors import OptionError
from gatewise.lang.cell import Cell
from gatewise.tasks.training.optimizer import AdamW

LAST = 100  # episodes whose mean return is followed


@dataclass
class Budget:
    """How far a call of ``learn`` goes.

    Attributes:
        first: the number of frames when it began.
        frames, time, goal: its arguments.
        spent: seconds so far.
    """

    first: int
    frames: int | None
    time: float | None
    goal: float | None
    spent: float = 0.0

    @classmethod
    def checked(
        cls, first: int, frames: int | None, time: float | None, goal: float | None
    ) -> Budget:
        """The budget of a call that begins at frame ``first``. Raises OptionError for arguments out of range."""
        if frames is None and time is None:
            raise OptionError("learn needs frames= or time=")
        if frames is not None and (not isinstance(frames, int) or frames < 1):
            raise OptionError(f"frames is a whole number of at least 1, not {frames!r}")
        if time is not None and not time > 0:
            raise OptionError(f"time is seconds above 0, not {time!r}")
        return cls(first, frames, time, goal)

    def share(self, frames: int) -> float:
        """How much of it is spent, when there are so many frames."""
        by_frames = (frames - self.first) / self.frames if self.frames is not None else 0.0
        return max(by_frames, self.spent / self.time if self.time is not None else 0.0)


@dataclass(frozen=True)
class Best:
    """The policy that did best so far.

    Attributes:
        mean_return: of the last 100 episodes when it acted.
        update: the updates that it had.
        weights: of its network, by name.
        moments, reward_scale: as those of ``Policy``.
    """

    mean_return: float
    update: int
    weights: dict[str, Tensor]
    moments: Moments | None
    reward_scale: float


@dataclass
class Training:
    """A training, between two updates.

    Attributes:
        cell, options, setting: how it was set up.
        policy, optimizer: what is learned, and what learns it.
        scale: of the rewards; None: they are learned from as they are.
        frames, updates, seconds: how far it has come.
        history: what was measured after each update.
        recent: the last 100 episodes.
        share: of the learning rate, by how far the policy has moved in the last updates.
        best: the policy that did best so far; None before 100 episodes.
        handed_out: the updates of the policy that the last call of ``learn`` went back to; None where it did not.
        budget: the call of ``learn`` that is not at its end; None where there is none.
        environments: where it acts; None while they are closed.
        running: where the episodes in them stand; None before the first step.
    """

    cell: Cell
    options: Options
    setting: Setting
    policy: Policy
    optimizer: AdamW
    scale: ReturnScale | None
    frames: int = 0
    updates: int = 0
    seconds: float = 0.0
    history: list[Entry] = field(default_factory=list)
    recent: Finished = field(default_factory=Finished)
    share: float = 1.0
    best: Best | None = None
    handed_out: int | None = None
    budget: Budget | None = None
    environments: Environments | None = None
    running: Running | None = None

    def follow(self, finished: Finished) -> None:
        """Take up episodes that have ended."""
        self.recent.returns = [*self.recent.returns, *finished.returns][-LAST:]
        self.recent.lengths = [*self.recent.lengths, *finished.lengths][-LAST:]
