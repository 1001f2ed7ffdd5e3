"""The trainings of one fit: one after another, with the seeds, the run folder and the time limit that they share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, Protocol, TypeVar

import torch
from torch import nn

from gatewise.tasks.training.checkpoint import LogEntry
from gatewise.tasks.training.loop import train
from gatewise.tasks.training.problem import Problem, Recipe
from gatewise.tasks.training.time_budget import Budget

Progress = Callable[[str, int, float], None]
N = TypeVar("N", bound=nn.Module)


class TrainingOptions(Protocol):
    """What every estimator is asked about its trainings."""

    @property
    def patience(self) -> int: ...

    @property
    def device(self) -> str: ...

    @property
    def precision(self) -> str: ...


@dataclass(frozen=True)
class Training(Generic[N]):
    """A training: its network, the step of its weights, and its learning curve."""

    network: N
    step: int
    curve: list[LogEntry]


@dataclass(frozen=True)
class Trainer:
    """Trains the networks of a fit.

    Attributes:
        options: of the estimator.
        learning_rate: at its highest.
        seed: of the first network; member k has the seed ``seed + k``.
        budget: the time that all trainings may take together.
        run: a folder for the state of training; None: nothing is written.
        progress: is called with the stage, the step and the loss.
    """

    options: TrainingOptions
    learning_rate: float
    seed: int
    budget: Budget
    run: Path | None
    progress: Progress | None

    def untrained(self, make: Callable[[], N], member: int) -> N:
        """A network of this member's seed."""
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(self.seed + member)
            return make()

    def train(
        self,
        network: N,
        problem: Problem,
        stage: str,
        member: int,
        steps: int,
        until: int | None = None,
    ) -> Training[N]:
        """Train a network.

        Args:
            network: is changed in place.
            problem: what to learn.
            stage: what the training is called; its state stands in a folder of that name.
            member: whose seed draws the batches.
            steps: of the schedule of the learning rate.
            until: None: keep the weights that were best on the validation part; else the step to end with.

        Raises TrainingError, and InputError for a run folder of another training.
        """
        options, tell, curve = self.options, self.progress, list[LogEntry]()
        recipe = Recipe(
            steps,
            self.learning_rate,
            options.patience,
            self.seed + member,
            device=options.device,
            precision=options.precision,
            time_limit=self.budget.share(),
        )
        step = train(
            network,
            problem,
            recipe,
            until=until,
            run=None if self.run is None else self.run / _folder_name(stage),
            progress=None if tell is None else lambda k, loss: tell(stage, k, loss),
            history=curve,
        )
        self.budget.spend(curve, steps if until is None else until)
        return Training(network, step, curve)


def _folder_name(stage: str) -> str:
    return "-".join(stage.replace("(", "").replace(")", "").split())
