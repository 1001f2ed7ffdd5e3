"""The whole language: one record per op.

Each record says how many operands the op takes, the size of its result, what it means in NumPy, how
it is differentiated and what it costs. The set is closed under differentiation: every derivative
below is built from the same ops, so the backward step of a Program is a Program again.

Meaning: vectors are arrays [..., units] (a scalar has one unit), matrices [rows, cols], or
[blocks, rows/blocks, cols/blocks] if block-diagonal. Matrices here are parameters and their gradients; one
that is a quantity of the step is the vector of its entries (``ir/axes.py``). Comparisons give ones and zeros; ``where``
selects and never multiplies, so that zero times infinity cannot appear. Derivatives at ties and
kinks follow torch.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from gatewise.errors import ProgramError
from gatewise.ir.axes import Axes
from gatewise.ir.node import Attr, Node
from gatewise.ir.size import ONE, Size

# a parameter applied to a vector, as it is or transposed
PRODUCTS = ("matvec", "matvec_t")
# one value of each run of units
REDUCTIONS = ("sum", "amax")

# what a cumsum is marked with that begins at the last unit
REVERSE = "reverse"

Kind = Literal["leaf", "unary", "binary", "mask", "matrix", "shape", "axes"]
Shape = tuple[Size, Size | None]
# (builder, node, operands, adjoint of the node) -> adjoint of each operand, None where it is zero
Vjp = Callable[["NodeBuilder", int, tuple[int, ...], int], Sequence[int | None]]


class NodeBuilder(Protocol):
    """What a derivative appends its nodes to: ``gatewise.ir.builder.Builder``."""

    nodes: list[Node]

    def __call__(self, op: str, *args: int, attr: Attr = None) -> int: ...

    def const(self, value: float) -> int: ...

    def zeros(self, size: Size) -> int: ...

    def slice(self, vector: int, offset: Size, size: Size) -> int: ...

    def blocks(self, matrix: int) -> int: ...


@dataclass(frozen=True, slots=True)
class Op:
    """One operation of the language; ``arity`` None means one operand or more."""

    name: str
    kind: Kind
    arity: int | None
    shape: Callable[[Sequence[Node], Attr], Shape]
    meaning: Callable[..., Any] | None  # (numpy, attr as a number, *operands)
    vjp: Vjp | None
    cost: int  # relative work per unit: what recomputing it would take


# --- size rules -----------------------------------------------------------------------------------


def _elementwise(args: Sequence[Node], attr: Attr) -> Shape:
    size = ONE
    for a in args:
        if a.size == size or a.size == ONE:
            continue
        if size != ONE:
            sizes = sorted({str(a.size) for a in args if a.size != ONE})
            raise ProgramError("elementwise operands of sizes " + " and ".join(sizes))
        size = a.size
    return size, None


def _scalar(args: Sequence[Node], attr: Attr) -> Shape:
    return ONE, None


def _matvec(args: Sequence[Node], attr: Attr) -> Shape:
    if args[0].cols is None or args[0].cols != args[1].size:
        raise ProgramError(f"a matrix with columns {args[0].cols} times a vector of {args[1].size}")
    return args[0].size, None


def _matvec_t(args: Sequence[Node], attr: Attr) -> Shape:
    if args[0].cols is None or args[0].size != args[1].size:
        raise ProgramError(f"a matrix with rows {args[0].size}, transposed, times {args[1].size}")
    return args[0].cols, None


def _outer(args: Sequence[Node], attr: Attr) -> Shape:
    return args[0].size, args[1].size


def _countable(size: Size) -> bool:
    """Whether it can be a number of units: a plain number is whole and at least one."""
    return bool(size.names) or (size.const >= 1 and size.const.denominator == 1)


def _runs(args: Sequence[Node], attr: Attr) -> Shape:
    """Runs of so many units, or so many runs of a part of the units: H/4 makes four of H."""
    run, size = Size.of(attr), args[0].size  # type: ignore[arg-type]
    count = size.over(run)
    if count is None or not _countable(run) or not _countable(count):
        raise ProgramError(f"runs of {run} in a vector of {size}")
    return count, None


def _repeat(args: Sequence[Node], attr: Attr) -> Shape:
    times, size = Size.of(attr), args[0].size  # type: ignore[arg-type]
    if not _countable(times):
        raise ProgramError(f"repeat of a vector of {size} by {times}")
    return size * times, None


def _cumulated(args: Sequence[Node], attr: Attr) -> Shape:
    if args[0].size == ONE:
        raise ProgramError("a single number has no units to add up one after the other")
    return args[0].size, None


def _concat(args: Sequence[Node], attr: Attr) -> Shape:
    total = Size()
    for a in args:
        total += a.size
    return total, None


def _axes(args: Sequence[Node], attr: Attr, of: Callable[[Axes], Size]) -> Axes:
    """The axes that an op has for its attribute, if its operand fits them."""
    if not isinstance(attr, Axes):
        raise ProgramError("the axes of the matrix are missing")
    if args[0].cols is not None or args[0].size != of(attr):
        raise ProgramError(f"a vector of {args[0].size} with a matrix of [{attr}]")
    return attr


def _row_repeat(args: Sequence[Node], attr: Attr) -> Shape:
    return _axes(args, attr, lambda axes: axes.rows).entries, None


def _column_repeat(args: Sequence[Node], attr: Attr) -> Shape:
    return _axes(args, attr, lambda axes: axes.cols).entries, None


def _row_sum(args: Sequence[Node], attr: Attr) -> Shape:
    return _axes(args, attr, lambda axes: axes.entries).rows, None


def _column_sum(args: Sequence[Node], attr: Attr) -> Shape:
    return _axes(args, attr, lambda axes: axes.entries).cols, None


def _given(args: Sequence[Node], attr: Attr) -> Shape:
    raise ProgramError("the size of this op is given, not derived")


# --- derivatives ----------------------------------------------------------------------------------
# b(op, ...) appends a node; an int in place of a node is never meant: constants go through b.const.


def _d_extremum(
    b: NodeBuilder, xs: tuple[int, ...], g: int, loses: int, wins: int
) -> Sequence[int | None]:
    """Adjoints of max and min: the masks say where operand 0 loses or wins; a tie shares."""
    tie, half, zero = b("eq", *xs), b("mul", g, b.const(0.5)), b.const(0.0)
    first, second = b("where", loses, zero, g), b("where", wins, zero, g)
    return b("where", tie, half, first), b("where", tie, half, second)


def _d_max(b: NodeBuilder, y: int, xs: tuple[int, ...], g: int) -> Sequence[int | None]:
    return _d_extremum(b, xs, g, b("lt", xs[0], xs[1]), b("lt", xs[1], xs[0]))


def _d_min(b: NodeBuilder, y: int, xs: tuple[int, ...], g: int) -> Sequence[int | None]:
    return _d_extremum(b, xs, g, b("lt", xs[1], xs[0]), b("lt", xs[0], xs[1]))


def _d_abs(b: NodeBuilder, y: int, xs: tuple[int, ...], g: int) -> Sequence[int | None]:
    zero = b.const(0.0)
    negative = b("where", b("lt", xs[0], zero), b("neg", g), zero)
    return (b("where", b("lt", zero, xs[0]), g, negative),)


def _d_div(b: NodeBuilder, y: int, xs: tuple[int, ...], g: int) -> Sequence[int | None]:
    da = b("div", g, xs[1])
    return da, b("neg", b("mul", da, y))


def _d_where(b: NodeBuilder, y: int, xs: tuple[int, ...], g: int) -> Sequence[int | None]:
    zero = b.const(0.0)
    return None, b("where", xs[0], g, zero), b("where", xs[0], zero, g)


def _d_sigmoid(b: NodeBuilder, y: int, xs: tuple[int, ...], g: int) -> Sequence[int | None]:
    return (b("mul", g, b("mul", y, b("sub", b.const(1.0), y))),)


def _d_tanh(b: NodeBuilder, y: int, xs: tuple[int, ...], g: int) -> Sequence[int | None]:
    return (b("mul", g, b("sub", b.const(1.0), b("mul", y, y))),)


def _d_sqrt(b: NodeBuilder, y: int, xs: tuple[int, ...], g: int) -> Sequence[int | None]:
    return (b("div", b("mul", g, b.const(0.5)), y),)


def _d_sum(b: NodeBuilder, y: int, xs: tuple[int, ...], g: int) -> Sequence[int | None]:
    run = b.nodes[y].attr
    return (b("repeat", g, attr=run),)


def _d_amax(b: NodeBuilder, y: int, xs: tuple[int, ...], g: int) -> Sequence[int | None]:
    """The largest units of a run share its gradient, as in torch.amax."""
    run = b.nodes[y].attr
    largest = b("eq", xs[0], b("repeat", y, attr=run))
    share = b("div", g, b("sum", largest, attr=run))
    return (b("where", largest, b("repeat", share, attr=run), b.const(0.0)),)


def _d_cumsum(b: NodeBuilder, y: int, xs: tuple[int, ...], g: int) -> Sequence[int | None]:
    turned = None if b.nodes[y].attr == REVERSE else REVERSE
    return (b("cumsum", g, attr=turned),)


def _d_concat(b: NodeBuilder, y: int, xs: tuple[int, ...], g: int) -> Sequence[int | None]:
    parts, offset = [], Size()
    for x in xs:
        parts.append(b.slice(g, offset, b.nodes[x].size))
        offset += b.nodes[x].size
    return parts


def _d_slice(b: NodeBuilder, y: int, xs: tuple[int, ...], g: int) -> Sequence[int | None]:
    offset, size = Size.of(b.nodes[y].attr), b.nodes[y].size  # type: ignore[arg-type]
    before, after = offset, b.nodes[xs[0]].size - offset - size
    parts = [b.zeros(before)] if before != Size() else []
    parts.append(g)
    parts += [b.zeros(after)] if after != Size() else []
    return (b("concat", *parts),)


def _d_outer(b: NodeBuilder, y: int, xs: tuple[int, ...], g: int) -> Sequence[int | None]:
    return b("matvec", g, xs[1]), b("matvec_t", g, xs[0])


def _d_matvec(b: NodeBuilder, y: int, xs: tuple[int, ...], g: int) -> Sequence[int | None]:
    return b("outer", g, xs[1], attr=b.blocks(xs[0])), b("matvec_t", xs[0], g)


def _d_matvec_t(b: NodeBuilder, y: int, xs: tuple[int, ...], g: int) -> Sequence[int | None]:
    return b("outer", xs[1], g, attr=b.blocks(xs[0])), b("matvec", xs[0], g)


def _d_neg(b: NodeBuilder, y: int, xs: tuple[int, ...], g: int) -> Sequence[int | None]:
    return (b("neg", g),)


def _d_exp(b: NodeBuilder, y: int, xs: tuple[int, ...], g: int) -> Sequence[int | None]:
    return (b("mul", g, y),)


def _d_log(b: NodeBuilder, y: int, xs: tuple[int, ...], g: int) -> Sequence[int | None]:
    return (b("div", g, xs[0]),)


def _d_softplus(b: NodeBuilder, y: int, xs: tuple[int, ...], g: int) -> Sequence[int | None]:
    return (b("mul", g, b("sigmoid", xs[0])),)


def _d_nothing(b: NodeBuilder, y: int, xs: tuple[int, ...], g: int) -> Sequence[int | None]:
    return (None,)


def _d_sin(b: NodeBuilder, y: int, xs: tuple[int, ...], g: int) -> Sequence[int | None]:
    return (b("mul", g, b("cos", xs[0])),)


def _d_cos(b: NodeBuilder, y: int, xs: tuple[int, ...], g: int) -> Sequence[int | None]:
    return (b("neg", b("mul", g, b("sin", xs[0]))),)


def _d_erf(b: NodeBuilder, y: int, xs: tuple[int, ...], g: int) -> Sequence[int | None]:
    bell = b("exp", b("neg", b("mul", xs[0], xs[0])))
    return (b("mul", g, b("mul", b.const(2 / math.sqrt(math.pi)), bell)),)


def _d_sub(b: NodeBuilder, y: int, xs: tuple[int, ...], g: int) -> Sequence[int | None]:
    return (g, b("neg", g))


def _d_mul(b: NodeBuilder, y: int, xs: tuple[int, ...], g: int) -> Sequence[int | None]:
    return (b("mul", g, xs[1]), b("mul", g, xs[0]))


def _d_comparison(b: NodeBuilder, y: int, xs: tuple[int, ...], g: int) -> Sequence[int | None]:
    return (None, None)


def _d_repeat(b: NodeBuilder, y: int, xs: tuple[int, ...], g: int) -> Sequence[int | None]:
    return (b("sum", g, attr=b.nodes[y].attr),)


def _d_row_repeat(b: NodeBuilder, y: int, xs: tuple[int, ...], g: int) -> Sequence[int | None]:
    return (b("row_sum", g, attr=b.nodes[y].attr),)


def _d_column_repeat(b: NodeBuilder, y: int, xs: tuple[int, ...], g: int) -> Sequence[int | None]:
    return (b("column_sum", g, attr=b.nodes[y].attr),)


def _d_row_sum(b: NodeBuilder, y: int, xs: tuple[int, ...], g: int) -> Sequence[int | None]:
    return (b("row_repeat", g, attr=b.nodes[y].attr),)


def _d_column_sum(b: NodeBuilder, y: int, xs: tuple[int, ...], g: int) -> Sequence[int | None]:
    return (b("column_repeat", g, attr=b.nodes[y].attr),)


# --- meaning in NumPy -----------------------------------------------------------------------------


def _sigmoid(np: Any, attr: Any, a: Any) -> Any:
    e = np.exp(-np.abs(a))  # never overflows
    return np.where(a < 0, e, 1) / (1 + e)


def _erf(np: Any, attr: Any, a: Any) -> Any:
    a = np.asarray(a)
    return np.array([math.erf(v) for v in a.ravel()], a.dtype).reshape(a.shape)


def _softplus(np: Any, attr: Any, a: Any) -> Any:
    return np.maximum(a, 0) + np.log1p(np.exp(-np.abs(a)))


def _block_apply(np: Any, m: Any, v: Any, spec: str) -> Any:
    k = m.shape[0]
    out = np.einsum(spec, m, v.reshape(*v.shape[:-1], k, v.shape[-1] // k))
    return out.reshape(*v.shape[:-1], k * out.shape[-1])


def _mean_matvec(np: Any, attr: Any, m: Any, v: Any) -> Any:
    return v @ m.T if m.ndim == 2 else _block_apply(np, m, v, "kij,...kj->...ki")


def _mean_matvec_t(np: Any, attr: Any, m: Any, v: Any) -> Any:
    return v @ m if m.ndim == 2 else _block_apply(np, m, v, "kij,...ki->...kj")


def _mean_outer(np: Any, attr: Any, a: Any, b: Any) -> Any:
    """Summed over the batch: [rows, cols] or [blocks, rows/blocks, cols/blocks]."""
    if a.shape[:-1] != b.shape[:-1]:
        batch = np.broadcast_shapes(a.shape[:-1], b.shape[:-1])
        a, b = (np.broadcast_to(v, (*batch, v.shape[-1])) for v in (a, b))
    a, b = (v.reshape(-1, v.shape[-1]) for v in (a, b))
    if attr in (None, 1):
        return a.T @ b
    a, b = (v.reshape(len(v), attr, v.shape[-1] // attr) for v in (a, b))
    return np.einsum("nki,nkj->kij", a, b)


def _mean_sum(np: Any, run: Any, a: Any) -> Any:
    return a.reshape(*a.shape[:-1], a.shape[-1] // run, run).sum(-1)


def _mean_amax(np: Any, run: Any, a: Any) -> Any:
    return a.reshape(*a.shape[:-1], a.shape[-1] // run, run).max(-1)


def _mean_cumsum(np: Any, attr: Any, a: Any) -> Any:
    return np.cumsum(a[..., ::-1], -1)[..., ::-1] if attr == REVERSE else np.cumsum(a, -1)


def _of(dtype: Any, mask: Any) -> Any:
    return mask.astype(dtype)


def _mean_lt(np: Any, attr: Any, a: Any, b: Any) -> Any:
    return _of(np.result_type(a, b), a < b)


def _mean_le(np: Any, attr: Any, a: Any, b: Any) -> Any:
    return _of(np.result_type(a, b), a <= b)


def _mean_eq(np: Any, attr: Any, a: Any, b: Any) -> Any:
    return _of(np.result_type(a, b), a == b)


def _mean_concat(np: Any, attr: Any, *xs: Any) -> Any:
    return np.concatenate(np_broadcast(np, xs), axis=-1)


def _mean_repeat(np: Any, times: Any, a: Any) -> Any:
    return np.repeat(a, times, axis=-1)


# rows, columns and blocks of a matrix whose entries lie row after row, block after block


def _mean_row_repeat(np: Any, axes: Any, a: Any) -> Any:
    _, cols, blocks = axes
    return np.repeat(a, cols // blocks, axis=-1)


def _mean_column_repeat(np: Any, axes: Any, a: Any) -> Any:
    rows, cols, blocks = axes
    parts = a.reshape(*a.shape[:-1], blocks, 1, cols // blocks)
    shape = (*a.shape[:-1], blocks, rows // blocks, cols // blocks)
    return np.broadcast_to(parts, shape).reshape(*a.shape[:-1], rows * cols // blocks)


def _mean_row_sum(np: Any, axes: Any, a: Any) -> Any:
    rows, cols, blocks = axes
    return a.reshape(*a.shape[:-1], rows, cols // blocks).sum(-1)


def _mean_column_sum(np: Any, axes: Any, a: Any) -> Any:
    rows, cols, blocks = axes
    parts = a.reshape(*a.shape[:-1], blocks, rows // blocks, cols // blocks)
    return parts.sum(-2).reshape(*a.shape[:-1], cols)


def _mean_where(np: Any, attr: Any, chosen: Any, a: Any, b: Any) -> Any:
    return np.where(chosen != 0, a, b)


def _leaf(name: str) -> Op:
    return Op(name, "leaf", 0, _given, None, None, 0)


_RECORDS = (
    _leaf("input"),
    _leaf("state"),
    _leaf("param"),
    Op("const", "leaf", 0, _scalar, None, None, 0),
    Op("size", "leaf", 0, _scalar, None, None, 0),  # a size as a number: for means
    # one operand, unit by unit
    Op("neg", "unary", 1, _elementwise, lambda np, at, a: -a, _d_neg, 1),
    Op("exp", "unary", 1, _elementwise, lambda np, at, a: np.exp(a), _d_exp, 12),
    Op("log", "unary", 1, _elementwise, lambda np, at, a: np.log(a), _d_log, 12),
    Op("sqrt", "unary", 1, _elementwise, lambda np, at, a: np.sqrt(a), _d_sqrt, 8),
    Op("sigmoid", "unary", 1, _elementwise, _sigmoid, _d_sigmoid, 14),
    Op("tanh", "unary", 1, _elementwise, lambda np, at, a: np.tanh(a), _d_tanh, 14),
    Op("softplus", "unary", 1, _elementwise, _softplus, _d_softplus, 24),
    Op("sin", "unary", 1, _elementwise, lambda np, at, a: np.sin(a), _d_sin, 16),
    Op("cos", "unary", 1, _elementwise, lambda np, at, a: np.cos(a), _d_cos, 16),
    Op("erf", "unary", 1, _elementwise, _erf, _d_erf, 20),
    Op("abs", "unary", 1, _elementwise, lambda np, at, a: np.abs(a), _d_abs, 1),
    Op("floor", "unary", 1, _elementwise, lambda np, at, a: np.floor(a), _d_nothing, 1),
    Op(
        "stop_gradient", "unary", 1, _elementwise, lambda np, at, a: a, _d_nothing, 0
    ),  # no gradient passes
    # two operands, unit by unit; a scalar meets every unit
    Op("add", "binary", 2, _elementwise, lambda np, at, a, b: a + b, lambda b, y, xs, g: (g, g), 1),
    Op("sub", "binary", 2, _elementwise, lambda np, at, a, b: a - b, _d_sub, 1),
    Op("mul", "binary", 2, _elementwise, lambda np, at, a, b: a * b, _d_mul, 1),
    Op("div", "binary", 2, _elementwise, lambda np, at, a, b: a / b, _d_div, 4),
    Op("max", "binary", 2, _elementwise, lambda np, at, a, b: np.maximum(a, b), _d_max, 1),
    Op("min", "binary", 2, _elementwise, lambda np, at, a, b: np.minimum(a, b), _d_min, 1),
    # comparisons give 1 or 0; where picks its second operand where the first is not 0
    Op("lt", "mask", 2, _elementwise, _mean_lt, _d_comparison, 1),
    Op("le", "mask", 2, _elementwise, _mean_le, _d_comparison, 1),
    Op("eq", "mask", 2, _elementwise, _mean_eq, _d_comparison, 1),
    Op("where", "mask", 3, _elementwise, _mean_where, _d_where, 1),
    # matrices
    Op("matvec", "matrix", 2, _matvec, _mean_matvec, _d_matvec, 1000),
    Op("matvec_t", "matrix", 2, _matvec_t, _mean_matvec_t, _d_matvec_t, 1000),
    Op("outer", "matrix", 2, _outer, _mean_outer, _d_outer, 1000),
    # units together or apart: one value of each run, sums so far, each unit repeated, segments
    Op("sum", "shape", 1, _runs, _mean_sum, _d_sum, 500),
    Op("amax", "shape", 1, _runs, _mean_amax, _d_amax, 500),
    Op("cumsum", "shape", 1, _cumulated, _mean_cumsum, _d_cumsum, 500),
    Op("repeat", "shape", 1, _repeat, _mean_repeat, _d_repeat, 1),
    Op("concat", "shape", None, _concat, _mean_concat, _d_concat, 1),
    Op("slice", "shape", 1, _given, None, _d_slice, 1),
    # matrices that are quantities of the step: a vector along the rows or the columns, and their sums
    Op("row_repeat", "axes", 1, _row_repeat, _mean_row_repeat, _d_row_repeat, 1),
    Op("column_repeat", "axes", 1, _column_repeat, _mean_column_repeat, _d_column_repeat, 1),
    Op("row_sum", "axes", 1, _row_sum, _mean_row_sum, _d_row_sum, 500),
    Op("column_sum", "axes", 1, _column_sum, _mean_column_sum, _d_column_sum, 500),
)

OPS: dict[str, Op] = {op.name: op for op in _RECORDS}


def np_broadcast(np: Any, xs: Sequence[Any]) -> list[Any]:
    """Give vectors the same leading (batch) shape, keeping each one's units."""
    lead = np.broadcast_shapes(*(x.shape[:-1] for x in xs))
    return [np.broadcast_to(x, (*lead, x.shape[-1])) for x in xs]
