"""Layer normalisation of several vectors jointly: how it is built, found again and made smaller.

A gate that goes must not go on counting in the mean and variance that it shared with the others.
That is why ``couple`` and ``without`` look for norms in the Program that they change.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from gatewise.ir import ONE, OPS, Builder, Program, Size
from gatewise.ir.builder import finish


@dataclass(frozen=True)
class JointNorm:
    """A norm inside a Program, by node.

    ``results`` says which of the ``vectors`` each normalised vector comes from; ``inner`` are the
    nodes between the vectors and the deviation, which nothing else has a reason to read.
    """

    vectors: tuple[int, ...]
    results: Mapping[int, int]
    inner: frozenset[int]
    eps: float


def norm(b: Builder, vectors: Sequence[int], eps: float) -> list[int]:
    """Build (v - mean) / sqrt(variance + eps) over the units of all vectors, as lang.norm does."""
    total = Size()
    for v in vectors:
        total += b.nodes[v].size
    count = b("size", attr=total)
    mean = b("div", _sum(b, vectors), count)
    centred = [b("sub", v, mean) for v in vectors]
    variance = b("div", _sum(b, [b("mul", c, c) for c in centred]), count)
    deviation = b("sqrt", b("add", variance, b.const(eps)))
    return [b("div", c, deviation) for c in centred]


def _sum(b: Builder, vectors: Sequence[int]) -> int:
    total = None
    for v in vectors:
        size = b.nodes[v].size
        one = v if size == ONE else b("sum", v, attr=size)
        total = one if total is None else b("add", total, one)
    assert total is not None, "a norm of no vectors"
    return total


def find_norms(program: Program) -> dict[int, JointNorm]:
    """The norms of a Program without equal nodes, each by the node of its deviation."""
    norms: dict[int, JointNorm] = {}
    for index, node in enumerate(program.nodes):
        if node.op == "sqrt":
            match = _match(program, index)
            if match is not None:
                norms[index] = match
    return norms


def _match(program: Program, deviation: int) -> JointNorm | None:
    nodes = program.nodes
    inside = nodes[nodes[deviation].args[0]]
    if inside.op != "add" or nodes[inside.args[1]].op != "const":
        return None
    squares, count = _mean(program, inside.args[0])
    centred = [nodes[s].args[0] for s in squares if nodes[s].op == "mul" and _is_square(program, s)]
    if not squares or len(centred) != len(squares) or any(nodes[c].op != "sub" for c in centred):
        return None
    vectors = tuple(nodes[c].args[0] for c in centred)
    means = {nodes[c].args[1] for c in centred}
    if len(means) != 1 or _mean(program, means.pop()) != (list(vectors), count):
        return None
    sources = dict(zip(centred, vectors, strict=True))
    results = {
        k: sources[n.args[0]]
        for k, n in enumerate(nodes)
        if n.op == "div" and n.args[1] == deviation and n.args[0] in sources
    }
    eps = float(nodes[inside.args[1]].attr)  # type: ignore[arg-type]
    return JointNorm(vectors, results, _between(program, deviation, vectors), eps)


def _is_square(program: Program, index: int) -> bool:
    left, right = program.nodes[index].args
    return left == right


def _mean(program: Program, index: int) -> tuple[list[int], Size | None]:
    """What a mean is over, and how many units it counts; nothing if the node is no mean."""
    node = program.nodes[index]
    if node.op != "div" or program.nodes[node.args[1]].op != "size":
        return [], None
    terms, stack, total = [], [node.args[0]], Size()
    while stack:
        term = program.nodes[stack.pop()]
        if term.op == "add":
            stack += reversed(term.args)
            continue
        if term.op != "sum" or term.attr != program.nodes[term.args[0]].size:
            return [], None
        terms.append(term.args[0])
        total += program.nodes[term.args[0]].size
    count = program.nodes[node.args[1]].attr
    return (terms, total) if count == total else ([], None)


def _between(program: Program, deviation: int, vectors: Iterable[int]) -> frozenset[int]:
    stop, stack, seen = set(vectors), [deviation], set[int]()
    while stack:
        index = stack.pop()
        if index not in stop and index not in seen and program.nodes[index].args:
            seen.add(index)
            stack += program.nodes[index].args
    return frozenset(seen)


def in_use(program: Program, norms: Mapping[int, JointNorm], roots: Iterable[int]) -> set[int]:
    """The nodes that ``roots`` need, where a normalised vector needs its own vector only.

    What a norm needs besides, the other vectors' share in mean and variance, does not count.
    """
    source = {k: v for one in norms.values() for k, v in one.results.items()}
    stack, seen = list(roots), set[int]()
    while stack:
        index = stack.pop()
        if index not in seen:
            seen.add(index)
            stack += (source[index],) if index in source else program.nodes[index].args
    return seen


def restrict(
    program: Program, norms: Mapping[int, JointNorm], drop: Mapping[int, set[int]]
) -> Program:
    """Build norms anew without some of their vectors: ``drop`` has their positions, by norm."""
    if not drop:
        return program
    b = Builder(program.params)
    to: dict[int, int] = {}
    owner = {k: d for d in drop for k in norms[d].results}
    rebuilt: dict[int, dict[int, int]] = {}
    for index, node in enumerate(program.nodes):
        d = owner.get(index)
        if d is None:
            to[index] = b.again(node, tuple(to[a] for a in node.args))
            continue
        whole = norms[d]
        if d not in rebuilt:
            parts = [v for k, v in enumerate(whole.vectors) if k not in drop[d]]
            results = norm(b, [to[v] for v in parts], whole.eps)
            rebuilt[d] = dict(zip(parts, results, strict=True))
        # a vector that was dropped has results that nothing reads: they stay as they are
        renewed = rebuilt[d].get(whole.results[index])
        to[index] = (
            renewed if renewed is not None else b.again(node, tuple(to[a] for a in node.args))
        )
    return finish(program, b, to)


def normalised(norms: Mapping[int, JointNorm]) -> set[int]:
    """Every vector that some norm normalises."""
    return {v for one in norms.values() for v in one.vectors}


def is_pointwise(op: str) -> bool:
    """Whether an op works unit by unit."""
    return OPS[op].kind in ("unary", "binary", "mask")
