"""Time innermost: one row of a cell whose units do not meet, a vector of units through many steps.

Products over inputs are there for ``AHEAD`` steps at once (``products.py``). A vector of units then goes
through those steps in one loop, its states and its sums over time in registers, before the next vector
does. The usual order is all units of a step, then the next step; each unit is computed alike in both.
"""

from __future__ import annotations

from gatewise.backends.llvm.emit.loop_body import WIDE, LoopBody
from gatewise.backends.llvm.emit.pointwise import Units
from gatewise.backends.llvm.emit.products import Products
from gatewise.backends.llvm.ir_text import Function
from gatewise.backends.llvm.plan.kernel_plan import KernelPlan
from gatewise.backends.llvm.plan.kernel_spec import Role
from gatewise.backends.llvm.plan.parts import AHEAD, SinkKind


class TimeInner:
    """Writes that loop into the kernel's function."""

    def __init__(self, plan: KernelPlan, f: Function, arg: dict[str, str], units: Units) -> None:
        self.p, self.f, self.arg, self.units = plan, f, arg, units
        self.nodes = [k for phase in plan.phases for k in phase.pointwise]
        sinks = [(u, s) for phase in plan.phases for u, of in phase.sinks.items() for s in of]
        self.sinks = [s for u, s in sinks if u == plan.own_units and s.kind is not SinkKind.SLOT]
        self.copies = [(u, s) for u, s in sinks if u != plan.own_units]
        self.step_inputs = self._read_inputs()

    def row(self, products: Products, b: str, ends: tuple[str, str], down: str) -> None:
        """All steps of a row: row ``b`` of the batch, saved steps ``ends[0] .. ends[1] - 1``."""
        f = self.f
        self.products, self.b, self.down = products, b, down
        self.first, self.end = ends
        steps = f.sub(self.end, self.first)
        stretches = f.let(f"udiv i64 {f.add(steps, AHEAD - 1)}, {AHEAD}")
        with f.loop(stretches) as k:
            self.start = f.mul(k, AHEAD)
            left = f.sub(steps, self.start)
            many = f.let(f"icmp sgt i64 {left}, {AHEAD}")
            self.count = f.let(f"select i1 {many}, i64 {AHEAD}, i64 {left}")
            back = f.sub(f.sub(steps, self.start), 1)
            self.time = f.let(f"select i1 {down}, i64 {back}, i64 {self.start}")
            if self.p.layout.ahead_slot:
                products.ahead(self.start, self.time, steps)
            self._units()
            self._copied()

    def _units(self) -> None:
        blocks, wide = self.p.unit_blocks, self.units.wide(self.nodes, [], self.sinks)
        done = blocks - blocks % WIDE if wide and blocks >= WIDE else 0
        if done:
            with self.units.blocks(done, WIDE) as u:
                self._vector(u, True)
        if blocks > done:
            with self.units.blocks(blocks - done) as u:
                self._vector(self.f.add(u, done), False)

    def _vector(self, u: str, wide: bool) -> None:
        """One vector of units through a stretch of steps."""
        f, p, ws = self.f, self.p, self.units.ws
        loop = _Steps(self, ws, u, wide)
        v, at = loop.t.vector, loop.at
        states = [(s.node, s.name) for s in self.sinks if s.kind is SinkKind.STATE]
        sums = [(s.node, s.name) for s in self.sinks if s.kind is SinkKind.BATCH]
        others = [s for s in self.sinks if s.kind not in (SinkKind.STATE, SinkKind.BATCH)]
        places = [f.at(ws, p.layout.state_slot[name], at) for _, name in states]
        places += [self.units.context.batch_at(name, at) for _, name in sums]
        start = [(v, loop.load(place)) for place in places]
        loop.before(self.nodes, {name for _, name in states})
        with f.loop_carrying(self.count, start) as (m, now, after):
            self._step(m, loop)
            leaf = {str(n.attr): k for k, n in enumerate(p.program.nodes) if n.op == "state"}
            for (_, name), value in zip(states, now, strict=False):
                if name in leaf:
                    loop.values[leaf[name]] = value
            loop.run(self.nodes, [], others)
            after += [loop.value(node) for node, _ in states]
            for (node, _), total in zip(sums, now[len(states) :], strict=True):
                after.append(f.let(f"fadd {v} {total}, {loop.value(node)}"))
        for place, value in zip(places, now, strict=True):
            loop.store(value, place)

    def _step(self, m: str, loop: LoopBody) -> None:
        """Where step ``m`` of the stretch lies: in time, among the saved ones, in the caller's arrays."""
        f, down, visited = self.f, self.down, self.f.add(self.start, m)
        t = f.let(f"select i1 {down}, i64 {f.sub(self.time, m)}, i64 {f.add(self.time, m)}")
        below = f.sub(f.sub(self.end, visited), 1)
        loop.step = f.let(f"select i1 {down}, i64 {below}, i64 {f.add(self.first, visited)}")
        self.now = t
        names = [(Role.IN, str(self.p.node(k).attr)) for k in sorted(self.step_inputs)]
        names += [(Role.OUT, name) for name, _ in self.p.spec.results]
        for role, name in dict.fromkeys(names):
            along = f.mul(t, self.arg[f"{role}.{name}:t"])
            row = f.mul(self.b, self.arg[f"{role}.{name}:b"])
            self.units.context.rows[role, name] = f.at(self.arg[f"{role}.{name}"], along, row)

    def _read_inputs(self) -> set[int]:
        """Inputs of each step that are read unit by unit, or copied."""
        p = self.p
        steps = {i.name for i in p.program.inputs if i.per == "step"} - p.spec.reads_saved
        read = {a for k in self.nodes for a in p.node(k).args}
        read |= {s.node for s in self.sinks} | {s.node for _, s in self.copies}
        return {k for k in read if p.node(k).op == "input" and str(p.node(k).attr) in steps}

    def _copied(self) -> None:
        """Inputs of other sizes, for the products after the loop: once for all ranges of units."""
        f, p = self.f, self.p
        if not self.copies:
            return
        with (
            f.when(self.units.foremost) if p.strategy.apart else f.when("true"),
            f.loop(self.count) as m,
        ):
            for _, sink in self.copies:
                with f.loop(p.blocks(sink.node)) as u:
                    loop = _Steps(self, self.units.ws, u, False)
                    self._step(m, loop)
                    loop.run([], [], [sink])

    def ahead(self, k: int) -> str | None:
        """Where a column of a product lies for this step; None for what is no such column."""
        f, p = self.f, self.p
        for q in (q for phase in p.phases for q in phase.products):
            inside = (
                k in p.layout.slot
                and q.offset <= p.layout.slot[k] < q.offset + q.blocks * p.t.lanes
            )
            if inside and p.node(k).op not in ("state", "input", "param"):
                row = f.mul(f.sub(self.now, self.products.lowest()), q.blocks * p.t.lanes)
                return f.at(
                    self.units.ws, p.layout.ahead_slot[q.index], row, p.layout.slot[k] - q.offset
                )
        return None


class _Steps(LoopBody):
    """The body of the loop over steps."""

    def __init__(self, order: TimeInner, row: str, u: str, wide: bool) -> None:
        super().__init__(order.units.context, row, "0", u, wide)
        self.order = order

    def before(self, nodes: list[int], states: set[str]) -> None:
        """What is the same at every step is read once: parameters, states that do not change."""
        for k in sorted({a for n in nodes for a in self.p.node(n).args}):
            node = self.p.node(k)
            of_sequence = node.op == "input" and self.p.program.input(str(node.attr)).per != "step"
            rests = node.op == "state" and str(node.attr) not in states
            if node.op == "param" or of_sequence or rests:
                self.value(k)

    def _read(self, k: int) -> str:
        node = self.p.node(k)
        if k in self.order.step_inputs:
            return self.load(self.f.at(self.context.rows[Role.IN, str(node.attr)], self.at))
        place = self.order.ahead(k) if node.op not in ("const", "size", "param", "input") else None
        return super()._read(k) if place is None else self.load(self.f.at(place, self.at))
