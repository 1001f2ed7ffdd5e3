"""Which nodes of a Program are matrices, and of what axes.

A matrix is kept as the vector of its entries, so most nodes need not say. Those computed from a vector
along rows or columns, or summed over one, are taken row by row; ``axes_of`` follows them.
"""

from __future__ import annotations

from gatewise.errors import ProgramError
from gatewise.ir.axes import Axes
from gatewise.ir.node import Program
from gatewise.ir.ops import OPS
from gatewise.ir.size import ONE

MAKES = ("row_repeat", "column_repeat")
SUMS = ("row_sum", "column_sum")
_BY_UNIT = ("unary", "binary", "mask")


def axes_of(program: Program) -> tuple[Axes | None, ...]:
    """The axes of each node that is computed entry by entry of a matrix, None for all others.

    Leaves have none: their entries can be read wherever they are wanted.
    Raises ProgramError where matrices of different axes meet.
    """
    nodes = program.nodes
    if not any(node.op in (*MAKES, *SUMS) for node in nodes):
        return (None,) * len(nodes)
    axes: list[Axes | None] = [None] * len(nodes)

    def meet(index: int, with_: Axes | None) -> bool:
        """Give a node its axes; whether they are new."""
        node = nodes[index]
        by_unit = OPS[node.op].kind in _BY_UNIT or node.op in MAKES
        if with_ is None or not by_unit or node.size == ONE or axes[index] == with_:
            return False
        if axes[index] is not None:
            raise ProgramError(
                f"{program.name}: node %{index} is a matrix of [{axes[index]}] and of [{with_}]"
            )
        axes[index] = with_
        return True

    changed = True
    while changed:
        changed = False
        for index, node in enumerate(nodes):
            if node.op in MAKES:
                changed |= meet(index, node.attr)  # type: ignore[arg-type]
            elif node.op in SUMS:
                changed |= meet(node.args[0], node.attr)  # type: ignore[arg-type]
            elif OPS[node.op].kind in _BY_UNIT:
                for arg in node.args:
                    changed |= meet(index, axes[arg])
        for index in reversed(range(len(nodes))):
            if OPS[nodes[index].op].kind in _BY_UNIT:
                for arg in nodes[index].args:
                    changed |= meet(arg, axes[index])
    for index, node in enumerate(nodes):
        of = axes[node.args[0]] if node.args else None
        whole = of is not None and node.op == "amax" and node.attr in (of.entries, of.row)
        if of is not None and node.op in ("amax", "cumsum") and not whole:
            raise ProgramError(f"{program.name}: node %{index} is the {node.op} of a matrix")
    return tuple(axes)
