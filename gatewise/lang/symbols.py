"""The symbols that stand for vectors and parameters while a cell is traced."""

from __future__ import annotations

from typing import Any, NoReturn

from gatewise.errors import CellError
from gatewise.lang.tracer import Tracer


class Operand:
    """Anything that can stand in an equation: arithmetic, comparisons, and clear refusals."""

    __slots__ = ("_tracer",)
    _tracer: Tracer

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

    def __mod__(self, other: Any) -> Symbol:
        """The remainder with the sign of the divisor, as Python and torch.remainder have it."""
        return self - self._make("floor", self / other) * other

    def __neg__(self) -> Symbol:
        return self._make("neg", self)

    def __pos__(self) -> Symbol:
        return Symbol(self._tracer, self._as_node())

    def __abs__(self) -> Symbol:
        return self._make("abs", self)

    def __pow__(self, power: Any) -> Symbol:
        if power == 0.5:
            return self._make("sqrt", self)
        if isinstance(power, int) and not isinstance(power, bool) and 1 <= abs(power) <= 8:
            result = +self
            for _ in range(abs(power) - 1):
                result = result * self
            return result if power > 0 else 1.0 / result
        self._tracer.fail(
            f"power {power!r} is not part of the language",
            "whole powers up to 8 and 0.5 are; otherwise write exp(k * log(v))",
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
        return ~(self == other)

    __hash__ = object.__hash__

    # masks are combined by selects, so that nothing is ever multiplied by a mask
    def __and__(self, other: Any) -> Symbol:
        return self._make("where", self, other, 0.0)

    def __or__(self, other: Any) -> Symbol:
        return self._make("where", self, 1.0, other)

    def __invert__(self) -> Symbol:
        return self._make("where", self, 0.0, 1.0)

    def __matmul__(self, other: Any) -> Symbol:
        self._tracer.fail(
            "the left side of @ is not a parameter",
            "write W.name @ vector; the product of two vectors, unit by unit, is *",
        )

    def __rmatmul__(self, other: Any) -> Symbol:
        self._tracer.fail(
            "the left side of @ is not a parameter of this cell", "write W.name @ vector"
        )

    # --- what a person may try, and what to do instead ----------------------------------------

    def _refuse(self, what: str, fix: str) -> NoReturn:
        self._tracer.fail(what, fix)

    def __bool__(self) -> bool:
        self._refuse(
            "a Python if, and, or, not, min or max cannot look at a quantity: it has no value yet",
            "use where(condition, a, b), minimum(a, b), maximum(a, b), &, | or ~",
        )

    def __iter__(self) -> Any:
        self._refuse("a quantity cannot be looped over or unpacked", "write one equation for each gate")

    def __len__(self) -> int:
        self._refuse(
            "a quantity has no length: sizes are inferred", "leave the size out of the equation"
        )

    def __getitem__(self, key: Any) -> Any:
        self._refuse(
            "a quantity cannot be indexed or sliced", "give each part a parameter family of its own"
        )

    def __setitem__(self, key: Any, value: Any) -> None:
        self._refuse(
            "an argument or quantity cannot be changed in place", "bind a new value: c = f * c + i * z"
        )

    def _in_place(self, other: Any) -> Any:
        self._refuse(
            "an argument or quantity cannot be changed in place (+=, -=, *=, /=)",
            "write it out: c = c + ...",
        )

    __iadd__ = __isub__ = __imul__ = __itruediv__ = __imatmul__ = _in_place
    __ipow__ = __imod__ = __ifloordiv__ = __iand__ = __ior__ = __ixor__ = _in_place

    def __float__(self) -> float:
        self._refuse(
            "a quantity is not a number: functions of math and numpy cannot take it",
            "import the function from gatewise.lang (exp, log, tanh, sigmoid, ...)",
        )

    __int__ = __complex__ = __index__ = __round__ = __float__  # type: ignore[assignment]

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **kwargs: Any) -> Any:
        arrays = [v for v in inputs if hasattr(v, "shape") and hasattr(v, "dtype") and v.shape]
        if arrays:
            self._tracer.lift(arrays[0], f"operand of {ufunc.__name__}")
        numbers = [float(v) if hasattr(v, "dtype") else v for v in inputs]
        if ufunc.__name__ in _ARITHMETIC and len(inputs) == 2:  # a NumPy scalar on the left
            return getattr(self, _ARITHMETIC[ufunc.__name__])(numbers[0])
        self._refuse(
            f"numpy.{ufunc.__name__} cannot take a quantity of a cell",
            f"from gatewise.lang import {_LANG_NAMES.get(ufunc.__name__, ufunc.__name__)}",
        )

    def __array__(self, *args: Any, **kwargs: Any) -> Any:
        self._refuse("a quantity cannot become a NumPy array", "use the functions of gatewise.lang")

    @classmethod
    def __torch_function__(
        cls, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: Any = None
    ) -> Any:
        flat = [v for a in args for v in (a if isinstance(a, list | tuple) else [a])]
        symbol = next(v for v in flat if isinstance(v, Operand))
        tensor = next((v for v in flat if hasattr(v, "shape") and hasattr(v, "dtype")), None)
        if tensor is not None:
            symbol._tracer.lift(tensor, f"operand of torch's {getattr(func, '__name__', func)}")
        name = getattr(func, "__name__", str(func))
        symbol._refuse(
            f"torch.{name} cannot take a quantity of a cell", f"from gatewise.lang import {name}"
        )


