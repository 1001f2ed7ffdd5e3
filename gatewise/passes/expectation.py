"""Evaluation mode: every select by a random mask becomes its expectation."""

from __future__ import annotations

from dataclasses import replace

from gatewise.errors import ProgramError
from gatewise.ir import Builder, Node, Program, Size
from gatewise.ir.builder import rebuild


def expectation(program: Program) -> Program:
    """Replace ``where(mask, a, b)`` by ``rate * a + (1 - rate) * b`` for random masks.

    Precondition: random masks are used as the condition of ``where`` only. Postcondition: no random
    mask is left among the inputs. Zoneout becomes the interpolation of its paper, dropout (which
    scales what it keeps) becomes the identity. Raises ProgramError if the precondition is broken.
    """
    rates = {i.name: i.rate for i in program.inputs if i.rate is not None}
    if not rates:
        return program

    def rewrite(b: Builder, node: Node, args: tuple[int, ...]) -> int | None:
        for k, arg in enumerate(args):
            inner = b.nodes[arg]
            if inner.op != "input" or str(inner.attr) not in rates:
                continue
            rate = rates[str(inner.attr)]
            if node.op != "where" or k != 0 or rate is None:
                raise ProgramError(f"the random mask {inner.attr} is used outside of a select")
            return _mean(b, rate, args[1], args[2], node.size)
        return None

    inputs = tuple(i for i in program.inputs if i.rate is None)
    without = rebuild(rebuild(program, rewrite))  # the second time drops the masks' own nodes
    for node in without.nodes:
        if node.op == "input" and str(node.attr) in rates:
            raise ProgramError(f"the random mask {node.attr} is itself recorded or returned")
    return replace(without, inputs=inputs)


def _mean(b: Builder, rate: float, one: int, zero: int, size: Size) -> int:
    """``rate * one + (1 - rate) * zero`` in the given size; what never happens is left out."""
    parts = [
        value if weight == 1.0 else b("mul", b.const(weight), value)
        for weight, value in ((rate, one), (1.0 - rate, zero))
        # a weight of 0 must not meet an infinity; nor must a rate, where dropping gives 0
        if weight > 0.0 and not (b.nodes[value].op == "const" and b.nodes[value].attr == 0.0)
    ]
    total = b("add", *parts) if len(parts) == 2 else parts[0] if parts else b.const(0.0)
    return total if b.nodes[total].size == size else b("repeat", total, attr=size)
