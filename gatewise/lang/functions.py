"""The functions that equations may use, besides + - * / @ ** % and comparisons."""

from __future__ import annotations

import builtins
import reprlib
from typing import Any

from gatewise.errors import CellError, ProgramError
from gatewise.ir import ONE, Node, Size
from gatewise.ir.constants import constant as ir_constant
from gatewise.ir.constants import fault
from gatewise.ir.matrices import MAKES
from gatewise.lang.families import Constant, Transposed
from gatewise.lang.refusals import NAMES as NAMES
from gatewise.lang.symbols import Operand, Symbol
from gatewise.lang.tracer import RUNNING, Tracer


def tracer_of(name: str, *values: Any) -> Tracer:
    """The tracer whose cell is running. Raises CellError outside of a cell."""
    for value in values:
        if isinstance(value, Operand):
            return value._tracer
    tracer = RUNNING.get(None)
    if tracer is None:
        own = f", or Python's own, builtins.{name}" if hasattr(builtins, name) else ""
        raise CellError(
            f"{name} is a function of the cell language and works inside a cell only.\n"
            f"  Fix: for numbers and arrays use NumPy or torch{own}"
        )
    return tracer


def apply(op: str, *values: Any) -> Symbol:
    """An op unit by unit."""
    tracer = tracer_of(op, *values)
    return Symbol(tracer, tracer.apply(op, *values))


def sigmoid(v: Any) -> Symbol:
    """1 / (1 + exp(-v))."""
    return apply("sigmoid", v)


def tanh(v: Any) -> Symbol:
    """Hyperbolic tangent."""
    return apply("tanh", v)


def exp(v: Any) -> Symbol:
    """e to the power v."""
    return apply("exp", v)


def log(v: Any) -> Symbol:
    """Natural logarithm."""
    return apply("log", v)


def sqrt(v: Any) -> Symbol:
    """Square root."""
    return apply("sqrt", v)


def sin(v: Any) -> Symbol:
    """Sine of an angle in radians."""
    return apply("sin", v)


def cos(v: Any) -> Symbol:
    """Cosine of an angle in radians."""
    return apply("cos", v)


def erf(v: Any) -> Symbol:
    """The error function: 2/sqrt(pi) times the integral of exp(-t * t) from 0 to v."""
    return apply("erf", v)


def stop_gradient(v: Any) -> Symbol:
    """v, but no gradient passes: what torch calls detach.

    With it a step has a derivative of your own: ``stop_gradient(spike - soft) + soft`` is the spike
    forward and the derivative of ``soft`` backward.
    """
    return apply("stop_gradient", v)


def softplus(v: Any) -> Symbol:
    """log(1 + exp(v))."""
    return apply("softplus", v)


def log_sigmoid(v: Any) -> Symbol:
    """log(sigmoid(v)), without overflow."""
    return -softplus(-v)


def abs(v: Any) -> Symbol:
    """Absolute value; its derivative at 0 is 0, as in torch."""
    return apply("abs", v)


def floor(v: Any) -> Symbol:
    """The largest whole number not above v; its derivative is 0."""
    return apply("floor", v)


def minimum(a: Any, b: Any) -> Symbol:
    """The smaller of the two; a tie shares the gradient, as in torch."""
    return apply("min", a, b)


def maximum(a: Any, b: Any) -> Symbol:
    """The larger of the two; a tie shares the gradient, as in torch."""
    return apply("max", a, b)


def where(condition: Any, a: Any, b: Any) -> Symbol:
    """``a`` where the condition holds (is not 0), else ``b``."""
    return apply("where", condition, a, b)


def relu(v: Any) -> Symbol:
    """max(v, 0), with derivative 0 at 0, as in torch."""
    return where(v <= 0.0, 0.0, v)


def clip(v: Any, low: Any, high: Any) -> Symbol:
    """v held between two bounds; the derivative is 1 at the bounds, as in torch.clamp.

    Where bounds that are computed cross, the upper one holds, as there.
    """
    tracer = tracer_of("clip", v, low, high)
    if isinstance(low, Operand) or isinstance(high, Operand):
        bottom = where(low > high, high, low)
    elif low > high:
        text = f"clip(v, {low!r}, {high!r})"
        tracer.fail(f"{text}: the lower bound is above the upper one", "exchange them", text)
    else:
        bottom = low
    return where(v < bottom, bottom, where(v > high, high, v))


def hard_sigmoid(v: Any) -> Symbol:
    """v/6 + 1/2 held between 0 and 1 (torch.nn.functional.hardsigmoid), flat at the kinks."""
    return where(v <= -3.0, 0.0, where(v >= 3.0, 1.0, v / 6.0 + 0.5))


def transpose(matrix: Any) -> Any:
    """A matrix with its rows and columns exchanged, to stand before @: ``transpose(W.f) @ h``.

    It is the same parameter as ``W.f`` and is trained as one with it. Blocks stay blocks.
    """
    tracer = tracer_of("transpose", matrix)
    if not isinstance(matrix, Operand):
        text = reprlib.repr(matrix)
        tracer.fail(
            f"transpose({text}): only a matrix has a transpose",
            "write transpose(W.name) @ vector",
            f"transpose({text})",
        )
    return matrix._matrix if isinstance(matrix, Transposed) else Transposed(matrix)


