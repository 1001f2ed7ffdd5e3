"""Loops over the entries of matrices: one pass over all of a phase, with the sums of rows and columns.

A strip is some vectors of columns, side by side. Its vectors along the columns and its sums of columns stay
in registers while the rows go by; a row's own values are read once for all vectors of the strip. Columns
beyond the last whole vector are taken one by one, so that nothing beyond the end of a row is touched.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from gatewise.backends.llvm.emit.loop_body import LoopBody, LoopContext
from gatewise.backends.llvm.emit.math import VectorMath
from gatewise.backends.llvm.ir_text import Lanes
from gatewise.backends.llvm.plan.parts import Sink
from gatewise.backends.llvm.plan.shapes import Entries
from gatewise.ir import REDUCTIONS
from gatewise.ir.matrices import MAKES, SUMS


class MatrixLoop:
    """Writes the loop over matrices of the same axes, for one row of the batch."""

    def __init__(self, context: LoopContext, row: str, step: str, entries: Entries) -> None:
        """``row`` and ``step``: where the row's workspace begins, and which saved step it is."""
        self.context, self.p, self.f = context, context.p, context.f
        self.row, self.step = row, step
        rows, cols, self.blocks = entries
        self.high, self.wide = rows // self.blocks, cols // self.blocks  # of one block
        # vectors, for 32 registers or 16
        self.strip = 4 if self.p.t.lanes * self.p.t.bytes == 64 else 2

    def run(self, nodes: Sequence[int], sums: Sequence[int], sinks: Sequence[Sink]) -> None:
        """Compute all nodes of these axes, their sums, and put away what outlives the loop."""
        f, lanes = self.f, self.p.t.lanes
        self.nodes, self.sinks = nodes, sinks
        of_op = {op: [k for k in sums if self.p.node(k).op == op] for op in SUMS}
        self.row_sums, self.column_sums = (of_op[op] for op in SUMS)
        self.totals = [k for k in sums if self.p.node(k).op in REDUCTIONS]  # over all entries
        read = {a for k in (*nodes, *sums) for a in (k, *self.p.node(k).args)}
        self.read = sorted(read - set(sums) | {s.node for s in sinks})
        for k in self.totals:
            f.do(
                f"store {self.p.t.dtype} {self.p.t.number(self._start(k))}, ptr {self.context.sums[k]}, align 64"
            )
        whole = self.wide // lanes
        strips, left = divmod(whole, self.strip)
        single = self.wide - whole * lanes
        self.once = bool(strips) + bool(left) + bool(single) == 1 and max(strips, single) <= 1
        if not self.once:
            self._clear_row_sums()
        with f.loop(self.blocks) as block:
            if strips:
                with f.loop(strips) as s:
                    self._strip(block, f.mul(s, self.strip * lanes), self.strip, self.context.math)
            if left:
                self._strip(block, str(strips * self.strip * lanes), left, self.context.math)
            if single:
                with f.loop(single) as s:
                    self._strip(block, f.add(s, whole * lanes), 1, self.context.single_math)
        for k in self.totals:
            total = f.spread(f.load_one(self.context.sums[k]))
            f.store(total, f.at(self.row, self.p.layout.slot[k]))

    def _clear_row_sums(self) -> None:
        f, t = self.f, self.p.t
        for k in self.row_sums:
            with f.loop(t.blocks(self.p.units[k])) as b:
                f.store("zeroinitializer", f.at(self.row, self.p.layout.slot[k], f.mul(b, t.lanes)))

    def _strip(self, block: str, column: str, count: int, functions: VectorMath) -> None:
        """``count`` vectors of columns from ``column`` on, of one block."""
        f, p, t = self.f, self.p, Lanes(self.p.t.dtype, functions.lanes)
        at = f.add(f.mul(block, self.wide), column)  # among all columns
        places = [f.add(at, c * t.lanes) for c in range(count)]
        above = [self._above(place, functions) for place in places]
        sums = [k for k in (*self.column_sums, *self.totals) for _ in range(count)]
        start = [(t.vector, t.splat(self._start(k))) for k in sums]
        together = self._together(t)
        with f.loop_carrying(self.high // together, start) as (r, totals, after):
            first = f.add(f.mul(block, self.high), f.mul(r, together))
            after[:] = totals
            parts = dict[int, list[str]]()  # of each row sum: a vector of every row
            for n in range(together):
                bodies = self._row(f.add(first, n), column, above, functions)
                for k in self.row_sums:
                    parts.setdefault(k, []).append(self._added([b.summed[k] for b in bodies], t))
                for n, k in enumerate(sums):
                    after[n] = self._both(k, after[n], bodies[n % count].summed[k], t)
            for k, vectors in parts.items():
                self._add_rows(k, first, vectors, t)
        for n, (k, total) in enumerate(zip(sums, totals, strict=True)):
            if k in self.column_sums:
                place = f.at(self.row, p.layout.slot[k], places[n % count])
                f.do(f"store {t.vector} {total}, ptr {place}, align {t.bytes}")
            else:
                self._add_one(k, self._reduced(k, total, t), self.context.sums[k])

    def _together(self, t: Lanes) -> int:
        """Rows that are written one after the other: the lanes of their sums are then added together."""
        return 4 if self.row_sums and t.lanes >= 4 and self.high % 4 == 0 else 1

    def _row(
        self, row: str, column: str, above: Sequence[Entry], functions: VectorMath
    ) -> list[Entry]:
        """Some vectors of one row, side by side."""
        f, bodies = self.f, list[Entry]()
        first = f.add(f.mul(row, self.wide), column)
        for c, vector in enumerate(above):
            at = f.add(first, c * functions.lanes)
            body = Entry(self, at, row, functions, dict(vector.values))
            if bodies:  # what a row has is the same for all vectors
                body.values |= {k: bodies[0].values[k] for k in bodies[0].of_row}
            body.run(self.nodes, [*self.row_sums, *self.column_sums, *self.totals], self.sinks)
            bodies.append(body)
        return bodies

    def _above(self, column: str, functions: VectorMath) -> Entry:
        """What is the same for all rows: vectors along the columns, and scalars."""
        body = Entry(self, "0", "0", functions, {})
        for k in self.read:
            node = self.p.node(k)
            if self.p.scalar[k]:
                body.value(k)
            elif node.op == "column_repeat":
                body.values[k] = body.along(node.args[0], column)
        return body

    def _added(self, parts: Sequence[str], t: Lanes) -> str:
        total = parts[0]
        for part in parts[1:]:
            total = self.f.let(f"fadd contract {t.vector} {total}, {part}")
        return total

    def _add_rows(self, k: int, first: str, vectors: Sequence[str], t: Lanes) -> None:
        """The sums of one row or of several that follow each other, from a vector of each."""
        f, place = self.f, self.f.at(self.row, self.p.layout.slot[k], first)
        if len(vectors) == 1:
            kind, value = t.dtype, self._reduced(k, vectors[0], t)
        else:
            kind, value = f"<{len(vectors)} x {t.dtype}>", f.sums_of(vectors, t)
        if not self.once:
            old = f.let(f"load {kind}, ptr {place}, align {t.bytes}")
            value = f.let(f"fadd {kind} {old}, {value}")
        f.do(f"store {kind} {value}, ptr {place}, align {t.bytes}")

    def _start(self, k: int) -> float:
        """What a sum, or the largest entry, is before there are any."""
        return -math.inf if self.p.node(k).op == "amax" else 0.0

    def _both(self, k: int, a: str, b: str, t: Lanes) -> str:
        """Two parts of a sum added, or the larger of each two lanes."""
        if self.p.node(k).op == "amax":
            return self.f.larger(a, b, t.vector, t.mask)
        return self.f.let(f"fadd contract {t.vector} {a}, {b}")

    def _add_one(self, k: int, value: str, place: str) -> None:
        f, t = self.f, self.p.t
        if self.p.node(k).op == "amax":
            total = f.larger(f.load_one(place), value, t.dtype, "i1")
        else:
            total = f.let(f"fadd {t.dtype} {f.load_one(place)}, {value}")
        f.do(f"store {t.dtype} {total}, ptr {place}, align {t.bytes}")

    def _reduced(self, k: int, vector: str, t: Lanes) -> str:
        """The sum of all lanes, or the largest."""
        f = self.f
        if self.p.node(k).op == "amax":
            return f.largest(vector, t)
        if t.lanes == 1:
            return f.let(f"extractelement {t.vector} {vector}, i64 0")
        return f.let(
            f"call reassoc {t.dtype} @llvm.vector.reduce.fadd.{t.suffix}"
            f"({t.dtype} {t.number(-0.0)}, {t.vector} {vector})"
        )


class Entry(LoopBody):
    """The equations of one vector of entries; ``of_row`` are the values that its whole row has."""

    def __init__(
        self, loop: MatrixLoop, at: str, row: str, functions: VectorMath, known: dict[int, str]
    ) -> None:
        super().__init__(loop.context, loop.row, loop.step, "0")
        self.math, self.t = functions, Lanes(loop.p.t.dtype, functions.lanes)
        self.at, self.matrix_row = at, row
        self.values = known
        self.of_row: list[int] = []
        self.summed: dict[int, str] = {}

    def along(self, k: int, at: str) -> str:
        """A vector's units from ``at`` on; a scalar in every lane."""
        return self.value(k) if self.p.scalar[k] else self.load(self._unit(k, at))

    def _unit(self, k: int, at: str) -> str:
        return self.f.at(self.row, self.p.layout.slot[k], at)

    def _read(self, k: int) -> str:
        node = self.p.node(k)
        if node.op != "row_repeat":
            return super()._read(k)
        self.of_row.append(k)
        (of,) = node.args
        if self.p.scalar[of]:
            return self.value(of)
        return self.f.spread(self.f.load_one(self._unit(of, self.matrix_row)), self.t)

    def _compute(self, k: int) -> str:
        return self.value(k) if self.p.node(k).op in MAKES else super()._compute(k)

    def _sum(self, k: int) -> None:
        self.summed[k] = self.value(self.p.node(k).args[0])
