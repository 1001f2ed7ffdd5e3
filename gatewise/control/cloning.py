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
from gatewise.control.episodes_table import Episodes, read_episodes
from gatewise.control.network import PolicyNetwork
from gatewise.control.observations import Leaf, ObservationCoding
from gatewise.control.options import Options
from gatewise.control.policy import Policy, make_policy
from gatewise.control.saved import SavedEnvironment, policy_files
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
class Padded:
    """B episodes side by side; what lies behind the end of one has no weight anywhere.

    Attributes:
        inputs: [T, B, I].
        actions: [T, B, parts] as the likelihood reads them.
        weights: [T, B] 1 in the episode, 0 behind it.
    """

    inputs: Tensor
    actions: Tensor
    weights: Tensor


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
        policy: what was learned.
        accuracy: the share of held-out steps whose action is the likeliest one; of numbers, the share of their
            variance that is explained.
        baseline: the same of the commonest action; 0 for numbers.

    Raises OptionError for an option out of range.
    """

    policy: Policy
    accuracy: float
    baseline: float

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
        self.done = (0, 0)

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
        batch_of = _Batches(policy, episodes)
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
        self.policy, self.done = policy, (best.step, len(episodes.actions))
        self.accuracy, self.baseline = _judged(policy, batch_of(judge), batch_of(learn))
        return self

    def _new_policy(self, episodes: Episodes, learn: Ints) -> Policy:
        channels = episodes.observations.values.shape[1]
        observation = ObservationCoding((Leaf((), "numbers", (channels,)),))
        policy = make_policy(self.cell, observation, episodes.coding, self.options)
        assert policy.moments is not None
        policy.moments.add(episodes.observations.take(learn).values)
        policy.read_weights()
        return policy

    def save(self, folder: str | Path, *, force: bool = False) -> None:
        """Write the policy to a folder. Raises InputError if it exists and ``force`` is false."""
        folder = Path(folder)
        model_dir.check_free(folder, force)
        step, frames = self.done
        environment = SavedEnvironment(name=None, hide=(), max_steps=None)
        files = policy_files(
            self.policy,
            self.cell,
            self.options,
            environment,
            [],
            None,
            (frames, step, 0.0),
            None,
            False,
        )
        model_dir.write(folder, files)

    def lines(self) -> list[str]:
        """What came out, for people."""
        step, frames = self.done
        what = "right" if self.policy.action.kind == "choices" else "of the variance"
        return [
            f"cloned    from {frames:,} steps, the best network after {step:,} steps of training",
            f"held out  {100 * self.accuracy:.1f} % {what}; the commonest action {100 * self.baseline:.1f} %",
        ]

    def data(self) -> dict[str, Any]:
        """What came out, for programs."""
        step, frames = self.done
        return {
            "frames": frames,
            "step": step,
            "accuracy": self.accuracy,
            "baseline": self.baseline,
        }


class _Batches:
    """Episodes as padded batches."""

    def __init__(self, policy: Policy, episodes: Episodes) -> None:
        self.policy, self.episodes = policy, episodes
        drawn = policy.action.code(episodes.actions)
        scaled = policy.scaled(episodes.observations.values.astype(np.float32))
        starts = episodes.observations.starts
        previous = policy.reads.action_rows(policy.action, drawn)
        previous = np.concatenate([np.zeros_like(previous[:1]), previous[:-1]])
        previous[starts[:-1]] = 0.0
        self.inputs, self.drawn = policy.reads.joined(scaled, previous, 0.0), drawn

    def __call__(self, rows: Ints) -> Padded:
        starts = self.episodes.observations.starts
        lengths = starts[rows + 1] - starts[rows]
        T, B = int(lengths.max()), len(rows)
        inputs = np.zeros((T, B, self.inputs.shape[1]), np.float32)
        actions = np.zeros((T, B, self.drawn.shape[1]), self.drawn.dtype)
        for k, (row, length) in enumerate(zip(rows, lengths, strict=True)):
            part = slice(starts[row], starts[row] + length)
            inputs[:length, k], actions[:length, k] = self.inputs[part], self.drawn[part]
        weights = (np.arange(T)[:, None] < lengths).astype(np.float32)
        return Padded(
            torch.from_numpy(inputs), torch.from_numpy(actions), torch.from_numpy(weights)
        )


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
