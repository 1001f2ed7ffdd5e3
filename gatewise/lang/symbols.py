"""The symbols that stand for vectors and parameters while a cell is traced."""

from __future__ import annotations

import numbers
import operator
import reprlib
from collections.abc import Callable
from typing import Any, NoReturn

from gatewise.errors import CellError, nearest
from gatewise.lang.tracer import Tracer

# the functions of equations, besides + - * / @ ** % and comparisons
NAMES = (
    "sigmoid", "tanh", "exp", "log", "log_sigmoid", "softplus", "hard_sigmoid", "relu", "sqrt",
    "abs", "floor", "minimum", "maximum", "where", "clip", "repeat", "sum", "mean", "norm",
)  # fmt: skip
# what array libraries call them, and NumPy's names of the operators
_ALSO = {"absolute": "abs", "amax": "maximum", "fmax": "maximum", "fmin": "minimum", "clamp": "clip",
         "logsigmoid": "log_sigmoid", "hardsigmoid": "hard_sigmoid", "layer_norm": "norm"}  # fmt: skip
_OPERATORS: dict[str, Callable[..., Any]] = {
    "add": operator.add, "subtract": operator.sub, "multiply": operator.mul,
    "divide": operator.truediv, "true_divide": operator.truediv, "remainder": operator.mod,
    "floor_divide": operator.floordiv, "power": operator.pow, "negative": operator.neg,
    "less": operator.lt, "less_equal": operator.le, "greater": operator.gt,
    "greater_equal": operator.ge, "equal": operator.eq, "not_equal": operator.ne,
}  # fmt: skip


def _instead(name: str) -> str:
    """What to use instead of another library's function of that name."""
    name = _ALSO.get(name, name)
    if name in ("cat", "concat", "concatenate", "stack", "hstack", "vstack"):
        return "write the list after a matrix: W.f @ [h, x]"
    if name in ("matmul", "dot", "einsum", "linear"):
        return "write W.name @ vector; the product of two vectors, unit by unit, is *"
    if name in NAMES:
        return f"from gatewise.lang import {name}"
    return f"use the functions of gatewise.lang: {', '.join(NAMES)}.{nearest(name, list(NAMES))}"


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
            result = +self
            for _ in range(abs(int(power)) - 1):
                result = result * self
            return result if power > 0 else self._make("div", 1.0, result)
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
        self._refuse(
            "the left side of @ is not a parameter",
            "write W.name @ vector; the product of two vectors, unit by unit, is *",
            f"{self._text()} @ {reprlib.repr(other)}",
        )

    def __rmatmul__(self, other: Any) -> Symbol:
        if hasattr(other, "shape"):
            self._tracer.lift(other, "the left side of @")
        self._refuse(
            "the left side of @ is not a parameter of this cell",
            "write W.name @ vector",
            f"{reprlib.repr(other)} @ {self._text()}",
        )

    # --- what a person may try, and what to do instead ----------------------------------------

    def _text(self) -> str:
        """How an error quotes it where there is no source."""
        raise NotImplementedError  # each kind of operand says it

    def _refuse(self, what: str, fix: str, equation: str = "") -> NoReturn:
        self._tracer.fail(what, fix, equation or self._text())

    def __bool__(self) -> bool:
        self._refuse(
            "a Python if, and, or, not, in, min, max or chained comparison cannot look at a "
            "quantity: it has no value yet",
            "use where(condition, a, b), minimum(a, b), maximum(a, b), &, | or ~",
        )

    def __iter__(self) -> Any:
        self._refuse(
            "a quantity cannot be looped over or unpacked", "write one equation for each gate"
        )

    def __len__(self) -> int:
        self._refuse(
            "a quantity has no length: sizes are inferred", "leave the size out of the equation"
        )

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        self._refuse(
            f"{self._text()} is not a function",
            f"a matrix is applied with @: {self._text()} @ x; a product is written with *",
            f"{self._text()}(...)",
        )

    def __getitem__(self, key: Any) -> Any:
        self._refuse(
            "a quantity cannot be indexed or sliced",
            "give each part a parameter family of its own",
            f"{self._text()}[{reprlib.repr(key)}]",
        )

    def __setitem__(self, key: Any, value: Any) -> None:
        self._refuse(
            "an argument or quantity cannot be changed in place",
            "bind a new value: c = f * c + i * z",
            f"{self._text()}[{reprlib.repr(key)}] = {reprlib.repr(value)}",
        )

    def __delitem__(self, key: Any) -> None:
        self.__setitem__(key, None)

    def __delattr__(self, name: str) -> None:
        self.__setattr__(name, None)

    def _in_place(self, other: Any) -> Any:
        name = self._text()
        self._refuse(
            "an argument or quantity cannot be changed in place (+=, -=, *=, /=)",
            f"write it out: {name} = {name} + ...",
            f"{name} += {reprlib.repr(other)}",
        )

    __iadd__ = __isub__ = __imul__ = __itruediv__ = __imatmul__ = _in_place
    __ipow__ = __imod__ = __ifloordiv__ = __iand__ = __ior__ = __ixor__ = _in_place

    def __float__(self) -> float:
        self._refuse(
            "a quantity is not a number: functions of math and numpy cannot take it",
            "import the function from gatewise.lang (exp, log, tanh, sigmoid, ...)",
        )

    __int__ = __complex__ = __index__ = __trunc__ = __ceil__ = __float__

    def __round__(self, digits: int = 0) -> Any:
        self.__float__()

    def __format__(self, spec: str) -> str:
        return repr(self)  # in a print, while a cell is written

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **kwargs: Any) -> Any:
        """NumPy calls this where one of its scalars or arrays stands beside a quantity."""
        name = ufunc.__name__
        for value in inputs:
            if hasattr(value, "shape") and not isinstance(value, numbers.Real):
                self._tracer.lift(value, f"an operand of numpy.{name}")
        if (
            name in _OPERATORS and method == "__call__" and not kwargs
        ):  # NumPy's scalars are numbers
            return _OPERATORS[name](*(float(v) if hasattr(v, "dtype") else v for v in inputs))
        self._refuse(f"numpy.{name} cannot take a quantity of a cell", _instead(name),
                     f"numpy.{name}({self._text()})")  # fmt: skip

    def __array__(self, *args: Any, **kwargs: Any) -> Any:
        self._refuse(
            "a quantity cannot become a NumPy array",
            "use the functions and operators of gatewise.lang",
        )

    def __array_function__(self, func: Any, types: Any, args: Any, kwargs: Any) -> Any:
        for value in args:
            if hasattr(value, "shape"):
                self._tracer.lift(value, f"an operand of numpy.{func.__name__}")
        self._refuse(f"numpy.{func.__name__} cannot take a quantity of a cell",
                     _instead(func.__name__), f"numpy.{func.__name__}({self._text()})")  # fmt: skip

    @classmethod
    def __torch_function__(
        cls, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: Any = None
    ) -> Any:
        flat = [
            v
            for a in (*args, *(kwargs or {}).values())
            for v in (a if isinstance(a, list | tuple) else [a])
        ]
        symbol = next(v for v in flat if isinstance(v, Operand))
        name = getattr(func, "__name__", str(func))
        for value in flat:
            if hasattr(value, "shape") and hasattr(value, "dtype"):
                symbol._tracer.lift(value, f"an operand of torch's {name}")
        symbol._refuse(f"torch.{name} cannot take a quantity of a cell", _instead(name),
                       f"torch.{name}({symbol._text()})")  # fmt: skip


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
        self._refuse(f"cannot change .{name} of a quantity", f"bind a name of its own: {name} = ...",
                     f"{self._text()}.{name} = ...")  # fmt: skip

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_") or name in ("shape", "dtype"):  # array libraries ask for these
            raise AttributeError(
                f"a quantity has no .{name}: it has no value yet, sizes are inferred"
            )
        self._refuse(
            f"a quantity has no attribute .{name}",
            "only parameter families (keyword-only arguments) have members such as W.i",
            f"{self._text()}.{name}",
        )

    def _text(self) -> str:
        return self._tracer.called(self._node)

    def __repr__(self) -> str:
        return f"<{self._tracer.describe(self._node)}: {self._tracer.show(self._tracer.size(self._node))}>"


