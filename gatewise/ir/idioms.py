"""Functions that the language spells out in several nodes, read back as the one thing a person wrote.

``relu(v)`` is a select, ``norm(v)`` a dozen nodes. For reading and drawing they should be one term again:
``read`` says which. ``reading.py`` has it for a whole Program.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from gatewise.ir import ONE, Axes, Node, Program
from gatewise.ir.node import Attr

MASKS = ("lt", "le", "eq", "not", "and", "or")


@dataclass(frozen=True, slots=True)
class Term:
    """What a node stands for: an op or an idiom, what it reads, its attribute.

    ``spread`` is one number for all units. ``attr`` of a ``norm`` says which of its operands (normalised jointly) this node is.
    """

    name: str
    args: tuple[int, ...] = ()
    attr: Attr = None


def constant_of(p: Program, index: int) -> float | None:
    """The number that a node is, None for any other node."""
    node = p.nodes[index]
    return node.attr if node.op == "const" and isinstance(node.attr, float) else None


def read(p: Program, index: int) -> Term:
    """The term of a node: the idiom that ends with it, else its op."""
    node = p.nodes[index]
    if node.op == "repeat" and p.nodes[node.args[0]].size == ONE:
        return Term("spread", node.args)
    for idiom in _IDIOMS.get(node.op, ()):
        term = idiom(p, node)
        if term is not None:
            return term
    return Term(node.op, node.args, node.attr)


# --- one function an idiom; each gets the Program and a node of the op that it is filed under -------


def _log_sigmoid(p: Program, node: Node) -> Term | None:
    inner = p.nodes[node.args[0]]
    if inner.op == "softplus" and p.nodes[inner.args[0]].op == "neg":
        return Term("log_sigmoid", p.nodes[inner.args[0]].args)
    return None


def _relu(p: Program, node: Node) -> Term | None:
    condition, zero, value = node.args
    test = p.nodes[condition]
    if (
        test.op == "le"
        and test.args[0] == value
        and constant_of(p, zero) == 0 == constant_of(p, test.args[1])
    ):
        return Term("relu", (value,))
    return None


def _clip(p: Program, node: Node) -> Term | None:
    inner = p.nodes[node.args[2]]
    below = p.nodes[node.args[0]]
    if inner.op != "where" or below.op not in ("lt", "le"):
        return None
    above, high, value = inner.args
    test, v, low = p.nodes[above], below.args[0], below.args[1]
    if test.op != below.op or test.args[1] != v:
        return None
    bounds = (constant_of(p, low), constant_of(p, test.args[0]))
    if below.op == "le":
        linear = p.nodes[value]
        ends = (constant_of(p, node.args[1]), constant_of(p, high))
        if bounds == (-3.0, 3.0) and ends == (0.0, 1.0) and linear.op == "add":
            return Term("hard_sigmoid", (v,))
        return None
    is_clip = node.args[1] == low and high == test.args[0] and value == v
    return Term("clip", (v, low, high)) if is_clip and None not in bounds else None


def _logic(p: Program, node: Node) -> Term | None:
    """not, and, or: selects between truth values."""
    condition, a, b = node.args
    if not _is_mask(p, condition):
        return None
    if constant_of(p, a) == 0 and constant_of(p, b) == 1:
        return Term("not", (condition,))
    if _is_mask(p, a) and constant_of(p, b) == 0:
        return Term("and", (condition, a))
    if constant_of(p, a) == 1 and _is_mask(p, b):
        return Term("or", (condition, b))
    return None


def _is_mask(p: Program, index: int) -> bool:
    return read(p, index).name in MASKS


def _mod(p: Program, node: Node) -> Term | None:
    a, product = node.args[0], p.nodes[node.args[1]]
    if product.op != "mul":
        return None
    whole, b = p.nodes[product.args[0]], product.args[1]
    if whole.op == "floor" and p.nodes[whole.args[0]] == Node(
        "div", (a, b), p.nodes[whole.args[0]].size
    ):
        return Term("mod", (a, b))
    return None


_HIGHEST = 8  # power of the language
_MOST = 100  # vectors that are normalised together: sums of sums can be written that have no end


def _power(p: Program, node: Node) -> Term | None:
    """v * v * v, which is what a whole power becomes."""
    factor = node.args[1]
    for power in range(2, _HIGHEST + 1):
        if node.args == (factor, factor):
            return Term("power", (factor,), power)
        node = p.nodes[node.args[0]]
        if node.op != "mul" or node.args[1] != factor:
            return None
    return None


def _mean(p: Program, node: Node) -> Term | None:
    over, count = p.nodes[node.args[0]], p.nodes[node.args[1]]
    if over.op == "sum" and count.op == "size" and over.attr == count.attr:
        return Term("mean", over.args, over.attr)
    return None


def _amin(p: Program, node: Node) -> Term | None:
    """-amax(-v): the smallest unit."""
    largest = p.nodes[node.args[0]]
    if largest.op == "amax" and p.nodes[largest.args[0]].op == "neg":
        return Term("amin", p.nodes[largest.args[0]].args, largest.attr)
    return None


def _softmax(p: Program, node: Node) -> Term | None:
    """exp(v - the largest of v) over its own sum, of all units or of each part."""
    shares, total = p.nodes[node.args[0]], p.nodes[_spread_of(p, node.args[1])]
    sums = total.op in ("sum", "row_sum") and total.args == (node.args[0],)
    if shares.op != "exp" or not sums:
        return None
    shifted = p.nodes[shares.args[0]]
    if shifted.op != "sub":
        return None
    top = p.nodes[_spread_of(p, shifted.args[1])]
    largest = p.nodes[top.args[0]] if top.op == "stop_gradient" else top
    run = total.attr.row if isinstance(total.attr, Axes) else total.attr
    if largest.op == "amax" and largest.args[0] == shifted.args[0] and largest.attr == run:
        return Term("softmax", (shifted.args[0],), total.attr)
    return None


def _norm_of_parts(p: Program, node: Node) -> Term | None:
    """Each part of a vector less its mean, over its deviation."""
    centred, root = p.nodes[node.args[0]], p.nodes[_spread_of(p, node.args[1])]
    if centred.op != "sub" or root.op != "sqrt" or p.nodes[root.args[0]].op != "add":
        return None
    inner, eps = p.nodes[root.args[0]].args
    middle = _spread_of(p, centred.args[1])
    terms = [_mean(p, p.nodes[i]) if p.nodes[i].op == "div" else None for i in (middle, inner)]
    mean, variance = terms
    if (
        constant_of(p, eps) is None
        or mean is None
        or variance is None
        or mean.attr != variance.attr
    ):
        return None
    square = p.nodes[variance.args[0]]
    if mean.args == (centred.args[0],) and square.op == "mul":
        return Term("norm", mean.args, mean.attr) if set(square.args) == {node.args[0]} else None
    return None


def _spread_of(p: Program, index: int) -> int:
    """What is repeated, or the node itself."""
    node = p.nodes[index]
    return node.args[0] if node.op in ("repeat", "row_repeat") else index


def _norm(p: Program, node: Node) -> Term | None:
    """(v - mean) / sqrt(variance + eps), over the units of one vector or of several jointly."""
    centred, root = p.nodes[node.args[0]], p.nodes[node.args[1]]
    if centred.op != "sub" or root.op != "sqrt":
        return None
    mean, shifted = p.nodes[centred.args[1]], p.nodes[root.args[0]]
    if mean.op != "div" or shifted.op != "add" or constant_of(p, shifted.args[1]) is None:
        return None
    variance = p.nodes[shifted.args[0]]
    if variance.op != "div" or variance.args[1] != mean.args[1]:
        return None
    vectors = _summed(p, mean.args[0])
    squares = _summed(p, variance.args[0])
    if p.nodes[mean.args[1]].op != "size" or len(vectors) != len(squares):
        return None
    for vector, square in zip(vectors, squares, strict=True):
        difference = Node("sub", (vector, centred.args[1]), p.nodes[vector].size)
        product = p.nodes[square]
        twice = product.op == "mul" and product.args[0] == product.args[1]
        if not twice or p.nodes[product.args[0]] != difference:
            return None
    if centred.args[0] not in vectors:
        return None
    return Term("norm", tuple(vectors), vectors.index(centred.args[0]))


def _summed(p: Program, index: int) -> list[int]:
    """The vectors whose units are added up; empty if it is not such a sum."""
    vectors, left = list[int](), [index]
    while left:
        node = p.nodes[left.pop()]
        if node.op == "add":
            left += reversed(node.args)
        elif node.op == "sum" and len(vectors) < _MOST:
            vectors.append(node.args[0])
        else:
            return []
    return vectors


def _outer(p: Program, node: Node) -> Term | None:
    """A vector along the rows times one along the columns."""
    down, across = (p.nodes[a] for a in node.args)
    if down.op == "row_repeat" and across.op == "column_repeat" and down.attr == across.attr:
        return Term("outer", (*down.args, *across.args))
    return None


def _applied(p: Program, node: Node) -> Term | None:
    """A matrix of the step, or its transpose, times a vector."""
    product = p.nodes[node.args[0]]
    turned = node.op == "column_sum"
    if product.op != "mul":
        return None
    vector = p.nodes[product.args[1]]
    if vector.op != ("row_repeat" if turned else "column_repeat") or vector.attr != node.attr:
        return None
    return Term("matvec_t" if turned else "matvec", (product.args[0], *vector.args))


_IDIOMS: dict[str, tuple[Callable[[Program, Node], Term | None], ...]] = {
    "neg": (_log_sigmoid, _amin),
    "where": (_relu, _clip, _logic),
    "sub": (_mod,),
    "mul": (_outer, _power),
    "row_sum": (_applied,),
    "column_sum": (_applied,),
    "div": (_norm, _mean, _softmax, _norm_of_parts),
}
