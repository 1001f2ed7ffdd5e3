"""Values as a target: squared errors in units of each value's deviation."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from gatewise.arrays import Floats, Ints
from gatewise.tasks.regress.values import deviations


@dataclass(frozen=True)
class ValueTarget:
    """K numbers for each sequence.

    Attributes:
        values: [N, K] as they were given.
        mean, scale: [K] what the network's outputs are measured from and in.
    """

    values: Floats
    mean: Floats
    scale: Floats

    @staticmethod
    def of(values: Floats) -> ValueTarget:
        """With mean and deviation of all values: they only set the units of the output."""
        return ValueTarget(values, values.mean(0), deviations(values))

    @property
    def outputs(self) -> int:
        return int(self.values.shape[1])

    def loss(self, outputs: Tensor, index: Ints) -> tuple[Tensor, Tensor]:
        """Squared errors in these units, the mean over the K values."""
        truth = torch.from_numpy((self.values[index] - self.mean) / self.scale).to(outputs)
        return ((outputs - truth) ** 2).mean(1).sum(), outputs.new_tensor(float(len(index)))

    def check(self, outputs: Floats, index: Ints) -> float:
        truth = (self.values[index] - self.mean) / self.scale
        return float(np.mean((outputs - truth) ** 2))

    def unscaled(self, outputs: Floats) -> Floats:
        """Values [..., K] of outputs [..., K]."""
        return np.asarray(outputs * self.scale + self.mean)

    def fingerprint(self) -> bytes:
        return self.values.tobytes()
