"""How well a policy does: whole episodes, each begun from a seed of its own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from gatewise.control import actions, observations
from gatewise.control.actions import ActionCoding
from gatewise.control.environments import Environments
from gatewise.control.making import Setting
from gatewise.control.observations import ObservationCoding
from gatewise.control.policy import Policy
from gatewise.errors import InputError

SIDE_BY_SIDE = 16
LONGEST = 100_000  # steps of an episode
FIRST_SEED = 1_000_003  # of episodes that training has not seen


@dataclass(frozen=True)
class Evaluation:
    """Returns and lengths of episodes.

    Attributes:
        returns: the sum of the rewards of each.
        lengths: their steps.
        deterministic: whether the likeliest action was taken, or one was drawn.
    """

    returns: tuple[float, ...]
    lengths: tuple[int, ...]
    deterministic: bool

    @property
    def mean(self) -> float:
        """The mean return."""
        return float(np.mean(self.returns))

    @property
    def deviation(self) -> float:
        """The deviation of the returns of episodes."""
        return float(np.std(self.returns))

    def lines(self) -> list[str]:
        """For people."""
        way = "likeliest action" if self.deterministic else "actions drawn"
        low, middle, high = np.quantile(self.returns, [0, 0.5, 1])
        return [
            f"episodes  {len(self.returns)}, {way}",
            f"return    mean {self.mean:.2f}, deviation {self.deviation:.2f}, from {low:.2f} to {high:.2f}, "
            f"median {middle:.2f}",
            f"length    mean {np.mean(self.lengths):.1f} steps, from {min(self.lengths)} to {max(self.lengths)}",
        ]

    def data(self) -> dict[str, Any]:
        """For programs."""
        return {
            "episodes": len(self.returns),
            "deterministic": self.deterministic,
            "mean": self.mean,
            "deviation": self.deviation,
            "returns": list(self.returns),
            "lengths": list(self.lengths),
        }


def evaluate(
    policy: Policy,
    env: Any,
    setting: Setting,
    episodes: int,
    deterministic: bool = True,
    seed: int = FIRST_SEED,
) -> Evaluation:
    """Run episodes to their end, up to 16 side by side; each environment plays its share, so none is left out.

    Raises InputError for an environment that the policy does not fit, and for an episode that does not end.
    """
    count = min(episodes, SIDE_BY_SIDE)
    environments = Environments(env, setting, count, seed=seed)
    try:
        check_fits(policy, environments)
        return _played(policy, environments, episodes, deterministic, seed)
    finally:
        environments.close()


def _played(
    policy: Policy, environments: Environments, episodes: int, deterministic: bool, seed: int
) -> Evaluation:
    count = environments.count
    due = np.full(count, episodes // count) + (np.arange(count) < episodes % count)
    rng = None if deterministic else np.random.default_rng(seed)
    network = policy.stepping(count)
    network.read_weights()
    policy.read_weights()
    network.restart()
    state = policy.start(count)
    action, rewards = state.action, np.zeros(count, np.float32)
    sums, lengths = np.zeros(count), np.zeros(count, dtype=np.int64)
    returns: list[float] = []
    steps: list[int] = []
    inputs = environments.reset()
    starts = np.ones(count, dtype=bool)
    while due.any():
        network.restart(starts)
        action[starts], rewards[starts] = 0.0, 0.0
        read = policy.reads.joined(policy.scaled(inputs), action, rewards / policy.reward_scale)
        drawn = policy.action.draw(network.act(read), network.deviation, rng)
        moved = environments.step(policy.action.decode(drawn))
        action = policy.reads.action_rows(policy.action, drawn)
        rewards = moved.rewards.astype(np.float32)
        sums += moved.rewards
        lengths += moved.played
        ended = moved.terminated | moved.truncated
        for k in np.flatnonzero(ended):
            if due[k]:
                returns.append(float(sums[k]))
                steps.append(int(lengths[k]))
                due[k] -= 1
            sums[k], lengths[k] = 0.0, 0
        if lengths[due > 0].max(initial=0) >= LONGEST:
            raise InputError(
                f"an episode has not ended after {LONGEST:,} steps: give the environment a limit, with max_steps"
            )
        waits = environments.waits
        starts = (ended & ~waits) | ~moved.played
        inputs = moved.inputs
    return Evaluation(tuple(returns), tuple(steps), deterministic)


def check_fits(policy: Policy, environments: Environments) -> None:
    """Raises InputError, with both, if observations or actions are not those that the policy was trained on."""
    check_same(policy, environments.observation, environments.action)


def check_spaces(policy: Policy, env: Any) -> None:
    """The same of a single environment."""
    check_same(
        policy,
        observations.coding_of(env.observation_space),
        actions.coding_of(env.action_space),
    )


def check_same(policy: Policy, observation: ObservationCoding, action: ActionCoding) -> None:
    """The same of the codings of two spaces."""
    pairs = (
        ("observations", policy.observation, observation),
        ("actions", policy.action, action),
    )
    for what, mine, other in pairs:
        if mine != other:
            raise InputError(
                f"the policy was trained on another environment: its {what} are {mine.describe()}, and this "
                f"environment's are {other.describe()}. Name the environment it was trained on, with the same "
                "hidden numbers"
            )
