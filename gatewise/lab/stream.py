"""Experiments on streams: sequences without end, in which nothing resets the state.

Training goes over the stream in chunks; the state is carried from one to the next, gradients are not. The test is
the time until the first wrong answer on fresh streams.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any, ClassVar

import numpy as np

from gatewise.arrays import Array
from gatewise.lab.batch import Batch, Random
from gatewise.lab.experiment import Answer, Experiment, Tested

Item = tuple[Any, Array | None]  # what goes in at a step, what is asked for there


@dataclass(frozen=True)
class Stream(Experiment):
    """Base of the experiments on streams.

    ``longest``: symbols of a stream in the test, at most. A stream ends at its first wrong answer.
    """

    longest: int = 10_000

    chunk: ClassVar[int] = 100  # steps of a batch in training
    renew: ClassVar[int] = 5  # chunks of a stream in training
    good: ClassVar[int] = 1000  # symbols right in a row on average, to pass
    streams: ClassVar[int] = 10

    def __post_init__(self) -> None:
        super().__post_init__()
        self._check_least("longest", 1)

    def stream(self, random: Random) -> Iterator[Item]:
        """One stream without end, by the definition."""
        raise NotImplementedError

    def batch(self, random: Random, B: int) -> Batch:
        return next(self.batches(random, B, self.chunk))

    def source_of(self, random: Random, B: int) -> Iterator[Batch]:
        # streams begin anew now and then: the way in from the empty state is learned too
        while True:
            yield from islice(self.batches(random, B, self.chunk), self.renew)

    def batches(self, random: Random, B: int, chunk: int) -> Iterator[Batch]:
        """B streams side by side, so many steps at a time."""
        streams = [self.stream(r) for r in random.spawn(B)]
        carry = False
        while True:
            inputs, steps, rows, targets = [], [], [], []
            for t in range(chunk):
                items = [next(s) for s in streams]
                inputs.append([item[0] for item in items])
                for row, (_, target) in enumerate(items):
                    if target is not None:
                        steps.append(t)
                        rows.append(row)
                        targets.append(target)
            kind = np.int64 if self.symbols is not None else np.float32
            array = np.asarray(inputs, kind)
            array = array if array.ndim == 2 or self.symbols is None else array[..., 0]
            asked = np.asarray(targets, np.float32).reshape(len(steps), -1)
            yield Batch(array, np.array(steps, int), np.array(rows, int), asked, carry=carry)
            carry = True

    def test(self, answer: Answer, random: Random, tests: int | None = None) -> Tested:
        """Symbols until the first wrong answer on fresh streams."""
        count = self.streams
        until = np.full(count, -1)
        size, at = max(self.chunk, min(500, self.longest)), 0
        for batch in self.batches(random, count, size):
            wrong = self.wrong(answer(batch), batch)
            for row in np.flatnonzero(until < 0):
                bad = batch.steps[wrong & (batch.rows == row)]
                if len(bad):
                    until[row] = at + int(bad.min())
            at += size
            if at >= self.longest or (until >= 0).all():
                break
        lengths = np.where(until < 0, self.longest, np.minimum(until, self.longest))
        mean, perfect = float(lengths.mean()), int((until < 0).sum())
        limit = min(self.good, self.longest)
        return Tested(
            mean > limit or (mean == limit == self.longest),
            {"right in a row": mean, "streams without error": perfect, "of": count},
        )
