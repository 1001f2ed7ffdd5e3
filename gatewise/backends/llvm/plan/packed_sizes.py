"""Room for matrices in bfloat16 and the rows they meet; ``library/bf16.py`` fills it."""

from __future__ import annotations

from gatewise.backends.llvm.ir_text import Lanes
from gatewise.backends.llvm.plan.tiles import TILE


def packed_values(columns: int, depth: int) -> int:
    """Room for packed weights, in float32 values: an even number of bfloat16 along k."""
    return columns * (depth + depth % 2) // 2


def scratch(t: Lanes, depth: int, rows: int) -> int:
    """Room for the rounded rows of a tile (of whole register tiles), in float32 values."""
    return -(-rows // TILE) * TILE * _distance(t, depth)


def _distance(t: Lanes, depth: int) -> int:
    """Of rows in the scratch, in values of 32 bits: whole vectors, and one more for the cache."""
    return t.twice().padded(depth) + t.lanes
