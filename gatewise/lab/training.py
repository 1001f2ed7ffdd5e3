"""One run: a network is trained on an experiment until the criterion is met or the time is over."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np
import torch
from torch import Tensor, nn

from gatewise.lab import recipes
from gatewise.lab.batch import Batch
from gatewise.lab.experiment import Experiment, Help, Setting, Tested
from gatewise.lab.network import LabNetwork
from gatewise.lab.progress import Curve, Progress
from gatewise.lang import Cell

_STAGE_TESTS = 250  # fresh sequences, of a gap that is shorter than the final one
_PUT_OFF = 0.02  # of the updates so far, after a test that failed, and at least
_LEAST_PUT_OFF = 10


@dataclass(frozen=True)
class Outcome:
    """What a run came to.

    Attributes:
        solved: whether the criterion was met, in training and on fresh sequences.
        sequences, updates, steps: of training; steps counts those of all sequences.
        cpu, wall: seconds, tests included.
        figures: of the last test.
        stages: (T, sequences, CPU seconds) when each gap was passed.
        help: what training added to the cell.
        note: a sentence where the run ended otherwise than by its criterion.
        curve: (sequences, running error) now and then; the error starts anew when the gap grows.
    """

    solved: bool
    sequences: int
    updates: int
    steps: int
    cpu: float
    wall: float
    figures: dict[str, float | int]
    stages: tuple[tuple[int, int, float], ...] = ()
    help: tuple[str, ...] = ()
    note: str = ""
    curve: tuple[tuple[int, float], ...] = ()


def train(
    cell: Cell,
    experiment: Experiment,
    setting: Setting,
    recipe: str,
    seed: int,
    seconds: float,
    tell: Callable[[str], None] = lambda text: None,
) -> Outcome:
    """Train once. Time is the processor's: of one thread, seconds on an idle machine.

    Raises CellError for a cell that cannot be used in the experiment or with the recipe.
    """
    return fit(cell, experiment, setting, recipe, seed, seconds, tell)[1]


def fit(
    cell: Cell,
    experiment: Experiment,
    setting: Setting,
    recipe: str,
    seed: int,
    seconds: float,
    tell: Callable[[str], None] = lambda text: None,
) -> tuple[LabNetwork, Outcome]:
    """As ``train``, with the network."""
    added = recipes.help_of(experiment, recipe)
    experiment = replace(experiment, **dict(added.fields))
    data, tests, sets = (np.random.default_rng([seed, k]) for k in range(3))
    experiment = experiment.prepare(sets)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        network = LabNetwork(cell, experiment, setting)
        phrases = recipes.start(network, experiment, added, recipe)
        run = _Run(network, experiment, setting, added, data, tests, seconds, tell)
        return network, replace(run(), help=tuple(phrases))


class _Stopped(Exception):
    """Training ended before the criterion was met; the message says why."""


class _Broken(_Stopped):
    """The network is no use any more: a test of it would say nothing."""


@dataclass
class _Run:
    """A network in training: what it is trained with, and how far it has come."""

    network: LabNetwork
    experiment: Experiment
    setting: Setting
    added: Help
    data: np.random.Generator
    tests: np.random.Generator
    seconds: float
    tell: Callable[[str], None]
    updates: int = 0
    sequences: int = 0
    steps: int = 0
    tested: Tested | None = None
    passed: list[tuple[int, int, float]] = field(default_factory=list)
    curve: Curve = field(default_factory=Curve)

    def __post_init__(self) -> None:
        self._cpu, self._wall = time.process_time(), time.perf_counter()
        self._optimizer = torch.optim.Adam(
            self.network.parameters(), lr=self.setting.lr, betas=self.setting.betas
        )

    def __call__(self) -> Outcome:
        stages = self.experiment.stages() if self.added.grow else (self.experiment.T,)
        note = ""
        try:
            for gap in stages:
                self._set_rate(gap / stages[0])
                self._master(gap, final=gap == stages[-1])
                self.passed.append((gap, self.sequences, round(self._spent(), 2)))
        except _Stopped as stop:
            note = str(stop)
            if not isinstance(stop, _Broken):
                self.tested = self._test(self.experiment, whole=False)
        return Outcome(
            not note,
            self.sequences,
            self.updates,
            self.steps,
            round(self._spent(), 2),
            round(time.perf_counter() - self._wall, 2),
            dict(self.tested.figures) if self.tested else {},
            tuple(self.passed),
            note=note,
            curve=tuple(self.curve.points),
        )

    def _spent(self) -> float:
        return time.process_time() - self._cpu

    def _set_rate(self, growth: float) -> None:
        """The learning rate for a gap that is so many times as long as the first."""
        for group in self._optimizer.param_groups:
            group["lr"] = self.setting.lr * growth**-self.added.fall

    def _master(self, gap: int, final: bool) -> None:
        """Train at one gap until its criterion is met on fresh sequences. Raises _Stopped if it is not."""
        criterion = self.experiment.criterion
        present = self.experiment if gap == self.experiment.T else self.experiment.at(gap)
        batches = present.source_of(self.data, self.setting.B)
        last = criterion.last if final else min(criterion.stage, criterion.last)
        progress = Progress(criterion, last)
        while True:
            if self._spent() > self.seconds:
                raise _Stopped(f"stopped after {self.seconds:g} s at a gap of {gap}")
            shorter = self._shorter(gap)
            if shorter is not None:
                self._update(shorter)
                continue
            batch = next(batches)
            self._take_in(batch, self._update(batch), progress)
            if not progress.test_is_due():
                continue
            self.tested = self._test(present, whole=final)
            self.tell(f"T={gap}, {self.sequences:,} sequences: {self.tested.figures}")
            if self.tested.passed:
                return
            progress.put_off(max(_LEAST_PUT_OFF, int(_PUT_OFF * self.updates)))

    def _shorter(self, gap: int) -> Batch | None:
        """Now and then, where the recipe says so, a batch with a random shorter gap."""
        low = self.experiment.stages()[0]
        if not self.added.mix or gap <= low or self.data.random() >= self.added.mix:
            return None
        T = int(self.data.integers(max(1, min(low, gap)), gap + 1))
        return self.experiment.at(max(T, self.experiment.least)).batch(self.data, self.setting.B)

    def _update(self, batch: Batch) -> Tensor:
        """One step of training; the answers before it. Raises _Broken if the loss is no number any more."""
        answers: Tensor = self.network(batch)
        loss = self.network.loss_of(answers, batch)
        value = loss.item()
        if not math.isfinite(value):
            raise _Broken(f"the loss became {value} after {self.updates} updates")
        self._optimizer.zero_grad()
        loss.backward()
        norm = nn.utils.clip_grad_norm_(self.network.parameters(), self.setting.clip)
        if not bool(torch.isfinite(norm)):
            raise _Broken(f"the gradient overflowed after {self.updates} updates")
        self._optimizer.step()
        self.updates += 1
        self.sequences += batch.size
        self.steps += batch.inputs.shape[0] * batch.size
        return answers

    def _take_in(self, batch: Batch, answers: Tensor, progress: Progress) -> None:
        """Hold the answers of training against the criterion."""
        read = self.network.squash(answers)
        errors = self.experiment.errors(read, batch)
        errors = errors if batch.judged is None else errors[batch.judged]
        mean = float((errors**2).mean() if self.network.loss == "squared" else errors.mean())
        progress.update(batch.per_sequence(self.experiment.wrong(read, batch)), mean)
        self.curve.draw(self.updates, self.sequences, progress.error)

    def _test(self, experiment: Experiment, whole: bool) -> Tested:
        """Fresh sequences: as many as the criterion asks for, or a few to pass a shorter gap."""
        few = None if whole else min(experiment.tests, _STAGE_TESTS)
        with self.network.tested():
            return experiment.test(self.network.answer, self.tests, few)
