"""The functions that equations may use, besides + - * / @ ** % and comparisons."""

from __future__ import annotations

from typing import Any, overload

from gatewise.errors import CellError
from gatewise.ir import ONE, Node, Size
from gatewise.ir.matrices import MAKES
from gatewise.lang.refusals import NAMES as NAMES
from gatewise.lang.symbols import Operand, Symbol
from gatewise.lang.tracer import RUNNING, Tracer


def _tracer(name: str, *values: Any) -> Tracer:
    for value in values:
        if isinstance(value, Operand):
            return value._tracer
    tracer = RUNNING.get(None)
    if tracer is None:
        raise CellError(
            f"{name} is a function of the cell language and works inside a cell only.\n"
            "  Fix: for numbers and arrays use NumPy or torch"
        )
    return tracer


def _apply(op: str, *values: Any) -> Symbol:
    tracer = _tracer(op, *values)
    return Symbol(tracer, tracer.apply(op, *values))


def sigmoid(v: Any) -> Symbol:
    """1 / (1 + exp(-v))."""
    return _apply("sigmoid", v)


def tanh(v: Any) -> Symbol:
    """Hyperbolic tangent."""
    return _apply("tanh", v)


def exp(v: Any) -> Symbol:
    """e to the power v."""
    return _apply("exp", v)


def log(v: Any) -> Symbol:
    """Natural logarithm."""
    return _apply("log", v)


def sqrt(v: Any) -> Symbol:
    """Square root."""
    return _apply("sqrt", v)


def softplus(v: Any) -> Symbol:
    """log(1 + exp(v))."""
    return _apply("softplus", v)


def log_sigmoid(v: Any) -> Symbol:
    """log(sigmoid(v)), without overflow."""
    return -softplus(-v)


def abs(v: Any) -> Symbol:
    """Absolute value; its derivative at 0 is 0, as in torch."""
    return _apply("abs", v)


def floor(v: Any) -> Symbol:
    """The largest whole number not above v; its derivative is 0."""
    return _apply("floor", v)


def minimum(a: Any, b: Any) -> Symbol:
    """The smaller of the two; a tie shares the gradient, as in torch."""
    return _apply("min", a, b)


def maximum(a: Any, b: Any) -> Symbol:
    """The larger of the two; a tie shares the gradient, as in torch."""
    return _apply("max", a, b)


def where(condition: Any, a: Any, b: Any) -> Symbol:
    """``a`` where the condition holds (is not 0), else ``b``."""
    return _apply("where", condition, a, b)


def relu(v: Any) -> Symbol:
    """max(v, 0), with derivative 0 at 0, as in torch."""
    return where(v <= 0.0, 0.0, v)


def clip(v: Any, low: Any, high: Any) -> Symbol:
    """v held between two bounds; the derivative is 1 at the bounds, as in torch.clamp."""
    return where(v < low, low, where(v > high, high, v))


def hard_sigmoid(v: Any) -> Symbol:
    """v/6 + 1/2 held between 0 and 1 (torch.nn.functional.hardsigmoid), flat at the kinks."""
    return where(v <= -3.0, 0.0, where(v >= 3.0, 1.0, v / 6.0 + 0.5))


def repeat(v: Any, times: int | None = None) -> Symbol:
    """Each unit ``times`` times in a row: a gate shared by the cells of a block.

    The result has ``times`` as many units: with times=2, [a, b] becomes [a, a, b, b]. Without ``times`` it
    has as many as it is combined with: a gate of each head, shared by the units of the head. How many units
    v has must be a number then.
    """
    tracer = _tracer("repeat", v)
    if times is None:
        return Symbol(tracer, _repeat_to_fit(tracer, tracer.lift(v, "what repeat takes")))
    if isinstance(times, bool) or not isinstance(times, int) or times < 1:
        tracer.fail(
            f"repeat(v, {times!r}): the number of times must be a whole number of at least 1",
            "pass a number, or an option such as cells=2",
            f"repeat({v!r}, {times!r})",
        )
    node = tracer.lift(v, "what repeat takes")
    if times == 1:
        return Symbol(tracer, node)
    return Symbol(tracer, tracer.op("repeat", node, attr=Size.of(times)))


