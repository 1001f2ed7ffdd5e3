"""Small rewrites of cells that the torch modules need and the catalogue does not."""

from __future__ import annotations

from dataclasses import replace

from gatewise.ir import Builder, Node
from gatewise.ir.builder import rebuild
from gatewise.lang.cell import Cell


def without_biases(cell: Cell, family: str = "b") -> Cell:
    """The cell with zeros in place of a family of vectors: PyTorch's ``bias=False``."""

    def rewrite(b: Builder, node: Node, args: tuple[int, ...]) -> int | None:
        gone = node.op == "param" and str(node.attr).split(".")[0] == family
        return b.const(0.0) if gone else None

    program = rebuild(cell.program, rewrite)
    kept = {str(n.attr) for n in program.nodes if n.op == "param"}
    return Cell(replace(program, params=tuple(p for p in program.params if p.name in kept)))
