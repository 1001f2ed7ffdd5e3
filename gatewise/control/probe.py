"""What the memory keeps: whether a line through the states reads back what the policy cannot see.

Half of the episodes fit a ridge regression from the states to each hidden number (a velocity, say); the other half says
how much of its variance is explained, by the step of the episode. Where nothing is hidden, what is read back is the
observation of some steps before.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gatewise.arrays import Floats, Ints
from gatewise.control.episode import Episode

RIDGE = 1e-3  # of the variance of the states
FEWEST = 8  # episodes that a step must have among those that judge
LAGS = 32


@dataclass(frozen=True)
class Probed:
    """How well states tell what is hidden.

    Attributes:
        names: what is read back.
        at: [N] steps of the episode, or lags.
        explained: [N, names] the share of the variance that is explained (R2); below 0 it is worse than the mean.
        by_lag: whether ``at`` are lags: then the observation of so many steps before is read back.
    """

    names: tuple[str, ...]
    at: Ints
    explained: Floats
    by_lag: bool


def probe(episodes: Sequence[Episode], hidden: Sequence[int]) -> Probed:
    """Probe the memory with episodes that it has played. ``hidden``: places of the hidden numbers."""
    if hidden:
        return _by_step(episodes, [f"number {k}" for k in hidden])
    return _by_lag(episodes)


def _by_step(episodes: Sequence[Episode], names: list[str]) -> Probed:
    half = len(episodes) // 2
    fit, judge = episodes[:half], episodes[half:]
    weights = _ridge(
        np.concatenate([e.memory for e in fit]), np.concatenate([e.hidden for e in fit])
    )
    lengths = np.sort([len(e.rewards) for e in judge])[::-1]
    steps = int(lengths[min(FEWEST, len(lengths)) - 1])
    explained = np.full((steps, len(names)), np.nan)
    for t in range(steps):
        alive = [e for e in judge if len(e.rewards) > t]
        truth = np.array([e.hidden[t] for e in alive], dtype=np.float64)
        said = _read(weights, np.array([e.memory[t] for e in alive]))
        explained[t] = _share(truth, said)
    return Probed(tuple(names), np.arange(steps), explained, False)


def _by_lag(episodes: Sequence[Episode]) -> Probed:
    half = len(episodes) // 2
    longest = max(len(e.rewards) for e in episodes)
    lags = np.arange(min(LAGS, max(1, longest // 2)))
    explained = np.full((len(lags), 1), np.nan)
    for k in lags:
        pairs = [
            (e.memory[k:], e.observations[: len(e.observations) - k])
            for e in episodes
            if len(e.rewards) > k
        ]
        if len(pairs) < 2:
            continue
        middle = min(half, len(pairs) // 2)
        weights = _ridge(*(np.concatenate(part) for part in zip(*pairs[:middle], strict=True)))
        memory, truth = (np.concatenate(part) for part in zip(*pairs[middle:], strict=True))
        explained[k] = np.nanmean(_share(truth.astype(np.float64), _read(weights, memory)))
    return Probed(("observation",), lags, explained, True)


def _ridge(states: NDArray[np.floating], targets: NDArray[np.floating]) -> tuple[Floats, ...]:
    x, y = states.astype(np.float64), targets.astype(np.float64)
    mean, deviation, centre = x.mean(0), x.std(0) + 1e-6, y.mean(0)
    z = (x - mean) / deviation
    gram = z.T @ z + RIDGE * len(z) * np.eye(z.shape[1])
    return mean, deviation, np.linalg.solve(gram, z.T @ (y - centre)), centre


def _read(weights: tuple[Floats, ...], states: NDArray[np.floating]) -> Floats:
    mean, deviation, line, centre = weights
    read: Floats = (states - mean) / deviation @ line + centre
    return read


def _share(truth: Floats, said: Floats) -> Floats:
    variance = ((truth - truth.mean(0)) ** 2).sum(0)
    errors = ((truth - said) ** 2).sum(0)
    return np.where(variance > 1e-12, 1 - errors / np.maximum(variance, 1e-12), np.nan)
