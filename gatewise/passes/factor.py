"""Factor: what vectors do to a matrix is done to vectors, before the matrix is touched or after.

An entry of a matrix costs as much as a unit of a vector, and there are many more of them. So
``rows(i) * outer(v, k)`` becomes ``outer(i * v, k)``, and a sum over rows of ``rows(g) * X`` is ``g`` times
that of ``X``: several gradients then read one and the same sum.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from gatewise.ir import ONE, OPS, Axes, Builder, Node, Program
from gatewise.ir.builder import rebuild
from gatewise.ir.matrices import MAKES, SUMS

_BY_UNIT = ("unary", "binary", "mask")


def factor(program: Program) -> Program:
    """Apply the rules below, once from the leaves up.

    Precondition: legal. Postcondition: legal, the same values up to rounding (and up to products that
    overflow before they are summed). A Program without matrices is returned as it is.
    """
    if not any(node.op in MAKES for node in program.nodes):
        return program
    return rebuild(rebuild(program, _rule))  # the second time drops what was only an operand


def _rule(b: Builder, node: Node, args: tuple[int, ...]) -> int | None:
    if node.op in (*SUMS, "sum"):
        return _sum(b, node, args[0])
    if OPS[node.op].kind not in _BY_UNIT or node.size == ONE:
        return None
    for op in MAKES:
        repeated = _of_vectors(b, node, args, op)
        if repeated is not None:
            return repeated
    return _product(b, node, args) if node.op == "mul" else None


def _of_vectors(b: Builder, node: Node, args: tuple[int, ...], op: str) -> int | None:
    """An op on matrices that all repeat a vector in one way: the op on the vectors."""
    nodes = [b.nodes[a] for a in args]
    repeats = [n for n in nodes if n.op == op]
    if not repeats or any(n.op != op and n.size != ONE for n in nodes):
        return None
    if len({n.attr for n in repeats}) != 1:
        return None
    inner = b(node.op, *(n.args[0] if n.op == op else a for n, a in zip(nodes, args, strict=True)))
    axes = repeats[0].attr
    assert isinstance(axes, Axes)
    if b.nodes[inner].size == ONE:  # of a matrix with one row, or one column
        side = axes.rows if op == "row_repeat" else axes.cols
        inner = inner if side == ONE else b("repeat", inner, attr=side)
    return b(op, inner, attr=axes)


@dataclass
class _Factors:
    """The factors of a product: numbers, vectors along rows and columns, matrices; and the axes."""

    numbers: list[int] = field(default_factory=list)
    rows: list[int] = field(default_factory=list)
    columns: list[int] = field(default_factory=list)
    others: list[int] = field(default_factory=list)
    axes: Axes | None = None


def _factors(b: Builder, index: int, into: _Factors) -> _Factors:
    node = b.nodes[index]
    if node.op == "mul" and node.size != ONE and len(into.others) < 16:
        for arg in node.args:
            _factors(b, arg, into)
    elif node.op in MAKES and into.axes in (None, node.attr):
        assert isinstance(node.attr, Axes)
        into.axes = node.attr
        (into.rows if node.op == "row_repeat" else into.columns).append(node.args[0])
    else:
        (into.numbers if node.size == ONE else into.others).append(index)
    return into


def _times(b: Builder, parts: list[int]) -> int:
    total = parts[0]
    for part in parts[1:]:
        total = b("mul", total, part)
    return total


def _product(b: Builder, node: Node, args: tuple[int, ...]) -> int | None:
    """All that is a vector, or a number where there is a vector, is multiplied before the matrices."""
    product = Node("mul", args, node.size)
    factors = _Factors()
    for arg in product.args:
        _factors(b, arg, factors)
    if factors.axes is None:
        return None
    return _rebuilt(b, factors)


def _rebuilt(b: Builder, factors: _Factors) -> int:
    axes, sides = factors.axes, list[int]()
    rows, columns = list(factors.rows), list(factors.columns)
    (rows if rows else columns if columns else factors.others).extend(factors.numbers)
    if rows:
        sides.append(b("row_repeat", _times(b, rows), attr=axes))
    if columns:
        sides.append(b("column_repeat", _times(b, columns), attr=axes))
    if factors.others:
        sides.append(_times(b, sorted(factors.others)))
    return _times(b, sides[::-1])


def _across(b: Builder, node: Node, factors: _Factors) -> int | None:
    """A sum along which nothing but a vector changes: one value of each block, for all its units."""
    axes = factors.axes
    assert axes is not None
    by_row = node.op == "row_sum"
    along, summed = (factors.rows, factors.columns) if by_row else (factors.columns, factors.rows)
    if factors.others or not summed:
        return None
    high, wide = axes.rows / axes.blocks, axes.cols / axes.blocks
    run, size = (wide, high) if by_row else (high, wide)
    total = _times(b, [*summed, *factors.numbers])
    total = total if run == ONE else b("sum", total, attr=run)
    if size != ONE and (axes.blocks > 1 or not along):
        total = b("repeat", total, attr=size)
    return _times(b, [total, *along])


def _sum(b: Builder, node: Node, arg: int) -> int | None:
    """What is the same along a sum is taken out of it."""
    factors = _factors(b, arg, _Factors())
    axes = factors.axes
    if axes is None or b.nodes[arg].size != axes.entries:
        return None
    if node.op == "sum":
        if node.size != ONE or not factors.rows or not (factors.others or factors.columns):
            return None
        inner = b("row_sum", arg, attr=axes)
        summed = _sum(b, b.nodes[inner], arg)
        inner = inner if summed is None else summed
        return inner if axes.rows == ONE else b("sum", inner, attr=axes.rows)
    if node.attr != axes:
        return None
    across = _across(b, node, factors)
    if across is not None:
        return across
    along = factors.rows if node.op == "row_sum" else factors.columns
    out = [*along, *factors.numbers]
    along.clear()
    factors.numbers.clear()
    if not out or not (factors.rows or factors.columns or factors.others):
        return None
    return b("mul", b(node.op, _rebuilt(b, factors), attr=axes), _times(b, out))
