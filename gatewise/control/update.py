"""The update of PPO (Schulman et al. 2017) on whole sequences: nothing is cut, nothing that is padded is averaged."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor, nn

from gatewise.control.actions import ActionCoding
from gatewise.control.network import PolicyNetwork
from gatewise.control.options import Options
from gatewise.control.rollout import Experience
from gatewise.errors import TrainingError
from gatewise.tasks.training.optimizer import AdamW

STEADIER, LOWEST_SHARE = 1.2, 0.02  # of the learning rate, from update to update
STEADY = 1e-5  # of Adam: small gradients of PPO are mostly noise


@dataclass(frozen=True)
class Sequences:
    """Experience as tensors.

    Attributes:
        inputs: [T, B, I], or some of the I values of each step.
        starts: [T, B] steps at which an episode begins.
        memory: the states before the first step, [B, n] each.
        burn_in: steps at the beginning that only warm the memory up; what follows has T - burn_in steps.
        drawn: [T, B, parts] actions.
        likelihood: [T, B] the logarithm of how likely they were when they were drawn.
        advantages, returns, weights: [T, B]; weights are 1 where a step counts, else 0.
        columns: which of the I values the inputs are; None: all.
    """

    inputs: Tensor
    starts: Tensor
    memory: tuple[Tensor, ...]
    burn_in: int
    drawn: Tensor
    likelihood: Tensor
    advantages: Tensor
    returns: Tensor
    weights: Tensor
    columns: Tensor | None = None

    @classmethod
    @torch.no_grad()
    def of(cls, experience: Experience, action: ActionCoding, network: PolicyNetwork) -> Sequences:
        """From experience that this network has just collected."""
        drawn = torch.from_numpy(experience.drawn)
        deviation = network.log_deviation
        likelihood, _ = action.log_likelihood(torch.from_numpy(experience.said), deviation, drawn)
        inputs = torch.from_numpy(experience.inputs)
        columns = network.columns_of(inputs)
        return cls(
            inputs if columns is None else inputs[:, :, columns],
            torch.from_numpy(experience.starts),
            tuple(torch.from_numpy(m) for m in experience.memory),
            experience.burn_in,
            drawn,
            likelihood,
            torch.from_numpy(experience.advantages),
            torch.from_numpy(experience.returns),
            torch.from_numpy(experience.valid.astype(np.float32)),
            columns,
        )

    def part(self, rows: Tensor) -> Sequences:
        """Some of the sequences, whole."""
        return Sequences(
            self.inputs[:, rows],
            self.starts[:, rows],
            tuple(m[rows] for m in self.memory),
            self.burn_in,
            self.drawn[:, rows],
            self.likelihood[:, rows],
            self.advantages[:, rows],
            self.returns[:, rows],
            self.weights[:, rows],
            self.columns,
        )


@dataclass(frozen=True)
class Figures:
    """What an update did, averaged over its minibatches.

    Attributes:
        actor_loss, critic_loss, entropy: the three terms of the loss.
        change: an estimate of the divergence of the new policy from the old one (Schulman 2020).
        clipped: the share of steps whose ratio was clipped.
        gradient: the norm of the gradient before it was clipped.
        done: the share of the minibatches that were learned from, before the policy had moved far enough.
    """

    actor_loss: float
    critic_loss: float
    entropy: float
    change: float
    clipped: float
    gradient: float
    done: float = 1.0


def run_network(network: PolicyNetwork, batch: Sequences) -> tuple[Tensor, Tensor]:
    """What the network says of actions [T, B, A], and values [T, B], behind the burn-in."""
    memory, k = batch.memory, batch.burn_in
    if k:
        with torch.no_grad():
            _, _, memory = network(batch.inputs[:k], memory, batch.starts[:k], batch.columns)
    said, values, _ = network(batch.inputs[k:], memory, batch.starts[k:], batch.columns)
    return said, values


def losses(
    network: PolicyNetwork, action: ActionCoding, batch: Sequences, options: Options
) -> tuple[Tensor, Tensor]:
    """The loss of a minibatch, and its figures [5] as ``Figures`` has them, without the gradient.

    Means are over the steps that count, by their weights.
    """
    said, values = run_network(network, batch)
    likelihood, entropy = action.log_likelihood(said, network.log_deviation, batch.drawn)
    weights, total = batch.weights, batch.weights.sum().clamp_min(1.0)

    def mean(values: Tensor) -> Tensor:
        return (values * weights).sum() / total

    centred = batch.advantages - mean(batch.advantages)
    scaled = centred / (mean(centred**2).sqrt() + 1e-8)
    change = likelihood - batch.likelihood
    ratio = change.exp()
    limited = ratio.clamp(1 - options.clip_range, 1 + options.clip_range)
    actor = -mean(torch.minimum(ratio * scaled, limited * scaled))
    critic = mean((values - batch.returns) ** 2)
    spread = mean(entropy)
    loss = actor + options.vf_coef * critic - (options.ent_coef or 0.0) * spread
    with torch.no_grad():
        figures = [
            actor,
            critic,
            spread,
            mean(ratio - 1 - change),
            mean((ratio != limited).float()),
        ]
    return loss, torch.stack([f.detach() for f in figures])


def minibatches(count: int, parts: int, rng: np.random.Generator) -> Iterator[Tensor]:
    """Rows of whole sequences, in random order, each in one part."""
    for rows in np.array_split(rng.permutation(count), min(parts, count)):
        yield torch.from_numpy(rows)


def parts_of_epochs(count: int, options: Options, rng: np.random.Generator) -> Iterator[Tensor]:
    """The minibatches of all epochs, one after the other."""
    for _ in range(options.n_epochs):
        yield from minibatches(count, options.n_minibatches, rng)


def update(
    network: PolicyNetwork,
    optimizer: AdamW,
    action: ActionCoding,
    sequences: Sequences,
    options: Options,
    rng: np.random.Generator,
) -> Figures:
    """Several epochs over the experience.

    Raises TrainingError if a loss is not a number: the weights are then those of before the minibatch.
    """
    rows: list[Tensor] = []
    network.train()
    for part in parts_of_epochs(sequences.inputs.shape[1], options, rng):
        loss, figures = losses(network, action, sequences.part(part), options)
        if options.target_kl is not None and rows and float(figures[3]) > options.target_kl:
            break
        optimizer.zero_grad()
        loss.backward()
        norm = nn.utils.clip_grad_norm_(network.parameters(), options.max_grad_norm)
        if not bool(norm.isfinite()):
            raise TrainingError(
                "a gradient of the policy is not a number: lower learning_rate, or look at the rewards"
            )
        optimizer.step()
        rows.append(torch.cat([figures, norm.detach()[None]]))
    network.eval()
    parts = options.n_epochs * min(options.n_minibatches, sequences.inputs.shape[1])
    return replace(Figures(*torch.stack(rows).mean(0).tolist()), done=len(rows) / parts)


def next_share(share: float, done: float) -> float:
    """The share of the learning rate that the next update takes.

    It falls when an update ended early, as the policy had moved too far, and comes back when it did not. So updates
    go over all of the experience in small steps, rather than over a part of it in large ones.
    """
    return max(share / STEADIER, LOWEST_SHARE) if done < 1.0 else min(share * STEADIER, 1.0)


def make_optimizer(network: PolicyNetwork, rate: float) -> AdamW:
    """Adam, as PPO is used with it."""
    optimizer = AdamW(network.parameters(), rate, weight_decay=0.0)
    for group in optimizer.param_groups:
        group["eps"] = STEADY
    return optimizer
