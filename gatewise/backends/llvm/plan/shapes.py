"""How large every node of a program is, for given sizes and vectors."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from gatewise.backends.llvm.ir_text import Lanes
from gatewise.ir import ONE, REDUCTIONS, Axes, Program, Size, axes_of
from gatewise.ir.matrices import SUMS

Key = TypeVar("Key", bound=Hashable)
# rows, columns and diagonal blocks of matrices that one loop goes over
Entries = tuple[int, int, int]
# what a node is computed in: a loop over units or entries; None for scalars
Loop = int | Entries | None


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
    axes: tuple[Entries | None, ...]

    def loop(self, node: int) -> Loop:
        """The loop that computes a node, or that adds up a sum."""
        record = self.program.nodes[node]
        if record.op in SUMS and isinstance(record.attr, Axes):
            return record.attr.numbers(self.sizes)
        if record.op in REDUCTIONS:
            (of,) = record.args  # which may be a sum over rows or columns: a vector
            reduced = self.program.nodes[of].op in (*SUMS, *REDUCTIONS)
            return self.units[of] if reduced else self.loop(of)
        if self.scalar[node]:
            return None
        return self.axes[node] or self.units[node]

    @property
    def has_matrices(self) -> bool:
        """Whether some step is taken entry by entry of a matrix."""
        return any(isinstance(self.loop(n), tuple) for n in range(len(self.units)))

    def sums_entries(self, node: int) -> bool:
        """Whether a node sums the rows or the columns of a matrix."""
        return self.program.nodes[node].op in SUMS

    def blocks(self, node: int) -> int:
        """Vectors that hold a node's value."""
        return 1 if self.scalar[node] else self.t.blocks(self.units[node])

    def fills_vectors(self, node: int) -> bool:
        """Whether a node has units, and its last vector is full."""
        return not self.scalar[node] and self.units[node] % self.t.lanes == 0

    def is_move(self, node: int) -> bool:
        """Whether a node takes whole vectors, to move their units or to add them up one after the other."""
        record = self.program.nodes[node]
        if record.op == "repeat":
            return not self.scalar[record.args[0]]
        return record.op in ("slice", "concat", "cumsum")

    def sums_runs(self, node: int) -> bool:
        """Whether a node reduces runs of units: one value for each run, not one for all units."""
        return self.program.nodes[node].op in REDUCTIONS and not self.scalar[node]


def measure(program: Program, sizes: Mapping[str, int], t: Lanes) -> Shapes:
    """The shapes of a program's nodes and states."""
    units = tuple(n.size.evaluate(sizes) for n in program.nodes)
    scalar = tuple(n.size == ONE and n.cols is None for n in program.nodes)
    states = {s.name: 1 if s.size == ONE else s.size.evaluate(sizes) for s in program.states}
    axes = tuple(None if a is None else a.numbers(sizes) for a in axes_of(program))
    return Shapes(program, t, dict(sizes), units, scalar, states, axes)


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