_ARITHMETIC = {
    "add": "__radd__", "subtract": "__rsub__", "multiply": "__rmul__", "divide": "__rtruediv__",
    "true_divide": "__rtruediv__", "less": "__gt__", "less_equal": "__ge__", "greater": "__lt__",
    "greater_equal": "__le__", "equal": "__eq__",
}  # fmt: skip
_LANG_NAMES = {"absolute": "abs"}


class Symbol(Operand):
    """A quantity of the step: an input, a state or anything computed."""

    __slots__ = ("_node",)

    def __init__(self, tracer: Tracer, node: int) -> None:
        object.__setattr__(self, "_tracer", tracer)
        object.__setattr__(self, "_node", node)

    def _as_node(self) -> int:
        return self._node

    def __setattr__(self, name: str, value: Any) -> None:
        self._refuse(f"cannot set .{name} on a quantity", f"bind a name of its own: {name} = ...")

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_") or name in ("shape", "dtype"):
            raise AttributeError(name)  # array libraries ask for these
        self._refuse(
            f"a quantity has no attribute .{name}",
            "only parameter families (keyword-only arguments) have members such as W.i",
        )

    def __repr__(self) -> str:
        return f"<{self._tracer.describe(self._node)}: {self._tracer.show(self._tracer.size(self._node))}>"


class Parameters(Operand):
    """A parameter family such as ``W``, or one member of it such as ``W.i``."""

    __slots__ = ("_member", "_name", "used")

    def __init__(self, tracer: Tracer, name: str, member: bool = False) -> None:
        object.__setattr__(self, "_tracer", tracer)
        object.__setattr__(self, "_name", name)
        object.__setattr__(self, "_member", member)
        object.__setattr__(self, "used", False)

    def _as_node(self) -> int:
        object.__setattr__(self, "used", True)
        return self._tracer.vector(self._name)

    def __matmul__(self, other: Any) -> Symbol:
        object.__setattr__(self, "used", True)
        tracer = self._tracer
        if isinstance(other, list | tuple):
            parts = [tracer.lift(v, f"part {k + 1} of [...]") for k, v in enumerate(other)]
            if not parts:
                tracer.fail("the list after @ is empty", f"write {self._name} @ [h, x]")
            vector = parts[0] if len(parts) == 1 else tracer.op("concat", *parts)
        else:
            vector = tracer.lift(other, f"what {self._name} multiplies")
        return Symbol(tracer, tracer.matrix(self._name, vector))

    def _pick(self, name: str) -> Parameters:
        if self._member:
            self._refuse(
                f"{self._name} has no member {name}", "families have one level: W.i, not W.i.j"
            )
        object.__setattr__(self, "used", True)
        return Parameters(self._tracer, f"{self._name}.{name}", member=True)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_") or name in ("shape", "dtype"):
            raise AttributeError(name)
        return self._pick(name)

    def __getitem__(self, key: Any) -> Any:
        if not isinstance(key, str) or not key.isidentifier():
            self._refuse(f"{self._name}[{key!r}] is not a member", f'members are words: {self._name}["if"]')
        return self._pick(key)

    def __setattr__(self, name: str, value: Any) -> None:
        self._refuse(f"cannot set {self._name}.{name}", "parameters are read, never assigned")

    def __repr__(self) -> str:
        return f"<parameter {self._name}>"
