"""One run: a network is trained on an experiment until the criterion is met or the time is over."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np
import torch
from torch import nn

from gatewise.arrays import Array
from gatewise.lab import recipes
from gatewise.lab.batch import Batch
from gatewise.lab.experiment import Criterion, Experiment, Help, Setting, Tested
from gatewise.lab.network import Network
from gatewise.lang import Cell

_DECAY = 0.97  # of the running mean of the error, an update
_POINTS = 200  # of a curve, at most


@dataclass(frozen=True)
class Outcome:
    """What a run came to.

    Attributes:
        solved: whether the criterion was met, in training and on fresh sequences; None where there is none.
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


@dataclass
class _Progress:
    """What training has shown since the gap last grew."""

    criterion: Criterion
    last: int
    right: int = 0
    results: list[Array] = field(default_factory=list)
    count: int = 0
    error: float = math.nan
    updates: int = 0

    def update(self, wrong: Array, error: float) -> None:
        self.updates += 1
        self.error = error if math.isnan(self.error) else _DECAY * self.error + (1 - _DECAY) * error
        self.results.append(wrong)
        self.count += len(wrong)
        while self.count - len(self.results[0]) >= self.last and len(self.results) > 1:
            self.count -= len(self.results.pop(0))

    def met(self) -> bool:
        """Whether a test is due."""
        c = self.criterion
        if c.every is not None:
            return self.updates % c.every == 0
        if self.count < self.last or self.updates < 10:
            return False
        if c.error is not None and not self.error < c.error:
            return False
        return not self.last or int(sum(w.sum() for w in self.results)) <= c.wrong


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
) -> tuple[Network, Outcome]:
    """As ``train``, with the network."""
    added = recipes.help_of(experiment, recipe)
    experiment = replace(experiment, **dict(added.fields))
    data, tests, sets = (np.random.default_rng([seed, k]) for k in range(3))
    experiment = experiment.prepare(sets)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        network = Network(cell, experiment, setting)
        said = recipes.start(network, experiment, added, recipe)
        run = _Run(network, experiment, setting, added, data, tests, seconds, tell, tuple(said))
        return network, run()


@dataclass
class _Run:
    network: Network
    experiment: Experiment
    setting: Setting
    added: Help
    data: np.random.Generator
    tests: np.random.Generator
    seconds: float
    tell: Callable[[str], None]
    said: tuple[str, ...]

    def __call__(self) -> Outcome:
        experiment, criterion = self.experiment, self.experiment.criterion
        self.cpu, self.wall = time.process_time(), time.perf_counter()
        self.optimizer = torch.optim.Adam(
            self.network.parameters(), lr=self.setting.lr, betas=self.setting.betas
        )
        self.updates = self.sequences = self.steps = 0
        self.passed: list[tuple[int, int, float]] = []
        self.curve: list[tuple[int, float]] = []
        self.apart = 1  # updates between two points of the curve
        stages = experiment.stages() if self.added.grow else (experiment.T,)
        tested: Tested | None = None
        note = ""
        for gap in stages:
            final = gap == stages[-1]
            present = experiment if gap == experiment.T else experiment.at(gap)
            batches = present.source_of(self.data, self.setting.B)
            progress = _Progress(criterion, criterion.last if final else self._of_stage(criterion))
            mastered, next_test = False, 0
            while not mastered and not note:
                if self._spent() > self.seconds:
                    note = f"stopped after {self.seconds:g} s at a gap of {gap}"
                    break
                shorter = self._shorter(gap)
                batch = shorter or next(batches)
                note = self._update(batch, None if shorter else progress)
                if shorter or note or self.updates < next_test or not progress.met():
                    continue
                tested = self._test(present, whole=final)
                mastered = tested.passed
                next_test = self.updates + max(10, int(0.02 * self.updates))
                self.tell(f"T={gap}, {self.sequences:,} sequences: {tested.figures}")
            if note:
                break
            self.passed.append((gap, self.sequences, round(self._spent(), 2)))
        solved = not note
        if not solved and not note.startswith("the "):
            tested = self._test(experiment, whole=False)
        return Outcome(
            solved,
            self.sequences,
            self.updates,
            self.steps,
            round(self._spent(), 2),
            round(time.perf_counter() - self.wall, 2),
            dict(tested.figures) if tested else {},
            tuple(self.passed),
            self.said,
            note,
            tuple(self.curve),
        )

    def _draw_curve(self, error: float) -> None:
        """Take the running error down, at all times at no more than so many places."""
        if self.updates % self.apart == 0 and math.isfinite(error):
            self.curve.append((self.sequences, round(error, 6)))
        if len(self.curve) > _POINTS:
            self.curve, self.apart = self.curve[1::2], 2 * self.apart

    def _spent(self) -> float:
        return time.process_time() - self.cpu

    def _of_stage(self, criterion: Criterion) -> int:
        return min(criterion.stage, criterion.last) if criterion.last else 0

    def _test(self, experiment: Experiment, whole: bool) -> Tested:
        """Fresh sequences: as many as the criterion asks for, or a few to pass a shorter gap."""
        few = None if whole else min(experiment.tests, 250)
        with self.network.tested():
            return experiment.test(self.network.answer, self.tests, few)

    def _shorter(self, gap: int) -> Batch | None:
        """Now and then, where the recipe says so, a batch with a random shorter gap."""
        low = self.experiment.stages()[0]
        if not self.added.mix or gap <= low or self.data.random() >= self.added.mix:
            return None
        T = int(self.data.integers(max(1, min(low, gap)), gap + 1))
        return self.experiment.at(max(T, self.experiment.least)).batch(self.data, self.setting.B)

    def _update(self, batch: Batch, progress: _Progress | None) -> str:
        """One step of training; a sentence if the loss is no number any more."""
        answers = self.network(batch)
        loss = self.network.loss_of(answers, batch)
        value = loss.item()
        if not math.isfinite(value):
            return f"the loss became {value} after {self.updates} updates"
        self.optimizer.zero_grad()
        loss.backward()
        norm = nn.utils.clip_grad_norm_(self.network.parameters(), self.setting.clip)
        if not bool(torch.isfinite(norm)):
            return f"the gradient overflowed after {self.updates} updates"
        self.optimizer.step()
        self.updates += 1
        self.sequences += batch.size
        self.steps += batch.inputs.shape[0] * batch.size
        if progress is not None:
            read = self.network.squash(answers)
            error = self.experiment.errors(read, batch)
            error = error if batch.judged is None else error[batch.judged]
            mean = float((error**2).mean() if self.network.loss == "squared" else error.mean())
            progress.update(batch.per_sequence(self.experiment.wrong(read, batch)), mean)
            self._draw_curve(progress.error)
        return ""
