"""The unit-by-unit work of a phase: loops over rows and vectors, each equation once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext

from gatewise.backends.llvm.emit.math import FUNCTIONS, VectorMath
from gatewise.backends.llvm.emit.team import Team
from gatewise.backends.llvm.ir_text import Function, Lanes
from gatewise.backends.llvm.plan.kernel_plan import KernelPlan
from gatewise.backends.llvm.plan.parts import Phase, Sink, SinkKind
from gatewise.backends.llvm.plan.shapes import number
from gatewise.backends.llvm.plan.strategy import LONG
from gatewise.ir import OPS as RECORDS

_BINARY = {"add": "fadd", "sub": "fsub", "mul": "fmul", "div": "fdiv"}
_COMPARE = {"lt": "olt", "le": "ole", "eq": "oeq"}
WIDE = 4  # vectors
_LEAVES = ("const", "size", "param", "input", "state")
# what a loop over units computes or reads
OPS = frozenset(
    {*_BINARY, *_COMPARE, *FUNCTIONS, *_LEAVES, "neg", "where", "max", "min", "repeat"}
) & frozenset(RECORDS)


class Units:
    """Writes the loops of a phase into the kernel's function."""

    def __init__(
        self, plan: KernelPlan, math: VectorMath, f: Function, arg: dict[str, str]
    ) -> None:
        self.p, self.math, self.f, self.arg = plan, math, f, arg
        self.wide_math = VectorMath(math.dtype, WIDE * math.lanes, math.rint)
        self.ws = self.first = self.time = self.tile = ""
        self.batch_row: Callable[[str], str]  # which row of the batch; set by the kernel's writer
        self.rows: dict[tuple[str, str], str] = {}  # where a row of the caller's arrays begins
        # where units are apart: which vectors of them a tile computes, and whether the first ones
        self.low = self.many = self.foremost = ""
        self.team: Team  # set by the writer of the kernel
        self._sums: dict[int, str] = {}

    def allocate(self) -> None:
        """Accumulators of sums over units, to be called in the entry block."""
        for phase in self.p.phases:
            for n in phase.sums:
                self._sums[n] = self.f.let(f"alloca {self.p.t.vector}, align 64")

    def clear_batch(self) -> None:
        """Sums over the batch begin at zero for each tile."""
        for phase in self.p.phases:
            for sinks in phase.sinks.values():
                for sink in sinks:
                    if sink.kind is SinkKind.BATCH:
                        with self.blocks(self.p.blocks(sink.node)) as b:
                            at = self.f.mul(b, self.p.t.lanes)
                            self.f.store("zeroinitializer", self.batch_at(sink.name, at))

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

    def batch_at(self, name: str, at: str) -> str:
        row = self.f.at(self.arg["batch"], self.f.mul(self.tile, self.p.batch_sums.width))
        return self.f.at(row, self.p.batch_sums.offset[name], at)

    # --- a phase -----------------------------------------------------------------------------

    def counts(self) -> set[int]:
        """Vectors of the loops that a team may share out."""
        blocks = {self.p.t.blocks(w) for phase in self.p.phases for w in self._widths(phase)}
        return blocks | {b // WIDE for b in blocks} | {b % WIDE for b in blocks}

    def _widths(self, phase: Phase) -> set[int]:
        p = self.p
        widths = {p.units[k] for k in phase.pointwise if not p.scalar[k]}
        widths |= {p.units[p.node(k).args[0]] for k in phase.sums}
        return widths | {w for w in phase.sinks if w is not None}

    def phase(self, phase: Phase, n: str) -> bool:
        """Scalars first, then one loop over units for each size, for each of ``n`` rows. False if there
        is nothing to do."""
        p = self.p
        widths = self._widths(phase)
        scalars = [k for k in phase.pointwise if p.scalar[k]]
        if not widths and not scalars and None not in phase.sinks:
            return False
        # sums over all units, and what every unit reads, are one thread's
        whole = bool(scalars or phase.sums or None in phase.sinks or max(widths) <= p.t.lanes)
        with self.team.alone() if whole else nullcontext(), self.f.loop(n) as r:
            row = self.f.at(self.ws, self.f.mul(r, p.layout.row))
            step = self.f.add(self.first, r)
            self._callers(phase, r)
            if scalars or None in phase.sinks:
                Loop(self, row, step, "0").run(scalars, [], phase.sinks.get(None, ()))
            for width in sorted(widths):
                nodes = [k for k in phase.pointwise if not p.scalar[k] and p.units[k] == width]
                sums = [k for k in phase.sums if p.units[p.node(k).args[0]] == width]
                for k in sums:
                    self.f.do(f"store {p.t.vector} zeroinitializer, ptr {self._sums[k]}, align 64")
                work = nodes, sums, phase.sinks.get(width, ())
                blocks = p.t.blocks(width)
                done = 0
                if blocks >= WIDE and self.wide(*work):
                    done = blocks - blocks % WIDE
                    with self.blocks(done, WIDE, whole) as u:
                        Loop(self, row, step, u, wide=True).run(*work)
                if (
                    p.strategy.apart and blocks != p.unit_blocks
                ):  # copies of inputs: once for all ranges
                    with self.f.when(self.foremost), self.blocks(blocks) as u:
                        Loop(self, row, step, u).run(*work)
                elif blocks == done + 1:
                    with self.team.alone():
                        Loop(self, row, step, str(done)).run(*work)
                elif blocks > done:
                    with self.blocks(blocks - done, whole=whole) as u:
                        Loop(self, row, step, self.f.add(u, done)).run(*work)
                for k in sums:
                    self._close(k, row)
        return True

    def _callers(self, phase: Phase, r: str) -> None:
        """Where this row lies in those arrays of the caller that the phase reads and writes directly."""
        f, p, sinks = self.f, self.p, [s for of in phase.sinks.values() for s in of]
        read = {a for k in (*phase.pointwise, *phase.sums) for a in p.node(k).args}
        read |= {sink.node for sink in sinks}
        names = [("in", str(p.node(k).attr)) for k in sorted(read & p.direct_inputs)]
        names += [("out", sink.name) for sink in sinks if sink.kind is SinkKind.OUT]
        b = self.batch_row(r) if names else ""
        for role, name in names:
            step = f.mul(self.time, self.arg[f"{role}.{name}:t"])
            row = f.mul(b, self.arg[f"{role}.{name}:b"])
            self.rows[role, name] = f.at(self.arg[f"{role}.{name}"], step, row)

    def _close(self, k: int, row: str) -> None:
        """The lanes of a sum together, in every lane of its place."""
        f, t = self.f, self.p.t
        lanes = f.let(f"load {t.vector}, ptr {self._sums[k]}, align 64")
        zero = t.number(-0.0)
        total = f.let(
            f"call reassoc {t.dtype} @llvm.vector.reduce.fadd.{t.suffix}({t.dtype} {zero}, {t.vector} {lanes})"
        )
        if k in self.p.layout.slot:
            f.store(f.spread(total), f.at(row, self.p.layout.slot[k]))


class Loop:
    """The body of one loop: values by node, loaded or computed at their first use.

    ``wide``: several vectors at once, as one vector of more lanes. LLVM makes of each instruction so
    many, next to each other: while one waits for what it reads, the others work.
    """

    def __init__(self, units: Units, row: str, step: str, u: str, wide: bool = False) -> None:
        self.units, self.p, self.f = units, units.p, units.f
        self.row, self.step, self.u = row, step, u
        self.math = units.wide_math if wide else units.math
        self.t = Lanes(self.p.t.dtype, self.math.lanes)
        self.at = self.f.mul(u, self.p.t.lanes) if u != "0" else "0"
        self.values: dict[int, str] = {}
        self.masks: dict[int, str] = {}

    def run(self, nodes: Sequence[int], sums: Sequence[int], sinks: Sequence[Sink]) -> None:
        for k in nodes:
            self.values[k] = self._compute(k)
        for k in sums:
            self._sum(k)
        # everything is read before a state is overwritten
        values = [self.value(sink.node) for sink in sinks]
        for value, sink in zip(values, sinks, strict=True):
            self._put(value, sink)

    def _sum(self, k: int) -> None:
        f, t = self.f, self.t
        operand = self.p.node(k).args[0]
        value = self.value(operand)
        units = self.p.units[operand]
        if units % t.lanes:  # lanes beyond the last unit hold anything
            lanes = ", ".join(f"i64 {n}" for n in range(t.lanes))
            base = f.let(f"insertelement <{t.lanes} x i64> poison, i64 {self.at}, i64 0")
            base = f.let(
                f"shufflevector <{t.lanes} x i64> {base}, <{t.lanes} x i64> poison, "
                f"<{t.lanes} x i32> zeroinitializer"
            )
            at = f.let(f"add <{t.lanes} x i64> {base}, <{lanes}>")
            inside = f.let(f"icmp ult <{t.lanes} x i64> {at}, splat (i64 {units})")
            value = f.let(
                f"select {t.mask} {inside}, {t.vector} {value}, {t.vector} zeroinitializer"
            )
        place = self.units._sums[k]
        old = f.let(f"load {t.vector}, ptr {place}, align 64")
        total = f.let(f"fadd {t.vector} {old}, {value}")
        f.do(f"store {t.vector} {total}, ptr {place}, align 64")

    # --- reading -----------------------------------------------------------------------------

    def value(self, k: int) -> str:
        """The vector of a node at this place; scalars are in every lane."""
        if k not in self.values:
            self.values[k] = self._read(k)
        return self.values[k]

    def _read(self, k: int) -> str:
        f, p = self.f, self.p
        node = p.node(k)
        if node.op == "const":
            return self.t.splat(float(node.attr))  # type: ignore[arg-type]
        if node.op == "size":
            return self.t.splat(float(number(node.attr, p.shapes.sizes)))  # type: ignore[arg-type]
        if node.op == "repeat" and p.scalar[node.args[0]]:
            return self.value(node.args[0])
        at = "0" if p.scalar[k] else self.at
        if node.op == "param":
            place = f.at(self.units.arg[f"p.{node.attr}"], at)
        elif node.op == "input" and str(node.attr) in p.spec.reads_saved:
            place = self._saved_at(f"saved.{node.attr}", k)
            if str(node.attr) in p.spec.masks:
                return self._ones(k, self._mask_from(place))
        elif k in p.direct_inputs:
            place = f.at(self.units.rows["in", str(node.attr)], at)
        else:
            place = f.at(self.row, p.layout.slot[k], at)
        if p.scalar[k]:  # what a product gives stands in one lane only
            return f.spread(f.load_one(place), self.t)
        return self.load(place)

    def load(self, place: str) -> str:
        return self.f.let(f"load {self.t.vector}, ptr {place}, align {self.t.bytes}")

    def store(self, value: str, place: str) -> None:
        self.f.do(f"store {self.t.vector} {value}, ptr {place}, align {self.t.bytes}")

    def _saved_at(self, argument: str, k: int) -> str:
        """The place of this step and vector in a saved array."""
        f = self.f
        place = self.p.place(argument, k)
        base = f.at(self.units.arg[place.array], f.mul(self.step, place.width), place.offset)
        if place.bits:
            return f.let(f"getelementptr inbounds i16, ptr {base}, i64 {self.u}")
        return f.at(base, "0" if self.p.scalar[k] else self.at)

    def _mask_from(self, place: str) -> str:
        """A mask that is saved as bits."""
        f, bits = self.f, f"i{self.t.lanes}"
        word = f.let(f"load i16, ptr {place}, align 2")
        if self.t.lanes < 16:
            word = f.let(f"trunc i16 {word} to {bits}")
        return f.let(f"bitcast {bits} {word} to {self.t.mask}")

    def _store_mask(self, mask: str, place: str) -> None:
        f, bits = self.f, f"i{self.t.lanes}"
        word = f.let(f"bitcast {self.t.mask} {mask} to {bits}")
        if self.t.lanes < 16:
            word = f.let(f"zext {bits} {word} to i16")
        f.do(f"store i16 {word}, ptr {place}, align 2")

    def _ones(self, k: int, mask: str) -> str:
        """Ones where a mask holds, zeros elsewhere."""
        self.masks[k] = mask
        one, zero = self.t.splat(1.0), self.t.splat(0.0)
        v = self.t.vector
        return self.f.let(f"select {self.t.mask} {mask}, {v} {one}, {v} {zero}")

    # --- computing ---------------------------------------------------------------------------

    def _compute(self, k: int) -> str:
        f, v = self.f, self.t.vector
        node = self.p.node(k)
        if node.op == "repeat":
            return self.value(node.args[0])
        if node.op == "where":
            mask = self._mask(node.args[0])
            a, b = self.value(node.args[1]), self.value(node.args[2])
            return f.let(f"select {self.t.mask} {mask}, {v} {a}, {v} {b}")
        args = [self.value(a) for a in node.args]
        if node.op in _BINARY:
            return f.let(f"{_BINARY[node.op]} contract {v} {args[0]}, {args[1]}")
        if node.op == "neg":
            return f.let(f"fneg {v} {args[0]}")
        if node.op in FUNCTIONS:
            return f.let(self.math.call(node.op, args[0]))
        if node.op in ("max", "min"):
            return self._extremum(node.op, args)
        return self._ones(k, f.let(f"fcmp {_COMPARE[node.op]} {v} {args[0]}, {args[1]}"))

    def _extremum(self, op: str, args: list[str]) -> str:
        """The larger or smaller of two, NaN if either is NaN."""
        f, v, m = self.f, self.t.vector, self.t.mask
        wins = f.let(f"fcmp {'ugt' if op == 'max' else 'ult'} {v} {args[0]}, {args[1]}")
        chosen = f.let(f"select {m} {wins}, {v} {args[0]}, {v} {args[1]}")
        nan = f.let(f"fcmp uno {v} {args[1]}, {args[1]}")
        return f.let(f"select {m} {nan}, {v} {args[1]}, {v} {chosen}")

    def _mask(self, k: int) -> str:
        value = self.value(k)  # which may be known as a mask
        if k not in self.masks:
            zero = self.t.splat(0.0)
            self.masks[k] = self.f.let(f"fcmp une {self.t.vector} {value}, {zero}")
        return self.masks[k]

    # --- putting away ------------------------------------------------------------------------

    def _put(self, value: str, sink: Sink) -> None:
        f, k, name = self.f, sink.node, sink.name
        at = "0" if self.p.scalar[k] else self.at
        match sink.kind:
            case SinkKind.SLOT:
                self.store(value, f.at(self.row, sink.offset, at))
            case SinkKind.OUT:
                self.store(value, f.at(self.units.rows["out", name], at))
            case SinkKind.STATE:
                self.store(value, f.at(self.row, self.p.layout.state_slot[name], at))
            case SinkKind.SAVED if name.removeprefix("saved.") in self.p.spec.masks:
                self._store_mask(self._mask(k), self._saved_at(name, k))
            case SinkKind.SAVED:
                self.store(value, self._saved_at(name, k))
            case SinkKind.ROW:
                self._add(value, f.at(self.row, sink.offset, at))
            case SinkKind.BATCH:
                self._add(value, self.units.batch_at(name, at))

    def _add(self, value: str, place: str) -> None:
        total = self.f.let(f"fadd {self.t.vector} {self.load(place)}, {value}")
        self.store(total, place)
