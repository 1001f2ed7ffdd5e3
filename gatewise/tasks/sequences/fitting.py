"""The trainings of a fit: rotations that choose, stop and judge, then networks of all sequences."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path

import numpy as np

from gatewise.arrays import Floats, Ints
from gatewise.lang.cell import Cell
from gatewise.tasks.audio.masking import Masking
from gatewise.tasks.sequences.batches import Encoded
from gatewise.tasks.sequences.choices import EMBEDDING, Choices
from gatewise.tasks.sequences.network import Pooling, SequenceNetwork, remember
from gatewise.tasks.sequences.objective import SequenceProblem, Target, outputs_of
from gatewise.tasks.sequences.options import SequenceOptions
from gatewise.tasks.sequences.ragged import Sequences
from gatewise.tasks.sequences.scaling import Coding, Vocabulary, coding_of
from gatewise.tasks.sequences.source import ABOUT_DATA
from gatewise.tasks.sequences.splits import Rotation
from gatewise.tasks.training.checkpoint import LogEntry
from gatewise.tasks.training.time_budget import Budget
from gatewise.tasks.training.trainer import Progress, Trainer

Lines = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Judged:
    """A network of one rotation.

    Attributes:
        rotation: what it was trained, stopped and judged by.
        coding: from its training part.
        network: with the weights that were best on the validation part.
        validation, test: its outputs [B, outputs] there.
    """

    rotation: Rotation
    coding: Coding
    network: SequenceNetwork
    validation: Floats
    test: Floats


@dataclass(frozen=True)
class Trained:
    """What the trainings have given.

    Attributes:
        pooling: the one that was best on the validation part of the first rotation.
        tried: its measure on that part, and those of the others.
        judged: a network for each rotation.
        steps: of training that the shipped networks have had.
        coding, networks: of all sequences: what is shipped.
        history: the learning curve of the first network.
        stopped: None, or the step at which the time limit ended a training, and of how many.
    """

    pooling: Pooling
    tried: dict[str, float]
    judged: tuple[Judged, ...]
    steps: int
    coding: Coding
    networks: tuple[SequenceNetwork, ...]
    history: tuple[LogEntry, ...]
    stopped: tuple[int, int] | None

    def summary(self, plan: Sequence[str], of_data: Sequence[str]) -> tuple[Lines, Lines]:
        """The lines of a plan as pairs of title and text: those of the data (of what was read, and others of these titles),
        and those of the model."""
        lines = [(title, text.strip()) for title, _, text in (line.partition(" ") for line in plan)]
        tried = ", ".join(f"{name} {loss:.3f}" for name, loss in self.tried.items())
        chosen = ("chosen", f"{self.pooling} pooling; loss on the validation part: {tried}")
        return (
            tuple(line for line in lines if line[0] in (*ABOUT_DATA, *of_data)),
            (*(line for line in lines if line[0] not in (*ABOUT_DATA, *of_data)), chosen),
        )


@dataclass(frozen=True)
class Fitting:
    """What stays the same through the trainings of a fit.

    Attributes:
        data, target: N sequences and what is said of them.
        rotations: of their parts.
        cell, choices, options, seed: of the networks and their training.
        run: a folder for the state of training; None: nothing is written.
        progress: is called with the stage, the step and the loss.
        masking: what is hidden of sounds in training.
    """

    data: Sequences
    target: Target
    rotations: Sequence[Rotation]
    cell: Cell
    choices: Choices
    options: SequenceOptions
    seed: int
    run: Path | None
    progress: Progress | None
    masking: Masking | None = None

    @cached_property
    def trainer(self) -> Trainer:
        """Trains the networks, one after another."""
        choices, options = self.choices, self.options
        trainings = len(choices.poolings) + len(self.rotations) - 1 + choices.members
        budget = Budget(options.time_limit, trainings)
        return Trainer(options, choices.learning_rate, self.seed, budget, self.run, self.progress)

    def trained(self) -> Trained:
        """All trainings. Raises TrainingError, and InputError for a run folder of another training."""
        choices = self.choices
        first = self.rotations[0]
        candidates = [self._judged(first, 0, pooling) for pooling in choices.poolings]
        measures = [self.target.check(one.validation, first.validation) for one, _ in candidates]
        best = int(np.argmin(measures))
        pooling = choices.poolings[best]
        turns = [candidates[best]] + [
            self._judged(rotation, k, pooling) for k, rotation in enumerate(self.rotations[1:], 1)
        ]
        curves = [curve for _, curve in turns]
        steps = steps_of_all(best_steps(curves), self.rotations, len(self.data))
        coding = coding_of(self.data)
        networks = tuple(self._final(coding, pooling, k, steps) for k in range(choices.members))
        return Trained(
            pooling,
            dict(zip(choices.poolings, measures, strict=True)),
            tuple(one for one, _ in turns),
            steps,
            coding,
            networks,
            tuple(curves[0]),
            self.trainer.budget.stopped,
        )

    def _judged(
        self, rotation: Rotation, k: int, pooling: Pooling
    ) -> tuple[Judged, list[LogEntry]]:
        """A network of one rotation, and its learning curve."""
        coding = coding_of(self.data.take(rotation.train))
        stage = f"training {k + 1} ({pooling})"
        parts = rotation.train, rotation.validation
        network, data, curve = self._trained(coding, pooling, stage, k, parts, self.choices.steps)
        outputs = (
            outputs_of([network], data, rows)[0] for rows in (rotation.validation, rotation.test)
        )
        return Judged(rotation, coding, network, *outputs), curve

    def _final(self, coding: Coding, pooling: Pooling, k: int, steps: int) -> SequenceNetwork:
        """A network of all sequences."""
        everything = np.arange(len(self.data))
        stage, parts = f"all sequences {k + 1}", (everything, everything)
        return self._trained(coding, pooling, stage, k, parts, steps, steps)[0]

    def _trained(
        self,
        coding: Coding,
        pooling: Pooling,
        stage: str,
        member: int,
        parts: tuple[Ints, Ints],
        steps: int,
        until: int | None = None,
    ) -> tuple[SequenceNetwork, Encoded, list[LogEntry]]:
        """A network that learns from the first part and is stopped by the second, what it reads, its learning curve."""
        data = encoded(coding, self.data, self.choices.patch)
        problem = SequenceProblem(data, self.target, *parts, self.choices.batch)
        make = partial(
            network_of,
            self.cell,
            coding,
            self.choices,
            self.options,
            pooling,
            self.target.outputs,
            self.masking,
        )
        network = self.trainer.untrained(make, member)
        if self.choices.lasting:
            remember(network, self.choices.lasting, self.seed + member)
        training = self.trainer.train(network, problem, stage, member, steps, until)
        return network, data, training.curve


def best_steps(curves: Sequence[Sequence[LogEntry]]) -> int:
    """For how many steps to train on all sequences, from the learning curves of the rotations.

    The mean of the curves is least somewhere, and mostly flat behind: there more training changes what
    is measured less than it varies from rotation to rotation. Sequences that were not trained on are
    few, so the last step at which the mean is within a standard error of its least value is taken, as
    long as every rotation got there. With one rotation it is the step of the least value.
    """
    length = min(map(len, curves))
    checks = np.array([[entry.check for entry in curve[:length]] for curve in curves], dtype=float)
    mean = checks.mean(0)
    at = int(np.argmin(mean))
    if len(curves) > 1:
        # by how much rotations differ in what they gain or lose from there on
        apart = (checks - checks[:, [at]]).std(0, ddof=1) / np.sqrt(len(curves))
        at = int(np.flatnonzero(mean <= mean[at] + apart + 1e-12)[-1])
    return max(1, curves[0][at].step)


def steps_of_all(steps: int, rotations: Sequence[Rotation], count: int) -> int:
    """For how many steps to train on all ``count`` sequences, if ``steps`` were best on those of a rotation: as
    many passes."""
    trained = [len(rotation.train) for rotation in rotations]
    return max(1, round(steps * count * len(trained) / sum(trained)))


def encoded(coding: Coding, data: Sequences, patch: int) -> Encoded:
    """Sequences as a network of this coding reads them."""
    return Encoded(coding.encode(data), data.starts, patch)


def network_of(
    cell: Cell,
    coding: Coding,
    choices: Choices,
    options: SequenceOptions,
    pooling: Pooling,
    outputs: int,
    masking: Masking | None = None,
) -> SequenceNetwork:
    """An untrained network; random numbers are drawn from torch's generator."""
    return SequenceNetwork(
        cell,
        EMBEDDING if isinstance(coding, Vocabulary) else coding.width * choices.patch,
        coding.size if isinstance(coding, Vocabulary) else 0,
        choices.patch,
        choices.units,
        outputs,
        not options.streaming,
        pooling,
        options.dropout,
        0.0 if isinstance(coding, Vocabulary) else options.noise,
        masking,
    )
