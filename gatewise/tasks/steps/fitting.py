"""The trainings of a fit at every step: rotations that stop and judge, then networks of all steps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import torch

from gatewise.lang.cell import Cell
from gatewise.tasks.sequences.choices import EMBEDDING
from gatewise.tasks.sequences.fitting import Progress, best_steps
from gatewise.tasks.sequences.ragged import Sequences
from gatewise.tasks.sequences.scaling import Coding, Vocabulary, coding_of
from gatewise.tasks.steps.choices import StepChoices
from gatewise.tasks.steps.network import StepNetwork
from gatewise.tasks.steps.options import StepOptions
from gatewise.tasks.steps.problem import StepProblem, StepTarget
from gatewise.tasks.steps.splits import StepRotation
from gatewise.tasks.steps.windows import Spans, Windowed
from gatewise.tasks.training.checkpoint import LogEntry
from gatewise.tasks.training.loop import train
from gatewise.tasks.training.problem import Problem, Recipe
from gatewise.tasks.training.time_budget import Budget


class Learner(Protocol):
    """What a task lets its networks learn."""

    def coding(self, train: Spans) -> Coding:
        """How values are read, from training steps."""

    def network(self, coding: Coding) -> StepNetwork:
        """An untrained network; random numbers are drawn from torch's generator."""

    def problem(self, coding: Coding, train: Spans, validation: Spans) -> Problem:
        """What it learns from, and is stopped by."""


@dataclass(frozen=True)
class Judged:
    """A network of one rotation, with the weights that were best on the validation part."""

    rotation: StepRotation
    coding: Coding
    network: StepNetwork


@dataclass(frozen=True)
class Trained:
    """What the trainings have given.

    Attributes:
        judged: a network for each rotation.
        steps: of training that the shipped networks have had.
        coding, networks: of all steps: what is shipped.
        history: the learning curve of the first network.
        stopped: None, or the step at which the time limit ended a training, and of how many.
    """

    judged: tuple[Judged, ...]
    steps: int
    coding: Coding
    networks: tuple[StepNetwork, ...]
    history: tuple[LogEntry, ...]
    stopped: tuple[int, int] | None


@dataclass(frozen=True)
class Fitting:
    """What stays the same through the trainings of a fit.

    Attributes:
        learner: what is learned.
        everything: all steps.
        rotations: of their parts.
        choices, options, seed: of the networks and their training.
        run: a folder for the state of training; None: nothing is written.
        progress: is called with the stage, the step and the loss.
    """

    learner: Learner
    everything: Spans
    rotations: Sequence[StepRotation]
    choices: StepChoices
    options: StepOptions
    seed: int
    run: Path | None
    progress: Progress | None

    def trained(self) -> Trained:
        """All trainings. Raises TrainingError, and InputError for a run folder of another training."""
        budget = Budget(self.options.time_limit, len(self.rotations) + self.choices.members)
        curves: list[list[LogEntry]] = []
        judged = []
        for k, rotation in enumerate(self.rotations):
            curves.append([])
            coding = self.learner.coding(rotation.train)
            network = self._network(coding, k)
            problem = self.learner.problem(coding, rotation.train, rotation.validation)
            self._train(network, problem, f"training {k + 1}", k, None, budget, curves[-1])
            judged.append(Judged(rotation, coding, network))
        steps = best_steps(curves)
        coding = self.learner.coding(self.everything)
        problem = self.learner.problem(coding, self.everything, self.everything)
        networks = []
        for k in range(self.choices.members):
            networks.append(self._network(coding, k))
            self._train(networks[-1], problem, f"all steps {k + 1}", k, steps, budget, [])
        return Trained(
            tuple(judged), steps, coding, tuple(networks), tuple(curves[0]), budget.stopped
        )

    def _network(self, coding: Coding, member: int) -> StepNetwork:
        """An untrained network of this member's seed."""
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(self.seed + member)
            return self.learner.network(coding)

    def _train(
        self,
        network: StepNetwork,
        problem: Problem,
        stage: str,
        member: int,
        until: int | None,
        budget: Budget,
        notes: list[LogEntry],
    ) -> None:
        options, tell = self.options, self.progress
        # all steps are trained on as long as was best, and in the schedule in which it was
        steps = self.choices.steps
        recipe = Recipe(
            steps,
            options.learning_rate,
            options.patience,
            self.seed + member,
            device=options.device,
            precision=options.precision,
            time_limit=budget.share(),
        )
        train(
            network,
            problem,
            recipe,
            until=until,
            run=None if self.run is None else self.run / stage.replace(" ", "-"),
            progress=None if tell is None else lambda step, loss: tell(stage, step, loss),
            history=notes,
        )
        budget.spend(notes, steps if until is None else until)


@dataclass(frozen=True)
class StepLearner:
    """Learn what a target says of the steps of sequences.

    Attributes:
        data, target: N sequences and what is said of their steps.
        cell, choices, options: of the networks.
        delay: steps that a network waits before it speaks of a value; None: it reads both ways.
    """

    data: Sequences
    target: StepTarget
    cell: Cell
    choices: StepChoices
    options: StepOptions
    delay: int | None

    def coding(self, train: Spans) -> Coding:
        return coding_of(self.data.take_steps(train.places()))

    def network(self, coding: Coding) -> StepNetwork:
        return network_of(
            self.cell, coding, self.choices, self.options, self.delay, self.target.outputs
        )

    def problem(self, coding: Coding, train: Spans, validation: Spans) -> StepProblem:
        data = windowed(coding, self.data, self.choices.patch, self.delay)
        choices = self.choices
        return StepProblem(data, self.target, train, validation, choices.batch, choices.window)


def windowed(coding: Coding, data: Sequences, patch: int, delay: int | None) -> Windowed:
    """Sequences as a network of this coding reads them."""
    return Windowed(coding.encode(data), data.starts, patch, delay or 0)


def network_of(
    cell: Cell,
    coding: Coding,
    choices: StepChoices,
    options: StepOptions,
    delay: int | None,
    outputs: int,
) -> StepNetwork:
    """An untrained network; random numbers are drawn from torch's generator."""
    is_tokens = isinstance(coding, Vocabulary)
    return StepNetwork(
        cell,
        EMBEDDING if isinstance(coding, Vocabulary) else coding.width,
        coding.size if isinstance(coding, Vocabulary) else 0,
        choices.patch,
        choices.units,
        outputs,
        delay is None,
        options.dropout,
        0.0 if is_tokens else options.noise,
    )
