"""A value as a target: squared error in units of the training values' deviation."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class ValueTarget:
    """A number for each sequence.

    Attributes:
        values: [N] as they were given.
        mean, scale: what the network's output is measured from and in.
    """

    values: Floats
    mean: float
    scale: float

    @staticmethod
    def of(values: Floats) -> ValueTarget:
        """With mean and deviation of all values: they only set the units of the output."""
        deviation = float(values.std())
        return ValueTarget(values, float(values.mean()), deviation if deviation > 0 else 1.0)

    @property
    def outputs(self) -> int:
        return 1

    def loss(self, outputs: Tensor, index: Ints) -> tuple[Tensor, Tensor]:
        """Squared errors in these units."""
        truth = torch.from_numpy((self.values[index] - self.mean) / self.scale).to(outputs)
        return ((outputs[:, 0] - truth) ** 2).sum(), outputs.new_tensor(float(len(index)))

    def check(self, outputs: Floats, index: Ints) -> float:
        truth = (self.values[index] - self.mean) / self.scale
        return float(np.mean((outputs[:, 0] - truth) ** 2))

    def unscaled(self, outputs: Floats) -> Floats:
        """Values [...] of outputs [..., 1]."""
        return np.asarray(outputs[..., 0] * self.scale + self.mean)

    def fingerprint(self) -> bytes:
        return self.values.tobytes()
