"""The trainings of a fit at every step: rotations that stop and judge, then networks of all steps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from typing import Protocol

import numpy as np

from gatewise.lang.cell import Cell
from gatewise.tasks.sequences.choices import EMBEDDING
from gatewise.tasks.sequences.fitting import best_steps
from gatewise.tasks.sequences.ragged import Sequences
from gatewise.tasks.sequences.scaling import Coding, Vocabulary, coding_of
from gatewise.tasks.steps.choices import StepChoices
from gatewise.tasks.steps.network import StepNetwork
from gatewise.tasks.steps.options import StepOptions
from gatewise.tasks.steps.plan import StepPlan
from gatewise.tasks.steps.problem import StepProblem, StepTarget
from gatewise.tasks.steps.splits import StepRotation
from gatewise.tasks.steps.windows import Spans, Windowed
from gatewise.tasks.training.checkpoint import LogEntry
from gatewise.tasks.training.problem import Problem
from gatewise.tasks.training.time_budget import Budget
from gatewise.tasks.training.trainer import Progress, Trainer, Training


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

    @classmethod
    def of(
        cls,
        plan: StepPlan,
        learner: Learner,
        seed: int,
        run: Path | None,
        progress: Progress | None,
    ) -> Fitting:
        """The trainings of a plan."""
        starts = plan.source.sequences.starts
        everything = Spans.whole(starts, np.arange(len(starts) - 1))
        rotations, choices, options = plan.parts.rotations, plan.choices, plan.options
        return cls(learner, everything, rotations, choices, options, seed, run, progress)

    @cached_property
    def trainer(self) -> Trainer:
        """Trains the networks, one after another."""
        options = self.options
        budget = Budget(options.time_limit, len(self.rotations) + self.choices.members)
        return Trainer(options, options.learning_rate, self.seed, budget, self.run, self.progress)

    def trained(self) -> Trained:
        """All trainings. Raises TrainingError, and InputError for a run folder of another training."""
        judged, curves = [], []
        for k, rotation in enumerate(self.rotations):
            coding = self.learner.coding(rotation.train)
            problem = self.learner.problem(coding, rotation.train, rotation.validation)
            training = self._trained(coding, problem, f"training {k + 1}", k)
            judged.append(Judged(rotation, coding, training.network))
            curves.append(training.curve)
        steps = best_steps(curves)
        coding = self.learner.coding(self.everything)
        problem = self.learner.problem(coding, self.everything, self.everything)
        networks = tuple(
            self._trained(coding, problem, f"all steps {k + 1}", k, steps).network
            for k in range(self.choices.members)
        )
        history, stopped = tuple(curves[0]), self.trainer.budget.stopped
        return Trained(tuple(judged), steps, coding, networks, history, stopped)

    def _trained(
        self, coding: Coding, problem: Problem, stage: str, member: int, until: int | None = None
    ) -> Training[StepNetwork]:
        """A network of this member's seed."""
        network = self.trainer.untrained(partial(self.learner.network, coding), member)
        # all steps are trained on as long as was best, and in the schedule in which it was
        return self.trainer.train(network, problem, stage, member, self.choices.steps, until)


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
