"""``BehaviourCloning``: a policy with memory that does what was done in recorded episodes."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np
import torch
from torch import Tensor, nn

from gatewise.arrays import Ints
from gatewise.control.episode_batches import EpisodeBatches, Padded
from gatewise.control.episodes_table import Episodes, read_episodes
from gatewise.control.network import PolicyNetwork
from gatewise.control.observations import Leaf, ObservationCoding
from gatewise.control.options import Options
from gatewise.control.policy import Policy, make_policy
from gatewise.control.record import PolicyRecord, SavedEnvironment
from gatewise.control.saved import policy_files
from gatewise.control.update import make_optimizer
from gatewise.errors import InputError, OptionError
from gatewise.lang.cell import Cell
from gatewise.tasks import model_dir
from gatewise.tasks.options import Rule, count, number, one_of, single_input_cell

HELD_OUT = 5  # one episode of so many judges
RULES: dict[str, Rule] = {
    "units": count(4_096, optional=False),
    "steps": count(1_000_000, optional=False),
    "batch": count(100_000, optional=False),
    "patience": count(10_000, optional=False),
    "learning_rate": number(0, 1),
    "previous_action": one_of(True, False),
}
CHECK_EVERY = 25  # steps of training


@dataclass(frozen=True)
class Cloned:
    """What was learned from a table of episodes.

    Attributes:
        policy: what was learned.
        accuracy: the share of held-out steps whose action is the likeliest one; of numbers, the share of their
            variance that is explained.
        baseline: the same of the commonest action; 0 for numbers.
        step: the step of training with the best network.
        frames: steps of the table.
    """

    policy: Policy
    accuracy: float
    baseline: float
    step: int
    frames: int

    def lines(self) -> list[str]:
        """For people."""
        what = "right" if self.policy.action.kind == "choices" else "of the variance"
        return [
            f"cloned    from {self.frames:,} steps, the best network after {self.step:,} steps of training",
            f"held out  {100 * self.accuracy:.1f} % {what}; the commonest action {100 * self.baseline:.1f} %",
        ]

    def data(self) -> dict[str, Any]:
        """For programs."""
        return {name: getattr(self, name) for name in ("frames", "step", "accuracy", "baseline")}


class BehaviourCloning:
    """Learns from a table of episodes; no environment is needed.

    A fifth of the episodes is held out: training ends when they are predicted no better.

    Args:
        cell: a name of the catalogue or a cell with one input.
        units: of the network.
        steps: of training, at most.
        batch: episodes of a step.
        patience: checks without an improvement after which training ends; there is one every 25 steps.
        learning_rate: of Adam.
        previous_action: whether the last action is read besides the observation. What comes before an action often
            tells it, and then the observation is not learned from.
        id, order, action, values: columns, as ``episodes_table.read_episodes`` has them.
        seed: of weights and batches.

    Attributes:
        cloned_: what ``fit`` has learned, a ``Cloned``; ``policy``, ``accuracy`` and ``baseline`` are its.

    Raises OptionError for an option out of range.
    """

    cloned_: Cloned

    def __init__(
        self,
        cell: str | Cell = "lstm",
        *,
        units: int = 64,
        steps: int = 2_000,
        batch: int = 16,
        patience: int = 10,
        learning_rate: float = 2e-3,
        previous_action: bool = False,
        id: str = "id",
        order: str | None = "step",
        action: str | Sequence[str] | None = None,
        values: Sequence[str] | None = None,
        seed: int = 0,
    ) -> None:
        self.arguments = {
            "units": units,
            "steps": steps,
            "batch": batch,
            "patience": patience,
            "learning_rate": learning_rate,
            "previous_action": previous_action,
        }
        for name, rule in RULES.items():
            problem = rule(self.arguments[name])
            if problem:
                raise OptionError(f"{name} {problem}")
        self.cell = single_input_cell(cell, "a policy gives it one")
        self.columns: dict[str, Any] = {
            "id": id,
            "order": order,
            "action": action,
            "values": values,
        }
        self.options = Options(
            units=units,
            learning_rate=float(learning_rate),
            previous_action=previous_action,
            seed=seed,
        )
        self.steps, self.batch, self.patience = steps, batch, patience

    def fit(self, data: Any) -> Self:
        """Learn from a frame, or a CSV or Parquet file. Raises InputError for a table that does not fit."""
        episodes = read_episodes(data, **self.columns)
        count = len(episodes.observations)
        if count < 2:
            raise InputError("there is one episode: at least two are needed, as one is held out")
        rng = np.random.default_rng(self.options.seed)
        order = rng.permutation(count)
        held = max(1, count // HELD_OUT)
        judge, learn = np.sort(order[:held]), np.sort(order[held:])
        policy = self._new_policy(episodes, learn)
        batch_of = EpisodeBatches(policy, episodes)
        optimizer = make_optimizer(policy.network, self.options.learning_rate)
        best, left = _Best(), self.patience
        for step in range(self.steps + 1):
            if step % CHECK_EVERY == 0 or step == self.steps:
                improved = best.offer(_loss(policy, batch_of(judge)).item(), policy.network, step)
                left = self.patience if improved else left - 1
                if not left:
                    break
            _step(
                policy, batch_of(rng.choice(learn, min(self.batch, len(learn)), False)), optimizer
            )
        best.restore(policy.network)
        policy.read_weights()
        accuracy, baseline = _judged(policy, batch_of(judge), batch_of(learn))
        self.cloned_ = Cloned(policy, accuracy, baseline, best.step, len(episodes.actions))
        return self

    @property
    def policy(self) -> Policy:
        """What was learned."""
        return self._cloned().policy

    @property
    def accuracy(self) -> float:
        """How much of the held-out episodes is told."""
        return self._cloned().accuracy

    @property
    def baseline(self) -> float:
        """How much of them a constant answer tells."""
        return self._cloned().baseline

    def _cloned(self) -> Cloned:
        """What was learned. Raises InputError before ``fit``."""
        if "cloned_" not in vars(self):
            raise InputError("nothing was learned yet: call fit first")
        return self.cloned_

    def _new_policy(self, episodes: Episodes, learn: Ints) -> Policy:
        channels = episodes.observations.values.shape[1]
        observation = ObservationCoding((Leaf((), "numbers", (channels,)),))
        policy = make_policy(self.cell, observation, episodes.coding, self.options)
        assert policy.moments is not None
        policy.moments.add(episodes.observations.take(learn).values)
        policy.read_weights()
        return policy

    def save(self, folder: str | Path, *, force: bool = False) -> None:
        """Write the policy to a folder.

        Raises InputError if it exists and ``force`` is false, or before ``fit``.
        """
        cloned, folder = self._cloned(), Path(folder)
        model_dir.check_free(folder, force)
        record = PolicyRecord(
            policy=cloned.policy,
            cell=self.cell,
            options=self.options,
            environment=SavedEnvironment(name=None, hide=(), max_steps=None),
            frames=cloned.frames,
            updates=cloned.step,
        )
        model_dir.write(folder, policy_files(record, report=False))


class _Best:
    """The best network so far."""

    def __init__(self) -> None:
        self.loss, self.step, self._weights = np.inf, 0, {}  # type: float, int, dict[str, Tensor]

    def offer(self, loss: float, network: PolicyNetwork, step: int) -> bool:
        """Whether it is better than all before; then it is kept."""
        if loss >= self.loss:
            return False
        self.loss, self.step = loss, step
        self._weights = copy.deepcopy(network.state_dict())
        return True

    def restore(self, network: PolicyNetwork) -> None:
        """Load its weights."""
        if self._weights:
            network.load_state_dict(self._weights)


def _said(policy: Policy, batch: Padded) -> Tensor:
    start = policy.start(batch.inputs.shape[1])
    said, _, _ = policy.network(batch.inputs, [torch.from_numpy(m) for m in start.memory], None)
    return torch.as_tensor(said)


def cloning_loss(policy: Policy, batch: Padded) -> Tensor:
    """The mean over steps, by their weights, of minus the logarithm of the likelihood of the action."""
    likelihood, _ = policy.action.log_likelihood(
        _said(policy, batch), policy.network.log_deviation, batch.actions
    )
    return -(likelihood * batch.weights).sum() / batch.weights.sum()


@torch.no_grad()
def _loss(policy: Policy, batch: Padded) -> Tensor:
    policy.network.eval()
    return cloning_loss(policy, batch)


def _step(policy: Policy, batch: Padded, optimizer: Any) -> None:
    policy.network.train()
    optimizer.zero_grad()
    cloning_loss(policy, batch).backward()
    nn.utils.clip_grad_norm_(policy.network.parameters(), 1.0)
    optimizer.step()
    policy.network.eval()


@torch.no_grad()
def _judged(policy: Policy, judge: Padded, learn: Padded) -> tuple[float, float]:
    """How much of the held-out steps is told, and how much a constant answer tells."""
    said, valid = _said(policy, judge).numpy(), judge.weights.numpy().astype(bool)
    truth = judge.actions.numpy()[valid]
    drawn = policy.action.draw(said[valid], None, None)
    if policy.action.kind == "numbers":
        errors = ((truth - drawn) ** 2).sum()
        variance = ((truth - truth.mean(0)) ** 2).sum()
        return float(1 - errors / variance) if variance > 0 else 0.0, 0.0
    known = learn.actions.numpy()[learn.weights.numpy().astype(bool)]
    rows, counts = np.unique(known, axis=0, return_counts=True)
    commonest = rows[counts.argmax()]
    return float((drawn == truth).all(1).mean()), float((truth == commonest).all(1).mean())
