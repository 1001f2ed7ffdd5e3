"""Collecting experience: the policy acts in all environments for some steps, and everything is written down."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from gatewise.arrays import Array, Bools, Floats, Ints, Singles
from gatewise.control.advantages import advantages
from gatewise.control.environments import Environments, Moved
from gatewise.control.moments import ReturnScale
from gatewise.control.options import Options
from gatewise.control.policy import Policy, StepNetwork


@dataclass(frozen=True)
class Experience:
    """T steps of B environments, as the losses read them.

    Attributes:
        inputs: [T, B, I].
        starts: [T, B] steps at which an episode begins.
        memory: the states before the first step, [B, n] each.
        burn_in: steps at the beginning that only warm the memory up.
        drawn: [T, B, parts] the actions as they were drawn.
        said: [T, B, A] what the network said of actions.
        advantages, returns: [T, B].
        valid: [T, B] steps that count: neither those of the burn-in nor those without an action.
    """

    inputs: Singles
    starts: Bools
    memory: tuple[Singles, ...]
    burn_in: int
    drawn: Array
    said: Singles
    advantages: Singles
    returns: Singles
    values: Singles
    valid: Bools


@dataclass
class Running:
    """What is carried from one rollout to the next.

    Attributes:
        inputs: [B, D] the observations to be acted on, encoded and not scaled.
        starts: [B] whether an episode begins with them.
        action_rows, rewards: of the step before, as the network reads them.
        memory: the states, [B, n] each.
        returns, lengths: of the episodes so far.
        actions: for each environment the actions of its present episode, as it took them.
        first: [B] whose present episode is the first one, and may be cut to set the environments apart.
        past: the last steps of the rollout before, for the burn-in: memory before them, inputs, starts.
    """

    inputs: Singles
    starts: Bools
    action_rows: Singles
    rewards: Singles
    memory: tuple[Singles, ...]
    returns: Floats
    lengths: Ints
    actions: list[list[Any]]
    first: Bools
    past: tuple[tuple[Singles, ...], Singles, Bools] | None = None


@dataclass
class Finished:
    """Returns and lengths of episodes, in the order in which they ended."""

    returns: list[float] = field(default_factory=list)
    lengths: list[int] = field(default_factory=list)


def begin(environments: Environments, policy: Policy) -> Running:
    """The beginning of a run: an episode begins in every environment."""
    count = environments.count
    state = policy.start(count)
    return Running(
        environments.reset(),
        np.ones(count, dtype=bool),
        state.action,
        np.zeros(count, np.float32),
        state.memory,
        np.zeros(count),
        np.zeros(count, dtype=np.int64),
        [[] for _ in range(count)],
        np.full(count, environments.apart),
    )


class Rollout:
    """Runs a policy in environments and keeps what happened.

    Args:
        environments: they are stepped.
        policy: its moments take up what is observed.
        scale: of the rewards; None: as they are.
        options: of the learner.
        running: where the run stands.
    """

    def __init__(
        self,
        environments: Environments,
        policy: Policy,
        scale: ReturnScale | None,
        options: Options,
        running: Running,
    ) -> None:
        self.environments, self.policy, self.scale = environments, policy, scale
        self.options, self.running = options, running
        T, B = options.n_steps, environments.count
        self._network: StepNetwork = policy.stepping(B)
        width = policy.observation.width + policy.reads.width(policy.action)
        self._inputs = np.zeros((T, B, width), np.float32)
        self._starts, self._valid = np.zeros((T, B), bool), np.zeros((T, B), bool)
        self._terminated, self._ended = np.zeros((T, B), bool), np.zeros((T, B), bool)
        kind = np.float32 if policy.action.kind == "numbers" else np.int64
        self._drawn = np.zeros((T, B, policy.action.parts), kind)
        self._said = np.zeros((T, B, policy.action.outputs), np.float32)
        self._rewards, self._following = np.zeros((T, B), np.float32), np.zeros((T, B), np.float32)
        # one more: the value of what follows the last step
        self._values = np.zeros((T + 1, B), np.float32)

    def collect(self, rng: np.random.Generator) -> tuple[Experience, Finished]:
        """Take ``n_steps`` steps in every environment; ``rng`` draws the actions."""
        network, running, policy = self._network, self.running, self.policy
        network.read_weights()
        policy.read_weights()
        finished, first = Finished(), running.memory
        for memory, state in zip(network.memory, running.memory, strict=True):
            memory[...] = state
        before_past = first
        for t in range(self.options.n_steps):
            if t == self.options.n_steps - self.options.burn_in:
                before_past = tuple(m.copy() for m in network.memory)
            self._act(t, rng, finished)
        if running.starts.any():
            # what follows the end of an episode has no weight in the advantages
            self._values[-1] = self._values_of(running.inputs, ~running.starts)
        else:
            self._values[-1] = network.values_at(self._read(running.inputs))
        experience = self._experience(first)
        running.memory = tuple(m.copy() for m in network.memory)
        k = self.options.burn_in
        if k:
            running.past = before_past, self._inputs[-k:].copy(), self._starts[-k:].copy()
        return experience, finished

    def _read(self, inputs: Singles) -> Singles:
        running = self.running
        scaled = self.policy.scaled(inputs)
        return self.policy.reads.joined(scaled, running.action_rows, running.rewards)

    def _act(self, t: int, rng: np.random.Generator, finished: Finished) -> None:
        """One step of all environments."""
        network, running, policy = self._network, self.running, self.policy
        if policy.moments is not None:
            policy.moments.add(running.inputs)
        if running.starts.any():
            network.restart(running.starts)
            running.action_rows[running.starts] = 0.0
            running.rewards[running.starts] = 0.0
        self._inputs[t], self._starts[t] = self._read(running.inputs), running.starts
        said = network.act(self._inputs[t])
        self._said[t], self._values[t] = said, network.value()
        drawn = policy.action.draw(said, network.deviation, rng)
        self._drawn[t] = drawn
        actions = policy.action.decode(drawn)
        moved = self.environments.step(actions)
        self._write(t, moved, drawn)
        self._count(moved, actions, finished)

    def _write(self, t: int, moved: Moved, drawn: Array) -> None:
        running = self.running
        ended = moved.terminated | moved.truncated
        scaled = moved.rewards if self.scale is None else self.scale.scale(moved.rewards, ended)
        self._rewards[t], self._valid[t] = scaled, moved.played
        self._terminated[t], self._ended[t] = moved.terminated, ended
        running.action_rows = self.policy.reads.action_rows(self.policy.action, drawn)
        running.rewards = scaled.astype(np.float32)
        if len(moved.cut):
            rows = np.zeros_like(moved.inputs)
            rows[moved.cut] = moved.last
            self._following[t, moved.cut] = self._network.values_at(self._read(rows))[moved.cut]

    def _count(self, moved: Moved, actions: Array, finished: Finished) -> None:
        """Take up what a step means for the episodes, and what comes next."""
        running = self.running
        ended = moved.terminated | moved.truncated
        running.returns += moved.rewards
        running.lengths += moved.played
        for k, action in enumerate(actions):
            running.actions[k].append(action)
        for k in np.flatnonzero(ended).tolist():
            if not (running.first[k] and moved.truncated[k]):
                finished.returns.append(float(running.returns[k]))
                finished.lengths.append(int(running.lengths[k]))
            running.first[k] = False
            running.returns[k], running.lengths[k] = 0.0, 0
            running.actions[k] = []
        running.inputs = moved.inputs
        # where a vector environment begins an episode in place of the next step, it begins with the one after
        waits = self.environments.waits
        running.starts = (ended & ~waits) | ~moved.played

    def _values_of(self, inputs: Singles, rows: Bools) -> Singles:
        values = self._network.values_at(self._read(inputs))
        return np.where(rows, values, np.float32(0))

    def _experience(self, memory: tuple[Singles, ...]) -> Experience:
        options = self.options
        following = np.where(self._ended, self._following, self._values[1:])
        gained = advantages(
            self._rewards,
            self._values[:-1],
            following,
            self._terminated,
            self._ended,
            options.gamma,
            options.gae_lambda,
        )
        inputs, starts, burn_in = self._inputs.copy(), self._starts.copy(), 0
        past = self.running.past
        if past is not None:
            memory, burn_in = past[0], len(past[1])
            inputs, starts = np.concatenate([past[1], inputs]), np.concatenate([past[2], starts])
        return Experience(
            inputs,
            starts,
            memory,
            burn_in,
            self._drawn.copy(),
            self._said.copy(),
            gained,
            gained + self._values[:-1],
            self._values[:-1].copy(),
            self._valid.copy(),
        )
