"""The body of a loop over units: each equation once, for one vector of units or for several."""

from __future__ import annotations

import math
from collections.abc import Sequence

from gatewise.backends.llvm.emit.math import FUNCTIONS, VectorMath
from gatewise.backends.llvm.ir_text import Function, Lanes
from gatewise.backends.llvm.plan.kernel_plan import KernelPlan
from gatewise.backends.llvm.plan.kernel_spec import Role
from gatewise.backends.llvm.plan.parts import Sink, SinkKind
from gatewise.backends.llvm.plan.shapes import number
from gatewise.ir import OPS as RECORDS

_BINARY = {"add": "fadd", "sub": "fsub", "mul": "fmul", "div": "fdiv"}
_COMPARE = {"lt": "olt", "le": "ole", "eq": "oeq"}
WIDE = 4  # vectors
_LEAVES = ("const", "size", "param", "input", "state")
# what a loop over units computes or reads
OPS = frozenset(
    {
        *_BINARY,
        *_COMPARE,
        *FUNCTIONS,
        *_LEAVES,
        "neg",
        "where",
        "max",
        "min",
        "repeat",
        "stop_gradient",
    }
) & frozenset(RECORDS)


class LoopContext:
    """What all loops of a kernel share.

    ``rows`` has the addresses at which a row of the caller's arrays begins, by role and name; ``sums``
    the accumulators of sums over units; ``tile`` is the number of the tile at hand.
    """

    def __init__(
        self, plan: KernelPlan, math: VectorMath, f: Function, arg: dict[str, str]
    ) -> None:
        self.p, self.math, self.f, self.arg = plan, math, f, arg
        self.wide_math = VectorMath(math.dtype, WIDE * math.lanes, math.rint)
        self.single_math = VectorMath(math.dtype, 1, math.rint)
        self.rows: dict[tuple[Role, str], str] = {}
        self.sums: dict[int, str] = {}
        self.tile = ""
        # states that lie in saved arrays: where their old values are, and where the new ones go
        self.elsewhere: dict[str, tuple[str, str]] = {}

    def batch_at(self, name: str, at: str) -> str:
        """Where this tile adds up a sum over the batch."""
        row = self.f.at(self.arg["batch"], self.f.mul(self.tile, self.p.batch_sums.width))
        return self.f.at(row, self.p.batch_sums.offset[name], at)


class LoopBody:
    """The body of one loop: values by node, loaded or computed at their first use.

    ``wide``: several vectors at once, as one vector of more lanes. LLVM makes of each instruction so
    many, next to each other: while one waits for what it reads, the others work.
    """

    def __init__(
        self, context: LoopContext, row: str, step: str, u: str, wide: bool = False
    ) -> None:
        self.context, self.p, self.f = context, context.p, context.f
        self.row, self.step, self.u = row, step, u
        self.math = context.wide_math if wide else context.math
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
        f, t, op = self.f, self.t, self.p.node(k).op
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
            rest = "zeroinitializer" if op == "sum" else t.splat(-math.inf)
            value = f.let(f"select {t.mask} {inside}, {t.vector} {value}, {t.vector} {rest}")
        place = self.context.sums[k]
        old = f.let(f"load {t.vector}, ptr {place}, align 64")
        if op == "sum":
            total = f.let(f"fadd {t.vector} {old}, {value}")
        else:
            total = f.larger(value, old, t.vector, t.mask)
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
            place = f.at(self.context.arg[f"p.{node.attr}"], at)
        elif node.op == "input" and str(node.attr) in p.spec.reads_saved:
            place = self._saved_at(f"saved.{node.attr}", k)
            if str(node.attr) in p.spec.masks:
                return self._ones(k, self._mask_from(place))
        elif k in p.direct_inputs:
            place = f.at(self.context.rows[Role.IN, str(node.attr)], at)
        elif node.op == "state" and node.attr in self.context.elsewhere:
            place = self._saved_at(self.context.elsewhere[str(node.attr)][0], k)
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
        base = f.at(self.context.arg[place.array], f.mul(self.step, place.width), place.offset)
        if place.bits:
            return f.let(f"getelementptr inbounds i16, ptr {base}, i64 {self.u}")
        return f.at(base, "0" if self.p.scalar[k] else self.at)

    def _mask_from(self, place: str) -> str:
        """A mask that is saved as bits."""
        f, lanes = self.f, self.p.t.lanes
        bits, count = f"i{lanes}", self.t.lanes // lanes  # of one vector, and how many vectors
        if count > 1:
            bits, halves = f"<{count} x {bits}>", f"<{count} x i16>"
        else:
            halves = "i16"
        word = f.let(f"load {halves}, ptr {place}, align 2")
        if lanes < 16:
            word = f.let(f"trunc {halves} {word} to {bits}")
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
        if node.op in ("repeat", "stop_gradient"):
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
        v, m = self.t.vector, self.t.mask
        return self.f.larger(args[0], args[1], v, m, "ugt" if op == "max" else "ult")

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
                self.store(value, f.at(self.context.rows[Role.OUT, name], at))
            case SinkKind.STATE if name in self.context.elsewhere:
                self.store(value, self._saved_at(self.context.elsewhere[name][1], k))
            case SinkKind.STATE:
                self.store(value, f.at(self.row, self.p.layout.state_slot[name], at))
            case SinkKind.SAVED if name.removeprefix("saved.") in self.p.spec.masks:
                self._store_mask(self._mask(k), self._saved_at(name, k))
            case SinkKind.SAVED:
                self.store(value, self._saved_at(name, k))
            case SinkKind.ROW:
                self._add(value, f.at(self.row, sink.offset, at))
            case SinkKind.BATCH:
                self._add(value, self.context.batch_at(name, at))

    def _add(self, value: str, place: str) -> None:
        total = self.f.let(f"fadd {self.t.vector} {self.load(place)}, {value}")
        self.store(total, place)
