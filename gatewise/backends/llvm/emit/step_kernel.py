"""The text of a step kernel: the loop over tiles, over time, and the phases of a step.

``kernel(args, thread, threads)`` takes tiles of batch rows off a shared counter, and runs each
through all its time steps. Rows of a tile are sorted by length, so that the rows that visit a step
are always the first ones; the others are left alone.
"""

from __future__ import annotations

from gatewise.backends.llvm.emit.deferred import DeferredProducts
from gatewise.backends.llvm.emit.math import VectorMath
from gatewise.backends.llvm.emit.moves import Moves
from gatewise.backends.llvm.emit.pointwise import Units
from gatewise.backends.llvm.emit.products import Products
from gatewise.backends.llvm.emit.restarts import Restarts
from gatewise.backends.llvm.emit.segments import Checkpoints, Replay
from gatewise.backends.llvm.emit.team import Team
from gatewise.backends.llvm.emit.tile_rows import TileRows, copy_ir
from gatewise.backends.llvm.emit.time_inner import TimeInner
from gatewise.backends.llvm.ir_text import Function
from gatewise.backends.llvm.plan.kernel_plan import KernelPlan
from gatewise.backends.llvm.plan.parts import Product
from gatewise.backends.llvm.plan.unit_ranges import GRAIN

_HEADER = "void @kernel(ptr noalias readonly %args, i32 %thread, i32 %threads) nounwind"
_LIBRARY = """
declare void @gw.barrier(ptr, i32)
declare void @gw_gemm(i64, ptr, i64, ptr, i64, ptr, i64, i64, i1, i1)
declare void @gw_gemv(i64, ptr, i64, ptr, i64, ptr, i64, i64, i64, i64, i64, i1)
declare void @gw_gemv_bf16(i64, ptr, i64, ptr, i64, ptr, i64, i64, i64, i64, i64, i1)
declare void @gw_gemm_bf16(i64, ptr, i64, ptr, i64, ptr, i64, i64, i1, ptr)
"""


def module_text(plan: KernelPlan, math: VectorMath, width: int) -> str:
    """The LLVM IR of a step kernel. ``width``: vectors of a panel."""
    writer = _Writer(plan, math, width)
    parts = [_LIBRARY, copy_ir(plan), writer.text(), *_definitions(writer)]
    return "\n".join(parts)


def _definitions(writer: _Writer) -> list[str]:
    context = writer.units.context
    texts = [context.math.definitions(), context.wide_math.definitions()]
    single = context.single_math.definitions()
    return [*texts, single] if single else texts


