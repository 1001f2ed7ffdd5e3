"""Nodes that take whole vectors in a row of the workspace: moves of units, reductions of runs, sums so far."""

from __future__ import annotations

import math
from collections.abc import Sequence

from gatewise.backends.llvm.emit.tile_rows import TileRows
from gatewise.backends.llvm.ir_text import Function, Lanes
from gatewise.backends.llvm.plan.kernel_plan import KernelPlan
from gatewise.backends.llvm.plan.shapes import number
from gatewise.ir import REVERSE


class Moves:
    """Writes slices, concatenations, repetitions, reductions of runs and sums so far."""

    def __init__(self, plan: KernelPlan, f: Function, rows: TileRows) -> None:
        self.p, self.f, self.rows = plan, f, rows

    def run(self, nodes: Sequence[int], n: str) -> None:
        """Move the units of these nodes, in each of ``n`` rows."""
        if not nodes:
            return
        with self.f.loop(n) as r:
            ws = self.rows.workspace_row(r)
            for node in nodes:
                self._move(node, ws)

    def _move(self, index: int, ws: str) -> None:
        f, p = self.f, self.p
        node = p.node(index)
        to = f.at(ws, p.layout.slot[index])
        if node.op == "concat":
            offset = 0
            for arg in node.args:
                self.rows.copy(f.at(to, offset), f.at(ws, p.layout.slot[arg]), p.units[arg])
                offset += p.units[arg]
            return
        source = f.at(ws, p.layout.slot[node.args[0]])
        if node.op == "slice":
            offset = number(node.attr, p.shapes.sizes)  # type: ignore[arg-type]
            self.rows.copy(to, f.at(source, offset), p.units[index])
            return
        if node.op == "cumsum":
            self._cumsum(to, source, p.units[index], node.attr == REVERSE)
            return
        run = number(node.attr, p.shapes.sizes)  # type: ignore[arg-type]
        # runs of whole vectors are taken vector by vector, others unit by unit
        t = p.t if run % p.t.lanes == 0 else Lanes(p.t.dtype, 1)
        outer = p.units[node.args[0]] if node.op == "repeat" else p.units[index]
        with f.loop(outer) as k:
            if node.op == "repeat":
                self._spread(f.at(source, k), f.at(to, f.mul(k, run)), run, t)
            else:
                total = self._reduced(node.op, f.at(source, f.mul(k, run)), run, t)
                f.do(f"store {p.t.dtype} {total}, ptr {f.at(to, k)}, align {p.t.bytes}")

    def _spread(self, source: str, to: str, run: int, t: Lanes) -> None:
        """One value for a run of units."""
        f, value = self.f, self.f.load_one(source)
        kind = t.dtype if t.lanes == 1 else t.vector
        value = value if t.lanes == 1 else f.spread(value, t)
        with f.loop(run // t.lanes) as m:
            f.do(f"store {kind} {value}, ptr {f.at(to, f.mul(m, t.lanes))}, align {t.bytes}")

    def _reduced(self, op: str, source: str, run: int, t: Lanes) -> str:
        """The sum of a run of units, or the largest."""
        f = self.f
        first = 0.0 if op == "sum" else -math.inf
        kind, mask = (t.dtype, "i1") if t.lanes == 1 else (t.vector, t.mask)
        start = t.number(first) if t.lanes == 1 else t.splat(first)
        with f.loop_carrying(run // t.lanes, [(kind, start)]) as (m, total, later):
            at = f.at(source, f.mul(m, t.lanes))
            value = f.let(f"load {kind}, ptr {at}, align {t.bytes}")
            if op == "sum":
                later.append(f.let(f"fadd {kind} {total[0]}, {value}"))
            else:
                later.append(f.larger(value, total[0], kind, mask))
        if t.lanes == 1:
            return total[0]
        if op != "sum":
            return f.largest(total[0], t)
        return f.let(
            f"call reassoc {t.dtype} @llvm.vector.reduce.fadd.{t.suffix}"
            f"({t.dtype} {t.number(-0.0)}, {t.vector} {total[0]})"
        )

    def _cumsum(self, to: str, source: str, units: int, reverse: bool) -> None:
        """Each unit with all before it, or with all after it."""
        f, t = self.f, self.p.t
        with f.loop_carrying(units, [(t.dtype, t.number(0.0))]) as (m, total, later):
            at = f.sub(units - 1, m) if reverse else m
            value = f.load_one(f.at(source, at))
            later.append(f.let(f"fadd {t.dtype} {total[0]}, {value}"))
            f.do(f"store {t.dtype} {later[0]}, ptr {f.at(to, at)}, align {t.bytes}")
