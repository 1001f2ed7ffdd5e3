"""What a tagger learns: classes, several labels or values; steps that have none count nowhere."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import torch
from scipy.special import expit
from torch import Tensor
from torch.nn import functional as F

from gatewise.arrays import Bools, Floats, Ints
from gatewise.tasks.sequences.calibration import best_temperature, log_loss, probabilities
from gatewise.tasks.tag.labels import StepLabels, What


@dataclass(frozen=True)
class TagTarget:
    """What is said of S steps, as numbers.

    Attributes:
        labels: the truth.
        mean, scale: [K] of values; 0 and 1 for labels.
        known: [S] steps of which anything is known.
    """

    labels: StepLabels
    mean: Floats
    scale: Floats
    known: Bools = field(repr=False)

    @staticmethod
    def of(labels: StepLabels) -> TagTarget:
        """Standardised values; labels as they are."""
        width = labels.values.shape[1]
        mean, scale = np.zeros(width), np.ones(width)
        if labels.what == "value":
            mean, deviation = np.nanmean(labels.values, 0), np.nanstd(labels.values, 0)
            scale = np.where(deviation > 0, deviation, 1.0)
        return TagTarget(labels, mean, scale, labels.known)

    @property
    def outputs(self) -> int:
        return len(self.labels.classes)

    def loss(self, outputs: Tensor, places: Ints) -> tuple[Tensor, Tensor]:
        """Cross-entropy, binary cross-entropy, or Huber's loss of standardised values."""
        if self.labels.what == "class":
            codes = torch.from_numpy(self.labels.codes_at(places)).to(outputs.device)
            return F.cross_entropy(outputs, codes, reduction="sum"), _count(len(codes), outputs)
        truth = torch.from_numpy(self._truth(places)).to(outputs)
        held = ~torch.isnan(truth)
        each = (
            F.binary_cross_entropy_with_logits
            if self.labels.what == "several"
            else F.smooth_l1_loss
        )
        return each(outputs[held], truth[held], reduction="sum"), held.sum().to(outputs.dtype)

    def check(self, outputs: Floats, places: Ints) -> float:
        """The loss at the best temperature, as that is set right afterwards; of values the mean square."""
        if self.labels.what == "class":
            codes = self.labels.codes_at(places)
            return log_loss(outputs / best_temperature(outputs, codes), codes)
        truth = self._truth(places)
        held = ~np.isnan(truth)
        if self.labels.what == "value":
            return float(((outputs - truth)[held] ** 2).mean())
        logits, codes = as_pairs(outputs[held]), truth[held].astype(np.int64)
        return log_loss(logits / best_temperature(logits, codes), codes)

    def temperature(self, outputs: Floats, places: Ints) -> float:
        """What logits are divided by; 1 for values."""
        if self.labels.what == "class":
            return best_temperature(outputs, self.labels.codes_at(places))
        if self.labels.what == "value":
            return 1.0
        truth = self._truth(places)
        held = ~np.isnan(truth)
        return best_temperature(as_pairs(outputs[held]), truth[held].astype(np.int64))

    def fingerprint(self) -> bytes:
        return self.labels.what.encode() + np.ascontiguousarray(self.labels.values).tobytes()

    def _truth(self, places: Ints) -> Floats:
        return np.asarray((self.labels.values[places] - self.mean) / self.scale)


def as_pairs(logits: Floats) -> Floats:
    """[n, 2] logits of no and yes, from logits [n] of yes."""
    return np.stack([np.zeros_like(logits), logits], axis=-1)


def answered(
    what: What, outputs: Floats, temperature: float, mean: Floats, scale: Floats
) -> Floats:
    """[S, K] probabilities, or values in their units: the mean over networks of outputs [networks, S, K]."""
    if what == "class":
        return np.asarray(probabilities(outputs, temperature).mean(0))
    if what == "several":
        return np.asarray(expit(outputs / temperature).mean(0))
    return np.asarray(outputs.mean(0) * scale + mean)


def _count(number: int, like: Tensor) -> Tensor:
    return torch.tensor(float(number), dtype=like.dtype, device=like.device)