def _repeat_to_fit(tracer: Tracer, node: int) -> int:
    units = tracer.size(node)
    if units == ONE:
        return node
    tracer.matrices.refuse(node, "repeat")
    if units.names:
        name = tracer.called(node)
        tracer.fail(
            f"repeat({name}) without a number of times: {name} has {tracer.show(units)} units, not a "
            "number of them",
            f"declare it: sizes={{{name!r}: 'heads'}}, with heads a number or an option",
            f"repeat({name})",
        )
    size = tracer.sizes.fresh()
    tracer.labels[next(iter(size.names))] = f"the size of repeat({tracer.called(node)})"
    return tracer.builder.append(Node("repeat", (node,), size, None, size * (1 / units.const)))


def sum(v: Any, parts: int = 1) -> Symbol:
    """The sum over all units: one value, which meets every unit it is combined with.

    With ``parts`` (heads), the sum over each of so many equal parts: as many values.
    """
    tracer = _tracer("sum", v)
    node = tracer.lift(v, "what sum takes")
    if isinstance(parts, bool) or not isinstance(parts, int) or parts < 1:
        tracer.fail(
            f"sum(v, {parts!r}): the number of parts must be a whole number of at least 1",
            "pass a number, or an option such as heads=4",
            f"sum({v!r}, {parts!r})",
        )
    if parts == 1:
        return Symbol(tracer, _sum(tracer, node))
    tracer.matrices.refuse(node, "sum in parts")
    size = tracer.size(node)
    return Symbol(
        tracer, tracer.builder.append(Node("sum", (node,), Size.of(parts), None, size / parts))
    )


def dot(u: Any, v: Any, parts: int = 1) -> Symbol:
    """The product of two vectors as one number, sum(u * v); with ``parts``, one number for each part."""
    return sum(_apply("mul", u, v), parts)


def outer(u: Any, v: Any) -> Symbol:
    """The matrix with the entries u_i * v_j: one row for each unit of u, one column for each of v.

    Where it meets a block-diagonal matrix (heads), only the blocks are computed: part k of u with part k
    of v.
    """
    tracer = _tracer("outer", u, v)
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
    tracer = _tracer(op, v)
    node = tracer.lift(v, "what is spread")
    if tracer.size(node) == ONE and node not in tracer.matrices:
        return Symbol(tracer, node)  # one number meets every entry anyway
    return Symbol(tracer, tracer.matrices.make(op, node))


def units(v: Any) -> Symbol:
    """How many units v has (of a matrix: entries), as a number."""
    tracer = _tracer("units", v)
    return Symbol(tracer, _count(tracer, tracer.size(tracer.lift(v, "what units takes"))))


def mean(v: Any) -> Symbol:
    """The mean over all units: one value."""
    tracer = _tracer("mean", v)
    node = tracer.lift(v, "what mean takes")
    return Symbol(tracer, _sum(tracer, node)) / Symbol(tracer, _count(tracer, tracer.size(node)))


@overload
def norm(v: Any, /, *, eps: float = ...) -> Symbol: ...
@overload
def norm(v: Any, /, *more: Any, eps: float = ...) -> tuple[Symbol, ...]: ...
def norm(v: Any, /, *more: Any, eps: float = 1e-5) -> Symbol | tuple[Symbol, ...]:
    """Layer normalisation (Ba, Kiros & Hinton 2016): (v - mean) / sqrt(variance + eps).

    Given several vectors, mean and variance are taken over the units of all of them together, and
    as many normalised vectors come back: ``i, f = norm(W.i @ x, W.f @ x)``. Gains and biases are
    written in the equation: ``g.i * norm(W.i @ x) + b.i``.
    """
    tracer = _tracer("norm", v, *more)
    symbols = [Symbol(tracer, tracer.lift(u, "what norm takes")) for u in (v, *more)]
    total = Size()
    for s in symbols:
        total += tracer.size(s._node)
    count = Symbol(tracer, _count(tracer, total))
    mean = _over(symbols) / count
    centred = [s - mean for s in symbols]
    deviation = (_over([s * s for s in centred]) / count + eps) ** 0.5
    normed = tuple(s / deviation for s in centred)
    return normed if more else normed[0]


def _over(symbols: list[Symbol]) -> Symbol:
    """The sum over the units of several vectors."""
    totals = [Symbol(s._tracer, _sum(s._tracer, s._node)) for s in symbols]
    result = totals[0]
    for total in totals[1:]:
        result = result + total
    return result


def _sum(tracer: Tracer, node: int) -> int:
    size = tracer.size(node)
    if size == ONE:
        return node
    return tracer.builder.append(Node("sum", (node,), ONE, None, size))


def _count(tracer: Tracer, size: Size) -> int:
    return tracer.builder.append(Node("size", attr=size))
