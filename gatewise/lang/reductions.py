"""Functions of all units of a vector together, of each part of them, and of the rows and columns of a matrix."""

from __future__ import annotations

import builtins
from typing import Any, overload

from gatewise.ir import ONE, REVERSE, Node, Size
from gatewise.lang.functions import (
    apply,
    count_of,
    exp,
    number_or_size,
    rows,
    stop_gradient,
    tracer_of,
)
from gatewise.lang.symbols import Operand, Symbol
from gatewise.lang.tracer import Tracer


def sum(v: Any, parts: int | str = 1, by: str = "") -> Symbol:
    """The sum over all units: one value, which meets every unit it is combined with.

    With ``parts`` (heads), the sum over each of so many equal parts: as many values. Of a matrix, over all
    entries; with ``by="rows"`` one value for each row, with ``by="columns"`` one for each column.
    """
    return _by_side("sum", v, by) if by else _reduced("sum", v, parts)


def dot(u: Any, v: Any, parts: int = 1) -> Symbol:
    """The product of two vectors as one number, sum(u * v); with ``parts``, one number for each part."""
    return sum(apply("mul", u, v), parts)


def mean(v: Any, parts: int | str = 1, by: str = "") -> Symbol:
    """The mean over all units, one value, or over each of so many equal parts of them.

    Of a matrix, over all entries, or of each row or column: ``by="rows"``, ``by="columns"``.
    """
    if by:
        tracer = tracer_of("mean", v)
        count = tracer.matrices.count(_matrix(tracer, "mean", v, by), by)
        return _by_side("mean", v, by) / Symbol(tracer, count)
    total = _reduced("mean", v, parts, "sum")
    tracer = total._tracer
    run = _run(tracer, "mean", tracer.lift(v, "what mean takes"), parts)
    return total / Symbol(tracer, count_of(tracer, run))


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
    tracer = tracer_of("softmax", v)
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
    tracer = tracer_of("cumsum", v)
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
    tracer = tracer_of("norm", v, *more)
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
    count = Symbol(tracer, count_of(tracer, total))
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
    tracer = tracer_of(name, v)
    if more:
        tracer.fail(
            f"{name} takes one vector, not {1 + len(more)}",
            f"of several, unit by unit, it is {name}imum(u, v)",
            f"{name}({v!r}, ...)",
        )
    node = tracer.lift(v, f"what {name} takes")
    if node in tracer.matrices and (type(parts) is not int or parts != 1):
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
        tracer.fail(
            f"{name}(..., by={by!r}): a matrix has no such sides",
            'it is taken by="rows" or by="columns"',
        )
    tracer.matrices.require(node, f"{name}(..., by={by!r})")
    return node


def _by_side(name: str, v: Any, by: str) -> Symbol:
    """One value of each row or column of a matrix."""
    tracer = tracer_of(name, v)
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
    count = number_or_size(tracer, name, Symbol(tracer, node), parts, "an option such as heads=4")
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
