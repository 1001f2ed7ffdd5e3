"""Products whose columns only the caller reads: a tile of one row does them for many steps at once."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from gatewise.backends.llvm.emit.products import Products
from gatewise.backends.llvm.emit.team import Team
from gatewise.backends.llvm.emit.tile_rows import TileRows
from gatewise.backends.llvm.ir_text import Function
from gatewise.backends.llvm.plan.kernel_plan import KernelPlan
from gatewise.backends.llvm.plan.parts import AHEAD, Product


class DeferredProducts:
    """Writes what a kernel keeps for them at each step, and what it does after ``AHEAD`` steps or the last."""

    def __init__(
        self, plan: KernelPlan, f: Function, arg: dict[str, str], products: Products, rows: TileRows
    ) -> None:
        self.p, self.f, self.arg, self.products, self.rows = plan, f, arg, products, rows
        self.here = ""  # the number of the step among those kept

    def __contains__(self, q: Product) -> bool:
        return q.index in self.p.deferred.operands

    def _all(self) -> list[Product]:
        return [q for phase in self.p.phases for q in phase.products if q in self]

    @contextmanager
    def unless_alone(self, result: int) -> Iterator[None]:
        """What is done with a result at every step: with one of their columns, where there are several rows."""
        at, lanes = self.p.layout.slot[result], self.p.t.lanes
        if not any(q.offset <= at < q.offset + q.blocks * lanes for q in self._all()):
            yield
            return
        with self.f.when(self.f.let(f"xor i1 {self.products.single}, true")):
            yield

    def _place(self, offset: int, index: str | int, width: int) -> str:
        f, at = self.f, self.p.deferred_at + offset
        return f.at(self.rows.ws, at, f.mul(index, width))

    def step(self, s: str) -> None:
        """To be called before each step: the ``s``-th of its row."""
        self.here = self.f.let(f"urem i64 {s}, {AHEAD}")

    def keep(self, q: Product) -> None:
        """The operands of a product at this step."""
        width = self.p.t.padded(q.depth)
        to = self._place(self.p.deferred.operands[q.index], self.here, width)
        self.rows.copy(to, self.f.at(self.rows.ws, self.p.layout.slot[q.operand]), q.depth)

    def finish(self, s: str, t: str, longest: str, team: Team) -> None:
        """The products of the steps kept, where this one fills them up or is the last."""
        f = self.f
        full = f.let(f"icmp eq i64 {self.here}, {AHEAD - 1}")
        last = f.let(f"icmp eq i64 {f.add(s, 1)}, {longest}")
        ends = f.let(f"or i1 {full}, {last}")
        with f.when(f.let(f"and i1 {ends}, {self.products.single}")):
            team.wait()  # what is kept is one thread's work
            count = f.add(self.here, 1)
            for q in self._all():
                self._multiply(q, count)
            team.wait()
            with team.alone(), f.loop(count) as k:
                back = f.sub(self.here, k)
                later, before = f.add(t, back), f.sub(t, back)
                time = f.let(f"select i1 {self.products.down}, i64 {later}, i64 {before}")
                self._give(k, time)
            team.wait()

    def _multiply(self, q: Product, count: str) -> None:
        t, deferred = self.p.t, self.p.deferred
        a = self._place(deferred.operands[q.index], 0, 1)
        c = self._place(deferred.results[q.offset], 0, 1)
        self.products.rows_of(q, count, c, q.blocks * t.lanes, a, t.padded(q.depth), int(q.more))

    def _give(self, k: str, time: str) -> None:
        """Columns of the ``k``-th step that was kept, to the caller."""
        f, p = self.f, self.p
        b = self.rows.batch_row("0")
        starts = {q.offset: q.blocks * p.t.lanes for q in self._all()}
        for name, node in p.spec.results:
            for offset, width in starts.items():
                at = p.layout.slot.get(node, -1) - offset
                if not 0 <= at < width:
                    continue
                source = f.at(self._place(p.deferred.results[offset], k, width), at)
                to = f.at(self.arg[f"out.{name}"], f.mul(b, self.arg[f"out.{name}:b"]))
                to = f.at(to, f.mul(time, self.arg[f"out.{name}:t"]))
                self.rows.copy_out(to, source, p.units[node])
