"""What a person may try with a quantity, and what to write instead: every refusal of the language."""

from __future__ import annotations

import numbers
import operator
import reprlib
from collections.abc import Callable
from typing import Any, NoReturn

from gatewise.errors import nearest
from gatewise.lang.array_names import TRANSPOSES
from gatewise.lang.tracer import Tracer

# the functions of equations, besides + - * / @ ** % and comparisons
NAMES = (
    "sigmoid",
    "tanh",
    "exp",
    "log",
    "sin",
    "cos",
    "erf",
    "log_sigmoid",
    "softplus",
    "hard_sigmoid",
    "relu",
    "sqrt",
    "abs",
    "floor",
    "minimum",
    "maximum",
    "where",
    "clip",
    "repeat",
    "sum",
    "mean",
    "max",
    "min",
    "softmax",
    "cumsum",
    "norm",
    "dot",
    "outer",
    "rows",
    "columns",
    "units",
    "transpose",
    "constant",
    "stop_gradient",
)
# what array libraries call them, and NumPy's names of the operators
_ALSO = {
    "absolute": "abs",
    "amax": "max",
    "amin": "min",
    "fmax": "maximum",
    "fmin": "minimum",
    "clamp": "clip",
    "logsigmoid": "log_sigmoid",
    "hardsigmoid": "hard_sigmoid",
    "layer_norm": "norm",
    "detach": "stop_gradient",
}
_OPERATORS: dict[str, Callable[..., Any]] = {
    "add": operator.add,
    "subtract": operator.sub,
    "multiply": operator.mul,
    "divide": operator.truediv,
    "true_divide": operator.truediv,
    "remainder": operator.mod,
    "floor_divide": operator.floordiv,
    "power": operator.pow,
    "negative": operator.neg,
    "less": operator.lt,
    "less_equal": operator.le,
    "greater": operator.gt,
    "greater_equal": operator.ge,
    "equal": operator.eq,
    "not_equal": operator.ne,
}


def _instead(name: str) -> str:
    """What to use instead of another library's function of that name."""
    name = _ALSO.get(name, name)
    if name in ("cat", "concat", "concatenate", "stack", "hstack", "vstack"):
        return "write the list after a matrix: W.f @ [h, x]"
    if name in ("dot", "vdot", "inner"):
        return "write W.name @ vector; of two vectors, as one number: from gatewise.lang import dot"
    if name in ("matmul", "einsum", "linear"):
        return "write W.name @ vector; the product of two vectors, unit by unit, is *"
    if name in NAMES:
        return f"from gatewise.lang import {name}"
    return f"use the functions of gatewise.lang: {', '.join(NAMES)}.{nearest(name, list(NAMES))}"


_SIZES = ("size", "ndim", "dim", "nelement", "numel", "nbytes", "itemsize", "stride", "strides")


def of_arrays(parameter: str, name: str, member: bool) -> tuple[str, str]:
    """What is wrong with an attribute of arrays on a parameter, and what to write instead."""
    if name.removesuffix("_") in TRANSPOSES:
        what = f"{parameter}.{name} reads as the transpose of {parameter}"
        fix = f"write transpose({parameter}) @ v"
        fix += "" if member else f", or transpose({parameter}.name) @ v for a member"
    else:
        what = f"{parameter}.{name} reads as what NumPy and torch mean by it, not as a parameter"
        fix = "leave it out: sizes are inferred" if name in _SIZES else _instead(name)
    if not member:
        fix = fix.rstrip(".") + f'; a member that is really named so is {parameter}["{name}"]'
    return what, fix


def of_quantity(text: str, name: str) -> str:
    """What to write instead of an attribute of arrays on a quantity."""
    if name.removesuffix("_") in TRANSPOSES:
        return (
            f"a vector is used as it is, and v kᵀ is outer(v, k); of a matrix of the step write "
            f"transpose({text}) @ v"
        )
    function = _ALSO.get(name, name)
    if function in NAMES:
        return f"write {function}({text}), with {function} from gatewise.lang"
    return (
        "only parameter families (keyword-only arguments) have members such as W.i, and only until their "
        "name is bound to something else"
    )


class Refusals:
    """Python's own operations on a quantity, and those of array libraries: refused with the way out."""

    __slots__ = ("_tracer",)
    _tracer: Tracer

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
        if self._text() in NAMES:
            self._refuse(
                f"{self._text()} is not the function here: the name was bound to a quantity",
                "give the quantity another name",
                f"{self._text()}(...)",
            )
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
        # NumPy's scalars are numbers
        if name in _OPERATORS and method == "__call__" and not kwargs:
            return _OPERATORS[name](*(float(v) if hasattr(v, "dtype") else v for v in inputs))
        self._refuse(
            f"numpy.{name} cannot take a quantity of a cell",
            _instead(name),
            f"numpy.{name}({self._text()})",
        )

    def __array__(self, *args: Any, **kwargs: Any) -> Any:
        self._refuse(
            "a quantity cannot become a NumPy array",
            "use the functions and operators of gatewise.lang",
        )

    def __array_function__(self, func: Any, types: Any, args: Any, kwargs: Any) -> Any:
        for value in args:
            if hasattr(value, "shape"):
                self._tracer.lift(value, f"an operand of numpy.{func.__name__}")
        self._refuse(
            f"numpy.{func.__name__} cannot take a quantity of a cell",
            _instead(func.__name__),
            f"numpy.{func.__name__}({self._text()})",
        )

    @classmethod
    def __torch_function__(
        cls, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: Any = None
    ) -> Any:
        flat = [
            v
            for a in (*args, *(kwargs or {}).values())
            for v in (a if isinstance(a, list | tuple) else [a])
        ]
        symbol = next(v for v in flat if isinstance(v, Refusals))
        name = getattr(func, "__name__", str(func))
        for value in flat:
            if hasattr(value, "shape") and hasattr(value, "dtype"):
                symbol._tracer.lift(value, f"an operand of torch's {name}")
        symbol._refuse(
            f"torch.{name} cannot take a quantity of a cell",
            _instead(name),
            f"torch.{name}({symbol._text()})",
        )
