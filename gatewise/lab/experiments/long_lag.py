"""Long time lag problems: experiments 2a, 2b, 2c of Hochreiter & Schmidhuber (1997), Neural Computation 9(8)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from gatewise.arrays import Array
from gatewise.errors import InputError
from gatewise.lab.batch import Batch, Random, everywhere
from gatewise.lab.experiment import Answer, Criterion, Experiment, Setting, Tested


def one_hot(symbols: Array, count: int) -> Array:
    """Symbols [...] as rows of ones and zeros [..., count]."""
    return np.eye(count, dtype=np.float32)[symbols]


def evenly(random: Random, B: int) -> Array:
    """[B] zeros and ones in random order, each with probability 1/2 and as often as the other in a batch.

    Where one bit is all that a batch tells, an uneven batch tells its own frequency instead.
    """
    return random.permutation(np.arange(B) + random.integers(2)) % 2


@dataclass(frozen=True)
class NoiseFree(Experiment):
    """(y, a_1 .. a_{p-1}, y) or (x, a_1 .. a_{p-1}, x): predict the next symbol; T is the lag p.

    ``kinds``: how many a there are to be told apart, 0 for T - 1 of them.
    """

    T: int = 100
    kinds: int = 0

    name: ClassVar[str] = "2a"
    title: ClassVar[str] = "long time lag without noise: the first symbol decides the last"
    source: ClassVar[str] = "Hochreiter & Schmidhuber 1997, experiment 2a"
    success: ClassVar[str] = "largest error of any output at any step < 0.25, 10,000 sequences"
    tolerance: ClassVar[float] = 0.25
    tests: ClassVar[int] = 10_000
    least: ClassVar[int] = 2
    criterion: ClassVar[Criterion] = Criterion(last=2000, stage=200)
    setting: ClassVar[Setting] = Setting(H=32, B=8, lr=1e-2)
    small: ClassVar[dict[str, Any]] = {"T": 10}
    full: ClassVar[dict[str, Any]] = {"T": 100}

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.kinds == 0:
            object.__setattr__(self, "kinds", self.T - 1)
        self._check_kinds()

    def _check_kinds(self) -> None:
        if self.kinds < self.T - 1:
            raise InputError(
                f"experiment 2a shows {self.T - 1} different symbols on the way: kinds={self.kinds} is too few"
            )

    @property
    def symbols(self) -> int:
        """a_1 .. a_kinds, then x and y."""
        return self.kinds + 2

    @property
    def outputs(self) -> int:
        return self.symbols

    def _middle(self, random: Random, B: int) -> Array:
        return np.tile(np.arange(self.T - 1)[:, None], (1, B))

    def batch(self, random: Random, B: int) -> Batch:
        first = self.kinds + self._which(random, B)[None]
        sequence = np.concatenate([first, self._middle(random, B), first])
        steps, rows = everywhere(self.T, B)
        targets = one_hot(sequence[1:], self.symbols).reshape(-1, self.symbols)
        return Batch(sequence[:-1], steps, rows, targets, judged=self._judged(steps))

    def _which(self, random: Random, B: int) -> Array:
        return evenly(random, B)

    def _judged(self, steps: Array) -> Array | None:
        return None


@dataclass(frozen=True)
class RandomMiddle(NoiseFree):
    """As 2a, but what stands between the first and the last symbol is random."""

    name: ClassVar[str] = "2b"
    title: ClassVar[str] = "long time lag with random symbols between the first and the last"
    source: ClassVar[str] = "Hochreiter & Schmidhuber 1997, experiment 2b"
    success: ClassVar[str] = "largest error at the last step < 0.25, 10,000 sequences"

    def _check_kinds(self) -> None:
        self._check_least("kinds", 1)

    def _middle(self, random: Random, B: int) -> Array:
        return random.integers(0, self.kinds, (self.T - 1, B))

    def _judged(self, steps: Array) -> Array:
        return np.asarray(steps == self.T - 1)


@dataclass(frozen=True)
class LongLag(Experiment):
    """b, (x or y), distractors, e: which of x and y was it? T distractors, then one more with probability 0.9 each.

    ``kinds``: how many kinds p of distractors there are.
    """

    T: int = 1000
    kinds: int = 50

    name: ClassVar[str] = "2c"
    title: ClassVar[str] = "very long time lag: one symbol, then a random number of distractors"
    source: ClassVar[str] = "Hochreiter & Schmidhuber 1997, experiment 2c"
    success: ClassVar[str] = "error of both outputs < 0.2, on 10,000 sequences"
    tolerance: ClassVar[float] = 0.2
    tests: ClassVar[int] = 10_000
    # symbols that start nearly alike: ten thousand distractors drown the one that counts less
    setting: ClassVar[Setting] = Setting(H=16, B=16, lr=1e-2, spread=0.1)
    small: ClassVar[dict[str, Any]] = {"T": 100, "kinds": 10}
    full: ClassVar[dict[str, Any]] = {"T": 1000, "kinds": 50}

    def __post_init__(self) -> None:
        super().__post_init__()
        self._check_least("kinds", 1)

    @property
    def symbols(self) -> int:
        """The distractors, then x, y, b, e."""
        return self.kinds + 4

    @property
    def outputs(self) -> int:
        return 2

    def batch(self, random: Random, B: int) -> Batch:
        # the length is drawn once a batch: as long as each sequence's own would be, and nothing is padded
        distractors = self.T + int(random.geometric(0.1)) - 1
        inputs = random.integers(0, self.kinds, (distractors + 3, B))
        which = evenly(random, B)
        inputs[0], inputs[1], inputs[-1] = self.kinds + 2, self.kinds + which, self.kinds + 3
        last = np.full(B, len(inputs) - 1)
        return Batch(inputs, last, np.arange(B), one_hot(which, 2))

    def test(self, answer: Answer, random: Random, tests: int | None = None) -> Tested:
        """10,000 fresh sequences; 2,000 from a lag of 5,000 on, and 200 from 50,000 on, which would take minutes."""
        most = self.tests if self.T < 5_000 else 2_000 if self.T < 50_000 else 200
        return super().test(answer, random, most if tests is None else min(tests, most))


EXPERIMENTS = (NoiseFree, RandomMiddle, LongLag)
