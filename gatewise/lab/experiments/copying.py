"""Copy memory (Hochreiter & Schmidhuber 1997 in spirit; Arjovsky et al. 2016 in this form) and selective copy."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np

from gatewise.arrays import Array
from gatewise.errors import InputError
from gatewise.lab.batch import Batch, Random, everywhere
from gatewise.lab.experiment import (
    Answer,
    Criterion,
    Experiment,
    Help,
    Loss,
    Setting,
    Tested,
    recipes,
)

_KINDS = 8


@dataclass(frozen=True)
class Copy(Experiment):
    """Ten symbols of eight, T blanks, of which the last is a marker, then ten places to recall them: T + 20 steps.

    ``recalled``: the loss is taken at the ten recalled places alone, not also on the blanks before.
    """

    T: int = 300
    count: int = 10
    recalled: bool = False

    name: ClassVar[str] = "copy"
    title: ClassVar[str] = "copy memory: ten symbols, recalled in order after T blanks"
    source: ClassVar[str] = "Arjovsky, Shah & Bengio 2016, after Hochreiter & Schmidhuber 1997"
    success: ClassVar[str] = "99 % of the symbols recalled (guessing: 12.5 %)"
    loss: ClassVar[Loss] = "classes"
    tests: ClassVar[int] = 1000
    criterion: ClassVar[Criterion] = Criterion(last=0, error=0.01, decay=0.9)
    setting: ClassVar[Setting] = Setting(H=128, B=32, lr=1.5e-2, betas=(0.9, 0.99), one_hot=True)
    grow_from: ClassVar[int] = 2
    grow_by: ClassVar[float] = 2.0
    blank: ClassVar[int | None] = _KINDS
    least: ClassVar[int] = 1
    recipes: ClassVar[dict[str, Help]] = recipes(
        chrono=False,
        forget_bias=5.0,
        orthogonal=True,
        blank=9.0,
        mix=0.5,
        fall=0.3,
        fields=(("recalled", True),),
    )
    small: ClassVar[dict[str, Any]] = {"T": 10, "count": 3}
    full: ClassVar[dict[str, Any]] = {"T": 1000}

    def __post_init__(self) -> None:
        super().__post_init__()
        self._check_least("count", 1)

    @property
    def symbols(self) -> int:
        """Eight to remember, the blank, the marker."""
        return _KINDS + 2

    @property
    def outputs(self) -> int:
        """The eight, and the blank."""
        return _KINDS + 1

    def test(self, answer: Answer, random: Random, tests: int | None = None) -> Tested:
        tested = super().test(answer, random, tests)
        return replace(tested, passed=tested.figures["accuracy"] >= 0.99)

    def batch(self, random: Random, B: int) -> Batch:
        K, steps = self.count, self.T + 2 * self.count
        symbols = random.integers(0, _KINDS, (K, B))
        inputs = np.full((steps, B), _KINDS)
        inputs[:K], inputs[self.T + K - 1] = symbols, _KINDS + 1
        return self._asked(inputs, symbols)

    def _asked(self, inputs: Array, symbols: Array) -> Batch:
        T, B = inputs.shape
        K = len(symbols)
        if self.recalled:
            steps, rows = everywhere(K, B)
            return Batch(inputs, steps + T - K, rows, symbols.reshape(-1))
        targets = np.full((T, B), _KINDS)
        targets[-K:] = symbols
        steps, rows = everywhere(T, B)
        return Batch(inputs, steps, rows, targets.reshape(-1), judged=steps >= T - K)


@dataclass(frozen=True)
class SelectiveCopy(Copy):
    """``count`` symbols at random places among T steps of blanks, then the marker and the places to recall them."""

    T: int = 256
    count: int = 16

    name: ClassVar[str] = "selective-copy"
    title: ClassVar[str] = (
        "selective copy: symbols at random places among blanks, recalled in order"
    )
    source: ClassVar[str] = "Jing et al. 2019; Gu & Dao 2023"
    success: ClassVar[str] = "99 % of the symbols recalled (guessing: 12.5 %)"
    grow_from: ClassVar[int] = 20
    small: ClassVar[dict[str, Any]] = {"T": 8, "count": 2}
    full: ClassVar[dict[str, Any]] = {"T": 256}

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.T < self.count:
            raise InputError(
                f"experiment selective-copy: {self.count} symbols do not fit into T={self.T} steps"
            )

    def stages(self) -> tuple[int, ...]:
        return tuple(dict.fromkeys(max(gap, self.count) for gap in super().stages()))

    def batch(self, random: Random, B: int) -> Batch:
        K = self.count
        inputs = np.full((self.T + 1 + K, B), _KINDS)
        inputs[self.T] = _KINDS + 1
        symbols = random.integers(0, _KINDS, (K, B))
        places = np.sort(random.random((B, self.T)).argsort(1)[:, :K], 1).T
        inputs[places, np.arange(B)] = symbols
        return self._asked(inputs, symbols)


EXPERIMENTS = (Copy, SelectiveCopy)
