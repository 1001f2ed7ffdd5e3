"""Recorded episodes as padded batches, in which a policy learns to do what was done."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from gatewise.arrays import Ints
from gatewise.control.episodes_table import Episodes
from gatewise.control.policy import Policy


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


class EpisodeBatches:
    """Episodes as padded batches; a call gives those of some rows."""

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
