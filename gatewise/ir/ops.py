"""The whole language: one record per op.

Each record says how many operands the op takes, the size of its result, what it means in NumPy, how
it is differentiated and what it costs; the functions stand in ``_size_rules``,
``_numpy_meaning`` and ``_derivatives``. The set is closed under differentiation: every derivative
is built from the same ops, so the backward step of a Program is a Program again.

Meaning: vectors are arrays [..., units] (a scalar has one unit), matrices [rows, cols], or
[blocks, rows/blocks, cols/blocks] if block-diagonal. Matrices here are parameters and their gradients; one
that is a quantity of the step is the vector of its entries (``ir/axes.py``). Comparisons give ones and zeros; ``where``
selects and never multiplies, so that zero times infinity cannot appear. Derivatives at ties and
kinks follow torch.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import gatewise.ir._derivatives as d
import gatewise.ir._numpy_meaning as mean
import gatewise.ir._size_rules as rule
from gatewise.ir._derivatives import Vjp
from gatewise.ir._size_rules import Shape
from gatewise.ir.node import Attr, Node

# a parameter applied to a vector, as it is or transposed
PRODUCTS = ("matvec", "matvec_t")
# one value of each run of units
REDUCTIONS = ("sum", "amax")

Kind = Literal["leaf", "unary", "binary", "mask", "matrix", "shape", "axes"]


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


def _leaf(name: str) -> Op:
    return Op(name, "leaf", 0, rule.given, None, None, 0)


_RECORDS = (
    _leaf("input"),
    _leaf("state"),
    _leaf("param"),
    Op("const", "leaf", 0, rule.scalar, None, None, 0),
    Op("size", "leaf", 0, rule.scalar, None, None, 0),  # a size as a number: for means
    # one operand, unit by unit
    Op("neg", "unary", 1, rule.elementwise, lambda np, at, a: -a, d.neg, 1),
    Op("exp", "unary", 1, rule.elementwise, lambda np, at, a: np.exp(a), d.exp, 12),
    Op("log", "unary", 1, rule.elementwise, lambda np, at, a: np.log(a), d.log, 12),
    Op("sqrt", "unary", 1, rule.elementwise, lambda np, at, a: np.sqrt(a), d.sqrt, 8),
    Op("sigmoid", "unary", 1, rule.elementwise, mean.sigmoid, d.sigmoid, 14),
    Op("tanh", "unary", 1, rule.elementwise, lambda np, at, a: np.tanh(a), d.tanh, 14),
    Op("softplus", "unary", 1, rule.elementwise, mean.softplus, d.softplus, 24),
    Op("sin", "unary", 1, rule.elementwise, lambda np, at, a: np.sin(a), d.sin, 16),
    Op("cos", "unary", 1, rule.elementwise, lambda np, at, a: np.cos(a), d.cos, 16),
    Op("erf", "unary", 1, rule.elementwise, mean.erf, d.erf, 20),
    Op("abs", "unary", 1, rule.elementwise, lambda np, at, a: np.abs(a), d.abs, 1),
    Op("floor", "unary", 1, rule.elementwise, lambda np, at, a: np.floor(a), d.nothing, 1),
    # no gradient passes
    Op("stop_gradient", "unary", 1, rule.elementwise, lambda np, at, a: a, d.nothing, 0),
    # two operands, unit by unit; a scalar meets every unit
    Op(
        "add",
        "binary",
        2,
        rule.elementwise,
        lambda np, at, a, b: a + b,
        lambda b, y, xs, g: (g, g),
        1,
    ),
    Op("sub", "binary", 2, rule.elementwise, lambda np, at, a, b: a - b, d.sub, 1),
    Op("mul", "binary", 2, rule.elementwise, lambda np, at, a, b: a * b, d.mul, 1),
    Op("div", "binary", 2, rule.elementwise, lambda np, at, a, b: a / b, d.div, 4),
    Op("max", "binary", 2, rule.elementwise, lambda np, at, a, b: np.maximum(a, b), d.max, 1),
    Op("min", "binary", 2, rule.elementwise, lambda np, at, a, b: np.minimum(a, b), d.min, 1),
    # comparisons give 1 or 0; where picks its second operand where the first is not 0
    Op("lt", "mask", 2, rule.elementwise, mean.lt, d.comparison, 1),
    Op("le", "mask", 2, rule.elementwise, mean.le, d.comparison, 1),
    Op("eq", "mask", 2, rule.elementwise, mean.eq, d.comparison, 1),
    Op("where", "mask", 3, rule.elementwise, mean.where, d.where, 1),
    # matrices
    Op("matvec", "matrix", 2, rule.matvec, mean.matvec, d.matvec, 1000),
    Op("matvec_t", "matrix", 2, rule.matvec_t, mean.matvec_t, d.matvec_t, 1000),
    Op("outer", "matrix", 2, rule.outer, mean.outer, d.outer, 1000),
    # units together or apart: one value of each run, sums so far, each unit repeated, segments
    Op("sum", "shape", 1, rule.runs, mean.sum, d.sum, 500),
    Op("amax", "shape", 1, rule.runs, mean.amax, d.amax, 500),
    Op("cumsum", "shape", 1, rule.cumulated, mean.cumsum, d.cumsum, 500),
    Op("repeat", "shape", 1, rule.repeat, mean.repeat, d.repeat, 1),
    Op("concat", "shape", None, rule.concat, mean.concat, d.concat, 1),
    Op("slice", "shape", 1, rule.given, None, d.slice, 1),
    # matrices that are quantities of the step: a vector along the rows or the columns, and their sums
    Op("row_repeat", "axes", 1, rule.row_repeat, mean.row_repeat, d.row_repeat, 1),
    Op("column_repeat", "axes", 1, rule.column_repeat, mean.column_repeat, d.column_repeat, 1),
    Op("row_sum", "axes", 1, rule.row_sum, mean.row_sum, d.row_sum, 500),
    Op("column_sum", "axes", 1, rule.column_sum, mean.column_sum, d.column_sum, 500),
)

OPS: dict[str, Op] = {op.name: op for op in _RECORDS}
