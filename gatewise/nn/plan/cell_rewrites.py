"""Small rewrites of cells that the torch modules need and the catalogue does not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from gatewise.errors import InputError, nearest
from gatewise.ir import Builder, Node
from gatewise.ir.builder import rebuild
from gatewise.lang.cell import Cell


def without_biases(cell: Cell, family: str = "b") -> Cell:
    """The cell with zeros in place of a family of vectors: PyTorch's ``bias=False``."""

    def rewrite(b: Builder, node: Node, args: tuple[int, ...]) -> int | None:
        gone = node.op == "param" and str(node.attr).split(".")[0] == family
        return b.const(0.0) if gone else None

    program = rebuild(cell.program, rewrite)
    used = {str(n.attr) for n in program.nodes if n.op == "param"}
    return Cell(replace(program, params=tuple(p for p in program.params if p.name in used)))


def _hard_sigmoid(b: Builder, v: int) -> int:
    line = b("add", b("mul", v, b.const(1 / 6)), b.const(0.5))
    below, above = b("le", v, b.const(-3.0)), b("le", b.const(3.0), v)
    return b("where", below, b.const(0.0), b("where", above, b.const(1.0), line))


def _softsign(b: Builder, v: int) -> int:
    return b("div", v, b("add", b("abs", v), b.const(1.0)))


def _relu(b: Builder, v: int) -> int:
    return b("where", b("le", v, b.const(0.0)), b.const(0.0), v)


# Keras's names of functions, as Keras 3 defines them
ACTIVATIONS: dict[str, Callable[[Builder, int], int]] = {
    "tanh": lambda b, v: b("tanh", v),
    "sigmoid": lambda b, v: b("sigmoid", v),
    "linear": lambda b, v: v,
    "relu": _relu,
    "hard_sigmoid": _hard_sigmoid,
    "softplus": lambda b, v: b("softplus", v),
    "softsign": _softsign,
    "exponential": lambda b, v: b("exp", v),
}


def squashed(cell: Cell, activation: str, gate: str) -> Cell:
    """The cell with other functions in place of tanh (``activation``) and sigmoid (``gate``).

    Raises InputError for a function that is not in ``ACTIVATIONS``.
    """
    for name in (activation, gate):
        if name not in ACTIVATIONS:
            known = list(ACTIVATIONS)
            raise InputError(
                f"there is no activation {name!r}.{nearest(name, known)} Known: {', '.join(known)}"
            )

    def rewrite(b: Builder, node: Node, args: tuple[int, ...]) -> int | None:
        chosen = {"tanh": activation, "sigmoid": gate}.get(node.op)
        return None if chosen in (None, node.op) else ACTIVATIONS[chosen](b, args[0])

    return Cell(rebuild(cell.program, rewrite))
