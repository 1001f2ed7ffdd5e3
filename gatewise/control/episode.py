"""One episode of a policy, written down: what it saw, what was hidden from it, what it did, and pictures of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gatewise.arrays import Floats, Singles
from gatewise.control.evaluation import FIRST_SEED, LONGEST
from gatewise.control.policy import Policy
from gatewise.control.wrappers import Hide
from gatewise.errors import InputError


@dataclass(frozen=True)
class Episode:
    """An episode of T steps.

    Attributes:
        observations: [T, D] what the policy saw, before it was scaled.
        inputs: [T, I] what its network read.
        hidden: [T, n] the numbers that were hidden from it; [T, 0] where nothing was.
        memory: [T, m] all states of its cell after each step, side by side.
        actions: [T, A] what it did, flat.
        rewards: [T].
        terminated: whether it ended by itself; else it was cut.
        frames: a picture [height, width, 3] before each step; empty where none were asked for.
    """

    observations: Singles
    inputs: Singles
    hidden: Singles
    memory: Singles
    actions: Floats
    rewards: Floats
    terminated: bool
    frames: tuple[NDArray[np.uint8], ...]

    @property
    def total(self) -> float:
        """The return."""
        return float(self.rewards.sum())


def run_episode(
    policy: Policy,
    env: Any,
    seed: int = FIRST_SEED,
    *,
    most: int = LONGEST,
    picture: Callable[[Any], Any] | None = None,
    rng: np.random.Generator | None = None,
) -> Episode:
    """Play one episode.

    Args:
        policy: what plays.
        env: a single environment, which stays open.
        seed: of its reset.
        most: steps after which it is left.
        picture: takes a picture of the environment.
        rng: draws actions; None: the likeliest ones.
    """
    hide = _hide_of(env)
    observation, _ = env.reset(seed=seed)
    state, reward = policy.start(), 0.0
    rows: dict[str, list[Any]] = {
        name: [] for name in ("seen", "inputs", "hidden", "memory", "actions", "rewards", "frames")
    }
    terminated = truncated = False
    while not (terminated or truncated) and len(rows["rewards"]) < most:
        inputs = policy.observation.single(observation)
        rows["seen"].append(inputs[0])
        scaled = np.float32(reward / policy.reward_scale)
        rows["inputs"].append(policy.reads.joined(policy.scaled(inputs), state.action, scaled)[0])
        rows["hidden"].append([] if hide is None else np.asarray(hide.full)[hide.hidden])
        if picture is not None:
            rows["frames"].append(picture(env))
        action, state = policy.step(observation, state, reward=reward, rng=rng)
        rows["memory"].append(np.concatenate([m[0] for m in state.memory]))
        observation, reward, terminated, truncated, _ = env.step(action)
        reward = float(reward)
        if not np.isfinite(reward):
            raise InputError(f"the environment gave the reward {reward}: a reward must be finite")
        rows["actions"].append(np.asarray(action, dtype=np.float64).ravel())
        rows["rewards"].append(reward)
    return Episode(
        np.array(rows["seen"]),
        np.array(rows["inputs"]),
        np.array(rows["hidden"], dtype=np.float32).reshape(len(rows["seen"]), -1),
        np.array(rows["memory"]),
        np.array(rows["actions"]),
        np.array(rows["rewards"]),
        bool(terminated),
        tuple(rows["frames"]),
    )


def _hide_of(env: Any) -> Hide | None:
    """The wrapper that hides numbers, if there is one."""
    while env is not None:
        if isinstance(env, Hide):
            return env
        env = getattr(env, "env", None)
    return None
