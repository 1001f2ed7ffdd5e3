"""Simplify: arithmetic with constants, double negations, selects between equals.

Only rules that hold for every float, infinities and NaN included (0 * v is not 0 if v is infinite,
so it stays); signed zeros may change.
"""

from __future__ import annotations

import math
from collections.abc import Callable

from gatewise.ir import ONE, Builder, Node, Program
from gatewise.ir.builder import rebuild

_FOLD = {
    "add": lambda a, b: a + b,
    "sub": lambda a, b: a - b,
    "mul": lambda a, b: a * b,
}


def simplify(program: Program) -> Program:
    """Apply the rules below until nothing changes.

    Precondition: legal. Postcondition: legal, the same values up to rounding of folded constants.
    """
    while True:
        simpler = rebuild(program, _rule)
        if simpler == program:
            return program
        program = simpler


def _constant(b: Builder, node: int) -> float | None:
    """The value of a constant, also where it was spread over units."""
    n = b.nodes[node]
    if n.op == "repeat":
        n = b.nodes[n.args[0]]
    return float(n.attr) if n.op == "const" and isinstance(n.attr, float) else None


def _rule(b: Builder, node: Node, args: tuple[int, ...]) -> int | None:
    if node.op in ("add", "sub", "mul", "div"):
        return _arithmetic(b, node, args)
    if node.op == "neg":
        inner = b.nodes[args[0]]
        if inner.op == "neg":
            return inner.args[0]
        if inner.op == "const" and isinstance(inner.attr, float):
            return b.const(-inner.attr)
        if inner.op == "sub":
            return b("sub", inner.args[1], inner.args[0])
    if node.op == "where":
        if args[1] == args[2] and b.nodes[args[1]].size == node.size:
            return args[1]
        condition = _constant(b, args[0])
        if condition is not None:
            chosen = args[1] if condition != 0 else args[2]
            return chosen if b.nodes[chosen].size == node.size else None
    return None


def _arithmetic(b: Builder, node: Node, args: tuple[int, ...]) -> int | None:
    left, right = _constant(b, args[0]), _constant(b, args[1])
    op = node.op
    if left is not None and right is not None and node.size == ONE and op in _FOLD:
        folded = _FOLD[op](left, right)
        return None if math.isnan(folded) else b.const(folded)
    keep = _keep(b, node)
    if op == "add":
        if right == 0:
            return keep(args[0])
        if left == 0:
            return keep(args[1])
        if b.nodes[args[1]].op == "neg":
            return b("sub", args[0], b.nodes[args[1]].args[0])
        if b.nodes[args[0]].op == "neg":
            return b("sub", args[1], b.nodes[args[0]].args[0])
    elif op == "sub":
        if right == 0:
            return keep(args[0])
        if left == 0 and b.nodes[args[1]].size == node.size:
            return b("neg", args[1])
        if b.nodes[args[1]].op == "neg":
            return b("add", args[0], b.nodes[args[1]].args[0])
    elif op == "mul":
        if right == 1:
            return keep(args[0])
        if left == 1:
            return keep(args[1])
        if right == -1 and b.nodes[args[0]].size == node.size:
            return b("neg", args[0])
        return _scale(b, node, args, left, right)
    elif op == "div":
        if right == 1:
            return keep(args[0])
        if right is not None and _moderate(right) and math.frexp(right)[0] in (0.5, -0.5):
            return b("mul", args[0], b.const(1 / right))  # a power of two: exact
    return None


def _scale(
    b: Builder, node: Node, args: tuple[int, ...], left: float | None, right: float | None
) -> int | None:
    """(v * a) * b = v * (a * b) for constants: dropout's expectation undoes its scale."""
    for factor, other in ((left, args[1]), (right, args[0])):
        inner = b.nodes[other]
        if factor is None or inner.op != "mul":
            continue
        for k in (0, 1):
            value = b.nodes[inner.args[k]].attr
            if b.nodes[inner.args[1 - k]].size != node.size:
                continue
            if b.nodes[inner.args[k]].op != "const" or not isinstance(value, float):
                continue
            if _moderate(factor) and _moderate(value) and _moderate(factor * value):
                return b("mul", inner.args[1 - k], b.const(factor * value))
    return None


def _moderate(value: float) -> bool:
    """Whether products with it neither overflow nor vanish where those with its factors do not."""
    return 2.0**-32 <= abs(value) <= 2.0**32


def _keep(b: Builder, node: Node) -> Callable[[int], int | None]:
    """An operand may stand for the result only if it has all its units."""
    return lambda arg: arg if b.nodes[arg].size == node.size else None
