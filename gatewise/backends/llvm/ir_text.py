"""Writing LLVM IR as text: fresh names, basic blocks and loops of one function.

Building IR node by node takes about half of the compile time; text is quicker and can be read.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass


@dataclass(frozen=True)
class Lanes:
    """A float type and the width of its vectors."""

    dtype: str  # LLVM's name: "float" or "double"
    lanes: int

    @property
    def vector(self) -> str:
        return f"<{self.lanes} x {self.dtype}>"

    @property
    def mask(self) -> str:
        return f"<{self.lanes} x i1>"

    @property
    def suffix(self) -> str:
        """How intrinsics name the vector type."""
        return f"v{self.lanes}{'f32' if self.dtype == 'float' else 'f64'}"

    def twice(self) -> Lanes:
        """Vectors of twice as many lanes."""
        return Lanes(self.dtype, 2 * self.lanes)

    @property
    def bytes(self) -> int:
        """Size of one value."""
        return 4 if self.dtype == "float" else 8

    def number(self, value: float) -> str:
        """A constant; LLVM wants the digits of a double that a float holds exactly."""
        if self.dtype == "float":
            value = struct.unpack("<f", struct.pack("<f", _within_float(value)))[0]
        return f"0x{struct.pack('>d', value).hex().upper()}"

    def splat(self, value: float) -> str:
        """A constant in every lane."""
        return f"splat ({self.dtype} {self.number(value)})"

    def blocks(self, units: int) -> int:
        """Vectors that hold so many units."""
        return -(-units // self.lanes)

    def padded(self, units: int) -> int:
        """Units rounded up to whole vectors."""
        return self.blocks(units) * self.lanes


def _within_float(value: float) -> float:
    most = 3.4028234663852886e38
    return (
        value if abs(value) <= most or value != value else float("inf") * (1 if value > 0 else -1)
    )


class Function:
    """The text of one function under construction."""

    def __init__(self, header: str, lanes: Lanes) -> None:
        self.header, self.t = header, lanes
        self.lines: list[str] = []
        self.block = "entry"
        self._count = 0

    def fresh(self) -> str:
        self._count += 1
        return f"%v{self._count}"

    def let(self, instruction: str) -> str:
        """Append an instruction that gives a value; return the value's name."""
        name = self.fresh()
        self.lines.append(f"  {name} = {instruction}")
        return name

    def do(self, instruction: str) -> None:
        """Append an instruction that gives nothing."""
        self.lines.append(f"  {instruction}")

    def label(self, name: str) -> None:
        """Begin a basic block."""
        self.lines.append(f"{name}:")
        self.block = name

    def text(self) -> str:
        body = "\n".join(self.lines)
        return f"define {self.header} {{\nentry:\n{body}\n}}\n"

    # --- whole numbers and addresses ---------------------------------------------------------

    def add(self, a: str | int, b: str | int) -> str:
        return str(a) if b in (0, "0") else self.let(f"add i64 {a}, {b}")

    def sub(self, a: str | int, b: str | int) -> str:
        return self.let(f"sub i64 {a}, {b}")

    def mul(self, a: str | int, b: str | int) -> str:
        if isinstance(a, int) and isinstance(b, int):
            return str(a * b)
        return str(a) if b in (1, "1") else self.let(f"mul i64 {a}, {b}")

    def at(self, pointer: str, *offsets: str | int) -> str:
        """The address so many values further on."""
        for offset in offsets:
            if offset not in (0, "0"):
                pointer = self.let(
                    f"getelementptr inbounds {self.t.dtype}, ptr {pointer}, i64 {offset}"
                )
        return pointer

    # --- vectors -----------------------------------------------------------------------------

    def load(self, pointer: str) -> str:
        return self.let(f"load {self.t.vector}, ptr {pointer}, align {self.t.bytes}")

    def store(self, value: str, pointer: str) -> None:
        self.do(f"store {self.t.vector} {value}, ptr {pointer}, align {self.t.bytes}")

    def load_one(self, pointer: str) -> str:
        return self.let(f"load {self.t.dtype}, ptr {pointer}, align {self.t.bytes}")

    def spread(self, scalar: str, lanes: Lanes | None = None) -> str:
        """One value in every lane (of the function's vectors, or of others)."""
        t = lanes or self.t
        one = self.let(f"insertelement {t.vector} poison, {t.dtype} {scalar}, i64 0")
        return self.let(
            f"shufflevector {t.vector} {one}, {t.vector} poison, <{t.lanes} x i32> zeroinitializer"
        )

    def mul_add(self, a: str, b: str, c: str) -> str:
        """a * b + c: fused where the target has it, two instructions elsewhere."""
        v = self.t.vector
        return self.let(f"call {v} @llvm.fmuladd.{self.t.suffix}({v} {a}, {v} {b}, {v} {c})")

    def larger(self, a: str, b: str, kind: str, mask: str, wins: str = "ugt") -> str:
        """The larger of two values of a type, NaN if either is NaN; with "ult" the smaller."""
        first = self.let(f"fcmp {wins} {kind} {a}, {b}")
        chosen = self.let(f"select {mask} {first}, {kind} {a}, {kind} {b}")
        nan = self.let(f"fcmp uno {kind} {b}, {b}")
        return self.let(f"select {mask} {nan}, {kind} {b}, {kind} {chosen}")

    def largest(self, vector: str, t: Lanes) -> str:
        """The largest lane, NaN if any is: halves are compared until one lane is left."""
        count = t.lanes
        while count > 1:
            count //= 2
            order = ", ".join(f"i32 {(k + count) % t.lanes}" for k in range(t.lanes))
            other = self.let(
                f"shufflevector {t.vector} {vector}, {t.vector} poison, <{t.lanes} x i32> <{order}>"
            )
            vector = self.larger(vector, other, t.vector, t.mask)
        return self.let(f"extractelement {t.vector} {vector}, i64 0")

    def sums_of(self, vectors: Sequence[str], t: Lanes) -> str:
        """The sum of all lanes of each vector, side by side in one: their number is a power of two, at most
        as many as there are lanes. Two vectors are folded into one, half of it each, and so on."""
        parts, lanes, run = list(vectors), t.lanes, t.lanes
        while len(parts) > 1:
            run //= 2  # lanes that each sum is left with
            low = [k for k in range(lanes) if k % (2 * run) < run]
            parts = [
                self._folded(pair, low, run, t)
                for pair in zip(parts[::2], parts[1::2], strict=True)
            ]
        total = parts[0]
        while run > 1:
            run //= 2
            swapped = [k ^ run for k in range(lanes)]
            total = self.let(f"fadd {t.vector} {total}, {self._shuffled(total, total, swapped, t)}")
        picked = [k * lanes // len(vectors) for k in range(len(vectors))]
        return self._shuffled(total, total, picked, t)

    def _folded(self, pair: tuple[str, str], low: Sequence[int], run: int, t: Lanes) -> str:
        """Both halves of every run of lanes added, for two vectors: those of the first, then of the second."""
        a, b = pair
        halves = [
            self._shuffled(a, b, [k + half + side * t.lanes for side in (0, 1) for k in low], t)
            for half in (0, run)
        ]
        return self.let(f"fadd {t.vector} {halves[0]}, {halves[1]}")

    def _shuffled(self, a: str, b: str, lanes: Sequence[int], t: Lanes) -> str:
        """Lanes of two vectors, numbered one after the other."""
        mask = ", ".join(f"i32 {k}" for k in lanes)
        return self.let(
            f"shufflevector {t.vector} {a}, {t.vector} {b}, <{len(lanes)} x i32> <{mask}>"
        )

    # --- control flow ------------------------------------------------------------------------

    @contextmanager
    def loop(self, count: str | int) -> Iterator[str]:
        """A loop over 0 .. count-1; nothing is carried but the counter."""
        with self.loop_carrying(count, ()) as (i, _, into):
            into.extend(())
            yield i

    @contextmanager
    def loop_carrying(
        self, count: str | int, start: Sequence[tuple[str, str]]
    ) -> Iterator[tuple[str, list[str], list[str]]]:
        """A loop that carries values, given as (type, first value).

        Yields (counter, carried values, a list to fill with the next values). After the loop the
        carried values are what they were when it ended.
        """
        self._count += 1
        head, body, done = (f"{w}{self._count}" for w in ("head", "body", "done"))
        before = self.block
        self.do(f"br label %{head}")
        self.label(head)
        where = len(self.lines)
        i, following = self.fresh(), self.fresh()
        carried = [self.fresh() for _ in start]
        enough = self.fresh()
        self.lines.append("")  # the phis, once the block that jumps back is known
        self.do(f"{enough} = icmp slt i64 {i}, {count}")
        self.do(f"br i1 {enough}, label %{body}, label %{done}")
        self.label(body)
        after: list[str] = []
        yield i, carried, after
        self.do(f"{following} = add nuw nsw i64 {i}, 1")
        self.do(f"br label %{head}")
        phis = [f"  {i} = phi i64 [ 0, %{before} ], [ {following}, %{self.block} ]"]
        for name, (kind, first), last in zip(carried, start, after, strict=True):
            phis.append(f"  {name} = phi {kind} [ {first}, %{before} ], [ {last}, %{self.block} ]")
        self.lines[where] = "\n".join(phis)
        self.label(done)

    @contextmanager
    def when(self, condition: str) -> Iterator[None]:
        """Do something only if an i1 holds."""
        self._count += 1
        then, done = f"then{self._count}", f"end{self._count}"
        self.do(f"br i1 {condition}, label %{then}, label %{done}")
        self.label(then)
        yield
        self.do(f"br label %{done}")
        self.label(done)
