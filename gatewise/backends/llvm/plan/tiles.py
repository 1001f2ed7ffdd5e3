"""The rows of a batch cut into tiles: which rows a thread carries through time together."""

from __future__ import annotations

import functools
import os
from dataclasses import dataclass

import numpy as np

from gatewise.arrays import Array

TILE = 6  # rows of the largest register tile
TALL = 36  # rows that share one pass over weights that do not fit into a core's own cache
TOGETHER = 16  # rows up to which one such tile, shared by threads, is quicker than a tile for each
# rows for weights that hardly fit into any cache: threads share a tile, and read each once
VAST = 72
FEW = 32  # rows of a single step that read the weights together, without packing them
CORES = os.cpu_count() or 1  # of the machine: a training's tiles must not depend on threads in use


@dataclass(frozen=True, eq=False)
class Rows:
    """Tiles depend on the batch, its lengths and the most rows of a tile. Those of a training do not depend on the
    number of threads: tiles add up gradients.

    ``order`` puts rows in order of falling length; a tile is (first row, rows, first saved step, saved
    steps, longest length); ``total`` counts the steps that are visited over all rows.
    """

    steps: int
    batch: int
    order: Array
    tiles: Array
    total: int
    lengths: Array | None = None


def cut(steps: int, batch: int, lengths: Array | None = None, most: int = TILE) -> Rows:
    """Tiles of at most ``most`` rows (TILE, FEW, TALL or VAST) that are about as long."""
    if lengths is None:
        return _full(steps, batch, most)
    order = np.argsort(-lengths, kind="stable").astype(np.int64)
    ordered = np.ascontiguousarray(lengths[order], np.int64)
    return _tiles(steps, batch, order, ordered, most)


@functools.lru_cache(maxsize=256)
def _full(steps: int, batch: int, most: int) -> Rows:
    return _tiles(steps, batch, np.arange(batch, dtype=np.int64), None, most)


def _tiles(steps: int, batch: int, order: Array, lengths: Array | None, most: int) -> Rows:
    sizes = tile_rows(batch, most)
    tiles = np.zeros((len(sizes), 5), np.int64)
    row, first = 0, 0
    for k, rows in enumerate(sizes):
        longest = steps if lengths is None else int(lengths[row])
        count = rows * steps if lengths is None else int(lengths[row : row + rows].sum())
        tiles[k] = (row, rows, first, count, longest)
        row, first = row + rows, first + count
    return Rows(steps, batch, order, tiles, first, lengths)


def tile_rows(batch: int, most: int = TILE) -> list[int]:
    """Rows of each tile: an even number of tiles from 2 rows on, so that two threads share evenly.

    Five rows cost as much as six: two tiles of five become one of six and one of four. A few rows of weights
    that do not fit into a core's own cache are one tile: the weights are read once, and of two threads each
    reads its half, which may well fit.
    """
    if batch <= 1 or most == 1:
        return [1] * batch
    if most == TALL and batch <= TOGETHER:
        return [batch]
    if most in (FEW, VAST):
        count = -(-batch // most)
        return sorted((batch // count + (k < batch % count) for k in range(count)), reverse=True)
    count = max(-(-batch // most), min(CORES, -(-batch // TILE)))
    count += count % 2
    sizes = [batch // count + (k < batch % count) for k in range(count)]
    fives = [k for k, s in enumerate(sizes) if s == 5]
    for a, b in zip(fives[::2], fives[1::2], strict=False):
        sizes[a], sizes[b] = 6, 4
    return sorted(sizes, reverse=True)
