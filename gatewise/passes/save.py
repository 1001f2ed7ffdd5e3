"""Save or recompute: what the forward step keeps for the backward step.

The derivative of a step contains the forward nodes it reads. Each of them is either kept by the
forward step or computed again: whatever costs less than ``LIMIT`` (plain arithmetic on things that
are there anyway) is computed again, the rest (matrices, sums, exponentials) is kept.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from gatewise.ir import OPS, Builder, Input, Node, Output, Program
from gatewise.ir.builder import finish, needed

LIMIT = 8  # in the units of Op.cost: about as much as reading a vector back from memory


@dataclass(frozen=True)
class Training:
    """A forward step that keeps, and a backward step that reads what was kept.

    ``forward`` has an output ``save.<name>`` for each kept quantity, at every step; ``backward`` has
    an input of the same name. The states that entered the step are kept where ``backward`` has an
    input of the state's name.
    """

    forward: Program
    backward: Program

    @property
    def saved(self) -> tuple[str, ...]:
        """The names of what the forward step keeps besides the entering states."""
        return tuple(o.name for o in self.forward.outputs if o.name.startswith("save."))


def save(program: Program, backward: Program) -> Training:
    """Split a step and its derivative.

    Precondition: both legal and simplified, ``backward`` derived from ``program``. Postcondition:
    both legal; ``backward`` computes no matrix product, sum or exponential of the forward step.
    """
    image = _images(program, backward)
    kept = _choose(backward, set(image.values()))
    names = _names(program, image, kept)
    where = {new: old for old, new in image.items()}
    outputs = tuple(Output(names[n], where[n], "step") for n in sorted(kept))
    forward = replace(program, outputs=(*program.outputs, *outputs))
    return Training(forward, _read_kept(backward, names))


def _images(program: Program, backward: Program) -> dict[int, int]:
    """Where the nodes of the forward step stand in its derivative."""
    found = {node: index for index, node in enumerate(backward.nodes)}
    image: dict[int, int] = {}
    for index, node in enumerate(program.nodes):
        if all(a in image for a in node.args):
            op = "input" if node.op == "state" else node.op
            twin = Node(op, tuple(image[a] for a in node.args), node.size, node.cols, node.attr)
            if twin in found:
                image[index] = found[twin]
    return image


def _choose(backward: Program, forward: set[int]) -> set[int]:
    """Which forward nodes to keep: those read by the rest that would cost too much again."""
    read = set(backward.next) | {o.node for o in backward.outputs}
    for index, node in enumerate(backward.nodes):
        if index not in forward:
            read.update(node.args)
    cost: dict[int, float] = {}
    kept: set[int] = set()
    for index, node in enumerate(backward.nodes):
        op = OPS[node.op]
        if op.kind == "leaf":
            cost[index] = 0
            continue
        cost[index] = op.cost + sum(cost[a] for a in node.args)
        if index in forward and index in read and cost[index] > LIMIT:
            kept.add(index)
            cost[index] = 0
    return kept


def _names(program: Program, image: dict[int, int], kept: set[int]) -> dict[int, str]:
    """The equations' own names where there are any."""
    names: dict[int, str] = {}
    for name, node in program.names:
        if image.get(node) in kept:
            names.setdefault(image[node], f"save.{name}")
    for node in sorted(kept):
        names.setdefault(node, f"save.{node}")
    return names


def _read_kept(backward: Program, names: dict[int, str]) -> Program:
    b = Builder(backward.params)
    to: dict[int, int] = {}
    stop = replace(
        backward,
        nodes=tuple(
            Node("input", (), n.size, None, names[k]) if k in names else n
            for k, n in enumerate(backward.nodes)
        ),
    )
    for index in needed(stop):
        node = stop.nodes[index]
        to[index] = b.again(node, tuple(to[a] for a in node.args))
    done = finish(backward, b, to)
    used = {str(n.attr) for n in done.nodes if n.op == "input"}
    extra = tuple(Input(names[k], backward.nodes[k].size) for k in sorted(names))
    inputs = tuple(i for i in (*backward.inputs, *extra) if i.name in used)
    return replace(done, inputs=inputs)
