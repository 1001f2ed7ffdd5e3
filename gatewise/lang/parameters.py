"""The parameters and constants of a cell while it is traced: what their first use makes of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NoReturn, Protocol, TypeVar

from gatewise.ir import Builder, Node, Param, Size
from gatewise.lang.matrices import Matrices
from gatewise.lang.sizes import Sizes
from gatewise.lang.source import Spot, place

Declared = TypeVar("Declared", Size, tuple[Size, Size])


class Trace(Protocol):
    """What is asked of the tracer whose parameters they are."""

    builder: Builder
    sizes: Sizes
    labels: dict[str, str]
    titles: dict[str, str]
    declared: dict[str, Size]
    matrices: Matrices

    def size(self, node: int) -> Size: ...
    def called(self, node: int) -> str: ...
    def show(self, size: Size) -> str: ...
    def spot(self) -> Spot: ...
    def check_not_rebound(self, name: str, vector: int) -> None: ...
    def fail(self, problem: str, fix: str, equation: str = "") -> NoReturn: ...


@dataclass(frozen=True)
class Parameter:
    """What is known so far of one parameter: its kind, sizes and where it was first used."""

    name: str
    node: int
    rows: Size
    cols: Size | None
    spot: Spot
    values: bytes | None = None  # of a constant


class ParameterTable(dict[str, Parameter]):
    """The parameters of one tracer by their names, in the order of their first use."""

    def __init__(self, tracer: Trace) -> None:
        super().__init__()
        self.tracer = tracer
        self.shapes: dict[str, tuple[Size, Size]] = {}  # declared: a value for each entry
        self.constants: dict[str, Param] = {}  # each is a parameter from its first use on

    def matrix(self, name: str, vector: int, transposed: bool = False) -> int:
        """``name @ vector``, or its transpose: the first use makes the matrix, later ones must fit it."""
        tracer = self.tracer
        shown = tracer.titles.get(name, name)
        left = f"transpose({shown})" if transposed else shown
        tracer.matrices.refuse(vector, f"{left} @ v")
        tracer.check_not_rebound(left, vector)
        if _declared(self.shapes, name) is not None:
            tracer.fail(
                f"{name} is declared with rows and columns: it meets matrices entry by entry",
                f"the size of a matrix before @ is that of its rows: sizes={{{name!r}: 'K'}}",
                f"{left} @ {tracer.called(vector)}",
            )
        known = self.get(name)
        if known is None:
            known = self[name] = self._new_matrix(name, tracer.size(vector), transposed)
        elif known.cols is None:
            self._both_kinds(known, f"{left} @ {tracer.called(vector)}")
        assert known.cols is not None
        met, word = (known.rows, "rows") if transposed else (known.cols, "columns")
        if not tracer.sizes.unify(met, tracer.size(vector)):
            tracer.fail(
                f"sizes cannot be unified: {shown} has {tracer.show(met)} {word} since "
                f"{place(*known.spot)}, {tracer.called(vector)} has size {tracer.show(tracer.size(vector))}",
                f"use another name for the second matrix, such as {name.split('.')[0]}.other"
                if known.values is None
                else f"bring it to {tracer.show(met)} units with a matrix, or declare its size",
                f"{left} @ {tracer.called(vector)}",
            )
        op, size = ("matvec_t", known.cols) if transposed else ("matvec", known.rows)
        return tracer.builder.append(Node(op, (known.node, vector), size))

    def _new_matrix(self, name: str, met: Size, transposed: bool) -> Parameter:
        """A matrix at its first use. A declared size is that of its rows, also where it is transposed."""
        tracer = self.tracer
        fixed = self.constants.get(name)
        if fixed is not None:
            node = tracer.builder.leaf("param", name, fixed.rows, fixed.cols)
            return Parameter(name, node, fixed.rows, fixed.cols, tracer.spot(), fixed.values)
        if not transposed:
            rows, cols = self._new_size(name, f"the rows of {name}"), met
        else:
            rows, cols = _declared(tracer.declared, name) or met, tracer.sizes.fresh()
            tracer.labels[next(iter(cols.names))] = f"the columns of {name}"
        node = tracer.builder.leaf("param", name, rows, cols)
        return Parameter(name, node, rows, cols, tracer.spot())

    def vector(self, name: str) -> int:
        """A parameter used unit by unit: a vector."""
        tracer = self.tracer
        known = self.get(name)
        if known is None:
            fixed = self.constants.get(name)
            shape = _declared(self.shapes, name)
            if fixed is not None and fixed.cols is not None:
                shape = (fixed.rows, fixed.cols)  # a fixed matrix meets others entry by entry
            if shape is not None:
                size = tracer.matrices.parameter(*shape)
            else:
                size = fixed.rows if fixed else self._new_size(name, f"the size of {name}")
            node = tracer.builder.leaf("param", name, size)
            if shape is not None:
                tracer.matrices.hold(node, size)
            known = Parameter(
                name, node, size, None, tracer.spot(), fixed.values if fixed else None
            )
            self[name] = known
        elif known.cols is not None:
            self._both_kinds(known, f"{name} without @")
        return known.node

    def constant(self, param: Param) -> str:
        """Note a constant; returns the name that it has until it is bound to one."""
        self.constants[param.name] = param
        return param.name

    def _new_size(self, name: str, label: str) -> Size:
        """The declared rows of a new parameter, else an unknown."""
        tracer = self.tracer
        declared = _declared(tracer.declared, name)
        if declared is not None:
            return declared
        size = tracer.sizes.fresh()
        tracer.labels[next(iter(size.names))] = label
        return size

    def _both_kinds(self, known: Parameter, now: str) -> NoReturn:
        tracer = self.tracer
        before = "a vector" if known.cols is None else "a matrix"
        if known.values is not None:
            shown = tracer.titles.get(known.name, known.name)
            tracer.fail(
                f"{shown} stands before @ and meets matrices entry by entry: the first of it is in "
                f"{place(*known.spot)}",
                "make two constants of the numbers",
                now,
            )
        tracer.fail(
            f"{known.name} is used as a matrix and as a vector: {before} in {place(*known.spot)}, "
            f"now {now}",
            "give the matrix and the vector different names",
            now,
        )


def _declared(table: Mapping[str, Declared], name: str) -> Declared | None:
    """What was declared for a parameter: for itself, or for all of its family."""
    return table.get(name, table.get(name.split(".")[0]))
