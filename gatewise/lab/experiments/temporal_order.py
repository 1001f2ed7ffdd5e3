"""Temporal order: experiments 6a and 6b of Hochreiter & Schmidhuber (1997), and 6b without resets (Gers et al. 2000)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np

from gatewise.lab.batch import Batch, Random, a_tenth_longer, at_the_end
from gatewise.lab.experiment import Answer, Criterion, Experiment, Setting, Tested
from gatewise.lab.experiments.long_lag import one_hot

# a, b, c, d are noise
_X, _Y, _E, _B, _COUNT = 4, 5, 6, 7, 8


@dataclass(frozen=True)
class TwoSymbols(Experiment):
    """E, noise of a b c d, then B; in it, at two places, X or Y: which two, in which order? Lengths T to 1.1 T."""

    T: int = 100

    name: ClassVar[str] = "6a"
    title: ClassVar[str] = "temporal order: two symbols far apart, four classes"
    source: ClassVar[str] = "Hochreiter & Schmidhuber 1997, experiment 6a"
    success: ClassVar[str] = "all outputs within 0.3; at most 2 of 2,560 sequences wrong"
    tolerance: ClassVar[float] = 0.3
    allowed: ClassVar[int] = 2
    criterion: ClassVar[Criterion] = Criterion(last=2000, error=0.1)
    setting: ClassVar[Setting] = Setting(H=32, B=16, lr=1e-2)
    grow_by: ClassVar[float] = 2.0
    small: ClassVar[dict[str, Any]] = {"T": 20}
    full: ClassVar[dict[str, Any]] = {"T": 100}
    # where the symbols stand, of 100 steps: the first and the last place
    places: ClassVar[tuple[tuple[int, int], ...]] = ((10, 20), (50, 60))
    least: ClassVar[int] = 10

    @property
    def symbols(self) -> int:
        return _COUNT

    @property
    def outputs(self) -> int:
        """A class for each order."""
        return int(2 ** len(self.places))

    def batch(self, random: Random, B: int) -> Batch:
        lengths = a_tenth_longer(random, self.T, B)
        rows = np.arange(B)
        inputs = random.integers(0, 4, (int(lengths.max()), B))
        inputs[0], inputs[lengths - 1, rows] = _E, _B
        order = np.zeros(B, int)
        for low, high in self.places:
            at = random.integers(low * self.T // 100, high * self.T // 100 + 1, B)
            which = random.integers(0, 2, B)
            inputs[at, rows] = _X + which
            order = 2 * order + which
        return Batch(inputs, *at_the_end(lengths), one_hot(order, self.outputs), lengths)


@dataclass(frozen=True)
class ThreeSymbols(TwoSymbols):
    """As 6a with three symbols and eight classes."""

    name: ClassVar[str] = "6b"
    title: ClassVar[str] = "temporal order: three symbols far apart, eight classes"
    source: ClassVar[str] = "Hochreiter & Schmidhuber 1997, experiment 6b"
    places: ClassVar[tuple[tuple[int, int], ...]] = ((10, 20), (33, 43), (66, 76))


@dataclass(frozen=True)
class ContinualThreeSymbols(ThreeSymbols):
    """Sequences of 6b one after the other; nothing resets the state, and no mark but E and B tells them apart.

    ``sequences``: how many make a stream.
    """

    sequences: int = 100

    name: ClassVar[str] = "continual-6b"
    title: ClassVar[str] = "continual temporal order: streams of 6b that nothing resets"
    source: ClassVar[str] = "Gers, Schmidhuber & Cummins 2000"
    success: ClassVar[str] = (
        "all outputs within 0.3 at the end of each sequence, 10 whole streams right"
    )
    tests: ClassVar[int] = 10
    allowed: ClassVar[int] = 0
    criterion: ClassVar[Criterion] = Criterion(last=2000, error=0.1, stage=800)
    small: ClassVar[dict[str, Any]] = {"T": 20, "sequences": 5}

    def __post_init__(self) -> None:
        super().__post_init__()
        self._check_least("sequences", 1)

    def source_of(self, random: Random, B: int) -> Iterator[Batch]:
        while True:
            for k in range(self.sequences):
                yield replace(super().batch(random, B), carry=k > 0)

    def test(self, answer: Answer, random: Random, tests: int | None = None) -> Tested:
        streams = self.tests if tests is None else tests
        right, single = np.ones(streams, bool), 0
        for k in range(self.sequences):
            batch = replace(super().batch(random, streams), carry=k > 0)
            wrong = self.wrong(answer(batch), batch)
            right[batch.rows[wrong]] = False
            single += int(wrong.sum())
        figures: dict[str, float | int] = {
            "whole streams": int(right.sum()),
            "of": streams,
            "wrong sequences": single,
        }
        return Tested(bool(right.all()), figures)


EXPERIMENTS = (TwoSymbols, ThreeSymbols, ContinualThreeSymbols)
