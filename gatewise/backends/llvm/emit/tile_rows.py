"""The rows of a tile: where they lie in the batch and in the workspace, and copies between the two."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from gatewise.backends.llvm.emit.pointwise import Units
from gatewise.backends.llvm.ir_text import Function
from gatewise.backends.llvm.plan.kernel_plan import KernelPlan

UNROLLED = 64  # vectors of a state that are copied without a loop


def copy_ir(plan: KernelPlan) -> str:
    """Copies of rows that may end within a vector: nothing beyond their end is touched."""
    t = plan.t
    f = Function("internal void @copy(ptr %to, ptr %from, i64 %n) nounwind", t)
    full = f.let(f"sdiv i64 %n, {t.lanes}")
    with f.loop(full) as b:
        at = f.mul(b, t.lanes)
        f.store(f.load(f.at("%from", at)), f.at("%to", at))
    done = f.mul(full, t.lanes)
    with f.loop(f.sub("%n", done)) as k:
        at = f.add(done, k)
        value = f.load_one(f.at("%from", at))
        f.do(f"store {t.dtype} {value}, ptr {f.at('%to', at)}, align {t.bytes}")
    f.do("ret void")
    return f.text()


class TileRows:
    """Writes what concerns the rows of the tile at hand.

    ``first`` is where it begins among the sorted rows, ``count`` how many it has; ``ragged`` whether
    rows have lengths of their own.
    """

    def __init__(self, plan: KernelPlan, f: Function, arg: dict[str, str], units: Units) -> None:
        self.p, self.f, self.arg, self.units = plan, f, arg, units
        self.ws = self.first = self.count = self.ragged = self.active = ""

    def batch_row(self, r: str) -> str:
        """Which row of the batch stands at place ``r`` of the tile."""
        f = self.f
        at = f.add(self.first, r)
        place = f.let(f"getelementptr inbounds i64, ptr {self.arg['perm']}, i64 {at}")
        return f.let(f"load i64, ptr {place}, align 8")

    def workspace_row(self, r: str) -> str:
        """The workspace of that row."""
        return self.f.at(self.ws, self.f.mul(r, self.p.layout.row))

    def longer_than(self, t: str) -> str:
        """How many rows of the tile are longer than t: the first ones, as rows are sorted."""
        f = self.f
        f.do(f"store i64 {self.count}, ptr {self.active}, align 8")
        with f.when(self.ragged):
            f.do(f"store i64 0, ptr {self.active}, align 8")
            with f.loop(self.count) as r:
                place = f.let(
                    f"getelementptr inbounds i64, ptr {self.arg['lengths']}, i64 {f.add(self.first, r)}"
                )
                length = f.let(f"load i64, ptr {place}, align 8")
                longer = f.let(f"icmp sgt i64 {length}, {t}")
                before = f.let(f"load i64, ptr {self.active}, align 8")
                count = f.add(before, f.let(f"zext i1 {longer} to i64"))
                f.do(f"store i64 {count}, ptr {self.active}, align 8")
        return f.let(f"load i64, ptr {self.active}, align 8")

    def copy(self, to: str, source: str, units: int | str) -> None:
        """Copy units, and nothing beyond the last one."""
        self.f.do(f"call void @copy(ptr {to}, ptr {source}, i64 {units})")

    def copy_out(self, to: str, source: str, units: int) -> None:
        """Copy to the caller: of units that are apart, those of this tile."""
        f, lanes = self.f, self.p.t.lanes
        if not self.p.strategy.apart:
            self.copy(to, source, units)
            return
        at = f.mul(self.units.low, lanes)
        self.copy(f.at(to, at), f.at(source, at), f.mul(self.units.many, lanes))

    def load_state(self, argument: str, name: str, b: str, ws: str) -> None:
        """Copy one row of a state of the caller's into the workspace; a scalar into every lane."""
        f, p = self.f, self.p
        source = f.at(self.arg[argument], f.mul(b, self.arg[f"{argument}:b"]))
        to = f.at(ws, p.layout.state_slot[name])
        if p.shapes.states[name] == 1 and p.program.state(name).size.names == frozenset():
            f.store(f.spread(f.load_one(source)), to)
        else:
            self.copy(to, source, p.shapes.states[name])

    def load_input(self, name: str, b: str, ws: str, t: str | None) -> None:
        """Copy one row of a caller's array into the workspace; a scalar into every lane."""
        f, p = self.f, self.p
        for k, node in enumerate(p.program.nodes):
            if node.op == "input" and node.attr == name and k in p.layout.slot:
                source = f.at(self.arg[f"in.{name}"], f.mul(b, self.arg[f"in.{name}:b"]))
                if t is not None:
                    source = f.at(source, f.mul(t, self.arg[f"in.{name}:t"]))
                to = f.at(ws, p.layout.slot[k])
                if p.scalar[k]:
                    f.store(f.spread(f.load_one(source)), to)
                else:
                    self.copy(to, source, p.units[k])

    def carry(self, ws: str) -> None:
        """New values into states that could not be written at once. Everything is read before
        anything is written: states may trade places, or one take the old value of another."""
        f, p, lanes = self.f, self.p, self.p.t.lanes
        scalars = {
            n: f.spread(f.load_one(f.at(ws, p.layout.slot[n]))) for _, n in p.copies if p.scalar[n]
        }
        blocks = {name: p.t.blocks(p.shapes.states[name]) for name, _ in p.copies}
        long = {count for count in blocks.values() if count > UNROLLED}
        for count in sorted(long):  # only states of one size trade places
            with f.loop(count) as k:
                alike = [c for c in p.copies if blocks[c[0]] == count]
                self._move(alike, scalars, ws, f.mul(k, lanes))
        for block in range(max((b for b in blocks.values() if b not in long), default=0)):
            here = [c for c in p.copies if block < blocks[c[0]] and blocks[c[0]] not in long]
            self._move(here, scalars, ws, block * lanes)

    def _move(
        self,
        copies: Sequence[tuple[str, int]],
        scalars: Mapping[int, str],
        ws: str,
        at: str | int,
    ) -> None:
        """One vector of new values into their states."""
        f, layout = self.f, self.p.layout

        def place(slot: int) -> str:
            return f.at(ws, slot + at) if isinstance(at, int) else f.at(ws, slot, at)

        moved = [(name, scalars.get(n) or f.load(place(layout.slot[n]))) for name, n in copies]
        for name, value in moved:
            f.store(value, place(layout.state_slot[name]))
