"""The text of a step kernel: the loop over tiles, over time, and the phases of a step.

``kernel(args, thread, threads)`` takes tiles of batch rows off a shared counter, and runs each
through all its time steps. Rows of a tile are sorted by length, so that the rows that visit a step
are always the first ones; the others are left alone.
"""

from __future__ import annotations

from collections.abc import Sequence

from gatewise.backends.llvm.emit.math import VectorMath
from gatewise.backends.llvm.emit.pointwise import Units
from gatewise.backends.llvm.emit.products import Products
from gatewise.backends.llvm.emit.team import Team
from gatewise.backends.llvm.emit.time_inner import TimeInner
from gatewise.backends.llvm.ir_text import Function
from gatewise.backends.llvm.plan.kernel_plan import KernelPlan
from gatewise.backends.llvm.plan.shapes import number
from gatewise.backends.llvm.plan.unit_ranges import GRAIN

_HEADER = "void @kernel(ptr noalias readonly %args, i32 %thread, i32 %threads) nounwind"
_LIBRARY = """
declare void @gw_gemm(i64, ptr, i64, ptr, i64, ptr, i64, i64, i1, i1)
declare void @gw_gemv(ptr, ptr, ptr, i64, i64, i64, i64, i64, i1)
declare void @gw_gemv_bf16(ptr, ptr, ptr, i64, i64, i64, i64, i64, i1)
declare void @gw_gemm_bf16(i64, ptr, i64, ptr, i64, ptr, i64, i64, i1, ptr)
"""


def module_text(plan: KernelPlan, math: VectorMath, width: int, barrier: str) -> str:
    """The LLVM IR of a step kernel. ``width``: vectors of a panel; ``barrier``: the text of one."""
    writer = _Writer(plan, math, width)
    parts = [_LIBRARY, barrier, _copy(plan), writer.text(), *_definitions(writer)]
    return "\n".join(parts)


def _definitions(writer: _Writer) -> list[str]:
    return [m.definitions() for m in (writer.units.math, writer.units.wide_math)]


def _copy(plan: KernelPlan) -> str:
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


