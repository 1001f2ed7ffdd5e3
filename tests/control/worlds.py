"""Small environments: some that can be learned in seconds, and some that misbehave."""

from __future__ import annotations

from typing import Any

import gymnasium
import numpy as np
from gymnasium import spaces


class Recall(gymnasium.Env):
    """The first observation shows one of two signs; the action of the last step must be the sign."""

    def __init__(self, steps: int = 4, truncates: bool = False) -> None:
        self.observation_space = spaces.Box(-1, 1, (2,), np.float32)
        self.action_space = spaces.Discrete(2)
        self.steps, self.truncates = steps, truncates

    def _seen(self) -> Any:
        shown = (2 * self.sign - 1) if self.at == 0 else 0
        return np.array([shown, self.at / self.steps], np.float32)

    def reset(self, *, seed: int | None = None, options: Any = None) -> Any:
        super().reset(seed=seed)
        self.sign, self.at = int(self.np_random.integers(2)), 0
        return self._seen(), {}

    def step(self, action: Any) -> Any:
        self.at += 1
        last = self.at == self.steps
        reward = float(last and int(action) == self.sign)
        return self._seen(), reward, last and not self.truncates, last and self.truncates, {}


class Spaces(gymnasium.Env):
    """Draws observations from any space, and ends after five steps; it keeps the actions that it was given."""

    def __init__(self, observation: Any, action: Any) -> None:
        self.observation_space, self.action_space = observation, action
        self.actions: list[Any] = []

    def reset(self, *, seed: int | None = None, options: Any = None) -> Any:
        super().reset(seed=seed)
        self.observation_space.seed(seed)
        self.at = 0
        return self.observation_space.sample(), {}

    def step(self, action: Any) -> Any:
        assert self.action_space.contains(action), action
        self.actions.append(action)
        self.at += 1
        return self.observation_space.sample(), 1.0, self.at == 5, False, {}


class Line(gymnasium.Env):
    """Counts its steps, which are its observation and its reward; it ends as it is told, or never."""

    def __init__(self, terminates: int = 0, truncates: int = 0) -> None:
        self.observation_space = spaces.Box(-np.inf, np.inf, (1,), np.float32)
        self.action_space = spaces.Discrete(2)
        self.terminates, self.truncates = terminates, truncates

    def _seen(self) -> Any:
        return np.array([self.at], np.float32)

    def reset(self, *, seed: int | None = None, options: Any = None) -> Any:
        super().reset(seed=seed)
        self.at = 0
        return self._seen(), {}

    def step(self, action: Any) -> Any:
        self.at += 1
        ended = self.at == self.terminates
        return self._seen(), float(self.at), ended, self.at == self.truncates and not ended, {}


class Misbehaves(Line):
    """After three steps it does what it is told: "nan", "reward", "shape", "raise", "exit"."""

    def __init__(self, how: str) -> None:
        super().__init__(terminates=10)
        self.how = how

    def step(self, action: Any) -> Any:
        observation, reward, terminated, truncated, info = super().step(action)
        if self.at == 3 and self.how == "nan":
            observation = observation * np.nan
        if self.at == 3 and self.how == "reward":
            reward = float("inf")
        if self.at == 3 and self.how == "shape":
            observation = np.zeros(2, np.float32)
        if self.at == 3 and self.how == "raise":
            raise RuntimeError("the motor is stuck")
        if self.at == 3 and self.how == "exit":
            import os

            os._exit(7)
        return observation, reward, terminated, truncated, info
