"""How many rows of a batch a thread carries through time together, by what the weights are read from."""

from __future__ import annotations

from dataclasses import dataclass

from gatewise.backends.llvm.library.amx import GROUP, ROWS
from gatewise.backends.llvm.plan.tiles import CORES, FEW, TALL, TILE, VAST

OWN_CACHE = 3 << 18  # bytes of weights that stay in the second-level cache of a core
OWN_TILES = 3 << 19  # the same for a processor with a tile unit
# bytes that several cores can read again and again from the cache they share
SHARED_CACHE = 3 << 22
# steps from which on a row with matrices goes through time alone: products of so many rows are worth it
ALONE = 6
# values of matrices, and the most rows of one step that read them as they are
SHARING = ((1 << 20, FEW), (1 << 19, 16), (1 << 18, 8), (1 << 16, 4))


@dataclass(frozen=True)
class CarriedRows:
    """Rows of a tile for one layer.

    Attributes:
        values: of all its matrices.
        unpacked: a single step can read the matrices as they are.
        training: rows of a training run, at most.
        inference: rows of an inference run of several steps, at most.
        alone: whether training and inference may take rows one by one (``plan/alone.py``).
    """

    values: int
    unpacked: bool
    training: int
    inference: int
    alone: tuple[bool, bool] = (False, False)

    def few(self, rows: int) -> bool:
        """Whether one step of so many rows does little else than read the weights, and is quicker if
        it reads them once: packed weights pay from the second step or from many rows on."""
        most = next((most for values, most in SHARING if self.values >= values), 1)
        return self.unpacked and 0 < rows <= most

    def in_inference(self, steps: int, batch: int, threads: int) -> int:
        """Rows of a tile: a few rows of one step all go together. Rows know nothing of each other, so tiles
        may depend on the number of threads."""
        if steps == 1 and self.few(batch):
            return FEW
        if threads > 1 and self.inference == GROUP and _one_group(batch):
            return ROWS
        if threads == 1 and self.inference == TALL and batch == 2:
            return TILE  # a tile of one row computes the products over inputs of many steps at once
        return 1 if steps >= ALONE and self.alone[1] else self.inference

    def in_training(self, steps: int, batch: int) -> int:
        """Rows of a tile, forth and back. Tiles add up gradients, so they depend on the machine alone."""
        if steps >= ALONE and self.alone[0]:
            return 1
        return ROWS if CORES > 1 and self.training == GROUP and _one_group(batch) else self.training


def _one_group(batch: int) -> bool:
    """Whether a batch is one group of the tile unit, which two threads take half of each."""
    return ROWS <= batch <= GROUP


def rows_for(values: int, value_bytes: int, tiles: bool) -> int:
    """One tile reads all weights at every step: what does not fit into the cache of a core is read for
    as many rows as possible. ``tiles``: matrices are bfloat16, for a unit of the processor that takes
    ``GROUP`` rows at once."""
    if tiles:
        return GROUP if 2 * values <= OWN_TILES else VAST
    size = values * value_bytes
    return TILE if size <= OWN_CACHE else TALL if size <= SHARED_CACHE else VAST
