"""The functions that equations may use, besides + - * / @ ** % and comparisons."""

from __future__ import annotations

import builtins
import reprlib
from typing import Any, overload

from gatewise.errors import CellError, ProgramError
from gatewise.ir import ONE, REVERSE, Node, Size
from gatewise.ir.constants import constant as ir_constant
from gatewise.ir.constants import fault
from gatewise.ir.matrices import MAKES
from gatewise.lang.refusals import NAMES as NAMES
from gatewise.lang.symbols import Constant, Operand, Symbol
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


def sin(v: Any) -> Symbol:
    """Sine of an angle in radians."""
    return _apply("sin", v)


def cos(v: Any) -> Symbol:
    """Cosine of an angle in radians."""
    return _apply("cos", v)


def erf(v: Any) -> Symbol:
    """The error function: 2/sqrt(pi) times the integral of exp(-t * t) from 0 to v."""
    return _apply("erf", v)


def stop_gradient(v: Any) -> Symbol:
    """v, but no gradient passes: what torch calls detach.

    With it a step has a derivative of your own: ``stop_gradient(spike - soft) + soft`` is the spike
    forward and the derivative of ``soft`` backward.
    """
    return _apply("stop_gradient", v)


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


def transpose(matrix: Any) -> Any:
    """A matrix with its rows and columns exchanged, to stand before @: ``transpose(W.f) @ h``.

    It is the same parameter as ``W.f`` and is trained as one with it. Blocks stay blocks.
    """
    tracer = _tracer("transpose", matrix)
    turned = getattr(matrix, "_transposed", None)
    if turned is None:
        text = reprlib.repr(matrix)
        tracer.fail(
            f"transpose({text}): only a matrix has a transpose",
            "write transpose(W.name) @ vector",
            f"transpose({text})",
        )
    return turned()


def constant(values: Any) -> Constant:
    """A fixed vector or matrix: numbers that belong to the cell, are saved with it and never trained.

    Args:
        values: a list of numbers, a list of equally long rows, or an array or tensor of one or two axes.

    Its size is that of the numbers: ``constant(A) @ m`` makes m as long as A has columns. Bound to a
    name it is printed by that name.
    """
    tracer = _tracer("constant")
    name = f"constant_{1 + len([p for p in tracer.parameters.values() if p.values is not None])}"
    while name in tracer.parameters:
        name += "_"
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
    return Constant(tracer, tracer.constant(param))


def repeat(v: Any, times: int | str | None = None) -> Symbol:
    """Each unit ``times`` times in a row: a gate shared by the cells of a block.

    The result has ``times`` as many units: with times=2, [a, b] becomes [a, a, b, b]. A size says as
    well how often: "D", "H/4". Without ``times`` it has as many as it is combined with: a gate of each
    head, shared by the units of the head. How many units v has must be a number then.
    """
    tracer = _tracer("repeat", v)
    if times is None:
        return Symbol(tracer, _repeat_to_fit(tracer, tracer.lift(v, "what repeat takes")))
    count = _number_or_size(tracer, "repeat", v, times, "an option such as cells=2")
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
            f"declare it: sizes={{{name!r}: 'heads'}}, with heads a number or an option",
            f"repeat({name})",
        )
    size = tracer.sizes.fresh()
    tracer.labels[next(iter(size.names))] = f"the size of repeat({tracer.called(node)})"
    return tracer.builder.append(Node("repeat", (node,), size, None, size * (1 / units.const)))


def sum(v: Any, parts: int | str = 1, by: str = "") -> Symbol:
    """The sum over all units: one value, which meets every unit it is combined with.

    With ``parts`` (heads), the sum over each of so many equal parts: as many values. Of a matrix, over all
    entries; with ``by="rows"`` one value for each row, with ``by="columns"`` one for each column.
    """
    return _by_side("sum", v, by) if by else _reduced("sum", v, parts)


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


def mean(v: Any, parts: int | str = 1, by: str = "") -> Symbol:
    """The mean over all units, one value, or over each of so many equal parts of them.

    Of a matrix, over all entries, or of each row or column: ``by="rows"``, ``by="columns"``.
    """
    if by:
        tracer = _tracer("mean", v)
        count = tracer.matrices.count(_matrix(tracer, "mean", v, by), by)
        return _by_side("mean", v, by) / Symbol(tracer, count)
    total = _reduced("mean", v, parts, "sum")
    tracer = total._tracer
    run = _run(tracer, "mean", tracer.lift(v, "what mean takes"), parts)
    return total / Symbol(tracer, _count(tracer, run))