class _Writer:
    def __init__(self, plan: KernelPlan, math: VectorMath, width: int) -> None:
        self.p, self.math = plan, math
        self.f = Function(_HEADER, plan.t)
        self.arg: dict[str, str] = {}
        self.units = Units(plan, math, self.f, self.arg)
        self.products = Products(plan, width, self.f, self.arg, self.units)
        self.rows = TileRows(plan, self.f, self.arg, self.units)
        self.moves = Moves(plan, self.f, self.rows)
        self.deferred = DeferredProducts(plan, self.f, self.arg, self.products, self.rows)
        self.units.batch_row = self.rows.batch_row
        self.checkpoints = Checkpoints(plan, self.f, self.arg, self.rows)
        self.replay: Replay | None = None
        if plan.replay is not None:
            self.replay = Replay(plan, self.f, self.arg, self.rows, self.units.context)
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
        thread_ws = f.at(self.arg["ws"], f.mul(self.team.thread, self.arg["ws_stride"]))
        self.products.enter(self.team, self.ws, thread_ws)
        self.units.ws = self.rows.ws = self.ws
        if self.replay is not None:
            self.replay.enter(self.ws)
        self.restarts = Restarts(self.p, f, self.arg, self.units, self.rows, self.team)
        self.rows.active = f.let("alloca i64, align 8")
        self.step = f.let("alloca i64, align 8")
        turn, taken = f.let("alloca i64, align 8"), f.let("alloca i64, align 8")
        f.do(f"store i64 0, ptr {turn}, align 8")
        f.do("br label %next")
        f.label("next")
        here = f.let(f"load i64, ptr {turn}, align 8")  # all threads of a team go to the same tiles
        f.do(f"store i64 {f.add(here, 1)}, ptr {turn}, align 8")
        f.do(f"store i64 {here}, ptr {taken}, align 8")
        with f.when(f.let(f"xor i1 {self.team.shared}, true")):
            index = f.let(f"atomicrmw add ptr {self.arg['counter']}, i64 1 monotonic")
            f.do(f"store i64 {index}, ptr {taken}, align 8")
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
        self.rows.first, self.rows.count, first, count, longest = fields
        self.down = f.let(f"icmp ne i64 {self.arg['descending']}, 0")
        self.rows.ragged = f.let(f"icmp ne ptr {self.arg['lengths']}, null")
        self.units.context.tile = tile
        self.products.row0, self.products.down = self.rows.first, self.down
        self.products.single = f.let(f"icmp eq i64 {self.rows.count}, 1")
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
            if not p.spec.backward:
                self.checkpoints.save(s, self.team)
            if p.deferred.operands:
                self.deferred.step(s)
            self._time_step(t, self._replayed(s, longest))
            if p.deferred.operands:
                self.deferred.finish(s, t, longest, self.team)
        with self.team.alone():
            self._end()

    def _replayed(self, s: str, longest: str) -> str:
        """Compute the matrices of a segment again when the first of its steps comes; which one it is."""
        if self.replay is None:
            return ""
        f = self.f
        now = f.let(f"load i64, ptr {self.step}, align 8")
        position = self.replay.position(s, longest)
        with self.team.alone():
            self.replay.before(s, position, longest, self.down, now)
        self.team.wait()
        return position[1]

    def _time_innermost(self, first: str, end: str, longest: str) -> str:
        """All steps of a tile of one row, vector by vector. Returns how many steps are left to do."""
        f = self.f
        plain = f.let(f"icmp eq ptr {self.arg['reset']}, null")
        alone = f.let(f"xor i1 {self.team.many}, true")
        both = f.let(f"and i1 {self.products.single}, {plain}")
        here = f.let(f"and i1 {both}, {alone}")
        order = TimeInner(self.p, f, self.arg, self.units)
        with f.when(here):
            order.row(self.products, self.rows.batch_row("0"), (first, end), self.down)
        return f.let(f"select i1 {here}, i64 0, i64 {longest}")

    def _begin(self) -> None:
        """The states of a tile's rows, their static inputs, sums at zero."""
        f, p = self.f, self.p
        with f.loop(self.rows.count) as r:
            b, ws = self.rows.batch_row(r), self.rows.workspace_row(r)
            for state in p.program.states:
                self.rows.load_state(f"first.{state.name}", state.name, b, ws)
            for item in p.program.inputs:
                if item.per == "sequence":
                    self.rows.load_input(item.name, b, ws, None)
            for k, slot in p.layout.row_sum_slot.items():
                for block in range(p.blocks(p.program.outputs[k].node)):
                    f.store("zeroinitializer", f.at(ws, slot + block * p.t.lanes))
            if p.spec.backward:
                self.restarts.clear(b)
        if not p.spec.backward:
            self.checkpoints.restarts()
        self.units.clear_batch()

    def _end(self) -> None:
        """The final states of a tile's rows, and what was summed over time."""
        f, p = self.f, self.p
        with f.loop(self.rows.count) as r:
            b, ws = self.rows.batch_row(r), self.rows.workspace_row(r)
            for name, units in p.shapes.states.items():
                to = f.at(self.arg[f"last.{name}"], f.mul(b, self.arg[f"last.{name}:b"]))
                self.rows.copy_out(to, f.at(ws, p.layout.state_slot[name]), units)
            for k, slot in p.layout.row_sum_slot.items():
                output = p.program.outputs[k]
                to = f.at(
                    self.arg[f"row.{output.name}"], f.mul(b, self.arg[f"row.{output.name}:b"])
                )
                self.rows.copy(to, f.at(ws, slot), p.units[output.node])

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

    # --- one time step -----------------------------------------------------------------------

    def _product(self, q: Product, n: str, t: str) -> None:
        """One product of a step, which may be done later where a row goes alone."""
        if q not in self.deferred:
            self.products.product(q, n, t)
            return
        with self.f.when(self.products.single), self.team.alone():
            self.deferred.keep(q)
        with self.f.when(self.f.let(f"xor i1 {self.products.single}, true")):
            self.products.product(q, n, t)

    def _time_step(self, t: str, replayed: str) -> None:
        f, p = self.f, self.p
        n = self.rows.longer_than(t)
        k = self.step
        now = f.let(f"load i64, ptr {k}, align 8")
        lower = f.sub(now, n)
        first = f.let(f"select i1 {self.down}, i64 {lower}, i64 {now}")
        after = f.let(f"select i1 {self.down}, i64 {lower}, i64 {f.add(now, n)}")
        f.do(f"store i64 {after}, ptr {k}, align 8")
        self.units.first, self.units.time = first, t
        if self.replay is not None:
            self.replay.aim(replayed, first)
        if not p.spec.backward:
            self.restarts.at(t)
        inputs = [i.name for i in p.program.inputs if i.name in p.spec.step_inputs]
        if inputs:
            with f.loop(n) as r:
                b, ws = self.rows.batch_row(r), self.rows.workspace_row(r)
                for name in inputs:
                    self.rows.load_input(name, b, ws, t)
        for phase in p.phases:
            self.moves.run(phase.moves, n)
            for product in phase.products:
                self._product(product, n, t)
            if phase.products or phase.moves:
                self.team.wait()
            if self.units.phase(phase, n):
                self.team.wait()
        copied = [(name, n) for name, n in p.spec.results if name not in p.direct_results]
        if copied or p.copies:
            with self.team.alone(), f.loop(n) as r:
                b, ws = self.rows.batch_row(r), self.rows.workspace_row(r)
                for name, node in copied:
                    with self.deferred.unless_alone(node):
                        to = f.at(self.arg[f"out.{name}"], f.mul(b, self.arg[f"out.{name}:b"]))
                        to = f.at(to, f.mul(t, self.arg[f"out.{name}:t"]))
                        self.rows.copy_out(to, f.at(ws, p.layout.slot[node]), p.units[node])
                self.rows.carry(ws)
            if self.late:
                self.team.wait()
        if p.spec.backward:
            self.restarts.at(t)
