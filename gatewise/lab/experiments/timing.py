"""Counting with timing: measuring spike delays, timed spikes, periodic functions (Gers, Schraudolph & Schmidhuber 2002).

Learning precise timing with LSTM recurrent networks, Journal of Machine Learning Research 3.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from gatewise.errors import InputError
from gatewise.lab.batch import Batch, Random, at_the_end
from gatewise.lab.experiment import Criterion, Experiment, Loss, Setting
from gatewise.lab.stream import Item, Stream

_SOURCE = "Gers, Schraudolph & Schmidhuber 2002"


@dataclass(frozen=True)
class _Spikes(Stream):
    """Spikes at T(n) = T(n - 1) + F + I(n); F is the field T, I(n) one of 0 .. choices - 1."""

    T: int = 10
    choices: int = 2

    source: ClassVar[str] = _SOURCE
    loss: ClassVar[Loss] = "squared"
    tolerance: ClassVar[float] = 0.49
    setting: ClassVar[Setting] = Setting(H=16, B=16, lr=1e-2)
    criterion: ClassVar[Criterion] = Criterion(every=100)
    grow_from: ClassVar[int] = 10
    grow_by: ClassVar[float] = 2.0
    small: ClassVar[dict[str, Any]] = {"T": 5, "longest": 1000}
    full: ClassVar[dict[str, Any]] = {"T": 10}
    spikes: ClassVar[int] = 1000  # right in a row, of a stream in the test

    def __post_init__(self) -> None:
        super().__post_init__()
        self._check_least("choices", 2)

    @property
    def lag(self) -> int:
        return max(3, self.T + self.choices)

    def intervals(self, random: Random) -> Iterator[int]:
        """I(1), I(2), ..."""
        while True:
            yield from random.integers(0, self.choices, 64).tolist()


@dataclass(frozen=True)
class SpikeDelays(_Spikes):
    """Measure delays: a train of spikes comes in; at each of them, I(n) is asked for."""

    name: ClassVar[str] = "msd"
    title: ClassVar[str] = "measuring spike delays: how long since the last spike?"
    success: ClassVar[str] = "error < 0.49 at every spike of 1,000 steps, mean of 10 streams"

    def stream(self, random: Random) -> Iterator[Item]:
        yield [1.0], None  # the first spike starts the clock
        for interval in self.intervals(random):
            for _ in range(self.T + interval - 1):
                yield [0.0], None
            yield [1.0], np.array([interval], np.float32)


@dataclass(frozen=True)
class OneDelay(Experiment):
    """Measure one delay, from the beginning of the sequence: one spike after F + I steps, where I is asked for."""

    T: int = 10
    choices: int = 2

    name: ClassVar[str] = "nmsd"
    title: ClassVar[str] = "measuring one spike delay, each sequence by itself"
    source: ClassVar[str] = _SOURCE
    success: ClassVar[str] = "error < 0.49 at the spike, 1,000 sequences"
    loss: ClassVar[Loss] = "squared"
    tolerance: ClassVar[float] = 0.49
    tests: ClassVar[int] = 1000
    setting: ClassVar[Setting] = Setting(H=16, B=16, lr=1e-2)
    grow_from: ClassVar[int] = 10
    grow_by: ClassVar[float] = 2.0
    small: ClassVar[dict[str, Any]] = {"T": 5}

    def __post_init__(self) -> None:
        super().__post_init__()
        self._check_least("choices", 2)

    def batch(self, random: Random, B: int) -> Batch:
        interval = random.integers(0, self.choices, B)
        lengths = self.T + interval
        inputs = np.zeros((int(lengths.max()), B, 1), np.float32)
        inputs[lengths - 1, np.arange(B), 0] = 1.0
        return Batch(inputs, *at_the_end(lengths), interval[:, None].astype(np.float32), lengths)


@dataclass(frozen=True)
class TimedSpikes(_Spikes):
    """Generate spikes: the network is told I(n) from one spike to the next, and has to spike after F + I(n) steps."""

    name: ClassVar[str] = "gts"
    title: ClassVar[str] = "generating timed spikes: spike after F + I(n) steps"
    success: ClassVar[str] = "error < 0.49 at every one of 1,000 steps, mean of 10 streams"
    loss: ClassVar[Loss] = "logistic"

    def stream(self, random: Random) -> Iterator[Item]:
        for interval in self.intervals(random):
            for step in range(self.T + interval):
                spike = step == self.T + interval - 1
                yield [float(interval)], np.array([float(spike)], np.float32)


@dataclass(frozen=True)
class PeriodicFunction(Stream):
    """Generate a periodic function of period F = T out of nothing: the input is zero. shape: cosine, triangle, square."""

    T: int = 10
    shape: str = "cosine"

    name: ClassVar[str] = "pfg"
    title: ClassVar[str] = "generating a periodic function without input"
    source: ClassVar[str] = _SOURCE
    success: ClassVar[str] = "error < 0.3 at every one of 1,000 steps"
    loss: ClassVar[Loss] = "squared"
    tolerance: ClassVar[float] = 0.3
    setting: ClassVar[Setting] = Setting(H=16, B=1, lr=1e-2)
    criterion: ClassVar[Criterion] = Criterion(every=100)
    streams: ClassVar[int] = 1
    least: ClassVar[int] = 2
    grow_from: ClassVar[int] = 5
    grow_by: ClassVar[float] = 2.0
    small: ClassVar[dict[str, Any]] = {"T": 5, "longest": 1000}
    full: ClassVar[dict[str, Any]] = {"T": 25}

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.shape not in _SHAPES:
            raise InputError(
                f"experiment pfg: shape must be one of {', '.join(_SHAPES)}, not {self.shape!r}"
            )

    def value(self, t: int) -> float:
        """The function at step t, between -1 and 1."""
        return _SHAPES[self.shape]((t % self.T) / self.T)

    def stream(self, random: Random) -> Iterator[Item]:
        t = 0
        while True:
            yield [0.0], np.array([self.value(t)], np.float32)
            t += 1


def _triangle(phase: float) -> float:
    return 4 * abs(phase - 0.5) - 1


_SHAPES: dict[str, Callable[[float], float]] = {
    "cosine": lambda phase: float(np.cos(2 * np.pi * phase)),
    "triangle": _triangle,
    "square": lambda phase: 1.0 if phase < 0.5 else -1.0,
}

EXPERIMENTS = (SpikeDelays, OneDelay, TimedSpikes, PeriodicFunction)
