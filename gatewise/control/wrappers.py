"""What stands around a single environment: numbers of the observation hidden, and episodes that can be replayed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import gymnasium
import numpy as np
from gymnasium import spaces
from gymnasium.wrappers import TimeLimit

from gatewise.errors import InputError


class Hide(gymnasium.ObservationWrapper):
    """Leaves some numbers of a flat observation out, such as the velocities, so that they must be inferred.

    Args:
        env: with a box of one axis as its observation space.
        hidden: places of the numbers, from 0 on.

    Attributes:
        full: the last observation, with the hidden numbers.

    Raises InputError for another space, a place that is not there, or if nothing is left.
    """

    def __init__(self, env: Any, hidden: Sequence[int]) -> None:
        super().__init__(env)
        space = env.observation_space
        if not isinstance(space, spaces.Box) or len(space.shape) != 1:
            raise InputError(
                f"numbers can be hidden of flat observations only, and these are {space}: flatten them with "
                "gymnasium.wrappers.FlattenObservation"
            )
        count = space.shape[0]
        wrong = [k for k in hidden if not 0 <= k < count]
        if wrong or len(set(hidden)) >= count:
            raise InputError(
                f"hide: an observation has the numbers 0 to {count - 1}, and one must remain; not {list(hidden)}. "
                "Name others, or the environment that the policy was trained in"
            )
        self.hidden = sorted(set(hidden))
        self._seen = [k for k in range(count) if k not in self.hidden]
        self.full: Any = None
        self.observation_space = spaces.Box(
            space.low[self._seen], space.high[self._seen], dtype=space.dtype
        )

    def observation(self, observation: Any) -> Any:
        self.full = observation
        return observation[self._seen]


def limit_of(env: Any) -> int | None:
    """The steps after which an environment is cut; None where no wrapper around it counts them."""
    limits = []
    while env is not None:
        if isinstance(env, TimeLimit):
            limits.append(int(env._max_episode_steps))
        env = getattr(env, "env", None)
    return min(limits, default=None)


class Episodes(gymnasium.Wrapper):
    """Episodes with seeds of their own, so that each can be played again from its number and its actions.

    Args:
        env: an environment whose course follows from the seed of its reset and the actions.
        seed: of the run.
        index: of this environment among those of the run.
        first: steps after which the first episode is cut; None: as the environment does.

    Attributes:
        episode: the number of the present episode; -1 before the first.
    """

    def __init__(self, env: Any, seed: int, index: int, first: int | None = None) -> None:
        super().__init__(env)
        self._seed, self._index, self._first = seed, index, first
        self._steps = 0
        self.episode = -1
        space = env.observation_space
        self._shape = space.shape if isinstance(space, spaces.Box) else None

    def reset(self, *, seed: int | None = None, options: Any = None) -> tuple[Any, dict[str, Any]]:
        """Begin the next episode; its seed follows from its number, and ``seed`` is not read."""
        self.episode += 1
        self._steps = 0
        words = np.random.SeedSequence((self._seed, self._index, self.episode)).generate_state(1)
        observation, _ = self.env.reset(seed=int(words[0] >> 1), options=options)
        self._check(observation)
        return observation, {}

    def step(self, action: Any) -> tuple[Any, float, bool, bool, dict[str, Any]]:
        """A step, without what else the environment tells of it."""
        observation, reward, terminated, truncated, _ = self.env.step(action)
        self._check(observation)
        self._steps += 1
        if self.episode == 0 and self._steps == self._first and not terminated:
            truncated = True
        return observation, float(reward), terminated, truncated, {}

    def replay(self, episodes: Sequence[int], actions: Sequence[Any]) -> Any:
        """Begin an episode again and take its actions again; returns the observation where it then stands.

        ``episodes`` and ``actions`` are those of all environments of the run.
        """
        self.episode = int(episodes[self._index]) - 1
        observation, _ = self.reset()
        for action in actions[self._index]:
            observation, _, _, _, _ = self.step(action)
        return observation

    def _check(self, observation: Any) -> None:
        if self._shape is not None and np.shape(observation) != self._shape:
            raise InputError(
                f"the environment gave an observation of the shape {np.shape(observation)}, and its "
                f"observation_space says {self._shape}: fix the environment"
            )
