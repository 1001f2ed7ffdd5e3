"""The derivative of each op, made of ops again: what its operands get of the adjoint of its result.

``f(b, y, xs, g)`` has the builder, the node, its operands and its adjoint; it returns the adjoint of each
operand, None where it is zero. At ties and kinks derivatives follow torch.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Protocol

from gatewise.ir.node import REVERSE, Attr, Node
from gatewise.ir.size import Size


class NodeBuilder(Protocol):
    """What a derivative appends its nodes to: ``gatewise.ir.builder.Builder``."""

    nodes: list[Node]

    def __call__(self, op: str, *args: int, attr: Attr = None) -> int: ...

    def const(self, value: float) -> int: ...

    def zeros(self, size: Size) -> int: ...

    def slice(self, vector: int, offset: Size, size: Size) -> int: ...

    def blocks(self, matrix: int) -> int: ...


# (builder, node, operands, adjoint of the node) -> adjoint of each operand, None where it is zero
Vjp = Callable[[NodeBuilder, int, tuple[int, ...], int], Sequence[int | None]]

# b(op, ...) appends a node; an int in place of a node is never meant: constants go through b.const.


def _extremum(
    b: NodeBuilder, xs: tuple[int, ...], g: int, loses: int, wins: int
) -> Sequence[int | None]:
    """Adjoints of max and min: the masks say where operand 0 loses or wins; a tie shares."""
    tie, half, zero = b("eq", *xs), b("mul", g, b.const(0.5)), b.const(0.0)
    first, second = b("where", loses, zero, g), b("where", wins, zero, g)
    return b("where", tie, half, first), b("where", tie, half, second)


def max(b: NodeBuilder, y: int, xs: tuple[int, ...], g: int) -> Sequence[int | None]:
    return _extremum(b, xs, g, b("lt", xs[0], xs[1]), b("lt", xs[1], xs[0]))


def min(b: NodeBuilder, y: int, xs: tuple[int, ...], g: int) -> Sequence[int | None]:
    return _extremum(b, xs, g, b("lt", xs[1], xs[0]), b("lt", xs[0], xs[1]))


def abs(b: NodeBuilder, y: int, xs: tuple[int, ...], g: int) -> Sequence[int | None]:
    zero = b.const(0.0)
    negative = b("where", b("lt", xs[0], zero), b("neg", g), zero)
    return (b("where", b("lt", zero, xs[0]), g, negative),)


def div(b: NodeBuilder, y: int, xs: tuple[int, ...], g: int) -> Sequence[int | None]:
    da = b("div", g, xs[1])
    return da, b("neg", b("mul", da, y))


def where(b: NodeBuilder, y: int, xs: tuple[int, ...], g: int) -> Sequence[int | None]:
    zero = b.const(0.0)
    return None, b("where", xs[0], g, zero), b("where", xs[0], zero, g)


def sigmoid(b: NodeBuilder, y: int, xs: tuple[int, ...], g: int) -> Sequence[int | None]:
    return (b("mul", g, b("mul", y, b("sub", b.const(1.0), y))),)


def tanh(b: NodeBuilder, y: int, xs: tuple[int, ...], g: int) -> Sequence[int | None]:
    return (b("mul", g, b("sub", b.const(1.0), b("mul", y, y))),)


def sqrt(b: NodeBuilder, y: int, xs: tuple[int, ...], g: int) -> Sequence[int | None]:
    return (b("div", b("mul", g, b.const(0.5)), y),)


def sum(b: NodeBuilder, y: int, xs: tuple[int, ...], g: int) -> Sequence[int | None]:
    run = b.nodes[y].attr
    return (b("repeat", g, attr=run),)


def amax(b: NodeBuilder, y: int, xs: tuple[int, ...], g: int) -> Sequence[int | None]:
    """The largest units of a run share its gradient, as in torch.amax."""
    run = b.nodes[y].attr
    largest = b("eq", xs[0], b("repeat", y, attr=run))
    share = b("div", g, b("sum", largest, attr=run))
    return (b("where", largest, b("repeat", share, attr=run), b.const(0.0)),)


def cumsum(b: NodeBuilder, y: int, xs: tuple[int, ...], g: int) -> Sequence[int | None]:
    turned = None if b.nodes[y].attr == REVERSE else REVERSE
    return (b("cumsum", g, attr=turned),)


def concat(b: NodeBuilder, y: int, xs: tuple[int, ...], g: int) -> Sequence[int | None]:
    parts, offset = [], Size()
    for x in xs:
        parts.append(b.slice(g, offset, b.nodes[x].size))
        offset += b.nodes[x].size
    return parts


def slice(b: NodeBuilder, y: int, xs: tuple[int, ...], g: int) -> Sequence[int | None]:
    offset, size = Size.of(b.nodes[y].attr), b.nodes[y].size  # type: ignore[arg-type]
    before, after = offset, b.nodes[xs[0]].size - offset - size
    parts = [b.zeros(before)] if before != Size() else []
    parts.append(g)
    parts += [b.zeros(after)] if after != Size() else []
    return (b("concat", *parts),)


def outer(b: NodeBuilder, y: int, xs: tuple[int, ...], g: int) -> Sequence[int | None]:
    return b("matvec", g, xs[1]), b("matvec_t", g, xs[0])


def matvec(b: NodeBuilder, y: int, xs: tuple[int, ...], g: int) -> Sequence[int | None]:
    return b("outer", g, xs[1], attr=b.blocks(xs[0])), b("matvec_t", xs[0], g)


def matvec_t(b: NodeBuilder, y: int, xs: tuple[int, ...], g: int) -> Sequence[int | None]:
    return b("outer", xs[1], g, attr=b.blocks(xs[0])), b("matvec", xs[0], g)


def neg(b: NodeBuilder, y: int, xs: tuple[int, ...], g: int) -> Sequence[int | None]:
    return (b("neg", g),)


def exp(b: NodeBuilder, y: int, xs: tuple[int, ...], g: int) -> Sequence[int | None]:
    return (b("mul", g, y),)


def log(b: NodeBuilder, y: int, xs: tuple[int, ...], g: int) -> Sequence[int | None]:
    return (b("div", g, xs[0]),)


def softplus(b: NodeBuilder, y: int, xs: tuple[int, ...], g: int) -> Sequence[int | None]:
    return (b("mul", g, b("sigmoid", xs[0])),)


def nothing(b: NodeBuilder, y: int, xs: tuple[int, ...], g: int) -> Sequence[int | None]:
    return (None,)


def sin(b: NodeBuilder, y: int, xs: tuple[int, ...], g: int) -> Sequence[int | None]:
    return (b("mul", g, b("cos", xs[0])),)


def cos(b: NodeBuilder, y: int, xs: tuple[int, ...], g: int) -> Sequence[int | None]:
    return (b("neg", b("mul", g, b("sin", xs[0]))),)


def erf(b: NodeBuilder, y: int, xs: tuple[int, ...], g: int) -> Sequence[int | None]:
    bell = b("exp", b("neg", b("mul", xs[0], xs[0])))
    return (b("mul", g, b("mul", b.const(2 / math.sqrt(math.pi)), bell)),)


def sub(b: NodeBuilder, y: int, xs: tuple[int, ...], g: int) -> Sequence[int | None]:
    return (g, b("neg", g))


def mul(b: NodeBuilder, y: int, xs: tuple[int, ...], g: int) -> Sequence[int | None]:
    return (b("mul", g, xs[1]), b("mul", g, xs[0]))


def comparison(b: NodeBuilder, y: int, xs: tuple[int, ...], g: int) -> Sequence[int | None]:
    return (None, None)


def repeat(b: NodeBuilder, y: int, xs: tuple[int, ...], g: int) -> Sequence[int | None]:
    return (b("sum", g, attr=b.nodes[y].attr),)


def row_repeat(b: NodeBuilder, y: int, xs: tuple[int, ...], g: int) -> Sequence[int | None]:
    return (b("row_sum", g, attr=b.nodes[y].attr),)


def column_repeat(b: NodeBuilder, y: int, xs: tuple[int, ...], g: int) -> Sequence[int | None]:
    return (b("column_sum", g, attr=b.nodes[y].attr),)


def row_sum(b: NodeBuilder, y: int, xs: tuple[int, ...], g: int) -> Sequence[int | None]:
    return (b("row_repeat", g, attr=b.nodes[y].attr),)


def column_sum(b: NodeBuilder, y: int, xs: tuple[int, ...], g: int) -> Sequence[int | None]:
    return (b("column_repeat", g, attr=b.nodes[y].attr),)