def constant(values: Any) -> Constant:
    """A fixed vector or matrix: numbers that belong to the cell, are saved with it and never trained.

    Args:
        values: a list of numbers, a list of equally long rows, or an array or tensor of one or two axes.

    Its size is that of the numbers: ``constant(A) @ m`` makes m as long as A has columns. Bound to a
    name it is printed by that name.
    """
    tracer = tracer_of("constant")
    name = f"constant_{1 + len(tracer.parameters.constants)}"
    while name in tracer.parameters:
        name += "_"
    if isinstance(values, Operand):
        tracer.fail(
            f"constant({values._text()}): {values._text()} is no fixed number",
            "a constant is made of numbers; what is computed or learned is used as it is",
            f"constant({values._text()})",
        )
    rows = values.tolist() if hasattr(values, "tolist") else values
    if isinstance(rows, int | float):
        tracer.fail(
            f"constant({rows!r}) is one number", f"a number is written as it is: {rows!r} * v"
        )
    try:
        matrix = isinstance(rows[0], list | tuple)
        flat = [float(v) for row in rows for v in (row if matrix else (row,))]
        cols = len(rows[0]) if matrix else None
        if cols is not None and any(len(row) != cols for row in rows):
            raise TypeError("its rows have several lengths")
        param = ir_constant(name, len(rows), cols, flat)
        complaint = fault(param)
    except (TypeError, IndexError, OverflowError, ValueError, ProgramError) as error:
        complaint = str(error)
    if complaint:
        tracer.fail(
            f"constant({reprlib.repr(values)}) is no fixed vector or matrix: {complaint}",
            "give finite numbers: a list of numbers, or a list of rows of equal length",
            f"constant({reprlib.repr(values)})",
        )
    return Constant(tracer, tracer.parameters.constant(param))


def repeat(v: Any, times: int | str | None = None) -> Symbol:
    """Each unit ``times`` times in a row: a gate shared by the cells of a block.

    The result has ``times`` as many units: with times=2, [a, b] becomes [a, a, b, b]. A size says as
    well how often: "D", "H/4". Without ``times`` it has as many as it is combined with: a gate of each
    head, shared by the units of the head. How many units v has must be a number then.
    """
    tracer = tracer_of("repeat", v)
    if times is None:
        return Symbol(tracer, _repeat_to_fit(tracer, tracer.lift(v, "what repeat takes")))
    count = number_or_size(tracer, "repeat", v, times, "an option such as cells=2")
    node = tracer.lift(v, "what repeat takes")
    if count == ONE:
        return Symbol(tracer, node)
    return Symbol(tracer, tracer.op("repeat", node, attr=count))


def _repeat_to_fit(tracer: Tracer, node: int) -> int:
    units = tracer.size(node)
    if units == ONE:
        return node
    tracer.matrices.refuse(node, "repeat")
    if units.names:
        name = tracer.called(node)
        open_ = tracer.sizes.unknowns(units)
        tracer.fail(
            f"repeat({name}) without a number of times: "
            + (
                f"nothing says how many units {name} has"
                if open_
                else f"{name} has {tracer.show(units)} units, not a plain number"
            ),
            f"declare it: sizes={{{tracer.declarable(node)!r}: 'heads'}}, with heads a number or an option",
            f"repeat({name})",
        )
    size = tracer.sizes.fresh()
    tracer.labels[next(iter(size.names))] = f"the size of repeat({tracer.called(node)})"
    return tracer.builder.append(Node("repeat", (node,), size, None, size * (1 / units.const)))


def outer(u: Any, v: Any) -> Symbol:
    """The matrix with the entries u_i * v_j: one row for each unit of u, one column for each of v.

    Where it meets a block-diagonal matrix (heads), only the blocks are computed: part k of u with part k
    of v.
    """
    tracer = tracer_of("outer", u, v)
    nodes = [tracer.lift(w, "what outer takes") for w in (u, v)]
    sides = [tracer.matrices.make(op, n) for op, n in zip(MAKES, nodes, strict=True)]
    return Symbol(tracer, tracer.matrices.entrywise("mul", sides))


def rows(v: Any) -> Symbol:
    """A matrix with v_i in every column of row i: one gate for each row, ``rows(f) * C``."""
    return _spread("row_repeat", v)


def columns(v: Any) -> Symbol:
    """A matrix with v_j in every row of column j: one gate for each column, ``columns(f) * C``."""
    return _spread("column_repeat", v)


def _spread(op: str, v: Any) -> Symbol:
    tracer = tracer_of(op, v)
    node = tracer.lift(v, "what is spread")
    if tracer.size(node) == ONE and node not in tracer.matrices:
        return Symbol(tracer, node)  # one number meets every entry anyway
    return Symbol(tracer, tracer.matrices.make(op, node))


def units(v: Any) -> Symbol:
    """How many units v has (of a matrix: entries), as a number."""
    tracer = tracer_of("units", v)
    return Symbol(tracer, count_of(tracer, tracer.size(tracer.lift(v, "what units takes"))))


def number_or_size(tracer: Tracer, name: str, v: Any, count: Any, option: str) -> Size:
    """A number of times or parts, or the letter of a size that says it."""
    if isinstance(count, str):
        return tracer.size_of(count)
    what = "times" if name == "repeat" else "parts"
    if isinstance(count, Operand):
        tracer.fail(
            f"{name}: the number of {what} is a quantity, {count._text()}",
            f"{name} takes one vector here; pass a number, {option}, or a size such as 'H/4'",
            f"{name}({v!r}, {count._text()})",
        )
    if isinstance(count, bool) or not isinstance(count, int) or count < 1:
        tracer.fail(
            f"{name}(v, {count!r}): the number of {what} must be a whole number of at least 1",
            f"pass a number, {option}, or a size such as 'H/4'",
            f"{name}({v!r}, {count!r})",
        )
    return Size.of(count)


def count_of(tracer: Tracer, size: Size) -> int:
    """The node of a size as a number."""
    return tracer.builder.append(Node("size", attr=size))
