"""Padded blocks [T, B, width] from ragged data; steps behind the end of a sequence are never computed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from gatewise.arrays import Ints, Singles

MOST_STEPS = 1 << 16  # steps times sequences of a block in prediction
POOL = 8  # batches that are drawn together and cut by length


@dataclass(frozen=True)
class Encoded:
    """Sequences as a network reads them.

    Attributes:
        steps: [S, width] numbers, or [S] codes of tokens.
        starts: [N + 1].
        patch: values that one step of the network reads.
    """

    steps: Singles | Ints
    starts: Ints
    patch: int

    def __len__(self) -> int:
        return len(self.starts) - 1

    @property
    def lengths(self) -> Ints:
        """[N] steps of the network for each sequence."""
        return -(-np.diff(self.starts) // self.patch)

    def block(self, index: Ints) -> tuple[Tensor, Tensor]:
        """Steps [T, B, patch * width] (codes [T, B, patch]) and lengths [B].

        The last step of a sequence repeats its last value where the patch is not full.
        """
        lengths = self.lengths[index]
        steps, p = int(lengths.max()), self.patch
        place = self.starts[index][:, None] + np.arange(steps * p)
        place = np.minimum(place, self.starts[index + 1][:, None] - 1)  # [B, T * p]
        values = self.steps[place].reshape(len(index), steps, -1)
        block = torch.from_numpy(np.ascontiguousarray(values.swapaxes(0, 1)))
        return block, torch.from_numpy(lengths)

    def blocks(self, index: Ints) -> Iterator[tuple[Ints, Tensor, Tensor]]:
        """Pieces of the index by length, with their blocks; none holds more than ``MOST_STEPS``."""
        order = index[np.argsort(self.lengths[index], kind="stable")]
        lengths = self.lengths[order]
        begin = 0
        while begin < len(order):
            end = begin + 1
            while end < len(order) and lengths[end] * (end + 1 - begin) <= MOST_STEPS:
                end += 1
            piece = order[begin:end]
            yield piece, *self.block(piece)
            begin = end

    def draw(self, index: Ints, size: int, rng: np.random.Generator) -> Ints:
        """A batch of sequences of similar length; each sequence has the same chance to be in it.

        Several batches are drawn without repetition, put in order of length and cut; one piece is the batch.
        """
        size = min(size, len(index))
        pool = rng.permutation(index)[: max(size, min(POOL * size, len(index) // 2))]
        pieces = max(1, len(pool) // size)
        if pieces > 1:
            pool = pool[: pieces * size]
            pool = pool[np.argsort(self.lengths[pool], kind="stable")]
        k = int(rng.integers(pieces))
        return pool[k * size : (k + 1) * size]