def max(v: Any, *more: Any, parts: int | str = 1, by: str = "") -> Any:
    """The largest unit (of a matrix: entry), one value, or that of each of so many equal parts.

    ``by="rows"``: the largest entry of each row of a matrix. Ties share the gradient, as in torch.amax.
    """
    if by:
        return _by_side("max", v, by)
    if more and not any(isinstance(u, Operand) for u in (v, *more)):
        return builtins.max(v, *more)  # of options, say
    return _reduced("max", v, parts, "amax", more)


def min(v: Any, *more: Any, parts: int | str = 1, by: str = "") -> Any:
    """The smallest unit (of a matrix: entry), one value, or that of each of so many equal parts.

    ``by="rows"``: the smallest entry of each row of a matrix. Ties share the gradient, as in torch.amin.
    """
    if by:
        return -_by_side("min", -v, by)
    if more and not any(isinstance(u, Operand) for u in (v, *more)):
        return builtins.min(v, *more)
    if more:
        return _reduced("min", v, parts, "amax", more)
    return -_reduced("min", -v, parts, "amax")


def softmax(v: Any, parts: int | str = 1) -> Symbol:
    """exp(v) divided by its sum over all units, or over each of so many equal parts, without overflow.

    Of a matrix, each row by itself.
    """
    tracer = _tracer("softmax", v)
    node = tracer.lift(v, "what softmax takes")
    if node in tracer.matrices and parts == 1:
        top = rows(stop_gradient(Symbol(tracer, tracer.matrices.row_max(node))))
        shares = exp(Symbol(tracer, node) - top)
        return shares / rows(sum(shares, by="rows"))
    run = _run(tracer, "softmax", node, parts)
    top = stop_gradient(_reduced("softmax", v, parts, "amax"))
    shares = exp(Symbol(tracer, node) - _each(top, run, parts))
    return shares / _each(_reduced("softmax", shares, parts, "sum"), run, parts)


def cumsum(v: Any, reverse: bool = False) -> Symbol:
    """Each unit with all units before it, added up; with ``reverse`` with all units after it."""
    tracer = _tracer("cumsum", v)
    node = tracer.lift(v, "what cumsum takes")
    if tracer.size(node) == ONE:
        name = tracer.called(node)
        tracer.fail(
            f"cumsum({name}): {name} is one number, and has no units to add up",
            "give it a vector, or leave it out",
        )
    if node in tracer.matrices:
        name = tracer.called(node)
        tracer.fail(
            f"{name} is a matrix: cumsum takes a vector",
            "add up before the outer product, outer(v, cumsum(k)) along rows and outer(cumsum(v), k) along "
            f"columns, or after the matrix is applied, cumsum({name} @ v)",
        )
    return Symbol(tracer, tracer.op("cumsum", node, attr=REVERSE if reverse else None))


@overload
def norm(v: Any, /, *, eps: float = ..., parts: int | str = ...) -> Symbol: ...
@overload
def norm(v: Any, /, *more: Any, eps: float = ..., parts: int | str = ...) -> tuple[Symbol, ...]: ...
def norm(
    v: Any, /, *more: Any, eps: float = 1e-5, parts: int | str = 1
) -> Symbol | tuple[Symbol, ...]:
    """Layer normalisation (Ba, Kiros & Hinton 2016): (v - mean) / sqrt(variance + eps).

    Given several vectors, mean and variance are taken over the units of all of them together, and
    as many normalised vectors come back: ``i, f = norm(W.i @ x, W.f @ x)``. Gains and biases are
    written in the equation: ``g.i * norm(W.i @ x) + b.i``. With ``parts``, each of so many equal parts of
    units of the one vector is normalised by itself (the heads of a cell).
    """
    tracer = _tracer("norm", v, *more)
    symbols = [Symbol(tracer, tracer.lift(u, "what norm takes")) for u in (v, *more)]
    if parts != 1:
        if more:
            tracer.fail(
                "norm of several vectors has no parts",
                "normalise each by itself: norm(u, parts=4), norm(v, parts=4)",
            )
        return _norm_of_parts(symbols[0], parts, eps)
    total = Size()
    for s in symbols:
        total += tracer.size(s._node)
    count = Symbol(tracer, _count(tracer, total))
    mean = _over(symbols) / count
    centred = [s - mean for s in symbols]
    deviation = (_over([s * s for s in centred]) / count + eps) ** 0.5
    normed = tuple(s / deviation for s in centred)
    return normed if more else normed[0]


