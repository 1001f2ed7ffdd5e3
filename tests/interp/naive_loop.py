"""What a Program means, once more: a naive loop over one row, one step, one number at a time."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from typing import Any

import numpy as np

from gatewise.interp.arguments import constant_array
from gatewise.ir import REVERSE, Axes, Node, Size
from tests.generated import Sample

Numbers = list[float]
INF = math.inf


def softplus(a: float) -> float:
    return a if a > 30 else math.log1p(math.exp(a))


UNITS: dict[str, Callable[..., float]] = {
    "neg": lambda a: -a,
    "exp": math.exp,
    "log": math.log,
    "sqrt": math.sqrt,
    "sigmoid": lambda a: 1 / (1 + math.exp(-a)),
    "tanh": math.tanh,
    "softplus": softplus,
    "sin": math.sin,
    "cos": math.cos,
    "erf": math.erf,
    "stop_gradient": lambda a: a,
    "abs": abs,
    "floor": math.floor,
    "add": lambda a, b: a + b,
    "sub": lambda a, b: a - b,
    "mul": lambda a, b: a * b,
    "div": lambda a, b: a / b,
    "max": max,
    "min": min,
    "lt": lambda a, b: float(a < b),
    "le": lambda a, b: float(a <= b),
    "eq": lambda a, b: float(a == b),
    "where": lambda c, a, b: a if c != 0 else b,
}


def dense(at: Sample, name: str) -> list[Numbers]:
    """A matrix in full, zeros outside of its blocks."""
    array, param = at.params[name], at.program.param(name)
    if param.blocks == 1:
        return [[float(v) for v in row] for row in array]
    rows, cols = array.shape[1:]
    full = [[0.0] * (cols * param.blocks) for _ in range(rows * param.blocks)]
    for k in range(param.blocks):
        for r in range(rows):
            for c in range(cols):
                full[k * rows + r][k * cols + c] = float(array[k, r, c])
    return full


def value(at: Sample, node: Node, args: list[Any], leaves: dict[str, Numbers]) -> Any:
    """One node for one row: a list of numbers, or of rows for a matrix."""
    attr, units = node.attr, node.size.evaluate(at.sizes)
    if node.op in ("input", "state"):
        return leaves[str(attr)]
    if node.op == "param":
        if at.program.param(str(attr)).values is not None:
            fixed = constant_array(at.program.param(str(attr))).tolist()
            return fixed
        if node.cols is None:
            return [float(v) for v in at.params[str(attr)]]
        return dense(at, str(attr))
    if node.op in ("const", "size"):
        return [float(attr.evaluate(at.sizes) if isinstance(attr, Size) else attr)]
    if node.op == "matvec":
        return [sum(w * v for w, v in zip(row, args[1], strict=True)) for row in args[0]]
    if node.op == "matvec_t":
        columns = zip(*args[0], strict=True)
        return [sum(w * v for w, v in zip(column, args[1], strict=True)) for column in columns]
    if node.op == "outer":
        return [[a * b for b in args[1]] for a in args[0]]
    if node.op == "concat":
        return [v for part in args for v in part]
    if node.op == "slice":
        start = 0 if attr == Size() else attr.evaluate(at.sizes)
        return args[0][start : start + units]
    if node.op == "sum":
        run_length = attr.evaluate(at.sizes)
        return [sum(args[0][k : k + run_length]) for k in range(0, len(args[0]), run_length)]
    if node.op == "amax":
        run_length = attr.evaluate(at.sizes)
        return [max(args[0][k : k + run_length]) for k in range(0, len(args[0]), run_length)]
    if node.op == "cumsum":
        if attr == REVERSE:
            return list(itertools.accumulate(args[0][::-1]))[::-1]
        return list(itertools.accumulate(args[0]))
    if isinstance(attr, Axes):
        return entries(node.op, *attr.numbers(at.sizes), args[0])
    if node.op == "repeat":
        return [v for v in args[0] for _ in range(attr.evaluate(at.sizes))]
    wide = [a * units if len(a) == 1 else a for a in args]
    return [float(UNITS[node.op](*(a[k] for a in wide))) for k in range(units)]


def entries(op: str, rows: int, cols: int, blocks: int, v: Numbers) -> Numbers:
    """A matrix of a vector along its rows or columns, or its sums, entry by entry: block k has row r // (rows
    of a block) = k, and the same part of the columns."""
    high, wide = rows // blocks, cols // blocks
    places = [(r, r // high * wide + c) for r in range(rows) for c in range(wide)]
    if op == "row_repeat":
        return [v[r] for r, _ in places]
    if op == "column_repeat":
        return [v[c] for _, c in places]
    of_row = op == "row_sum"
    count = rows if of_row else cols
    return [
        sum(value for value, (r, c) in zip(v, places, strict=True) if (r if of_row else c) == k)
        for k in range(count)
    ]


class Row:
    """One row of the batch, from its initial state to its final one."""

    def __init__(self, at: Sample, b: int) -> None:
        program, seq = at.program, at.seq
        length = seq.steps if seq.lengths is None else int(seq.lengths[b])
        state = {n: [float(v) for v in a[b]] for n, a in at.states.items()}
        self.values: dict[int, list[Any]] = {}
        for t in range(length)[:: -1 if seq.reverse else 1]:
            boundary = t + 1 if seq.reverse else t
            if seq.reset is not None and boundary < length and seq.reset[boundary, b]:
                state = {n: [float(v) for v in a[b]] for n, a in at.restart.items()}
            leaves = dict(state)
            for item in program.inputs:
                here = at.inputs[item.name][t] if item.per == "step" else at.inputs[item.name]
                leaves[item.name] = [float(v) for v in here[b]]
            values: list[Any] = []
            for node in program.nodes:
                values.append(value(at, node, [values[a] for a in node.args], leaves))
            self.values[t] = values
            state = {
                s.name: spread(values[n], s.size.evaluate(at.sizes))
                for s, n in zip(program.states, program.next, strict=True)
            }
        self.final = list(state.values())


def spread(v: Numbers, units: int) -> Numbers:
    return v * units if len(v) == 1 else v


def packed(at: Sample, name: str, full: Any) -> Any:
    """The blocks of a matrix that was computed in full."""
    node = next(at.program.nodes[o.node] for o in at.program.outputs if o.name == name)
    blocks = node.attr if isinstance(node.attr, int) else 1
    if blocks == 1:
        return full
    rows, cols = (n // blocks for n in full.shape)
    return np.stack(
        [full[k * rows : k * rows + rows, k * cols : k * cols + cols] for k in range(blocks)]
    )


def near(actual: Any, expected: Any, name: str) -> None:
    """Equal but for rounding, which is all that is left where a norm centres equal units."""
    np.testing.assert_allclose(actual, expected, rtol=1e-10, atol=1e-12, err_msg=name)
