"""Classes as a target: weighted cross-entropy, stopped by what it is at its best temperature."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F

from gatewise.arrays import Floats, Ints
from gatewise.tasks.sequences.calibration import best_temperature, log_loss

SMOOTHING = 0.05  # of the labels in training


@dataclass(frozen=True)
class ClassTarget:
    """Which of K classes a sequence is of.

    Attributes:
        labels: [N] codes 0 .. K - 1.
        weights: [K] what a sequence of each class counts.
    """

    labels: Ints
    weights: Floats

    @property
    def outputs(self) -> int:
        """Classes: the network gives a logit for each."""
        return len(self.weights)

    def loss(self, outputs: Tensor, index: Ints) -> tuple[Tensor, Tensor]:
        """Cross-entropy with smoothed labels (Szegedy et al. 2016)."""
        labels = torch.from_numpy(self.labels[index]).to(outputs.device)
        weight = torch.from_numpy(self.weights[self.labels[index]]).to(outputs)
        each = F.cross_entropy(outputs, labels, label_smoothing=SMOOTHING, reduction="none")
        return (each * weight).sum(), weight.sum()

    def check(self, outputs: Floats, index: Ints) -> float:
        """Cross-entropy at the temperature that makes it least: how sure the network is does not count,
        as that is set right afterwards."""
        labels, weight = self.labels[index], self.weights[self.labels[index]]
        return log_loss(outputs / best_temperature(outputs, labels, weight), labels, weight)

    def fingerprint(self) -> bytes:
        return self.labels.tobytes() + self.weights.tobytes()
