"""Environments that run beside each other, from whatever the caller has: a name, an object, a function, a vector.

All are brought to one form: a batch of encoded observations and what a step led to.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from gatewise.arrays import Array, Bools, Floats, Ints, Singles
from gatewise.control import actions as action_codings
from gatewise.control import observations as observation_codings
from gatewise.control.actions import ActionCoding
from gatewise.control.making import Setting, maker
from gatewise.control.observations import ObservationCoding
from gatewise.control.workers import DEAD, dead, end, vector
from gatewise.errors import InputError
from gatewise.extras import require


@dataclass(frozen=True)
class Moved:
    """What a step of all environments led to.

    Attributes:
        inputs: [B, D] encoded observations; where an episode ended, the first of the next one.
        rewards: [B].
        terminated, truncated: [B] how an episode ended with this step.
        played: [B] whether there was a step: a vector environment may begin an episode in its place.
        cut: rows whose episode was cut and whose last observation is known only here.
        last: [len(cut), D] those observations.
    """

    inputs: Singles
    rewards: Floats
    terminated: Bools
    truncated: Bools
    played: Bools
    cut: Ints
    last: Singles


def is_vector(env: Any) -> bool:
    """Whether it is a vector environment, of Gymnasium or of Stable-Baselines3."""
    from gymnasium.vector import VectorEnv

    return isinstance(env, VectorEnv) or _is_sb3(env)


def _is_sb3(env: Any) -> bool:
    return all(hasattr(env, name) for name in ("num_envs", "step_async", "step_wait", "env_method"))


class Environments:
    """B environments, stepped together.

    Args:
        env: a name, an environment (it is copied), a function that makes one, or a vector environment.
        setting: how single ones are made.
        count: how many; a vector environment says so itself.
        workers: whether each runs in a process of its own, beside the network, its observations in shared memory.
        seed: of the run.
        apart: whether the first episodes are cut where a time limit would end all of them at once, each after a
            share of the limit of its own. Else all environments are in the same part of an episode for ever, and
            what is learned from one part is forgotten in the next.

    Attributes:
        count: B.
        observation, action: the codings of their spaces.
        replays: whether the present episodes can be played again.
        apart: whether the first episodes were cut.

    Raises InputError for something that is no environment, or a space that is not supported.
    """

    def __init__(
        self,
        env: Any,
        setting: Setting,
        count: int,
        workers: bool = False,
        seed: int = 0,
        apart: bool = False,
    ) -> None:
        require("environments", "control", ("gymnasium",))
        self.replays = not is_vector(env)
        self._sb3 = not self.replays and _is_sb3(env)
        self._steps, self._seed, self._workers = 0, seed, workers
        self.apart = apart and self.replays
        if self.replays:
            env = vector(maker(env, setting), count, workers, seed, apart)
        elif setting.hide or setting.max_steps is not None:
            raise InputError(
                "hide and max_steps are for single environments: wrap those inside of the vector environment"
            )
        self._envs, self.count = env, int(env.num_envs)
        space = env.observation_space if self._sb3 else env.single_observation_space
        actions = env.action_space if self._sb3 else env.single_action_space
        try:
            self.observation: ObservationCoding = observation_codings.coding_of(space)
            self.action: ActionCoding = action_codings.coding_of(actions)
        except InputError:
            self.close()
            raise
        self._next_step = not self._sb3 and _autoreset(env) == "NextStep"
        self._ended = np.zeros(self.count, dtype=bool)

    def reset(self) -> Singles:
        """Begin an episode in each; [B, D] the first observations."""
        self._ended[:] = False
        if self._sb3:
            self._envs.seed(self._seed)
            return self._encoded(self._guarded(self._envs.reset))
        return self._encoded(self._guarded(lambda: self._envs.reset(seed=self._seed))[0])

    def step(self, actions: Array) -> Moved:
        """Take an action in each, [B, *shape].

        Raises InputError for an environment that fails, that gives what is no number, or whose worker died.
        """
        self._steps += 1
        if self._sb3:
            return self._sb3_step(actions)
        observations, rewards, terminated, truncated, infos = self._guarded(
            lambda: self._envs.step(actions)
        )
        inputs = self._encoded(observations)
        rewards = self._numbers(rewards)
        played = ~self._ended if self._next_step else np.ones(self.count, dtype=bool)
        cut = np.flatnonzero(truncated & ~terminated)
        if self._next_step:
            # the last observation comes with the step, and the next step begins the new episode
            self._ended = terminated | truncated
            return Moved(inputs, rewards, terminated, truncated, played, cut, inputs[cut])
        last = self._last(infos["final_obs"][k] for k in cut) if len(cut) else inputs[:0]
        return Moved(inputs, rewards, terminated, truncated, played, cut, last)

    def _sb3_step(self, actions: Array) -> Moved:
        observations, rewards, ended, infos = self._guarded(lambda: self._envs.step(actions))
        ended = np.asarray(ended, dtype=bool)
        truncated = ended & np.array([bool(i.get("TimeLimit.truncated")) for i in infos])
        cut = np.flatnonzero(truncated)
        inputs = self._encoded(observations)
        last = self._last(infos[k]["terminal_observation"] for k in cut) if len(cut) else inputs[:0]
        played = np.ones(self.count, dtype=bool)
        return Moved(
            inputs, self._numbers(rewards), ended & ~truncated, truncated, played, cut, last
        )

    @property
    def waits(self) -> Bools:
        """[B] whose next step begins an episode in its place, as vector environments of this mode do."""
        return self._ended if self._next_step else np.zeros(self.count, dtype=bool)

    def episodes(self) -> list[int]:
        """The number of the present episode of each."""
        return [int(k) for k in self._guarded(lambda: self._envs.call("episode"))]

    def replay(self, episodes: Sequence[int], actions: Sequence[Any]) -> Singles:
        """Play the present episodes again, from their numbers and their actions so far; [B, D] where they stand."""
        self.reset()
        stand = self._guarded(lambda: self._envs.call("replay", list(episodes), list(actions)))
        return np.concatenate([self.observation.single(one) for one in stand])

    def close(self) -> None:
        """End what was started for these environments. A vector environment of the caller stays open."""
        if self.replays:
            end(self._envs)

    # --------------------------------------------------------------------------------------------

    def _encoded(self, observations: Any) -> Singles:
        inputs = self.observation.encode(observations, self.count)
        if not np.isfinite(inputs).all():
            row, column = np.argwhere(~np.isfinite(inputs))[0]
            raise InputError(
                f"environment {row} gave {inputs[row, column]} as number {column} of its observation, at step "
                f"{self._steps}: an observation must be finite; fix the environment, or wrap it with "
                "gymnasium.wrappers.TransformObservation"
            )
        return inputs

    def _last(self, observations: Any) -> Singles:
        return np.concatenate([self.observation.single(one) for one in observations])

    def _numbers(self, rewards: Any) -> Floats:
        numbers = np.asarray(rewards, dtype=np.float64)
        if not np.isfinite(numbers).all():
            row = int(np.flatnonzero(~np.isfinite(numbers))[0])
            raise InputError(
                f"environment {row} gave the reward {numbers[row]} at step {self._steps}: a reward must be finite; "
                "fix the environment"
            )
        return numbers

    def _guarded(self, call: Callable[[], Any]) -> Any:
        try:
            if not self._workers:
                return call()
            with warnings.catch_warnings():
                # Gymnasium also logs, as a warning, what a worker has raised
                warnings.simplefilter("ignore", UserWarning)
                return call()
        except DEAD:
            why = dead(self._envs)
            end(self._envs, at_once=True)
            raise InputError(
                f"{why}, at step {self._steps}: the others were ended. Run it with workers=False to see why"
            ) from None
        except InputError:
            end(self._envs, at_once=True)
            raise
        except Exception as error:
            end(self._envs, at_once=True)
            raise InputError(
                f"the environment failed at step {self._steps}: {type(error).__name__}: {error!s:.300}"
            ) from error


def _autoreset(env: Any) -> str:
    """How a vector environment begins the next episode. Raises InputError for one that leaves it to the caller."""
    mode = env.metadata.get("autoreset_mode", "NextStep")
    name = str(getattr(mode, "value", mode))
    if name == "Disabled":
        raise InputError(
            "the vector environment does not begin episodes by itself: make it with "
            "autoreset_mode=AutoresetMode.SAME_STEP"
        )
    return name
