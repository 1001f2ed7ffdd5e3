"""Schedule: cut a step into phases, name its matrix products, classify its states.

A phase is matrix products followed by unit-by-unit work. It ends where a matrix or a sum over units
needs a whole vector that was computed in this step. The schedule is cyclic over time: products at the
end of a step, whose results only the next step reads, join the first phase of that next step where
that phase does not begin with products of its own (so the backward pass of a one-phase cell, pointwise
work and then a transposed product, has one phase too, and that of a two-phase cell has two).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from gatewise.ir import ONE, OPS, PRODUCTS, REDUCTIONS, Program, Size, axes_of
from gatewise.ir.builder import needed
from gatewise.ir.matrices import MAKES, SUMS

StateClass = Literal["matrix", "diagonal", "linear"]
_SUMS = (*REDUCTIONS, *SUMS)


@dataclass(frozen=True)
class Term:
    """A parameter (or its transpose) times an operand."""

    param: str
    transposed: bool
    operand: int


@dataclass(frozen=True)
class Column:
    """One vector that a matrix product gives: a sum of terms. ``ahead``: reads inputs only, so that it
    can be computed for all time steps at once."""

    node: int
    size: Size
    terms: tuple[Term, ...]
    ahead: bool


@dataclass(frozen=True)
class Product:
    """Columns that read the same operands: one matrix product."""

    operands: tuple[int, ...]
    columns: tuple[Column, ...]


@dataclass(frozen=True)
class Phase:
    """Nodes that move units, products, nodes computed unit by unit (of matrices, entry by entry, after
    the vectors that they are made of), sums that close the phase."""

    moves: tuple[int, ...]
    products: tuple[Product, ...]
    pointwise: tuple[int, ...]
    sums: tuple[int, ...]


@dataclass(frozen=True)
class Schedule:
    """The phases of a step. ``ahead``: nodes that read inputs and parameters only. ``outers``: outer
    products, to be done as matrix products after the loop. ``wraps``: the last phase can be done
    together with the first phase of the next step."""

    program: Program
    ahead: frozenset[int]
    phases: tuple[Phase, ...]
    outers: tuple[int, ...]
    wraps: bool
    states: tuple[tuple[str, StateClass], ...]

    @property
    def count(self) -> int:
        """Phases of a step when the steps follow each other."""
        return len(self.phases) - self.wraps


def schedule(program: Program) -> Schedule:
    """Cut a Program into phases.

    Precondition: legal and fused (``fuse``). Postcondition: every needed node stands in exactly one
    phase, after everything it reads. A vector along rows or columns stands in none where the matrices that
    it meets can read the vector itself.
    """
    live = needed(program)
    columns = _columns(program, live)
    inside = _inside(program, columns)
    level = _levels(program, live, columns, inside)
    ahead = _ahead(program, live)
    read_in_place = _read_in_place(program, live)
    last = max([level[n] for n in live if n in level], default=0)
    phases = []
    for k in range(last + 1):
        here = [n for n in live if level.get(n) == k and n not in inside]
        products = _products(program, [columns[n] for n in here if n in columns], ahead)
        sums = tuple(n for n in here if program.nodes[n].op in _SUMS)
        moved = tuple(n for n in here if n not in columns and moves(program, n))
        pointwise = tuple(
            n
            for n in here
            if OPS[program.nodes[n].op].kind not in ("leaf", "matrix")
            and n not in (*columns, *moved, *sums)
            and n not in read_in_place
        )
        phases.append(Phase(moved, products, pointwise, sums))
    outers = tuple(n for n in live if program.nodes[n].op == "outer")
    phases = [p for p in phases if p != Phase((), (), (), ())] or phases[:1]
    wraps = _wraps(phases)
    return Schedule(program, ahead, tuple(phases), outers, wraps, classify(program))


def _wraps(phases: list[Phase]) -> bool:
    """Whether the last phase can join the first of the next step: that one may not begin with a
    product of its own, unless it reads inputs only."""
    first = [c for product in phases[0].products for c in product.columns]
    tail = phases[-1]
    return len(phases) > 1 and bool(tail.products) and not tail.sums and all(c.ahead for c in first)


def _columns(program: Program, live: list[int]) -> dict[int, tuple[int, ...]]:
    """The roots of sums of matrix products: node -> the products it sums."""
    readers: dict[int, list[int]] = {}
    for index in live:
        for arg in program.nodes[index].args:
            readers.setdefault(arg, []).append(index)
    results = set(program.next) | {o.node for o in program.outputs} | {n for _, n in program.names}
    leaves: dict[int, tuple[int, ...]] = {}
    for index in live:
        node = program.nodes[index]
        if node.op in PRODUCTS:
            leaves[index] = (index,)
        elif node.op == "add" and all(
            a in leaves
            and len(readers[a]) == 1
            and a not in results
            and program.nodes[a].size == node.size
            for a in node.args
        ):
            leaves[index] = (*leaves.pop(node.args[0]), *leaves.pop(node.args[1]))
    return leaves


def _inside(program: Program, columns: dict[int, tuple[int, ...]]) -> set[int]:
    """Nodes that vanish into a column: its products and partial sums."""
    inside: set[int] = set()
    for root, products in columns.items():
        stack = [root]
        while stack:
            index = stack.pop()
            if index != root:
                inside.add(index)
            if index not in products:
                stack.extend(program.nodes[index].args)
    return inside


def _levels(
    program: Program, live: list[int], columns: dict[int, tuple[int, ...]], inside: set[int]
) -> dict[int, int]:
    """The phase in which each node is computed."""
    nodes, axes = program.nodes, axes_of(program)
    level: dict[int, int] = {}
    late: set[int] = set()  # nodes that are whole only when their phase is over

    def whole(index: int) -> int:
        """The first phase that may read all units of a vector."""
        return level[index] + (index in late)

    for index in live:
        node = program.nodes[index]
        kind = OPS[node.op].kind
        if kind == "leaf":
            level[index] = 0
        elif index in columns:
            level[index] = max(whole(program.nodes[p].args[1]) for p in columns[index])
            # a product could be read at once; its phase's pointwise work goes with it
            late.add(index)
        elif index in inside:
            continue
        elif moves(program, index):  # done first thing in its phase, on whole vectors
            level[index] = max(whole(a) for a in node.args)
        elif node.op in MAKES:
            # a matrix comes after the vectors of its phase, not after other matrices
            (of,) = node.args
            level[index] = level[of] + (nodes[of].op in _SUMS or axes[of] is not None)
            late.add(index)
        else:
            # a sum is known when its phase is over
            level[index] = max(level[a] + (nodes[a].op in _SUMS) for a in node.args)
            if node.op != "outer":
                late.add(index)
    return level


def _read_in_place(program: Program, live: list[int]) -> frozenset[int]:
    """The matrices made of vectors that only matrices and their sums read, entry by entry."""
    nodes, axes = program.nodes, axes_of(program)
    results = set(program.next) | {o.node for o in program.outputs} | {n for _, n in program.names}
    inside = {n for n in live if axes[n] is not None or nodes[n].op in _SUMS} - set(
        n for n in live if nodes[n].op in MAKES
    )
    whole = {a for n in live if n not in inside for a in nodes[n].args}
    return frozenset(n for n in live if nodes[n].op in MAKES and n not in results | whole)


def moves(program: Program, index: int) -> bool:
    """Whether a node takes whole vectors apart: segments, sums so far, repeats of more than a scalar."""
    node = program.nodes[index]
    if node.op == "repeat":
        return program.nodes[node.args[0]].size != ONE
    return node.op in ("slice", "concat", "cumsum")


def _ahead(program: Program, live: list[int]) -> frozenset[int]:
    """Nodes that do not depend on any state."""
    ahead: set[int] = set()
    for index in live:
        node = program.nodes[index]
        if node.op != "state" and node.op != "outer" and all(a in ahead for a in node.args):
            ahead.add(index)
    return frozenset(ahead)


def _products(
    program: Program, roots: list[tuple[int, ...]], ahead: frozenset[int]
) -> tuple[Product, ...]:
    groups: dict[tuple[int, ...], list[Column]] = {}
    for products in roots:
        terms = []
        for p in products:
            matrix, operand = program.nodes[p].args
            terms.append(
                Term(str(program.nodes[matrix].attr), program.nodes[p].op == "matvec_t", operand)
            )
        root = _root(program, products)
        operands = tuple(sorted({t.operand for t in terms}))
        column = Column(root, program.nodes[root].size, tuple(terms), root in ahead)
        groups.setdefault(operands, []).append(column)
    return tuple(Product(operands, tuple(columns)) for operands, columns in groups.items())


def _root(program: Program, products: tuple[int, ...]) -> int:
    """The node that sums these products."""
    root = products[0]
    summed = set(products)
    for index in range(root, len(program.nodes)):
        node = program.nodes[index]
        if node.op == "add" and set(node.args) <= summed:
            summed |= {index}
            root = index
    return root if len(products) > 1 else products[0]


def classify(program: Program) -> tuple[tuple[str, StateClass], ...]:
    """How each state acts: *matrix* (it enters a matrix or a sum over units on its way to a next
    state), *linear* (its new value is a * old + b with a and b independent of it) or *diagonal* (unit
    by unit, not linear)."""
    classes: list[tuple[str, StateClass]] = []
    leads = set(program.next)  # to a next state
    for index in reversed(range(len(program.nodes))):
        if index in leads:
            leads.update(program.nodes[index].args)
    for state, following in zip(program.states, program.next, strict=True):
        reads = [False] * len(program.nodes)
        degree: list[float] = [0.0] * len(program.nodes)  # in this state: 0, 1 or more
        mixes = False
        for index, node in enumerate(program.nodes):
            if node.op == "state" and node.attr == state.name:
                reads[index], degree[index] = True, 1
                continue
            reads[index] = any(reads[a] for a in node.args)
            if not reads[index]:
                continue
            together = OPS[node.op].kind in ("matrix", "axes") or node.op in REDUCTIONS
            whole = together or moves(program, index)
            mixes |= whole and index in leads
            degree[index] = _degree(node.op, [degree[a] for a in node.args])
        if mixes:
            classes.append((state.name, "matrix"))
        else:
            classes.append((state.name, "linear" if degree[following] <= 1 else "diagonal"))
    return tuple(classes)


def _degree(op: str, degrees: list[float]) -> float:
    if op in ("add", "sub", "neg"):
        return max(degrees)
    if op == "mul":
        return sum(degrees)
    if op == "div":
        return degrees[0] if degrees[1] == 0 else 9
    if op == "where":
        return max(degrees[1:]) if degrees[0] == 0 else 9
    return 9
