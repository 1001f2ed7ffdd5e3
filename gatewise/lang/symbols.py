"""The symbols that stand for the quantities of a step while a cell is traced, and their arithmetic."""

from __future__ import annotations

import reprlib
from typing import Any

from gatewise.errors import CellError
from gatewise.lang.refusals import Refusals, of_quantity
from gatewise.lang.tracer import Tracer


class Operand(Refusals):
    """Anything that can stand in an equation: arithmetic and comparisons."""

    __slots__ = ()

    def _as_node(self) -> int:
        raise CellError("an operand without a node")  # each kind of operand says which it is

    def _make(self, op: str, *operands: Any) -> Symbol:
        return Symbol(self._tracer, self._tracer.apply(op, *operands))

    def __add__(self, other: Any) -> Symbol:
        return self._make("add", self, other)

    def __radd__(self, other: Any) -> Symbol:
        return self._make("add", other, self)

    def __sub__(self, other: Any) -> Symbol:
        return self._make("sub", self, other)

    def __rsub__(self, other: Any) -> Symbol:
        return self._make("sub", other, self)

    def __mul__(self, other: Any) -> Symbol:
        return self._make("mul", self, other)

    def __rmul__(self, other: Any) -> Symbol:
        return self._make("mul", other, self)

    def __truediv__(self, other: Any) -> Symbol:
        return self._make("div", self, other)

    def __rtruediv__(self, other: Any) -> Symbol:
        return self._make("div", other, self)

    def __floordiv__(self, other: Any) -> Symbol:
        return self._make("floor", self / other)

    def __rfloordiv__(self, other: Any) -> Symbol:
        return self._make("floor", self._make("div", other, self))

    def __rmod__(self, other: Any) -> Symbol:
        return self._make("sub", other, self.__rfloordiv__(other) * self)

    def __mod__(self, other: Any) -> Symbol:
        """The remainder with the sign of the divisor, as Python and torch.remainder have it."""
        return self._make("sub", self, (self // other) * other)

    def __neg__(self) -> Symbol:
        return self._make("neg", self)

    def __pos__(self) -> Symbol:
        return Symbol(self._tracer, self._as_node())

    def __abs__(self) -> Symbol:
        return self._make("abs", self)

    def __pow__(self, power: Any) -> Symbol:
        whole = (
            isinstance(power, int | float) and not isinstance(power, bool) and power == int(power)
        )
        if whole and 1 <= abs(power) <= 8:
            # of 1 / v for a negative power: v ** 3 alone may overflow where 1 / v ** 3 does not matter
            factor = +self if power > 0 else self._make("div", 1.0, self)
            result = factor
            for _ in range(abs(int(power)) - 1):
                result = result * factor
            return result
        if isinstance(power, float) and power == 0.5:
            return self._make("sqrt", self)
        self._refuse(
            f"the power {reprlib.repr(power)} is not part of the language",
            "whole powers from -8 to 8 (not 0) and 0.5 are; otherwise write exp(k * log(v))",
            f"{self._text()} ** {reprlib.repr(power)}",
        )

    def __rpow__(self, base: Any) -> Symbol:
        self._refuse(
            "a power of a number is not part of the language",
            "write exp(k * v), with k the logarithm of the number",
            f"{reprlib.repr(base)} ** {self._text()}",
        )

    def __lt__(self, other: Any) -> Symbol:
        return self._make("lt", self, other)

    def __le__(self, other: Any) -> Symbol:
        return self._make("le", self, other)

    def __gt__(self, other: Any) -> Symbol:
        return self._make("lt", other, self)

    def __ge__(self, other: Any) -> Symbol:
        return self._make("le", other, self)

    def __eq__(self, other: Any) -> Symbol:  # type: ignore[override]
        return self._make("eq", self, other)

    def __ne__(self, other: Any) -> Symbol:  # type: ignore[override]
        return self._make("where", self == other, 0.0, 1.0)

    __hash__ = object.__hash__

    # masks are combined by selects, so that nothing is ever multiplied by a mask
    def __and__(self, other: Any) -> Symbol:
        return self._make("where", self, other, 0.0)

    def __or__(self, other: Any) -> Symbol:
        return self._make("where", self, 1.0, other)

    def __invert__(self) -> Symbol:
        return self._make("where", self, 0.0, 1.0)

    __rand__, __ror__ = __and__, __or__

    def __matmul__(self, other: Any) -> Symbol:
        """A matrix of the step, such as a state C, times a vector."""
        return self._applied(other, transposed=False)

    def _applied(self, other: Any, transposed: bool) -> Symbol:
        tracer = self._tracer
        vector = tracer.lift(other, "the right side of @")
        return Symbol(tracer, tracer.matrices.apply(self._as_node(), vector, transposed))

    def __rmatmul__(self, other: Any) -> Symbol:
        if hasattr(other, "shape"):
            self._tracer.lift(other, "the left side of @")
        self._refuse(
            "the left side of @ is not a parameter of this cell",
            "write W.name @ vector",
            f"{reprlib.repr(other)} @ {self._text()}",
        )


class Symbol(Operand):
    """A quantity of the step: an input, a state or anything computed."""

    __slots__ = ("_node",)
    _node: int

    def __init__(self, tracer: Tracer, node: int) -> None:
        object.__setattr__(self, "_tracer", tracer)
        object.__setattr__(self, "_node", node)

    def _as_node(self) -> int:
        return self._node

    def __setattr__(self, name: str, value: Any) -> None:
        self._refuse(
            f"cannot change .{name} of a quantity",
            f"bind a name of its own: {name} = ...",
            f"{self._text()}.{name} = ...",
        )

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_") or name in ("shape", "dtype"):  # array libraries ask for these
            raise AttributeError(
                f"a quantity has no .{name}: it has no value yet, sizes are inferred",
                name=name,
                obj=self,
            )
        self._refuse(
            f"a quantity has no attribute .{name}",
            of_quantity(self._text(), name),
            f"{self._text()}.{name}",
        )

    def _text(self) -> str:
        return self._tracer.called(self._node)

    def __repr__(self) -> str:
        return f"<{self._tracer.describe(self._node)}: {self._tracer.show(self._tracer.size(self._node))}>"
