"""The instructions of one elementary function, appended one by one. ``math.py`` says what they are for."""

from __future__ import annotations

import struct
from collections.abc import Sequence

from gatewise.backends.llvm.emit.math_constants import CONSTANTS, FloatType


class Body:
    """The instructions of one function. Each method appends some and returns the result's name.

    An operand is the name of a value or a number, which stands for a vector of it.
    """

    def __init__(self, name: str, dtype: FloatType, lanes: int) -> None:
        self.name = name
        self.constants = CONSTANTS[dtype]
        self.dtype = dtype
        self.lanes = lanes
        self.suffix = f"v{lanes}{self.constants.suffix}"
        self.vector = f"<{lanes} x {dtype}>"
        self.integers = f"<{lanes} x i{self.constants.bits}>"
        self.lines: list[str] = []
        self.tables: list[str] = []  # what stands before the function: constants that it reads

    def emit(self, instruction: str) -> str:
        name = f"%v{len(self.lines)}"
        self.lines.append(f"  {name} = {instruction}\n")
        return name

    def do(self, instruction: str) -> None:
        self.lines.append(f"  {instruction}\n")

    def label(self, name: str) -> None:
        self.lines.append(f"{name}:\n")

    def scalar(self, value: float) -> str:
        """One number as LLVM writes it: the digits of a double, which hold a float exactly."""
        if self.dtype == "float":
            value = struct.unpack("<f", struct.pack("<f", value))[0]
        return f"0x{struct.pack('>d', value).hex().upper()}"

    def operand(self, value: str | float) -> str:
        if isinstance(value, str):
            return value
        return f"splat ({self.dtype} {self.scalar(value)})"

    def binary(self, op: str, a: str | float, b: str | float) -> str:
        return self.emit(f"{op} {self.vector} {self.operand(a)}, {self.operand(b)}")

    def add(self, a: str | float, b: str | float) -> str:
        return self.binary("fadd", a, b)

    def sub(self, a: str | float, b: str | float) -> str:
        return self.binary("fsub", a, b)

    def mul(self, a: str | float, b: str | float) -> str:
        return self.binary("fmul", a, b)

    def div(self, a: str | float, b: str | float) -> str:
        return self.binary("fdiv", a, b)

    def intrinsic(self, name: str, *operands: str | float) -> str:
        listed = ", ".join(f"{self.vector} {self.operand(value)}" for value in operands)
        return self.emit(f"call {self.vector} @llvm.{name}.{self.suffix}({listed})")

    def mul_add(self, a: str | float, b: str | float, c: str | float) -> str:
        return self.intrinsic("fmuladd", a, b, c)

    def polynomial(self, x: str, coefficients: Sequence[float]) -> str:
        """Horner's rule: the fewest operations; vectors enough are in flight to hide latency."""
        value: str | float = coefficients[-1]
        for coefficient in coefficients[-2::-1]:
            value = self.mul_add(value, x, coefficient)
        return str(value)

    def compare(self, predicate: str, a: str | float, b: str | float) -> str:
        """A mask by an LLVM predicate: `olt` is false and `ult` true where an operand is NaN."""
        return self.binary(f"fcmp {predicate}", a, b)

    def select(self, mask: str, a: str | float, b: str | float) -> str:
        choices = f"{self.vector} {self.operand(a)}, {self.vector} {self.operand(b)}"
        return self.emit(f"select <{self.lanes} x i1> {mask}, {choices}")

    def at_least(self, x: str, bound: float) -> str:
        """max(x, bound), NaN where x is: in this order of operands one `maxps` does it."""
        return self.select(self.compare("ogt", bound, x), bound, x)

    def at_most(self, x: str, bound: float) -> str:
        return self.select(self.compare("olt", bound, x), bound, x)

    def pattern(self, x: str) -> str:
        """The bits of a float vector as integers."""
        return self.emit(f"bitcast {self.vector} {x} to {self.integers}")

    def number(self, bits: str) -> str:
        return self.emit(f"bitcast {self.integers} {bits} to {self.vector}")

    def integer(self, op: str, a: str, b: str | int) -> str:
        right = b if isinstance(b, str) else f"splat (i{self.constants.bits} {b})"
        return self.emit(f"{op} {self.integers} {a}, {right}")