class _Writer:
    def __init__(self, plan: KernelPlan, math: VectorMath, width: int) -> None:
        self.p, self.math = plan, math
        self.f = Function(_HEADER, plan.t)
        self.arg: dict[str, str] = {}
        self.units = Units(plan, math, self.f, self.arg)
        self.products = Products(plan, width, self.f, self.arg, self.units)
        self.units.batch_row = self._batch_row
        self.late = self._late()

    def text(self) -> str:
        f = self.f
        for k, argument in enumerate(self.p.table.arguments):
            place = f.let(f"getelementptr inbounds i64, ptr %args, i64 {k}")
            kind = "ptr" if argument.pointer else "i64"
            self.arg[argument.name] = f.let(f"load {kind}, ptr {place}, align 8")
        self.units.allocate()
        self.team = self.units.team = Team(f, self.arg["shared"], self.arg["barrier"])
        self.team.prepare(self.products.counts() | self.units.counts())
        self.ws = f.at(self.arg["ws"], f.mul(self.team.room, self.arg["ws_stride"]))
        own = f.at(self.arg["ws"], f.mul(self.team.thread, self.arg["ws_stride"]))
        self.products.enter(self.team, self.ws, own)
        self.units.ws = self.ws
        self.active = f.let("alloca i64, align 8")
        self.step = f.let("alloca i64, align 8")
        turn, taken = f.let("alloca i64, align 8"), f.let("alloca i64, align 8")
        f.do(f"store i64 0, ptr {turn}, align 8")
        f.do("br label %next")
        f.label("next")
        here = f.let(f"load i64, ptr {turn}, align 8")  # all threads of a team go to the same tiles
        f.do(f"store i64 {f.add(here, 1)}, ptr {turn}, align 8")
        f.do(f"store i64 {here}, ptr {taken}, align 8")
        with f.when(f.let(f"xor i1 {self.team.shared}, true")):
            got = f.let(f"atomicrmw add ptr {self.arg['counter']}, i64 1 monotonic")
            f.do(f"store i64 {got}, ptr {taken}, align 8")
        tile = f.let(f"load i64, ptr {taken}, align 8")
        f.do(f"%more = icmp slt i64 {tile}, {self.arg['count']}")
        f.do("br i1 %more, label %work, label %finished")
        f.label("work")
        self._tile(tile)
        f.do("br label %next")
        f.label("finished")
        f.do("ret void")
        return f.text()

    def _late(self) -> bool:
        """Whether the end of a step touches what the next step's products and inputs touch: then the
        others wait for the thread that does it."""
        p = self.p
        spans = [(q.offset, q.offset + q.blocks * p.t.lanes) for f in p.phases for q in f.products]
        early = [
            node
            for name, node in p.spec.results
            if name not in p.direct_results
            if p.node(node).op == "input" or any(a <= p.layout.slot[node] < b for a, b in spans)
        ]
        return bool(early or p.copies)

    # --- one tile ----------------------------------------------------------------------------

    def _tile(self, tile: str) -> None:
        """A tile is (first row, rows, first saved step, saved steps, longest row)."""
        f, p = self.f, self.p
        if p.strategy.apart:
            tile = self._range(tile)
        base = f.let(f"getelementptr inbounds i64, ptr {self.arg['tiles']}, i64 {f.mul(tile, 5)}")
        fields = []
        for k in range(5):
            place = f.let(f"getelementptr inbounds i64, ptr {base}, i64 {k}")
            fields.append(f.let(f"load i64, ptr {place}, align 8"))
        self.row0, self.rows, first, count, longest = fields
        self.down = f.let(f"icmp ne i64 {self.arg['descending']}, 0")
        self.ragged = f.let(f"icmp ne ptr {self.arg['lengths']}, null")
        self.units.tile = tile
        self.products.row0, self.products.down = self.row0, self.down
        self.products.single = f.let(f"icmp eq i64 {self.rows}, 1")
        with self.team.alone():
            self._begin()
        self.team.wait()
        end = f.add(first, count)
        if p.strategy.innermost:
            longest = self._time_innermost(first, end, longest)
        start = f.let(f"select i1 {self.down}, i64 {end}, i64 {first}")
        f.do(f"store i64 {start}, ptr {self.step}, align 8")
        with f.loop(longest) as s:
            back = f.sub(f.sub(longest, s), 1)
            t = f.let(f"select i1 {self.down}, i64 {back}, i64 {s}")
            if p.layout.ahead_slot:
                self.products.ahead(s, t, longest)
            self._time_step(t)
        with self.team.alone():
            self._end()

    def _time_innermost(self, first: str, end: str, longest: str) -> str:
        """All steps of a tile of one row, vector by vector. Returns how many steps are left to do."""
        f = self.f
        plain = f.let(f"icmp eq ptr {self.arg['reset']}, null")
        alone = f.let(f"xor i1 {self.team.many}, true")
        both = f.let(f"and i1 {self.products.single}, {plain}")
        here = f.let(f"and i1 {both}, {alone}")
        order = TimeInner(self.p, f, self.arg, self.units)
        with f.when(here):
            order.row(self.products, self._batch_row("0"), (first, end), self.down)
        return f.let(f"select i1 {here}, i64 0, i64 {longest}")

    def _begin(self) -> None:
        """The states of a tile's rows, their static inputs, sums at zero."""
        f, p = self.f, self.p
        with f.loop(self.rows) as r:
            b, ws = self._batch_row(r), self._ws_row(r)
            for state in p.program.states:
                self._state_in(f"first.{state.name}", state.name, b, ws)
            for item in p.program.inputs:
                if item.per == "sequence":
                    self._input(item.name, b, ws, None)
            for k, slot in p.layout.row_sum_slot.items():
                for block in range(p.blocks(p.program.outputs[k].node)):
                    f.store("zeroinitializer", f.at(ws, slot + block * p.t.lanes))
            if p.spec.backward:
                for name, units in p.shapes.states.items():
                    self._zero_restart(name, units, b)
        self.units.clear_batch()

    def _end(self) -> None:
        """The final states of a tile's rows, and what was summed over time."""
        f, p = self.f, self.p
        with f.loop(self.rows) as r:
            b, ws = self._batch_row(r), self._ws_row(r)
            for name, units in p.shapes.states.items():
                to = f.at(self.arg[f"last.{name}"], f.mul(b, self.arg[f"last.{name}:b"]))
                self._copy_out(to, f.at(ws, p.layout.state_slot[name]), units)
            for k, slot in p.layout.row_sum_slot.items():
                output = p.program.outputs[k]
                to = f.at(
                    self.arg[f"row.{output.name}"], f.mul(b, self.arg[f"row.{output.name}:b"])
                )
                self._copy(to, f.at(ws, slot), p.units[output.node])

    def _batch_row(self, r: str) -> str:
        """Which row of the batch stands at place ``r`` of the tile."""
        f = self.f
        at = f.add(self.row0, r)
        place = f.let(f"getelementptr inbounds i64, ptr {self.arg['perm']}, i64 {at}")
        return f.let(f"load i64, ptr {place}, align 8")

    def _ws_row(self, r: str) -> str:
        return self.f.at(self.ws, self.f.mul(r, self.p.layout.row))

    def _copy(self, to: str, source: str, units: int | str) -> None:
        self.f.do(f"call void @copy(ptr {to}, ptr {source}, i64 {units})")

    def _copy_out(self, to: str, source: str, units: int) -> None:
        """Copy to the caller: of units that are apart, those of this tile."""
        f, lanes = self.f, self.p.t.lanes
        if not self.p.strategy.apart:
            self._copy(to, source, units)
            return
        at = f.mul(self.units.low, lanes)
        self._copy(f.at(to, at), f.at(source, at), f.mul(self.units.many, lanes))

    def _range(self, index: str) -> str:
        """Which units this tile is: vectors ``low .. low + many``. Returns which rows it is."""
        f, parts = self.f, self.arg["parts"]
        part = f.let(f"urem i64 {index}, {parts}")
        grains = self.p.unit_blocks // GRAIN
        edges = [f.let(f"udiv i64 {f.mul(k, grains)}, {parts}") for k in (part, f.add(part, 1))]
        self.units.low = f.mul(edges[0], GRAIN)
        self.units.many = f.mul(f.sub(edges[1], edges[0]), GRAIN)
        self.units.foremost = f.let(f"icmp eq i64 {part}, 0")
        return f.let(f"udiv i64 {index}, {parts}")

    def _state_in(self, role: str, name: str, b: str, ws: str) -> None:
        f, p = self.f, self.p
        source = f.at(self.arg[role], f.mul(b, self.arg[f"{role}:b"]))
        to = f.at(ws, p.layout.state_slot[name])
        if p.shapes.states[name] == 1 and p.program.state(name).size.names == frozenset():
            f.store(f.spread(f.load_one(source)), to)
        else:
            self._copy(to, source, p.shapes.states[name])

    def _input(self, name: str, b: str, ws: str, t: str | None) -> None:
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
                    self._copy(to, source, p.units[k])

    # --- one time step -----------------------------------------------------------------------

    def _time_step(self, t: str) -> None:
        f, p = self.f, self.p
        n = self._longer_than(t)
        k = self.step
        now = f.let(f"load i64, ptr {k}, align 8")
        lower = f.sub(now, n)
        first = f.let(f"select i1 {self.down}, i64 {lower}, i64 {now}")
        after = f.let(f"select i1 {self.down}, i64 {lower}, i64 {f.add(now, n)}")
        f.do(f"store i64 {after}, ptr {k}, align 8")
        self.units.first, self.units.time = first, t
        if not p.spec.backward:
            self._resets(t, n)
        given = [
            i for i in p.program.inputs if i.per == "step" and i.name not in p.spec.reads_saved
        ]
        if given:
            with f.loop(n) as r:
                b, ws = self._batch_row(r), self._ws_row(r)
                for item in given:
                    self._input(item.name, b, ws, t)
        for phase in p.phases:
            self._moves(phase.moves, n)
            for product in phase.products:
                self.products.product(product, n, t)
            if phase.products or phase.moves:
                self.team.wait()
            if self.units.phase(phase, n):
                self.team.wait()
        copied = [(name, n) for name, n in p.spec.results if name not in p.direct_results]
        if copied or p.copies:
            with self.team.alone(), f.loop(n) as r:
                b, ws = self._batch_row(r), self._ws_row(r)
                for name, node in copied:
                    to = f.at(self.arg[f"out.{name}"], f.mul(b, self.arg[f"out.{name}:b"]))
                    to = f.at(to, f.mul(t, self.arg[f"out.{name}:t"]))
                    self._copy_out(to, f.at(ws, p.layout.slot[node]), p.units[node])
                self._carry(ws)
            if self.late:
                self.team.wait()
        if p.spec.backward:
            self._resets(t, n)

    def _carry(self, ws: str) -> None:
        """New values into states that could not be written at once. Everything is read before
        anything is written: states may trade places, or one take the old value of another."""
        f, p, lanes = self.f, self.p, self.p.t.lanes
        scalars = {
            n: f.spread(f.load_one(f.at(ws, p.layout.slot[n]))) for _, n in p.copies if p.scalar[n]
        }
        blocks = {name: p.t.blocks(p.shapes.states[name]) for name, _ in p.copies}
        for block in range(max(blocks.values(), default=0)):
            moved = [
                (name, scalars.get(n) or f.load(f.at(ws, p.layout.slot[n] + block * lanes)))
                for name, n in p.copies
                if block < blocks[name]
            ]
            for name, value in moved:
                f.store(value, f.at(ws, p.layout.state_slot[name] + block * lanes))

    def _longer_than(self, t: str) -> str:
        """How many rows of the tile are longer than t: the first ones, as rows are sorted."""
        f = self.f
        f.do(f"store i64 {self.rows}, ptr {self.active}, align 8")
        with f.when(self.ragged):
            f.do(f"store i64 0, ptr {self.active}, align 8")
            with f.loop(self.rows) as r:
                place = f.let(
                    f"getelementptr inbounds i64, ptr {self.arg['lengths']}, i64 {f.add(self.row0, r)}"
                )
                length = f.let(f"load i64, ptr {place}, align 8")
                longer = f.let(f"icmp sgt i64 {length}, {t}")
                before = f.let(f"load i64, ptr {self.active}, align 8")
                count = f.add(before, f.let(f"zext i1 {longer} to i64"))
                f.do(f"store i64 {count}, ptr {self.active}, align 8")
        return f.let(f"load i64, ptr {self.active}, align 8")

    def _resets(self, t: str, n: str) -> None:
        """A boundary: forward the state restarts, backward its gradient goes to the restart state."""
        f, p = self.f, self.p
        at = f.add(t, self.arg["shift"])
        some = f.let(f"icmp ne ptr {self.arg['reset']}, null")
        inside = f.let(f"icmp slt i64 {at}, {self.arg['T']}")
        with f.when(f.let(f"and i1 {some}, {inside}")):
            rows = self._longer_than(at)  # marks beyond a row's length mean nothing
            self.team.wait()  # the end of the step before reads the states
            with self.team.alone(), f.loop(rows) as r:
                b, ws = self._batch_row(r), self._ws_row(r)
                offset = f.add(f.mul(at, self.arg["reset:t"]), f.mul(b, self.arg["reset:b"]))
                place = f.let(f"getelementptr inbounds i8, ptr {self.arg['reset']}, i64 {offset}")
                mark = f.let(f"load i8, ptr {place}, align 1")
                with f.when(f.let(f"icmp ne i8 {mark}, 0")):
                    for name, units in p.shapes.states.items():
                        if p.spec.backward:
                            self._catch_restart(name, units, b, ws)
                        else:
                            self._state_in(f"restart.{name}", name, b, ws)
            self.team.wait()

    def _restart_row(self, name: str, b: str) -> str:
        return self.f.at(self.arg[f"restart.{name}"], self.f.mul(b, self.arg[f"restart.{name}:b"]))

    def _zero_restart(self, name: str, units: int, b: str) -> None:
        """The gradient of the restart state begins at zero (saved in padded rows)."""
        row = self._restart_row(name, b)
        with self.units.blocks(self.p.t.blocks(units)) as block:
            self.f.store("zeroinitializer", self.f.at(row, self.f.mul(block, self.p.t.lanes)))

    def _catch_restart(self, name: str, units: int, b: str, ws: str) -> None:
        f, t = self.f, self.p.t
        row = self._restart_row(name, b)
        with self.units.blocks(t.blocks(units)) as block:
            at = f.mul(block, t.lanes)
            place = f.at(row, at)
            state = f.at(ws, self.p.layout.state_slot[name], at)
            total = f.let(f"fadd {t.vector} {f.load(place)}, {f.load(state)}")
            f.store(total, place)
            f.store("zeroinitializer", state)

    # --- moving units ------------------------------------------------------------------------

    def _moves(self, nodes: Sequence[int], n: str) -> None:
        if not nodes:
            return
        with self.f.loop(n) as r:
            ws = self._ws_row(r)
            for node in nodes:
                self._move(node, ws)

    def _move(self, index: int, ws: str) -> None:
        f, p = self.f, self.p
        node = p.node(index)
        to = f.at(ws, p.layout.slot[index])
        if node.op == "concat":
            offset = 0
            for arg in node.args:
                self._copy(f.at(to, offset), f.at(ws, p.layout.slot[arg]), p.units[arg])
                offset += p.units[arg]
            return
        source = f.at(ws, p.layout.slot[node.args[0]])
        if node.op == "slice":
            offset = number(node.attr, p.shapes.sizes)  # type: ignore[arg-type]
            self._copy(to, f.at(source, offset), p.units[index])
            return
        run = number(node.attr, p.shapes.sizes)  # type: ignore[arg-type]
        outer = p.units[index] if node.op == "sum" else p.units[node.args[0]]
        with f.loop(outer) as k:
            if node.op == "repeat":
                value = f.load_one(f.at(source, k))
                with f.loop(run) as m:
                    place = f.at(to, f.add(f.mul(k, run), m))
                    f.do(f"store {p.t.dtype} {value}, ptr {place}, align {p.t.bytes}")
            else:
                zero = p.t.number(0.0)
                with f.loop_carrying(run, [(p.t.dtype, zero)]) as (m, total, later):
                    value = f.load_one(f.at(source, f.add(f.mul(k, run), m)))
                    later.append(f.let(f"fadd {p.t.dtype} {total[0]}, {value}"))
                f.do(f"store {p.t.dtype} {total[0]}, ptr {f.at(to, k)}, align {p.t.bytes}")
