"""The symbols of parameters, families of them, constants and transposes: what equations name, not compute."""

from __future__ import annotations

import reprlib
from typing import Any

from gatewise.lang.array_names import taken
from gatewise.lang.refusals import of_arrays
from gatewise.lang.symbols import Operand, Symbol
from gatewise.lang.tracer import Tracer


def _multiplied(matrix: Parameters | Transposed, other: Any, scaled: str) -> int:
    """The node of what stands behind ``matrix @``: a vector, or several as a list."""
    tracer, text = matrix._tracer, matrix._text()
    if isinstance(other, list | tuple):
        parts = [tracer.lift(v, f"part {k + 1} of [...]") for k, v in enumerate(other)]
        if not parts:
            matrix._refuse("the list after @ is empty", f"write {text} @ [h, x]", f"{text} @ []")
        return parts[0] if len(parts) == 1 else tracer.op("concat", *parts)
    if isinstance(other, int | float):
        matrix._refuse(
            f"{text} multiplies the number {other}, not a vector",
            f"a number times a parameter is {scaled}",
            f"{text} @ {other}",
        )
    return tracer.lift(other, f"what {text} multiplies")


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
        return self._tracer.parameters.vector(self._name)

    def __matmul__(self, other: Any) -> Symbol:
        vector = _multiplied(self, other, f"{other} * {self._name}, which makes it a vector")
        return Symbol(self._tracer, self._tracer.parameters.matrix(self._name, vector))

    def _pick(self, name: str) -> Parameters:
        if self._member:
            self._refuse(
                f"{self._name} has no member {name}: families have one level",
                "write a name of its own, such as W.i_x",
                f"{self._name}.{name}",
            )
        return Parameters(self._tracer, f"{self._name}.{name}", member=True)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_") or name in ("shape", "dtype"):  # array libraries ask for these
            raise AttributeError(f"{self._name}.{name} cannot be a parameter", name=name, obj=self)
        if taken(name):
            self._refuse(*of_arrays(self._name, name, self._member), f"{self._name}.{name}")
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
        self._refuse(
            f"cannot change {self._name}.{name}",
            "parameters are read, never assigned",
            f"{self._name}.{name} = ...",
        )

    def __repr__(self) -> str:
        return f"<parameter {self._name}>"


class Constant(Parameters):
    """``constant(values)``: a matrix before @ or entry by entry, or a vector unit by unit; never trained."""

    __slots__ = ()
    _is_constant = True

    def __init__(self, tracer: Tracer, name: str) -> None:
        super().__init__(tracer, name, member=True)

    def _text(self) -> str:
        return self._tracer.titles.get(self._name, self._name)

    def __getitem__(self, key: Any) -> Any:
        self._pick(reprlib.repr(key))

    def _pick(self, name: str) -> Parameters:
        self._refuse(
            f"{self._text()} is a constant: it has no members",
            "give each part a constant of its own",
            f"{self._text()}.{name}",
        )

    def __matmul__(self, other: Any) -> Symbol:
        if self._tracer.parameters.constants[self._name].cols is None:
            self._refuse(
                f"{self._text()} is a constant vector, and @ takes a matrix",
                f"a product unit by unit is {self._text()} * v; a matrix is a list of rows",
                f"{self._text()} @ {reprlib.repr(other)}",
            )
        return super().__matmul__(other)

    def __repr__(self) -> str:
        return f"<constant {self._text()}>"


class Transposed(Operand):
    """``transpose(W.f)``: a matrix that stands before @ with its rows and columns exchanged."""

    __slots__ = ("_matrix",)
    _matrix: Operand

    def __init__(self, matrix: Operand) -> None:
        object.__setattr__(self, "_tracer", matrix._tracer)
        object.__setattr__(self, "_matrix", matrix)

    def _text(self) -> str:
        return f"transpose({self._matrix._text()})"

    def _as_node(self) -> int:
        name = self._matrix._text()
        self._refuse(
            f"{self._text()} is a matrix, which stands before @ only",
            f"write each product by itself: {name} @ h - {self._text()} @ h",
        )

    def __matmul__(self, other: Any) -> Symbol:
        if not isinstance(self._matrix, Parameters):
            return self._matrix._applied(other, transposed=True)
        vector = _multiplied(self, other, f"{other} * {self._text()} @ v, with a vector v")
        name = self._matrix._name
        return Symbol(self._tracer, self._tracer.parameters.matrix(name, vector, transposed=True))

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_") or name in ("shape", "dtype"):  # array libraries ask for these
            raise AttributeError(f"{self._text()} has no .{name}", name=name, obj=self)
        self._refuse(
            f"{self._text()} has no member {name}: what is transposed is one matrix",
            f"write transpose({self._matrix._text()}.{name})",
            f"{self._text()}.{name}",
        )

    def __setattr__(self, name: str, value: Any) -> None:
        self._refuse(f"cannot change {self._text()}.{name}", "parameters are read, never assigned")

    def __repr__(self) -> str:
        return f"<{self._text()}>"
