"""Fuse: bring the matrix products of one sum together, so that they become one product.

``W.i @ x + U.i @ h + p.i * c + b.i`` is summed from the left as it is written. Here the matrix terms
of a sum come first, next to each other: ``(W.i @ x + U.i @ h) + (p.i * c + b.i)``. The first part is
one column block of one matrix product over ``[x, h]``, accumulated in registers.
"""

from __future__ import annotations

from gatewise.ir import PRODUCTS, Builder, Node, Program
from gatewise.ir.builder import finish, needed, rebuild


def fuse(program: Program) -> Program:
    """Reassociate sums so that their matrix terms stand together.

    Precondition: legal. Postcondition: legal; in every sum all matrix products are summed before
    anything else is added. Values may change by rounding.
    """
    uses = [0] * len(program.nodes)
    live = needed(program)
    for index in live:
        for arg in program.nodes[index].args:
            uses[arg] += 1
    for index in (
        *program.next,
        *(o.node for o in program.outputs),
        *(n for _, n in program.names),
    ):
        uses[index] += 1
    b = Builder(program.params)
    to: dict[int, int] = {}
    for index in live:
        node = program.nodes[index]
        terms = _terms(program, index, uses) if node.op == "add" else []
        products = [t for t in terms if program.nodes[t].op in PRODUCTS]
        if len(products) > 1 or (products and len(terms) > 2):
            others = [t for t in terms if program.nodes[t].op not in PRODUCTS]
            sums = [b.total([to[t] for t in part]) for part in (products, others) if part]
            to[index] = sums[0] if len(sums) == 1 else b("add", *sums)
        else:
            to[index] = b.again(node, tuple(to[a] for a in node.args))
    return rebuild(finish(program, b, to))  # partial sums that are no longer read


def _terms(program: Program, index: int, uses: list[int]) -> list[int]:
    """The terms of a sum, going into sums that nothing else reads."""
    terms = []
    for arg in program.nodes[index].args:
        inner: Node = program.nodes[arg]
        if inner.op == "add" and uses[arg] == 1 and inner.size == program.nodes[index].size:
            terms += _terms(program, arg, uses)
        else:
            terms.append(arg)
    return terms