def _norm_of_parts(v: Symbol, parts: int | str, eps: float) -> Symbol:
    run = _run(v._tracer, "norm", v._node, parts)
    centred = v - _each(mean(v, parts), run, parts)
    deviation = (mean(centred * centred, parts) + eps) ** 0.5
    return centred / _each(deviation, run, parts)


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


def _reduced(
    name: str, v: Any, parts: int | str, op: str = "", more: tuple[Any, ...] = ()
) -> Symbol:
    """One value of all units, or one of each block."""
    tracer = _tracer(name, v)
    if more:
        tracer.fail(
            f"{name} takes one vector, not {1 + len(more)}",
            f"of several, unit by unit, it is {name}imum(u, v)",
            f"{name}({v!r}, ...)",
        )
    node = tracer.lift(v, f"what {name} takes")
    if parts != 1 and node in tracer.matrices:
        tracer.fail(
            f"{tracer.called(node)} is a matrix: {name} in parts takes a vector",
            "leave the parts out: softmax is of each row anyway"
            if name == "softmax"
            else f'{name}(..., by="rows") gives one value for each row',
        )
    run, size = _run(tracer, name, node, parts), tracer.size(node)
    if size == ONE:
        return Symbol(tracer, node)
    count = ONE if run == size else size.over(run)
    assert count is not None  # by the way a run is made
    return Symbol(tracer, tracer.builder.append(Node(op or name, (node,), count, None, run)))


def _matrix(tracer: Tracer, name: str, v: Any, by: str) -> int:
    """The node of a matrix that is taken by rows or columns."""
    node = tracer.lift(v, f"what {name} takes")
    if by not in ("rows", "columns"):
        tracer.fail(f"{name}(..., by={by!r})", 'a matrix is taken by="rows" or by="columns"')
    tracer.matrices.require(node, f"{name}(..., by={by!r})")
    return node


def _by_side(name: str, v: Any, by: str) -> Symbol:
    """One value of each row or column of a matrix."""
    tracer = _tracer(name, v)
    node, matrices = _matrix(tracer, name, v, by), tracer.matrices
    if name in ("sum", "mean"):
        return Symbol(tracer, matrices.side_sum(node, by))
    if by == "columns":
        tracer.fail(
            f"the {name} of each column of {tracer.called(node)} is not part of the language",
            f'{name}(..., by="rows") is: make the matrix with rows and columns exchanged, outer(k, v)',
        )
    return Symbol(tracer, matrices.row_max(node))


def _run(tracer: Tracer, name: str, node: int, parts: int | str) -> Size:
    """The units of a block."""
    size = tracer.size(node)
    count = _number_or_size(tracer, name, Symbol(tracer, node), parts, "an option such as heads=4")
    if not count.names:
        return size * (1 / count.const)
    run = size.over(count)
    if run is None:
        run = tracer.sizes.fresh()
        if not tracer.sizes.unify(size, count * run):
            tracer.fail(
                f"{name}(..., parts={parts!r}): a vector of {tracer.show(size)} is not made of "
                f"{parts} parts",
                f"declare its size as a product, such as '{parts}*D'",
            )
        tracer.labels[next(iter(run.names))] = f"the units of a part of {name}"
        run = tracer.sizes.resolve(run)
    return run


def _each(v: Symbol, run: Size, parts: int | str) -> Symbol:
    """One value for all units as it is; one of each block for each of its units."""
    if parts == 1:
        return v
    tracer = v._tracer
    size = tracer.size(v._node)
    return Symbol(tracer, tracer.builder.append(Node("repeat", (v._node,), size * run, None, run)))


def _number_or_size(tracer: Tracer, name: str, v: Any, count: int | str, option: str) -> Size:
    """A number of times or parts, or the letter of a size that says it."""
    if isinstance(count, str):
        return tracer.size_of(count)
    if isinstance(count, bool) or not isinstance(count, int) or count < 1:
        what = "times" if name == "repeat" else "parts"
        tracer.fail(
            f"{name}(v, {count!r}): the number of {what} must be a whole number of at least 1",
            f"pass a number, {option}, or a size such as 'H/4'",
            f"{name}({v!r}, {count!r})",
        )
    return Size.of(count)


def _count(tracer: Tracer, size: Size) -> int:
    return tracer.builder.append(Node("size", attr=size))
