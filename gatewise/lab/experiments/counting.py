"""Counting: the languages a^n b^n and a^n b^n c^n (Gers & Schmidhuber 2001, IEEE Transactions on Neural Networks 12(6)).

A network sees n up to T, and is asked how far beyond it has understood.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from gatewise.arrays import Array
from gatewise.errors import InputError
from gatewise.lab.batch import Batch, Random, of_lengths, row_by_row
from gatewise.lab.experiment import Answer, Criterion, Experiment, Setting, Tested


@dataclass(frozen=True)
class AnBn(Experiment):
    """S a^n b^n, then T; n is 1 .. T. At every step the set of the legal next symbols is asked for.

    ``reach``: up to which n the range that is understood is followed.
    """

    T: int = 10
    reach: int = 1000

    name: ClassVar[str] = "anbn"
    title: ClassVar[str] = "a^n b^n: how far beyond the n of training?"
    source: ClassVar[str] = "Gers & Schmidhuber 2001"
    success: ClassVar[str] = (
        "all symbols right for every n that was trained; the range beyond is told"
    )
    tolerance: ClassVar[float] = 0.5
    criterion: ClassVar[Criterion] = Criterion(last=400)
    setting: ClassVar[Setting] = Setting(H=8, B=8, lr=1e-2)
    grow_from: ClassVar[int] = 2
    grow_by: ClassVar[float] = 2.0
    small: ClassVar[dict[str, Any]] = {"T": 5, "reach": 50}
    letters: ClassVar[int] = 2

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.reach < self.T:
            raise InputError(
                f"experiment {self.name}: reach must be at least T={self.T}, not {self.reach}"
            )

    @property
    def symbols(self) -> int:
        """S, then the letters. T ends a word and is only predicted."""
        return self.letters + 1

    @property
    def outputs(self) -> int:
        """The letters, and T."""
        return self.letters + 1

    @property
    def lag(self) -> int:
        return max(3, self.letters * self.T)

    def word(self, n: int) -> tuple[Array, Array]:
        """S a^n b^n as numbers [L], and [L, O] which of a, b, .., T are legal next."""
        word = np.concatenate([[0], np.repeat(np.arange(1, self.letters + 1), n)])
        legal = np.zeros((len(word), self.outputs), np.float32)
        legal[0, 0] = 1.0
        legal[1 : n + 1, :2] = 1.0  # after an a, another a or the first b
        for letter in range(2, self.letters + 1):
            legal[(letter - 1) * n + 1 : letter * n, letter - 1] = 1.0
            legal[letter * n, letter] = 1.0
        if n == 1:
            legal[1] = 0.0
            legal[1, :2] = 1.0
        return word, legal

    def batch(self, random: Random, B: int) -> Batch:
        return self.of_counts(random.integers(1, self.T + 1, B).tolist())

    def of_counts(self, counts: list[int]) -> Batch:
        """Words of these n side by side."""
        words = [self.word(n) for n in counts]
        inputs, lengths = of_lengths([word for word, _ in words])
        steps, rows = row_by_row(lengths)
        return Batch(inputs, steps, rows, np.concatenate([legal for _, legal in words]), lengths)

    def test(self, answer: Answer, random: Random, tests: int | None = None) -> Tested:
        """The largest n such that all of 1 .. n are right."""
        n, block = 0, 8
        while n < self.reach:
            batch = self.of_counts(list(range(n + 1, min(n + block, self.reach) + 1)))
            right = ~batch.per_sequence(self.wrong(answer(batch), batch))
            n += int(np.argmin(right)) if not right.all() else len(right)
            if not right.all():
                break
        return Tested(n >= self.T, {"range": n, "trained": self.T})


@dataclass(frozen=True)
class AnBnCn(AnBn):
    """S a^n b^n c^n, then T."""

    name: ClassVar[str] = "anbncn"
    title: ClassVar[str] = "a^n b^n c^n: how far beyond the n of training?"
    letters: ClassVar[int] = 3


EXPERIMENTS = (AnBn, AnBnCn)
