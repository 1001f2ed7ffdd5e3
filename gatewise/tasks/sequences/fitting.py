"""The trainings of a fit: rotations that choose, stop and judge, then networks of all sequences."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from gatewise.lang.cell import Cell
from gatewise.tasks.sequences.batches import Encoded
from gatewise.tasks.sequences.choices import EMBEDDING, Choices
from gatewise.tasks.sequences.network import Pooling, SequenceNetwork, remember
from gatewise.tasks.sequences.objective import SequenceProblem, Target, outputs_of
from gatewise.tasks.sequences.options import SequenceOptions
from gatewise.tasks.sequences.ragged import Sequences
from gatewise.tasks.sequences.scaling import Coding, Vocabulary, coding_of
from gatewise.tasks.sequences.splits import Rotation
from gatewise.tasks.training.checkpoint import LogEntry
from gatewise.tasks.training.loop import train
from gatewise.tasks.training.problem import Recipe
from gatewise.tasks.training.time_budget import Budget

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Progress = Callable[[str, int, float], None]


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


@dataclass(frozen=True)
class Fitting:
    """What stays the same through the trainings of a fit.

    Attributes:
        data, target: N sequences and what is said of them.
        rotations: of their parts.
        cell, choices, options, seed: of the networks and their training.
        run: a folder for the state of training; None: nothing is written.
        progress: is called with the stage, the step and the loss.
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

    def trained(self) -> Trained:
        """All trainings. Raises TrainingError, and InputError for a run folder of another training."""
        choices = self.choices
        budget = Budget(
            self.options.time_limit,
            len(choices.poolings) + len(self.rotations) - 1 + choices.members,
        )
        first = self.rotations[0]
        history: list[LogEntry] = []
        candidates = [
            self._judged(first, 0, pooling, budget, history if k == 0 else [])
            for k, pooling in enumerate(choices.poolings)
        ]
        measures = [
            self.target.check(judged.validation, first.validation) for judged, _ in candidates
        ]
        best = int(np.argmin(measures))
        pooling = choices.poolings[best]
        results = [candidates[best]]
        for k, rotation in enumerate(self.rotations[1:], 1):
            results.append(self._judged(rotation, k, pooling, budget, []))
        steps = max(1, round(float(np.mean([made for _, made in results]))))
        coding = coding_of(self.data)
        networks = tuple(
            self._final(coding, pooling, k, steps, budget) for k in range(choices.members)
        )
        return Trained(
            pooling,
            dict(zip(choices.poolings, measures, strict=True)),
            tuple(judged for judged, _ in results),
            steps,
            coding,
            networks,
            tuple(history),
            budget.stopped,
        )

    def _judged(
        self, rotation: Rotation, k: int, pooling: Pooling, budget: Budget, notes: list[LogEntry]
    ) -> tuple[Judged, int]:
        """A network of one rotation, and the steps that were best."""
        coding = coding_of(self.data.take(rotation.train))
        data = encoded(coding, self.data, self.choices.patch)
        network = self._network(coding, pooling, k)
        problem = SequenceProblem(
            data, self.target, rotation.train, rotation.validation, self.choices.batch
        )
        stage = f"training {k + 1} ({pooling})"
        made = self._train(network, problem, stage, k, self.choices.steps, None, budget, notes)
        outputs = (
            outputs_of([network], data, rows)[0] for rows in (rotation.validation, rotation.test)
        )
        return Judged(rotation, coding, network, *outputs), made

    def _final(
        self, coding: Coding, pooling: Pooling, k: int, steps: int, budget: Budget
    ) -> SequenceNetwork:
        """A network of all sequences."""
        network = self._network(coding, pooling, k)
        everything = np.arange(len(self.data))
        data = encoded(coding, self.data, self.choices.patch)
        problem = SequenceProblem(data, self.target, everything, everything, self.choices.batch)
        self._train(network, problem, f"all sequences {k + 1}", k, steps, steps, budget, [])
        return network

    def _network(self, coding: Coding, pooling: Pooling, member: int) -> SequenceNetwork:
        """An untrained network of this member's seed."""
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(self.seed + member)
            network = network_of(
                self.cell, coding, self.choices, self.options, pooling, self.target.outputs
            )
        if self.choices.lasting:
            remember(network, self.choices.lasting, self.seed + member)
        return network

    def _train(
        self,
        network: SequenceNetwork,
        problem: SequenceProblem,
        stage: str,
        member: int,
        steps: int,
        until: int | None,
        budget: Budget,
        notes: list[LogEntry],
    ) -> int:
        options, tell = self.options, self.progress
        recipe = Recipe(
            steps,
            options.learning_rate,
            options.patience,
            self.seed + member,
            device=options.device,
            precision=options.precision,
            time_limit=budget.share(),
        )
        made = train(
            network,
            problem,
            recipe,
            until=until,
            run=None if self.run is None else self.run / _file_name(stage),
            progress=None if tell is None else lambda step, loss: tell(stage, step, loss),
            history=notes,
        )
        budget.spend(notes, steps)
        return made


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
    )


def _file_name(stage: str) -> str:
    return "-".join(stage.replace("(", "").replace(")", "").split())