class Parameters(Operand):
    """A parameter family such as ``W``, or one member of it such as ``W.i``."""

    __slots__ = ("_member", "_name")
    _member: bool
    _name: str

    def __init__(self, tracer: Tracer, name: str, member: bool = False) -> None:
        object.__setattr__(self, "_tracer", tracer)
        object.__setattr__(self, "_name", name)
        object.__setattr__(self, "_member", member)

    def _text(self) -> str:
        return self._name

    def _as_node(self) -> int:
        return self._tracer.vector(self._name)

    def __matmul__(self, other: Any) -> Symbol:
        tracer = self._tracer
        if isinstance(other, list | tuple):
            parts = [tracer.lift(v, f"part {k + 1} of [...]") for k, v in enumerate(other)]
            if not parts:
                self._refuse("the list after @ is empty", f"write {self._name} @ [h, x]",
                             f"{self._name} @ []")  # fmt: skip
            vector = parts[0] if len(parts) == 1 else tracer.op("concat", *parts)
        else:
            if isinstance(other, int | float):
                self._refuse(
                    f"{self._name} multiplies the number {other}, not a vector",
                    f"a number times a parameter is {other} * {self._name}, which makes it a vector",
                    f"{self._name} @ {other}",
                )
            vector = tracer.lift(other, f"what {self._name} multiplies")
        return Symbol(tracer, tracer.matrix(self._name, vector))

    def _pick(self, name: str) -> Parameters:
        if self._member:
            self._refuse(
                f"{self._name} has no member {name}: families have one level",
                "write a name of its own, such as W.i_x; a transposed matrix is another parameter",
                f"{self._name}.{name}",
            )
        return Parameters(self._tracer, f"{self._name}.{name}", member=True)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_") or name in ("shape", "dtype"):  # array libraries ask for these
            raise AttributeError(f"{self._name}.{name} cannot be a parameter: use another name")
        return self._pick(name)

    def __getitem__(self, key: Any) -> Any:
        if not isinstance(key, str) or not key.isidentifier():
            self._refuse(
                f"{self._name}[{reprlib.repr(key)}] is not a member",
                f'members are words: {self._name}["if"]',
                f"{self._name}[{reprlib.repr(key)}]",
            )
        return self._pick(key)

    def __setattr__(self, name: str, value: Any) -> None:
        self._refuse(f"cannot change {self._name}.{name}", "parameters are read, never assigned",
                     f"{self._name}.{name} = ...")  # fmt: skip

    def __repr__(self) -> str:
        return f"<parameter {self._name}>"
