"""The unit-by-unit work of a phase: loops over rows and vectors, each equation once."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext

from gatewise.backends.llvm.emit.loop_body import WIDE, LoopBody, LoopContext
from gatewise.backends.llvm.emit.math import VectorMath
from gatewise.backends.llvm.emit.matrix_loop import MatrixLoop
from gatewise.backends.llvm.emit.team import Team
from gatewise.backends.llvm.ir_text import Function
from gatewise.backends.llvm.plan.kernel_plan import KernelPlan
from gatewise.backends.llvm.plan.kernel_spec import Role
from gatewise.backends.llvm.plan.parts import Phase, Sink, SinkKind
from gatewise.backends.llvm.plan.shapes import Entries
from gatewise.backends.llvm.plan.strategy import LONG


class Units:
    """Writes the loops of a phase into the kernel's function."""

    def __init__(
        self, plan: KernelPlan, math: VectorMath, f: Function, arg: dict[str, str]
    ) -> None:
        self.p, self.f, self.arg = plan, f, arg
        self.context = LoopContext(plan, math, f, arg)
        self.ws = self.first = self.time = ""
        self.batch_row: Callable[[str], str]  # which row of the batch; set by the kernel's writer
        # where units are apart: which vectors of them a tile computes, and whether the first ones
        self.low = self.many = self.foremost = ""
        self.team: Team  # set by the writer of the kernel

    def allocate(self) -> None:
        """Accumulators of sums over units, to be called in the entry block."""
        for phase in self.p.phases:
            for n in phase.sums:
                if self.p.shapes.sums_entries(n):
                    continue
                self.context.sums[n] = self.f.let(f"alloca {self.p.t.vector}, align 64")

    def clear_batch(self) -> None:
        """Sums over the batch begin at zero for each tile."""
        for phase in self.p.phases:
            for sinks in phase.sinks.values():
                for sink in sinks:
                    if sink.kind is SinkKind.BATCH:
                        with self.blocks(self.p.blocks(sink.node)) as b:
                            at = self.f.mul(b, self.p.t.lanes)
                            self.f.store("zeroinitializer", self.context.batch_at(sink.name, at))

    @contextmanager
    def blocks(self, count: int, by: int = 1, whole: bool = True) -> Iterator[str]:
        """A loop over the vectors of a quantity, ``by`` so many: those of this tile where units are
        apart, else all if ``whole``, else this thread's."""
        f = self.f
        if not whole and not self.p.strategy.apart:
            with self.team.loop(count // by) as k:
                yield f.mul(k, by)
            return
        ranged = self.p.strategy.apart and count == self.p.unit_blocks
        many = self.many if ranged else str(count)
        with f.loop(f.let(f"udiv i64 {many}, {by}") if by > 1 else many) as k:
            first = f.mul(k, by)
            yield f.add(self.low, first) if ranged else first

    def wide(self, nodes: Sequence[int], sums: Sequence[int], sinks: Sequence[Sink]) -> bool:
        """Whether a loop does several vectors at once: where functions are many, and nothing is
        kept (a stream to memory is faster line after line) or added up. It takes 32 registers."""
        p = self.p
        functions = sum(p.node(k).op in LONG for k in nodes)
        plain = (SinkKind.SLOT, SinkKind.STATE, SinkKind.OUT)
        held = sums or any(sink.kind not in plain for sink in sinks)
        return p.t.lanes * p.t.bytes == 64 and functions >= 2 and not held

    # --- a phase -----------------------------------------------------------------------------

    def counts(self) -> set[int]:
        """Vectors of the loops that a team may share out."""
        blocks = {self.p.t.blocks(w) for phase in self.p.phases for w in self._widths(phase)}
        return blocks | {b // WIDE for b in blocks} | {b % WIDE for b in blocks}

    def _widths(self, phase: Phase) -> set[int]:
        p = self.p
        loops = [p.shapes.loop(k) for k in phase.pointwise]
        loops += [
            p.units[p.node(k).args[0]] if p.shapes.loop(k) is None else p.shapes.loop(k)
            for k in phase.sums
        ]
        return {w for w in (*loops, *phase.sinks) if isinstance(w, int)}

    def _entries(self, phase: Phase) -> set[Entries]:
        """The loops over entries of matrices."""
        loops = [self.p.shapes.loop(k) for k in (*phase.pointwise, *phase.sums)]
        return {e for e in (*loops, *phase.sinks) if isinstance(e, tuple)}

    def phase(self, phase: Phase, n: str) -> bool:
        """Scalars first, then one loop over units for each size, then over the entries of matrices, for
        each of ``n`` rows. False if there is nothing to do."""
        p = self.p
        widths, matrices = self._widths(phase), self._entries(phase)
        scalars = [k for k in phase.pointwise if p.scalar[k]]
        if not widths and not scalars and not matrices and None not in phase.sinks:
            return False
        # sums over all units, and what every unit reads, are one thread's; so are matrices
        whole = bool(scalars or phase.sums or None in phase.sinks or matrices)
        whole = whole or max(widths) <= p.t.lanes
        with self.team.alone() if whole else nullcontext(), self.f.loop(n) as r:
            row = self.f.at(self.ws, self.f.mul(r, p.layout.row))
            step = self.f.add(self.first, r)
            self._callers(phase, r)
            if scalars or None in phase.sinks:
                LoopBody(self.context, row, step, "0").run(scalars, [], phase.sinks.get(None, ()))
            for width in sorted(widths):
                nodes = [k for k in phase.pointwise if p.shapes.loop(k) == width]
                sums = [k for k in phase.sums if p.shapes.loop(k) == width]
                for k in sums:
                    start = "zeroinitializer" if p.node(k).op == "sum" else p.t.splat(-math.inf)
                    self.f.do(f"store {p.t.vector} {start}, ptr {self.context.sums[k]}, align 64")
                work = nodes, sums, phase.sinks.get(width, ())
                blocks = p.t.blocks(width)
                done = 0
                if blocks >= WIDE and self.wide(*work):
                    done = blocks - blocks % WIDE
                    with self.blocks(done, WIDE, whole) as u:
                        LoopBody(self.context, row, step, u, wide=True).run(*work)
                # copies of inputs, once for all ranges
                if p.strategy.apart and blocks != p.unit_blocks:
                    with self.f.when(self.foremost), self.blocks(blocks) as u:
                        LoopBody(self.context, row, step, u).run(*work)
                elif blocks == done + 1:
                    with self.team.alone():
                        LoopBody(self.context, row, step, str(done)).run(*work)
                elif blocks > done:
                    with self.blocks(blocks - done, whole=whole) as u:
                        LoopBody(self.context, row, step, self.f.add(u, done)).run(*work)
                for k in sums:
                    self._close(k, row)
            for entries in sorted(matrices):
                nodes = [k for k in phase.pointwise if p.shapes.loop(k) == entries]
                sums = [k for k in phase.sums if p.shapes.loop(k) == entries]
                loop = MatrixLoop(self.context, row, step, entries)
                loop.run(nodes, sums, phase.sinks.get(entries, ()))
        return True

    def _callers(self, phase: Phase, r: str) -> None:
        """Where this row lies in those arrays of the caller that the phase reads and writes directly."""
        f, p, sinks = self.f, self.p, [s for of in phase.sinks.values() for s in of]
        read = {a for k in (*phase.pointwise, *phase.sums) for a in p.node(k).args}
        read |= {sink.node for sink in sinks}
        names = [(Role.IN, str(p.node(k).attr)) for k in sorted(read & p.direct_inputs)]
        names += [(Role.OUT, sink.name) for sink in sinks if sink.kind is SinkKind.OUT]
        b = self.batch_row(r) if names else ""
        for role, name in names:
            step = f.mul(self.time, self.arg[f"{role}.{name}:t"])
            row = f.mul(b, self.arg[f"{role}.{name}:b"])
            self.context.rows[role, name] = f.at(self.arg[f"{role}.{name}"], step, row)

    def _close(self, k: int, row: str) -> None:
        """The lanes of a sum together, in every lane of its place."""
        f, t = self.f, self.p.t
        lanes = f.let(f"load {t.vector}, ptr {self.context.sums[k]}, align 64")
        if self.p.node(k).op == "sum":
            zero = t.number(-0.0)
            total = f.let(
                f"call reassoc {t.dtype} @llvm.vector.reduce.fadd.{t.suffix}({t.dtype} {zero}, {t.vector} {lanes})"
            )
        else:
            total = f.largest(lanes, t)
        if k in self.p.layout.slot:
            f.store(f.spread(total), f.at(row, self.p.layout.slot[k]))
