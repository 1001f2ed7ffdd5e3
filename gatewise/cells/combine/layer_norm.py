"""Layer normalisation of a cell."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from gatewise.cells.combine.editor import Draft
from gatewise.cells.combine.joint_norm import find_norms, is_pointwise, norm, normalised
from gatewise.ir import PRODUCTS, Init
from gatewise.lang.cell import Cell

_LINEAR = ("add", "sub", "neg", "mul", "div", "repeat")


def layer_norm(cell: Cell, states: str | Sequence[str] | None = None, eps: float = 1e-5) -> Cell:
    """Normalise the matrix products of a cell, and its cell state where the output reads it.

    Ba, Kiros & Hinton (2016), Layer normalization, arXiv:1607.06450. The products of all matrices
    that are applied to the same vector (W.* @ x, then U.* @ h) are normalised jointly, each with a
    gain of its own, ``g_W.i`` for W.i, which starts at 1; biases stay as they are. Where the output
    reads the cell state, as in h = o * tanh(c), it reads g_c * norm(c) + b_c instead, while the c
    that is carried stays as it is.

    A matrix whose product becomes a state as it is (the projection of an LSTMP) is left alone, and
    so is what is normalised already.

    Args:
        cell: any cell with something to normalise.
        states: states or other quantities to normalise where the output reads them, outside of its
            gates. By default the cell state, if the output reads just one: a state that carries its
            own last value unit by unit (sLSTM has two, and a ratio of its own). () is none.
        eps: added to the variance.

    Raises:
        CellError: for an unknown name, one that the output does not read or that is normalised
            already, or if nothing is left to normalise.
    """
    draft = Draft(cell, "layer_norm")
    if isinstance(eps, bool) or not isinstance(eps, int | float) or not eps > 0:
        draft.fail(f"eps is {eps!r}", "give a small number above 0, such as 1e-5")
    done = normalised(find_norms(draft.old))
    groups = _groups(draft, done)
    reads = _reads(draft, (states,) if isinstance(states, str) else states, done)
    if not groups and not reads:
        draft.fail(
            "nothing is left to normalise" if done else "the cell has nothing to normalise",
            "normalise a cell once" if done else "take a cell with matrices",
        )
    _copy(draft, groups, reads, float(eps))
    what = " and ".join(["the matrix products"] * bool(groups) + [*reads.values()])
    note = f"Layer normalisation of {what}: Ba et al. (2016)."
    return draft.done(f"layer_norm({draft.old.name})", note)


def _copy(draft: Draft, groups: list[list[int]], reads: dict[int, str], eps: float) -> None:
    """Copy the Program with the products of each group, and the reads, replaced by their norms."""
    b, nodes = draft.b, draft.old.nodes
    group_of = {index: group for group in groups for index in group}
    readers = {name: _readers(draft, index) for index, name in reads.items()}
    normed: dict[int, int] = {}

    def product(index: int) -> int:
        if index not in normed:
            group = group_of[index]
            # the operand is there; the matrices of the other products may not be copied yet
            raw = [
                draft.again(k, (draft.again(nodes[k].args[0]), draft.to[nodes[k].args[1]]))
                for k in group
            ]
            for k, one in zip(group, norm(b, raw, eps), strict=True):
                gain = f"g_{nodes[nodes[k].args[0]].attr}"
                normed[k] = b("mul", draft.param(gain, nodes[k].size, init=_starts_at(1)), one)
        return normed[index]

    def read(index: int) -> int:
        if index not in normed:
            (one,), name = norm(b, [draft.to[index]], eps), reads[index]
            gain = draft.param(f"g_{name}", nodes[index].size, init=_starts_at(1))
            bias = draft.param(f"b_{name}", nodes[index].size, init=_starts_at(0))
            normed[index] = b("add", b("mul", gain, one), bias)
        return normed[index]

    def rule(index: int) -> int | None:
        if index in group_of:
            return product(index)
        here = {k for k, name in reads.items() if index in readers[name]}
        if not here:
            return None
        return draft.again(
            index, (read(a) if a in here else draft.to[a] for a in nodes[index].args)
        )

    draft.copy(rule)
    if draft.old.next[0] in reads:  # the output is the cell state itself
        draft.next[0] = read(draft.old.next[0])


def _starts_at(value: float) -> Init:
    return Init("constant", (float(value),))


def _groups(draft: Draft, done: set[int]) -> list[list[int]]:
    """The matrix products by what they are applied to, less those that need no norm."""
    states = {draft.proposed(k) for k in range(len(draft.old.states))}
    groups: dict[int, list[int]] = {}
    for index, node in enumerate(draft.old.nodes):
        if node.op not in PRODUCTS or index in done or index in states:
            continue
        matrix = str(draft.old.nodes[node.args[0]].attr)
        if draft.old.param(matrix).values is None:  # a constant is meant as it is
            groups.setdefault(node.args[1], []).append(index)
    return list(groups.values())


def _reads(draft: Draft, states: Sequence[str] | None, done: set[int]) -> dict[int, str]:
    """The old nodes to normalise where the output reads them, with their names."""
    old = draft.old
    if states is None:
        candidates = [
            (draft.proposed(k), s.name)
            for k, s in enumerate(old.states)
            if k and _carried(draft, k) and _readers(draft, draft.proposed(k))
        ]
        return dict(candidates) if len(candidates) == 1 and candidates[0][0] not in done else {}
    chosen: dict[int, str] = {}
    for name in states:
        index = draft.quantity(name)
        if index in done:
            draft.fail(f"{name} is normalised already", "name it once")
        if name == old.states[0].name or not _readers(draft, index):
            draft.fail(
                f"the output {old.states[0].name} does not read {name} outside of its gates",
                "name what it reads, such as c in h = o * tanh(c)",
            )
        chosen[index] = name
    return chosen


def _carried(draft: Draft, k: int) -> bool:
    """Whether state k passes its own last value on unit by unit, as c = f * c + i * z does."""
    nodes, name = draft.old.nodes, draft.old.states[k].name
    carries: set[int] = set()
    for index, node in enumerate(nodes):
        is_state = node.op == "state" and node.attr == name
        if is_state or (is_pointwise(node.op) and carries.intersection(node.args)):
            carries.add(index)
    return draft.proposed(k) in carries


def _readers(draft: Draft, index: int) -> set[int]:
    """The nodes by which the output reads ``index``, its gates (which have matrices) left out.

    ``-1`` stands for the output itself: it is the node.
    """
    nodes, output = draft.old.nodes, draft.proposed(0)
    if output == index:
        holds = draft.holds(0)
        return {holds[-1]} if holds else {-1}
    stop = {draft.proposed(k) for k in range(1, len(draft.old.states))} | {index}
    gated = _with_matrix(draft, stop)
    stack, seen, reading = [output], {output}, set[int]()
    while stack:
        here = stack.pop()
        node = nodes[here]
        open_ = node.op in _LINEAR or here not in gated
        open_ |= node.op == "where" and draft.is_mask(node.args[0])
        open_ |= node.op in PRODUCTS and here == output
        if not open_:
            continue
        reading |= {here} if index in node.args else set()
        fresh = [a for a in node.args if a not in seen and a not in stop]
        seen.update(fresh)
        stack += fresh
    return reading


def _with_matrix(draft: Draft, stop: Iterable[int]) -> set[int]:
    """Nodes that are computed from a matrix product of this step, not by way of ``stop``."""
    gated: set[int] = set()
    for index, node in enumerate(draft.old.nodes):
        if node.op in PRODUCTS or any(a in gated and a not in stop for a in node.args):
            gated.add(index)
    return gated
