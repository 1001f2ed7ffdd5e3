"""The two-sequence problem: experiments 3a, 3b, 3c of Hochreiter & Schmidhuber (1997), after Bengio et al. (1994)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from gatewise.arrays import Array
from gatewise.errors import InputError
from gatewise.lab.batch import Batch, Random, a_tenth_longer, at_the_end
from gatewise.lab.experiment import Criterion, Experiment, Loss, Setting

_VARIANCE = 0.2  # of the noise on the inputs


@dataclass(frozen=True)
class TwoSequence(Experiment):
    """The first N values are +1 or -1, the rest is noise of variance 0.2; T to 1.1 T steps. Which was it?"""

    T: int = 100
    N: int = 3

    name: ClassVar[str] = "3a"
    title: ClassVar[str] = "two-sequence problem: which of two signals came first, before noise"
    source: ClassVar[str] = "Hochreiter & Schmidhuber 1997, experiment 3a"
    success: ClassVar[str] = "ST2: error < 0.2 on all of 256 sequences, mean error < 0.01"
    tolerance: ClassVar[float] = 0.2
    tests: ClassVar[int] = 256
    error_below: ClassVar[float | None] = 0.01
    criterion: ClassVar[Criterion] = Criterion(every=50)
    setting: ClassVar[Setting] = Setting(H=16, B=16, lr=1e-2)
    small: ClassVar[dict[str, Any]] = {"T": 30}
    full: ClassVar[dict[str, Any]] = {"T": 100}

    def __post_init__(self) -> None:
        super().__post_init__()
        if not 1 <= self.N <= self.T:
            raise InputError(
                f"experiment {self.name}: the N={self.N} values that tell do not fit into T={self.T} steps"
            )

    def _signal(self, random: Random, label: Array) -> Array:
        """[N, B] the values that tell the class."""
        return np.tile(np.where(label == 1, 1.0, -1.0), (self.N, 1))

    def _target(self, random: Random, label: Array) -> Array:
        return label.astype(np.float32)

    def batch(self, random: Random, B: int) -> Batch:
        lengths = a_tenth_longer(random, self.T, B)
        label = random.integers(0, 2, B)
        inputs = random.normal(0.0, _VARIANCE**0.5, (int(lengths.max()), B, 1)).astype(np.float32)
        inputs[: self.N, :, 0] = self._signal(random, label)
        target = self._target(random, label)
        return Batch(inputs, *at_the_end(lengths), target[:, None], lengths, notes=label)


@dataclass(frozen=True)
class NoisySignal(TwoSequence):
    """As 3a, with the same noise on the signal too."""

    name: ClassVar[str] = "3b"
    title: ClassVar[str] = "two-sequence problem with noise on the signal"
    source: ClassVar[str] = "Hochreiter & Schmidhuber 1997, experiment 3b"
    success: ClassVar[str] = "error < 0.2 on all but 5 of 256 sequences, mean error < 0.04"
    allowed: ClassVar[int] = 5
    error_below: ClassVar[float | None] = 0.04

    def _signal(self, random: Random, label: Array) -> Array:
        noise = random.normal(0.0, _VARIANCE**0.5, (self.N, len(label)))
        return super()._signal(random, label) + noise


@dataclass(frozen=True)
class NoisyTarget(TwoSequence):
    """Targets 0.2 and 0.8 with noise of variance 0.1: the network has to find their means."""

    name: ClassVar[str] = "3c"
    title: ClassVar[str] = "two-sequence problem with noise on the target"
    source: ClassVar[str] = "Hochreiter & Schmidhuber 1997, experiment 3c"
    success: ClassVar[str] = "within 0.1 of 0.2 or 0.8 on all of 256 sequences, mean error < 0.015"
    loss: ClassVar[Loss] = "squared"
    tolerance: ClassVar[float] = 0.1
    error_below: ClassVar[float | None] = 0.015
    setting: ClassVar[Setting] = Setting(H=16, B=64, lr=5e-3)

    def _target(self, random: Random, label: Array) -> Array:
        clean = np.where(label == 1, 0.2, 0.8)
        return (clean + random.normal(0.0, 0.1**0.5, len(label))).astype(np.float32)

    def errors(self, answers: Array, batch: Batch) -> Array:
        """The distance from the target without its noise."""
        clean = np.where(np.asarray(batch.notes) == 1, 0.2, 0.8)
        return np.asarray(np.abs(answers[:, 0] - clean))


EXPERIMENTS = (TwoSequence, NoisySignal, NoisyTarget)
