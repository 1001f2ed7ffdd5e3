"""A part of the input that is the same at every step: what matrices make of it comes from outside."""

from __future__ import annotations

from dataclasses import replace

from gatewise.ir import Builder, Input, Node, Program
from gatewise.ir.builder import rebuild

PREFIX = "context."


def context(program: Program) -> tuple[Program, tuple[str, ...]] | None:
    """Add to every product ``W @ x`` of the first input one more input of a sequence, ``context.W``.

    If x is [c, x'] with the same c at every step, W @ x = C @ c + V @ x': the first term is that input,
    and V stands in the place of W, with fewer columns.

    Returns:
        The Program and the names of those W, or None where the first input is read in any other way
        (unit by unit, next to a state in one matrix, by a matrix of blocks) or has a size that something
        else has too.
    """
    if any(i.name.startswith(PREFIX) for i in program.inputs):
        return None
    first = program.inputs[0]
    leaf = [k for k, n in enumerate(program.nodes) if n.op == "input" and n.attr == first.name]
    names: list[str] = []
    for node in program.nodes:
        if not any(a in leaf for a in node.args):
            continue
        matrix = program.nodes[node.args[0]]
        if (
            node.op != "matvec"
            or matrix.op != "param"
            or program.param(str(matrix.attr)).blocks > 1
        ):
            return None
        names.append(str(matrix.attr))
    named = {n for _, n in program.names}
    sizes = [n.size for n in program.nodes if n.op in ("input", "state")]
    columns = [p.name for p in program.params if p.cols == first.size]
    shared = sizes.count(first.size) > 1 or sorted(columns) != sorted(set(names))
    if not names or shared or named & set(leaf) or len(first.size.names) != 1:
        return None

    def rewrite(b: Builder, node: Node, args: tuple[int, ...]) -> int | None:
        if node.op != "matvec" or node.args[1] not in leaf:
            return None
        name = str(b.nodes[args[0]].attr)
        added = b.leaf("input", f"{PREFIX}{name}", node.size)
        return b("add", added, b.again(node, args))

    rewritten = rebuild(program, rewrite)
    names = list(dict.fromkeys(names))
    more = tuple(Input(f"{PREFIX}{n}", program.param(n).rows, "sequence") for n in names)
    return replace(rewritten, inputs=(*program.inputs, *more)), tuple(names)
