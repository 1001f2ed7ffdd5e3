"""The terms of a sum that one box takes in: a gate is a squashed sum of weighted vectors."""

from __future__ import annotations

from dataclasses import dataclass, field

from gatewise.inspect.diagram.elements import How
from gatewise.ir import PRODUCTS
from gatewise.ir.reading import Reading

Read = tuple[int, How, str]  # a node that an element reads, how, and its mark


@dataclass
class Sum:
    """The terms of a sum that one box takes in: what it reads, and how."""

    reads: list[Read] = field(default_factory=list)
    weights: int = 0
    norm: bool = False
    matrices: set[str] = field(default_factory=set)

    @property
    def is_box(self) -> bool:
        """A matrix, or a vector of weights beside something else, makes a box."""
        return self.weights > 1 or any(how == "matrix" for _, how, _ in self.reads)


def sum_of(r: Reading, index: int) -> Sum:
    """The sum that a node is, as far as nothing else reads its terms."""
    total = Sum()
    _collect(r, index, "+", total, inside=True)
    return total


def _collect(r: Reading, index: int, sign: str, total: Sum, inside: bool = False) -> None:
    """Take a node into a sum if nothing else reads it, else read it from outside."""
    term = r.terms[index]
    other = "-" if sign == "+" else "+"
    if r.fixed(index):
        total.weights += r.trainable(index)
    elif not inside and r.uses[index] > 1:
        total.reads.append((index, "plain", sign))
    elif term.name in ("add", "sub"):
        _collect(r, term.args[0], sign, total)
        _collect(r, term.args[1], other if term.name == "sub" else sign, total)
    elif term.name == "neg":
        _collect(r, term.args[0], other, total)
    elif term.name in PRODUCTS and r.node(term.args[0]).op == "param":
        turned = "ᵀ" if term.name == "matvec_t" else ""
        total.matrices.add(str(r.node(term.args[0]).attr) + turned)
        _matrix(r, term.args[1], total)
    elif term.name == "norm":
        total.norm = True
        for arg in term.args:
            if r.terms[arg].name in PRODUCTS:
                _collect(r, arg, "+", total, inside=True)
            else:
                total.reads.append((arg, "plain", ""))
    elif term.name == "mul" and any(r.fixed(a) for a in term.args):
        _scaled(r, index, sign, total)
    else:
        total.reads.append((index, "plain", sign))


def _matrix(r: Reading, vector: int, total: Sum) -> None:
    parts = r.terms[vector].args if r.terms[vector].name == "concat" else (vector,)
    for part in parts:
        if (part, "matrix", "") not in total.reads:  # once, also by a matrix and its transpose
            total.reads.append((part, "matrix", ""))


def _scaled(r: Reading, index: int, sign: str, total: Sum) -> None:
    """A vector of weights (a peephole, a gain) or a number times something."""
    a, b = r.terms[index].args
    weight, vector = (a, b) if r.fixed(a) else (b, a)
    if r.uses[vector] == 1 and r.terms[vector].name in (*PRODUCTS, "norm"):
        total.weights += r.trainable(weight)
        _collect(r, vector, sign, total)
    elif r.trainable(weight):
        total.weights += 1
        total.reads.append((vector, "diagonal", ""))
    else:
        total.reads.append((index, "plain", sign))
