"""Coupled gates."""

from __future__ import annotations

from gatewise.cells.combine.editor import Draft
from gatewise.lang.cell import Cell


def couple(cell: Cell, gate: str = "i", to: str = "f") -> Cell:
    """Tie one gate to another: i = 1 - f. What only the tied gate needed, its weights too, goes.

    The coupled input and forget gate of Greff, Srivastava, Koutník, Steunebrink & Schmidhuber
    (2017), LSTM: a search space odyssey, IEEE TNNLS 28(10); ``couple(cell, "f", to="i")`` keeps the
    weights of the input gate, as they do. In a layer-normalised cell the tied gate leaves the joint
    norm. Coupling twice changes nothing.

    Args:
        cell: a cell with both gates.
        gate, to: names of quantities; ``gate`` becomes 1 - ``to``.

    Raises:
        CellError: for an unknown quantity, for two of different sizes, or if ``to`` is computed
            from ``gate``.
    """
    draft = Draft(cell, "couple")
    tied, free = draft.quantity(gate), draft.quantity(to)
    nodes = draft.old.nodes
    if nodes[tied].size != nodes[free].size:
        draft.fail(
            f"{gate} has size {nodes[tied].size}, {to} has size {nodes[free].size}",
            "couple gates of the same size",
        )
    first = draft.ancestors(free)
    if tied in first:
        problem = "the same quantity" if tied == free else f"computed from {gate}"
        draft.fail(f"{to} is {problem}: it cannot decide about {gate}", "name two separate gates")

    def rule(index: int) -> int | None:
        if index != tied:
            return None
        return draft.b("sub", draft.b.const(1.0), draft.to[free])

    others = [k for k in range(len(nodes)) if k not in first]
    draft.copy(rule, order=[*sorted(first), *others])  # the gate that decides comes first
    note = f"Coupled gates, {gate} = 1 - {to}: Greff et al. (2017)."
    return draft.done(f"couple({draft.old.name})", note, forget=True)
