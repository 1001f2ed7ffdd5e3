"""How large every node of a program is, for given sizes and vectors."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from gatewise.backends.llvm.ir_text import Lanes
from gatewise.ir import ONE, Program, Size

Key = TypeVar("Key", bound=Hashable)


@dataclass(frozen=True)
class Shapes:
    """The sizes of a program as numbers.

    ``units`` has those of each node, 1 for a scalar; ``scalar`` says which nodes are scalars that meet
    every unit; ``states`` has the units of each state; ``t`` is the vector that a kernel works with.
    """

    program: Program
    t: Lanes
    sizes: Mapping[str, int]
    units: tuple[int, ...]
    scalar: tuple[bool, ...]
    states: Mapping[str, int]

    def blocks(self, node: int) -> int:
        """Vectors that hold a node's value."""
        return 1 if self.scalar[node] else self.t.blocks(self.units[node])

    def fills_vectors(self, node: int) -> bool:
        """Whether a node has units, and its last vector is full."""
        return not self.scalar[node] and self.units[node] % self.t.lanes == 0

    def is_move(self, node: int) -> bool:
        """Whether a node only moves units of other nodes."""
        record = self.program.nodes[node]
        if record.op == "repeat":
            return not self.scalar[record.args[0]]
        return record.op in ("slice", "concat")

    def sums_runs(self, node: int) -> bool:
        """Whether a node sums runs of units: one value for each run, not one for all units."""
        return self.program.nodes[node].op == "sum" and not self.scalar[node]


def measure(program: Program, sizes: Mapping[str, int], t: Lanes) -> Shapes:
    """The shapes of a program's nodes and states."""
    units = tuple(n.size.evaluate(sizes) for n in program.nodes)
    scalar = tuple(n.size == ONE and n.cols is None for n in program.nodes)
    states = {s.name: 1 if s.size == ONE else s.size.evaluate(sizes) for s in program.states}
    return Shapes(program, t, dict(sizes), units, scalar, states)


def number(size: Size, sizes: Mapping[str, int]) -> int:
    """A size that may be zero (the offset of a slice)."""
    return 0 if size == Size() else size.evaluate(sizes)


def side_by_side(blocks: Mapping[Key, int], start: int, lanes: int) -> tuple[dict[Key, int], int]:
    """Offsets of vectors that lie one after the other from ``start`` on, and where they end."""
    offsets = {}
    for key, count in blocks.items():
        offsets[key] = start
        start += count * lanes
    return offsets, start
