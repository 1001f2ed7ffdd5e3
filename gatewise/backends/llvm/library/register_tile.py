"""The register tile of matrix products: how many rows and vectors a kernel holds at once."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Shape:
    """The register tile of a target.

    ``width``: vectors of a panel. ``rows``: for each number of rows that has a tile of its own, how
    many panels it takes at once (few rows need more panels to keep the multiply-add units busy).
    ``outer``: rows and vectors of the weight gradient's tile. ``depth``: steps of the weight gradient
    that are summed before going on, so that a block stays in the cache.
    """

    width: int
    rows: tuple[tuple[int, int], ...]
    outer: tuple[int, int]
    depth: int = 128


def shape_for(registers: int) -> Shape:
    """Tiles for so many vector registers: accumulators, one panel row and a broadcast must fit."""
    if registers >= 32:
        return Shape(4, ((6, 1), (4, 1), (2, 2), (1, 2)), (8, 3))
    return Shape(2, ((6, 1), (4, 1), (2, 3), (1, 6)), (4, 2))
