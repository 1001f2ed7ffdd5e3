"""Distribute: the sum of a matrix and an outer product, multiplied by a vector, is two sums.

``(f * C + outer(v, k)) @ q`` is ``f * (C @ q) + v * dot(k, q)``: entries are touched once instead of three
times. It pays where nothing else reads the matrix in brackets, as in the gradient of ``q``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from gatewise.ir import ONE, Builder, Program
from gatewise.ir.builder import finish, needed
from gatewise.ir.matrices import MAKES, SUMS


def distribute(program: Program) -> Program:
    """Split such sums.

    Precondition: legal. Postcondition: legal, the same values up to rounding. A Program without matrices
    is returned as it is.
    """
    if not any(node.op in MAKES for node in program.nodes):
        return program
    live = needed(program)
    uses = Counter(a for n in live for a in program.nodes[n].args)
    uses.update([*program.next, *(o.node for o in program.outputs), *(n for _, n in program.names)])
    b, to = Builder(program.params), dict[int, int]()
    for index in live:
        node = program.nodes[index]
        parts = _split(program, uses, index) if node.op in SUMS else None
        if parts is None:
            to[index] = b.again(node, tuple(to[a] for a in node.args))
        else:
            to[index] = _sums(b, to, program, index, parts)
    return finish(program, b, to)


def _split(program: Program, uses: Mapping[int, int], index: int) -> tuple[int, list[int]] | None:
    """The sum in brackets that a node multiplies and sums, and the other factors."""
    factors, left = list[int](), [program.nodes[index].args[0]]
    while left:
        factor = left.pop()
        node = program.nodes[factor]
        if node.op == "mul" and node.size != ONE and uses[factor] == 1:
            left += node.args
        else:
            factors.append(factor)
    for factor in factors:
        node = program.nodes[factor]
        whole = all(program.nodes[a].size == node.size for a in node.args)
        alone = node.op in ("add", "sub") and uses[factor] == 1 and len(factors) > 1
        if alone and whole and any(_is_outer(program, a) for a in node.args):
            return factor, [f for f in factors if f != factor]
    return None


def _is_outer(program: Program, index: int) -> bool:
    """Whether a matrix is a product of vectors along its rows and its columns, and of numbers."""
    node = program.nodes[index]
    if node.op == "mul":
        return all(_is_outer(program, a) for a in node.args)
    return node.op in MAKES or node.size == ONE


def _sums(
    b: Builder, to: Mapping[int, int], program: Program, index: int, parts: tuple[int, list[int]]
) -> int:
    """The sum of each term in brackets, times the other factors."""
    bracket, factors = parts
    node, terms = program.nodes[index], program.nodes[bracket]
    sums = []
    for term in terms.args:
        product = to[term]
        for factor in factors:
            product = b("mul", product, to[factor])
        sums.append(b(node.op, product, attr=node.attr))
    return b(terms.op, *sums)
