"""A policy that steps: observation and state in, action and state out. It needs no environment and no training code."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from torch import Tensor

from gatewise.arrays import Array, Bools, Singles
from gatewise.control.actions import ActionCoding
from gatewise.control.encoder import Encoder
from gatewise.control.moments import LARGEST, TINY, Moments
from gatewise.control.network import PolicyNetwork, make_network
from gatewise.control.observations import ObservationCoding
from gatewise.control.options import Options
from gatewise.errors import InputError
from gatewise.lang.cell import Cell
from gatewise.nn import Stepper


@dataclass(frozen=True)
class PolicyState:
    """Everything that a policy remembers of an episode, as a value: copy it, save it, continue from it.

    Attributes:
        memory: the states of the cell, [B, n] each (of both memories, where the critic has its own).
        action: [B, A] the last action, where the policy reads it; else [B, 0].
    """

    memory: tuple[Singles, ...] = field(repr=False)
    action: Singles = field(repr=False)

    def arrays(self) -> dict[str, Singles]:
        """As named arrays, for ``numpy.savez``."""
        return {f"memory_{k}": m for k, m in enumerate(self.memory)} | {"action": self.action}

    @classmethod
    def of(cls, arrays: Mapping[str, Any]) -> PolicyState:
        """From ``arrays()``. Raises InputError if one is missing."""
        names = sorted((n for n in arrays if n.startswith("memory_")), key=lambda n: int(n[7:]))
        if not names or "action" not in arrays:
            raise InputError(
                "these arrays are no state of a policy: save those of PolicyState.arrays()"
            )
        return cls(tuple(np.array(arrays[n]) for n in names), np.array(arrays["action"]))


@dataclass(frozen=True)
class Reads:
    """What a policy reads at a step besides the observation."""

    previous_action: bool = False
    previous_reward: bool = False

    def width(self, action: ActionCoding) -> int:
        """Values."""
        return action.outputs * self.previous_action + self.previous_reward

    def action_rows(self, action: ActionCoding, drawn: Array) -> Singles:
        """[B, A] of actions as they were drawn; [B, 0] where they are not read."""
        if self.previous_action:
            return action.one_hot(drawn)
        return np.zeros((len(drawn), 0), np.float32)

    def joined(self, inputs: Singles, action_rows: Singles, rewards: Any) -> Singles:
        """[B, I] what the network reads: observations, and besides what was chosen and scaled rewards."""
        parts = [inputs]
        if self.previous_action:
            parts.append(action_rows)
        if self.previous_reward:
            rows = np.clip(np.asarray(rewards, np.float32), -LARGEST, LARGEST)
            parts.append(np.broadcast_to(rows, (len(inputs),))[:, None])
        return parts[0] if len(parts) == 1 else np.concatenate(parts, axis=1)


class StepNetwork:
    """The network of a policy as it steps, for B environments: plain products of NumPy around the cell's kernel.

    Attributes:
        memory: the states, [B, n] each; they may be written between steps.
    """

    def __init__(self, network: PolicyNetwork, batch: int) -> None:
        self.network, self.batch = network, batch
        self._steppers = [Stepper(network.memory(k), batch) for k in range(len(network.memories))]
        self.memory: tuple[Singles, ...] = tuple(s for one in self._steppers for s in one.states)
        self.read_weights()

    def read_weights(self) -> None:
        """Take up the weights that the network has now."""
        network = self.network
        for stepper in self._steppers:
            stepper.read_weights()
        self._embeddings = [
            None if isinstance(e, Encoder) else _matrix(e) for e in network.embeddings
        ]
        self._actor = _matrix(network.actor_hidden), _matrix(network.actor)
        self._critic = _matrix(network.critic_hidden), _matrix(network.critic)
        deviation = network.log_deviation
        self.deviation: Singles | None = None
        if deviation is not None:
            self.deviation = deviation.detach().exp().numpy()

    def restart(self, rows: Bools | None = None) -> None:
        """Set the memory of these rows, or of all, back to the start of an episode."""
        for stepper in self._steppers:
            stepper.restart(rows)

    def act(self, inputs: Singles) -> Singles:
        """[B, A] what is said of actions, after reading [B, I] and moving the memory on; a view."""
        for k, stepper in enumerate(self._steppers):
            np.tanh(self._embedded(inputs, k), out=stepper.x)
            stepper.step()
        return _head(self._actor, self._steppers[0].output)

    def _embedded(self, inputs: Singles, k: int) -> Singles:
        layer = self._embeddings[k]
        if layer is not None:
            weight, bias = layer
            return np.asarray(inputs @ weight + bias)
        with torch.no_grad():
            embedded: Tensor = self.network.embeddings[k](torch.from_numpy(inputs))
        return embedded.numpy()

    def value(self) -> Singles:
        """[B] what the state is worth, of the observation that ``act`` has just read."""
        return _head(self._critic, self._steppers[-1].output)[:, 0]

    def values_at(self, inputs: Singles) -> Singles:
        """[B] values of observations that are read without moving the memory on."""
        before = [m.copy() for m in self.memory]
        self.act(inputs)
        values = self.value()
        for memory, old in zip(self.memory, before, strict=True):
            memory[...] = old
        return values


def _matrix(layer: Any) -> tuple[Singles, Singles]:
    return np.ascontiguousarray(layer.weight.detach().numpy().T), layer.bias.detach().numpy().copy()


def _head(
    layers: tuple[tuple[Singles, Singles], tuple[Singles, Singles]], output: Singles
) -> Singles:
    (weight, bias), (weight_, bias_) = layers
    hidden: Singles = output @ weight
    hidden += bias
    np.tanh(hidden, out=hidden)
    said: Singles = hidden @ weight_
    said += bias_
    return said


class Policy:
    """What was learned: it says what to do, step by step, and remembers.

    Attributes:
        network: its weights.
        observation, action: how observations and actions are coded.
        moments: means and deviations of the numbers of observations; None where they are read as they are.
        reads: what it reads besides.
        reward_scale: what a reward is divided by before it is read.
    """

    def __init__(
        self,
        network: PolicyNetwork,
        observation: ObservationCoding,
        action: ActionCoding,
        moments: Moments | None,
        reads: Reads,
        reward_scale: float = 1.0,
    ) -> None:
        self.network, self.observation, self.action = network, observation, action
        self.moments, self.reads, self.reward_scale = moments, reads, reward_scale
        # pictures are read as they are: a pixel that hardly ever changes would be blown up
        self._scaled = observation.scaled
        for picture in network.pictures:
            self._scaled[picture.first : picture.last] = False
        self._networks: dict[int, StepNetwork] = {}
        self.read_weights()

    def read_weights(self) -> None:
        """Take up weights and moments after they have changed."""
        for network in self._networks.values():
            network.read_weights()
        if self.moments is not None:
            self._mean = np.where(self._scaled, self.moments.mean, 0.0).astype(np.float32)
            deviation = np.sqrt(self.moments.variance + TINY)
            self._factor = np.where(self._scaled, 1 / deviation, 1.0).astype(np.float32)

    def start(self, batch: int | None = None) -> PolicyState:
        """The state at the start of an episode, or of ``batch`` episodes."""
        network = self.stepping(batch or 1)
        network.restart()
        width = self.action.outputs if self.reads.previous_action else 0
        action = np.zeros((batch or 1, width), np.float32)
        return PolicyState(tuple(m.copy() for m in network.memory), action)

    def step(
        self,
        observation: Any,
        state: PolicyState | None = None,
        *,
        reward: float = 0.0,
        rng: np.random.Generator | None = None,
    ) -> tuple[Any, PolicyState]:
        """One step of one episode.

        Args:
            observation: as the environment gives it.
            state: what the step before returned; None at the start of an episode. It is not changed.
            reward: of the step before, as the environment gave it; read where the policy was trained so.
            rng: draws the action from its distribution; None: the likeliest.

        Returns the action, as the environment takes it, and the new state.

        Raises InputError for an observation or a state of another shape.
        """
        drawn, after = self._advance(self.observation.single(observation), state, reward, rng)
        return self.action.decode(drawn)[0], after

    def step_batch(
        self,
        observations: Any,
        state: PolicyState | None = None,
        *,
        rewards: Any = 0.0,
        rng: np.random.Generator | None = None,
    ) -> tuple[Array, PolicyState]:
        """One step of B episodes side by side, batched as the vector environments of Gymnasium batch them."""
        if state is None:
            state = self.start(_rows_of(observations))
        inputs = self.observation.encode(observations, len(state.action))
        drawn, after = self._advance(inputs, state, rewards, rng)
        return self.action.decode(drawn), after

    def value(
        self, observation: Any, state: PolicyState | None = None, *, reward: float = 0.0
    ) -> float:
        """What the critic expects to come, in scaled rewards, from this observation on."""
        self._advance(self.observation.single(observation), state, reward, None)
        return float(self.stepping(1).value()[0])

    def scaled(self, inputs: Singles) -> Singles:
        """[B, D] observations as the network reads them."""
        if self.moments is None:
            return inputs
        scaled = inputs - self._mean
        scaled *= self._factor
        np.maximum(scaled, -LARGEST, out=scaled)
        np.minimum(scaled, LARGEST, out=scaled)
        return scaled

    def stepping(self, batch: int) -> StepNetwork:
        """The network, ready to step so many episodes; it is kept."""
        network = self._networks.get(batch)
        if network is None:
            network = self._networks.setdefault(batch, StepNetwork(self.network, batch))
        return network

    def _advance(
        self,
        inputs: Singles,
        state: PolicyState | None,
        rewards: Any,
        rng: np.random.Generator | None,
    ) -> tuple[Array, PolicyState]:
        network = self.stepping(len(inputs))
        if state is None:
            state = self.start(len(inputs))
        if len(state.memory) != len(network.memory) or any(
            a.shape != b.shape for a, b in zip(state.memory, network.memory, strict=True)
        ):
            raise InputError(
                f"the state has arrays of the shapes {[a.shape for a in state.memory]}, and this policy's have "
                f"{[b.shape for b in network.memory]}: pass the state that the step before returned"
            )
        for memory, old in zip(network.memory, state.memory, strict=True):
            memory[...] = old
        scaled = self.scaled(inputs)
        if self.reads.previous_reward:
            rewards = np.asarray(rewards, np.float32) / self.reward_scale
        said = network.act(self.reads.joined(scaled, state.action, rewards))
        drawn = self.action.draw(said, network.deviation, rng)
        action = (
            self.reads.action_rows(self.action, drawn)
            if self.reads.previous_action
            else state.action
        )
        return drawn, PolicyState(tuple([m.copy() for m in network.memory]), action)


def _rows_of(observations: Any) -> int:
    while isinstance(observations, tuple | dict):
        observations = next(
            iter(observations.values() if isinstance(observations, dict) else observations)
        )
    return len(observations)


def make_policy(
    cell: Cell, observation: ObservationCoding, action: ActionCoding, options: Options
) -> Policy:
    """A policy that has learned nothing yet."""
    reads = Reads(options.previous_action, options.previous_reward)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(options.seed)
        network = make_network(cell, observation, reads.width(action), action, options)
    moments = Moments(observation.width) if options.normalize_observations else None
    return Policy(network, observation, action, moments, reads)
