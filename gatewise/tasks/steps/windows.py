"""Windows of long sequences as blocks for a network, and which of their places it speaks of."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from gatewise.arrays import Bools, Ints, Singles

Steps = Singles | Ints
MOST_STEPS = 1 << 16  # steps times windows of a block in prediction
POOL = 8  # batches that are drawn together and cut by length


@dataclass(frozen=True)
class Spans:
    """Pieces of sequences, by places in the array of all steps.

    Attributes:
        begin, end: [N] of each; the place ``end`` is not in it.
        low, high: [N] what a network may read before and behind it.
    """

    begin: Ints
    end: Ints
    low: Ints
    high: Ints

    def __len__(self) -> int:
        return len(self.begin)

    @staticmethod
    def whole(starts: Ints, index: Ints) -> Spans:
        """Sequences of an index as they are."""
        begin, end = starts[index], starts[index + 1]
        return Spans(begin, end, begin, end)

    def places(self) -> Ints:
        """All places inside of the spans, in order."""
        return np.concatenate([np.arange(b, e) for b, e in zip(self.begin, self.end, strict=True)])


@dataclass(frozen=True)
class Windowed:
    """Sequences as a network reads them, window by window.

    Attributes:
        steps: [S, width] numbers, or [S] codes of tokens.
        starts: [N + 1] where each sequence begins.
        patch: values that a step of the network reads.
        delay: steps that the network waits before it speaks of a value; 0 where it reads to the end.
    """

    steps: Steps
    starts: Ints
    patch: int
    delay: int

    def block(self, begin: Ints, end: Ints) -> tuple[Tensor, Tensor, Ints]:
        """Windows [begin, end) as a block.

        Behind the end of a sequence its last value is repeated, as far as a patch or the delay reaches.

        Returns:
            Steps [T, B, patch * width] (codes [T, B, patch]), lengths [B], and the places [n, patch] that the
            n outputs speak of; -1 for those outside of the window.
        """
        lengths = -(-(end - begin + self.delay) // self.patch)
        steps = int(lengths.max())
        place = begin[:, None] + np.arange(steps * self.patch)  # [B, T * patch]
        last = self.starts[np.searchsorted(self.starts, begin, side="right")] - 1
        values = self.steps[np.minimum(place, last[:, None])].reshape(len(begin), steps, -1)
        block = torch.from_numpy(np.ascontiguousarray(values.swapaxes(0, 1)))
        said = place - self.delay
        said[(said < begin[:, None]) | (said >= end[:, None])] = -1
        said = said.reshape(len(begin), steps, self.patch).swapaxes(0, 1)
        inside = np.arange(steps)[:, None] < lengths
        return block, torch.from_numpy(lengths), np.ascontiguousarray(said[inside])

    def blocks(self, spans: Spans) -> Iterator[tuple[Tensor, Tensor, Ints]]:
        """What is read for spans, in blocks of similar lengths; none holds more than ``MOST_STEPS``.

        Places outside of the spans are -1.
        """
        lengths = -(-(spans.high - spans.low + self.delay) // self.patch)
        order = np.argsort(lengths, kind="stable")
        begin = 0
        while begin < len(order):
            end = begin + 1
            while end < len(order) and lengths[order[end]] * (end + 1 - begin) <= MOST_STEPS:
                end += 1
            piece = order[begin:end]
            steps, count, places = self.block(spans.low[piece], spans.high[piece])
            if (spans.low != spans.begin).any() or (spans.high != spans.end).any():
                places = np.where(_within(places, spans, piece), places, -1)
            yield steps, count, places
            begin = end


def _within(places: Ints, spans: Spans, piece: Ints) -> Bools:
    """Whether places lie in one of the spans of a piece."""
    inside = np.zeros(places.shape, dtype=bool)
    for k in piece:
        inside |= (places >= spans.begin[k]) & (places < spans.end[k])
    return inside


@dataclass(frozen=True)
class Sampler:
    """Draws windows for training around places that say something.

    Attributes:
        spans: that windows lie in.
        places: of which each has the same chance to be in a window.
        size: values of a window at most.
    """

    spans: Spans
    places: Ints
    size: int

    def draw(self, batch: int, rng: np.random.Generator) -> Ints:
        """[B, 2] begin and end of windows of similar lengths."""
        count = batch * POOL if np.ptp(self.spans.end - self.spans.begin) else batch
        at = rng.choice(self.places, size=count)
        span = np.searchsorted(self.spans.begin, at, side="right") - 1
        begin, end = self.spans.begin[span], self.spans.end[span]
        low = np.maximum(begin, at - self.size + 1)
        high = np.maximum(low, np.minimum(at, end - self.size))
        first = rng.integers(low, high + 1)
        windows = np.stack([first, np.minimum(first + self.size, end)], axis=1)
        if count > batch:
            windows = windows[np.argsort(windows[:, 1] - windows[:, 0], kind="stable")]
            k = int(rng.integers(POOL))
            windows = windows[k * batch : (k + 1) * batch]
        return np.asarray(windows)
