"""Evaluation mode: every select by a random mask becomes its expectation."""

from __future__ import annotations

from dataclasses import replace

from gatewise.errors import ProgramError
from gatewise.ir import Builder, Node, Program
from gatewise.ir.builder import rebuild


def expectation(program: Program) -> Program:
    """Replace ``where(mask, a, b)`` by ``rate * a + (1 - rate) * b`` for random masks.

    Precondition: random masks are used as the condition of ``where`` only. Postcondition: no random
    mask is left among the inputs. Zoneout becomes the interpolation of its paper, dropout (which
    scales what it keeps) becomes the identity.
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
            first = b("mul", b.const(rate), args[1])
            second = b("mul", b.const(1.0 - rate), args[2])
            if b.nodes[args[2]].attr == 0.0:  # dropped: nothing to add, also if it is infinite
                return first
            return b("add", first, second)
        return None

    kept = tuple(i for i in program.inputs if i.rate is None)
    return replace(rebuild(program, rewrite), inputs=kept)
