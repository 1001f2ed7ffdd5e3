"""The training loop: AdamW, warm-up and cosine, best weights, patience, resumable at any moment.

It knows nothing of what is learned: a ``Problem`` draws batches and gives losses. What happens at a
step depends on the seed, the number of the step and the state that ``checkpoint.py`` writes, on nothing else;
that is why a training that was killed ends with the weights of one that was not. Several processes
(``torchrun``) share each batch; their sums are added up before anything is divided.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.utils import clip_grads_with_norm_, get_total_norm

from gatewise.errors import InputError, TrainingError
from gatewise.tasks.training.checkpoint import Checkpoint, LogEntry, TrainState
from gatewise.tasks.training.distributed import Processes
from gatewise.tasks.training.nonfinite import diagnosis
from gatewise.tasks.training.optimizer import AdamW
from gatewise.tasks.training.pace import Pace
from gatewise.tasks.training.problem import Problem, Recipe

# share of the steps that warm up; share of the learning rate that is left at the end
WARM_UP, LAST_RATE = 0.05, 0.02
# seconds between two calls of ``progress``, at least
TICK = 0.1


def train(
    network: nn.Module,
    problem: Problem,
    recipe: Recipe,
    *,
    until: int | None = None,
    run: Path | None = None,
    progress: Callable[[int, float], None] | None = None,
    history: list[LogEntry] | None = None,
) -> int:
    """Train in place and return the number of steps whose weights the network has now.

    Args:
        network: on any device; it ends there again, in evaluation mode.
        problem: what to learn.
        recipe: how to train.
        until: train exactly so many steps of the recipe's schedule. None: keep the weights with the lowest
            validation loss, the first ones included, and end by patience. In either case the
            recipe's time limit can end it earlier.
        run: folder for the state and ``metrics.jsonl``. An existing state is resumed; a finished
            one is used as it is. None: nothing is written.
        progress: called with the step and the recent loss, a few times a second at most.
        history: filled with the learning curve, including that of a resumed run.

    Raises:
        TrainingError: if the loss or the gradient becomes NaN or infinite; it says where that began.
        InputError: if the run folder holds another training, is damaged or cannot be written.
    """
    processes = Processes(recipe.device, recipe.precision)
    with processes.set_up(network):
        loop = _Loop(network, problem, recipe, processes, until, run)
        if history is not None:
            loop.at.notes = history  # filled in place
        loop.restore()
        loop.cut()
        on_cpu = processes.device.type == "cpu"
        loop.pace = Pace(torch.get_num_threads() if on_cpu else 1)
        try:
            loop.make(progress or (lambda step, loss: None))
        finally:
            loop.pace.end()
        return loop.at.chosen


class _Loop:
    """A training on its way."""

    def __init__(
        self,
        network: nn.Module,
        problem: Problem,
        recipe: Recipe,
        processes: Processes,
        until: int | None,
        run: Path | None,
    ) -> None:
        self.network, self.problem, self.recipe, self.processes = (
            network,
            problem,
            recipe,
            processes,
        )
        self.pace = Pace(1)
        self.stopping = until is None
        self.last = recipe.steps if until is None else until
        self.every = max(1, recipe.steps // recipe.checks)
        self.weights = [p for p in network.parameters() if p.requires_grad]
        self.optimizer = AdamW(self.weights, recipe.learning_rate, recipe.weight_decay)
        self.at = TrainState()
        self.best = copy(network)
        self.run = (
            None
            if run is None
            else Checkpoint(run, network, recipe, until, problem.fingerprint(), processes.first)
        )

    def restore(self) -> None:
        """Resume from the state in the run folder, if it has one."""
        if self.run is None:
            return
        self.run.restore(self.network, self.best, self.optimizer, self.at)
        self.processes.agree(self.at.step)

    def cut(self) -> None:
        """Settle the pieces of a batch: a run keeps those that it began with."""
        self.at.pieces = self.at.pieces or max(self.recipe.pieces, self.processes.world)
        if self.at.pieces % self.processes.world:
            raise InputError(
                f"{self.processes.world} processes cannot share {self.at.pieces} pieces of a batch: "
                "start as many as divide that number"
            )

    def make(self, progress: Callable[[int, float], None]) -> None:
        """All steps that are left."""
        if self.at.done:
            self.network.eval()
            return
        started, last_report, saved = time.monotonic() - self.at.seconds, 0.0, time.monotonic()
        if self.stopping and self.at.step == 0:
            self._judge(None)
        self.network.train()
        while self.at.step < self.last and not self._out_of_patience():
            step = self.at.step + 1
            loss = self.pace.step(partial(self._step, step))
            self.at.step, self.at.total, self.at.count = (
                step,
                self.at.total + loss,
                self.at.count + 1,
            )
            now = time.monotonic()
            self.at.seconds = now - started
            late = step < self.last and self._out_of_time()
            if step % self.every == 0 or step == self.last or late:
                mean = self.at.total / self.at.count
                self._judge(mean, late)
                self.at.total, self.at.count, last_report = 0.0, 0, now
                progress(step, mean)
            elif now - last_report >= TICK:
                last_report = now
                progress(step, self.at.total / self.at.count)
            if self.run is not None and now - saved >= self.recipe.save_every:
                self._save()
                saved = time.monotonic()
            if late:
                break
        if self.stopping:
            self.network.load_state_dict(self.best)
        else:
            self.at.chosen = self.at.step
        self.at.done = True
        self._save()
        self.network.eval()

    def _out_of_patience(self) -> bool:
        return self.stopping and self.at.since >= self.recipe.patience

    def _out_of_time(self) -> bool:
        """Whether the time is used up, by the clock of any process: all of them end at the same step."""
        limit = self.recipe.time_limit
        return limit is not None and self.processes.total(float(self.at.seconds >= limit)) > 0

    def _step(self, step: int) -> float:
        """One step of the optimizer; its loss."""
        rng = np.random.default_rng((self.recipe.seed, step))
        noise, batch = int(rng.integers(2**62)), self.problem.draw(rng)
        if self.at.pieces == 1:
            total, weight = self._sums(batch, noise, 0)
            mean = total / weight
            mean.backward()
            loss = mean.item()
        else:
            loss = self._shared(batch, noise)
        norm = get_total_norm([w.grad for w in self.weights if w.grad is not None])
        if not (math.isfinite(loss) and math.isfinite(norm.item())):
            raise TrainingError(
                diagnosis(self.network, self.problem, batch, self.recipe, step, loss)
            )
        clip_grads_with_norm_(self.weights, self.recipe.clip, norm)
        self.optimizer.param_groups[0]["lr"] = self.recipe.learning_rate * rate(
            step - 1, self.recipe.steps
        )
        self.optimizer.step()
        self.optimizer.zero_grad()
        return loss

    def _shared(self, batch: Any, noise: int) -> float:
        """The loss of a batch in pieces, this process's one after the other; the weights' gradient."""
        sums = torch.zeros(2, dtype=self.weights[0].dtype, device=self.processes.device)
        for piece in range(self.processes.rank, self.at.pieces, self.processes.world):
            total, weight = self._sums(batch, noise, piece)
            if total.requires_grad:  # not where the piece is empty
                total.backward()
            sums += torch.stack([total.detach(), weight.detach()]).to(sums)
        return self.processes.mean(self.weights, sums)

    def _sums(self, batch: Any, noise: int, piece: int) -> tuple[Tensor, Tensor]:
        """Sums of losses and weights over a piece, with its own dropout."""
        self.processes.seed(noise + piece)
        part = self.problem.part(batch, piece, self.at.pieces)
        with self.processes.autocast():
            return self.problem.loss(self.network, part)

    def _judge(self, loss: float | None, late: bool = False) -> None:
        """Log the training loss and, where training stops by it, the validation loss; keep the best weights.

        ``late``: the time limit ends training here.
        """
        at, validation = self.at, None
        if self.stopping:
            self.network.eval()
            with torch.no_grad(), self.processes.autocast():
                mine = self.problem.check(self.network) if self.processes.first else 0.0
            validation = self.processes.total(mine)
            self.network.train()
            if not math.isfinite(validation):
                raise TrainingError(
                    f"the validation loss is {validation} after step {at.step}: try a lower "
                    f"learning rate than {self.recipe.learning_rate:g}"
                )
            at.since += at.step > 0
            if at.best is None or validation < at.best:
                at.best, at.since, at.chosen = validation, 0, at.step
                for name, value in self.network.state_dict().items():
                    self.best[name].copy_(value)
        reached = self.recipe.learning_rate * rate(max(0, at.step - 1), self.recipe.steps)
        at.notes.append(LogEntry(at.step, loss, validation, reached, round(at.seconds, 3), late))
        if self.run is not None:
            self.run.append(at.notes[-1])

    def _save(self) -> None:
        if self.run is not None:
            self.run.save(self.network, self.best, self.optimizer, self.at)


def rate(step: int, steps: int) -> float:
    """The learning rate's factor: a linear warm-up, then half a cosine (Loshchilov & Hutter 2017)."""
    warm = max(1, round(WARM_UP * steps))
    if step < warm:
        return (step + 1) / warm
    done = min(1.0, (step - warm) / max(1, steps - warm))
    return LAST_RATE + (1 - LAST_RATE) * 0.5 * (1 + math.cos(math.pi * done))


def copy(network: nn.Module) -> dict[str, Tensor]:
    """A network's state of its own."""
    return {name: value.detach().clone() for name, value in network.state_dict().items()}
