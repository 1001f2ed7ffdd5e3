"""Matrices that are saved at the start of every segment of steps, and computed again from there.

A matrix at every step would fill the memory: the forward kernel saves those that enter the first of every
``segment`` steps. The backward kernel, when it comes to a segment, computes the matrices of its steps again
(``replay``) into its workspace, where they stay in the cache until its steps have read them.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from gatewise.backends.llvm.emit.loop_body import LoopContext
from gatewise.backends.llvm.emit.moves import Moves
from gatewise.backends.llvm.emit.pointwise import Units
from gatewise.backends.llvm.emit.team import Team
from gatewise.backends.llvm.emit.tile_rows import TileRows
from gatewise.backends.llvm.ir_text import Function
from gatewise.backends.llvm.plan.kernel_plan import KernelPlan


class Checkpoints:
    """Writes where the saved matrices of a row lie, and what the forward kernel saves."""

    def __init__(self, plan: KernelPlan, f: Function, arg: dict[str, str], rows: TileRows) -> None:
        self.p, self.f, self.arg, self.rows = plan, f, arg, rows

    def place(self, name: str, r: str, slot: str) -> str:
        """The matrix of row ``r`` of the tile; the last slot is what it restarts from."""
        f, at = self.f, self.f.add(self.rows.first, r)
        index = f.add(f.mul(at, self.arg["segments"]), slot)
        return f.at(self.arg[f"segment.{name}"], f.mul(index, self.p.segment_width(name)))

    @property
    def last(self) -> str:
        return self.f.sub(self.arg["segments"], 1)

    def restarts(self) -> None:
        """Save what the rows of a tile restart from, where there are resets."""
        f = self.f
        if not self.p.spec.segments:
            return
        with f.when(f.let(f"icmp ne ptr {self.arg['reset']}, null")), f.loop(self.rows.count) as r:
            b = self.rows.batch_row(r)
            for name in self.p.spec.segments:
                source = f.at(self.arg[f"restart.{name}"], f.mul(b, self.arg[f"restart.{name}:b"]))
                self.rows.copy(self.place(name, r, self.last), source, self.p.shapes.states[name])

    def save(self, s: str, team: Team) -> None:
        """Save the matrices that enter step ``s`` of those visited, if a segment starts there."""
        f = self.f
        if not self.p.spec.segments:
            return
        starts = f.let(f"icmp eq i64 {f.let(f'urem i64 {s}, {self.p.spec.segment}')}, 0")
        segment = f.let(f"udiv i64 {s}, {self.p.spec.segment}")
        with f.when(starts), team.alone(), f.loop(self.rows.count) as r:
            ws = self.rows.workspace_row(r)
            for name in self.p.spec.segments:
                source = f.at(ws, self.p.layout.state_slot[name])
                self.rows.copy(self.place(name, r, segment), source, self.p.shapes.states[name])


class _Alone(Team):
    """A team of one: what one thread does for all."""

    def __init__(self, f: Function) -> None:
        self.f = f
        self._shares = {}

    def share(self, count: int) -> tuple[str, str]:
        return "0", str(count)

    @contextmanager
    def loop(self, count: int) -> Iterator[str]:
        with self.f.loop(count) as k:
            yield k

    @contextmanager
    def alone(self) -> Iterator[None]:
        yield

    def wait(self) -> None:
        """There is nobody to wait for."""


class Replay:
    """Writes the replay of a segment into a backward kernel."""

    def __init__(
        self,
        plan: KernelPlan,
        f: Function,
        arg: dict[str, str],
        rows: TileRows,
        context: LoopContext,
    ) -> None:
        """``plan``, ``rows`` and ``context`` are those of the kernel; its replay has its own."""
        assert plan.replay is not None
        self.whole, self.p, self.f, self.arg = plan, plan.replay, f, arg
        self.checkpoints = Checkpoints(plan, f, arg, rows)
        self.units = Units(self.p, context.math, f, arg)
        self.units.context.wide_math = context.wide_math
        self.units.context.single_math = context.single_math
        self.units.team = _Alone(f)
        names = plan.spec.segments
        self.units.context.elsewhere = {name: (f"saved.{name}", f"next.{name}") for name in names}
        self.of_kernel = rows
        self.rows = TileRows(self.p, f, arg, self.units)
        self.units.batch_row = self.rows.batch_row
        self.moves = Moves(self.p, f, self.rows)

    def enter(self, ws: str) -> None:
        """To be called in the entry block, with the workspace of the tile."""
        f = self.f
        self.units.allocate()
        self.units.ws = self.rows.ws = f.at(ws, self.whole.replayed)
        self.rows.active = f.let("alloca i64, align 8")
        self.place = f.let("alloca i64, align 8")
        at = f.at(self.units.ws, self.whole.spec.tile * self.p.layout.row)
        self.history: dict[str, str] = {}
        for name in self.whole.spec.segments:
            self.history[name] = at
            at = f.at(
                at, self.whole.spec.segment * self.whole.spec.tile * self.whole.segment_width(name)
            )

    def aim(self, step: str, first: str) -> None:
        """Have ``saved.C`` point at the matrices of one step of a segment, and ``next.C`` at those of the
        step after: rows from ``first`` on, as saved steps are counted."""
        f = self.f
        for name in self.history:
            at = self._matrix(name, f.sub(f.mul(step, self.of_kernel.count), first))
            self.arg[f"saved.{name}"] = at
            further = f.mul(self.of_kernel.count, self.whole.segment_width(name))
            self.arg[f"next.{name}"] = f.at(at, further)

    def _matrix(self, name: str, index: str) -> str:
        """The matrix of that number among those of a segment: rows of the first step, of the second ..."""
        width = self.whole.segment_width(name)
        return self.f.at(self.history[name], self.f.mul(index, width))

    def position(self, s: str, longest: str) -> tuple[str, str]:
        """Of the ``s``-th step from the end: its number as the forward kernel visits them, and that within
        its segment."""
        forth = self.f.sub(self.f.sub(longest, s), 1)
        return forth, self.f.let(f"urem i64 {forth}, {self.whole.spec.segment}")

    def before(self, s: str, position: tuple[str, str], longest: str, down: str, now: str) -> None:
        """Replay the segment that ends with a step, if it has not been yet; ``now`` is the saved step that
        the kernel stands at."""
        f, rows = self.f, self.rows
        rows.first, rows.count, rows.ragged = (
            self.of_kernel.first,
            self.of_kernel.count,
            self.of_kernel.ragged,
        )
        self.units.context.tile = "0"
        forth, step = position
        first = f.let(f"icmp eq i64 {s}, 0")
        ends = f.let(
            f"or i1 {first}, {f.let(f'icmp eq i64 {step}, {self.whole.spec.segment - 1}')}"
        )
        with f.when(ends):
            self._segment(
                f.let(f"udiv i64 {forth}, {self.whole.spec.segment}"),
                step,
                forth,
                longest,
                down,
                now,
            )

    def _segment(
        self, segment: str, step: str, forth: str, longest: str, down: str, now: str
    ) -> None:
        """All steps of a segment up to ``step``, in the order of the forward kernel."""
        f, p = self.f, self.p
        for name, units in p.shapes.states.items():
            with f.loop(self.rows.count) as r:
                to = self._matrix(name, r)
                self.rows.copy(to, self.checkpoints.place(name, r, segment), units)
        static = [i.name for i in p.program.inputs if i.per == "sequence"]
        with f.loop(self.rows.count) as r:
            b, ws = self.rows.batch_row(r), self.rows.workspace_row(r)
            for name in static:
                self.rows.load_input(name, b, ws, None)
        begin = f.sub(forth, step)
        back = f.sub(f.sub(longest, begin), 1)
        start = f.let(f"select i1 {down}, i64 {begin}, i64 {back}")  # time of the first step
        # saved steps are counted in time: those of the segment's steps lie before or behind ``now``
        here = f.let(f"select i1 {down}, i64 {forth}, i64 {f.sub(f.sub(longest, forth), 1)}")
        low = f.let(f"select i1 {down}, i64 {start}, i64 {here}")
        many = f.let(f"select i1 {down}, i64 {f.add(step, 1)}, i64 {step}")
        f.do(f"store i64 {now}, ptr {self.place}, align 8")
        with f.loop(many) as k:
            count = self.rows.longer_than(f.add(low, k))
            at = f.let(f"load i64, ptr {self.place}, align 8")
            moved = f.let(f"select i1 {down}, i64 {f.sub(at, count)}, i64 {f.add(at, count)}")
            f.do(f"store i64 {moved}, ptr {self.place}, align 8")
        with f.loop(f.add(step, 1)) as k:
            t = f.let(f"select i1 {down}, i64 {f.add(start, k)}, i64 {f.sub(start, k)}")
            self._step(k, t, down, f.let(f"icmp slt i64 {k}, {step}"))

    def _step(self, k: str, t: str, down: str, goes_on: str) -> None:
        """One step of a segment: from its matrices to those of the next step, if it has one."""
        f, p = self.f, self.p
        n = self.rows.longer_than(t)
        at = f.let(f"load i64, ptr {self.place}, align 8")
        later = f.let(f"icmp ne i64 {k}, 0")
        back = f.let(f"select i1 {later}, i64 {n}, i64 0")
        first = f.let(f"select i1 {down}, i64 {at}, i64 {f.sub(at, back)}")
        after = f.let(f"select i1 {down}, i64 {f.add(at, n)}, i64 {first}")
        f.do(f"store i64 {after}, ptr {self.place}, align 8")
        self._restart(k, t)
        with f.when(goes_on):
            self.aim(k, first)
            self.units.first, self.units.time = first, t
            with f.loop(n) as r:
                b, ws = self.rows.batch_row(r), self.rows.workspace_row(r)
                for name in sorted(p.spec.step_inputs):
                    self.rows.load_input(name, b, ws, t)
            for phase in p.phases:
                self.moves.run(phase.moves, n)
                self.units.phase(phase, n)
            for name, units in p.shapes.states.items():  # rows that do not visit the step
                with f.loop(f.sub(self.rows.count, n)) as r:
                    index = f.add(f.mul(k, self.rows.count), f.add(n, r))
                    to = self._matrix(name, f.add(index, self.rows.count))
                    self.rows.copy(to, self._matrix(name, index), units)

    def _restart(self, k: str, t: str) -> None:
        """Matrices that start again before step ``t``, the ``k``-th of its segment."""
        f, p = self.f, self.p
        step = f.add(t, self.arg["shift"])
        has_resets = f.let(f"icmp ne ptr {self.arg['reset']}, null")
        inside = f.let(f"icmp slt i64 {step}, {self.arg['T']}")
        with f.when(f.let(f"and i1 {has_resets}, {inside}")):
            count = self.rows.longer_than(step)
            with f.loop(count) as r:
                b = self.rows.batch_row(r)
                offset = f.add(f.mul(step, self.arg["reset:t"]), f.mul(b, self.arg["reset:b"]))
                place = f.let(f"getelementptr inbounds i8, ptr {self.arg['reset']}, i64 {offset}")
                mark = f.let(f"load i8, ptr {place}, align 1")
                with f.when(f.let(f"icmp ne i8 {mark}, 0")):
                    for name, units in p.shapes.states.items():
                        source = self.checkpoints.place(name, r, self.checkpoints.last)
                        to = self._matrix(name, f.add(f.mul(k, self.rows.count), r))
                        self.rows.copy(to, source, units)
