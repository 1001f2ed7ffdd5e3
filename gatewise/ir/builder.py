"""Building node lists: the one way in which passes and combinators make new nodes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from gatewise.ir.node import Attr, Node, Output, Param, Program
from gatewise.ir.ops import OPS
from gatewise.ir.size import ONE, Size


class Builder:
    """Appends nodes, deriving their sizes. Equal nodes are one node unless ``share`` is False."""

    def __init__(self, params: Iterable[Param] = (), share: bool = True) -> None:
        self.nodes: list[Node] = []
        self.params: dict[str, Param] = {p.name: p for p in params}
        self._share = share
        self._known: dict[Node, int] = {}

    def append(self, node: Node) -> int:
        """Append a finished node, or return the equal one that is there already."""
        if self._share and node in self._known:
            return self._known[node]
        self.nodes.append(node)
        self._known.setdefault(node, len(self.nodes) - 1)
        return len(self.nodes) - 1

    def __call__(self, op: str, *args: int, attr: Attr = None) -> int:
        """Append an op whose size follows from its operands. Raises ProgramError if none does."""
        operands = [self.nodes[a] for a in args]
        size, cols = OPS[op].shape(operands, attr)
        return self.append(Node(op, args, size, cols, attr))

    def const(self, value: float) -> int:
        """A constant that meets every unit."""
        return self.append(Node("const", attr=float(value)))

    def total(self, parts: Sequence[int]) -> int:
        """The sum of one node or more, added up from the left."""
        total = parts[0]
        for part in parts[1:]:
            total = self("add", total, part)
        return total

    def zeros(self, size: Size) -> int:
        """A vector of zeros."""
        return self("repeat", self.const(0.0), attr=size)

    def slice(self, vector: int, offset: Size, size: Size) -> int:
        """The ``size`` units of ``vector`` from ``offset`` on."""
        if offset == Size() and size == self.nodes[vector].size:
            return vector
        return self.append(Node("slice", (vector,), size, None, offset))

    def leaf(self, op: str, name: str, size: Size, cols: Size | None = None) -> int:
        """An input, state or parameter."""
        return self.append(Node(op, (), size, cols, name))

    def param(self, param: Param) -> int:
        """A parameter, declared if it is new."""
        self.params.setdefault(param.name, param)
        return self.leaf("param", param.name, param.rows, param.cols)

    def blocks(self, matrix: int) -> int:
        """Number of diagonal blocks of a matrix node: 1 if it is dense."""
        node = self.nodes[matrix]
        if node.op == "param":
            return self.params[str(node.attr)].blocks
        return int(node.attr) if isinstance(node.attr, int) else 1

    def again(self, node: Node, args: tuple[int, ...]) -> int:
        """Append ``node`` with other operands, its size derived afresh where a rule exists."""
        if node.op == "slice":
            return self.slice(args[0], Size.of(node.attr), node.size)  # type: ignore[arg-type]
        if OPS[node.op].kind == "leaf":
            return self.append(node)
        return self(node.op, *args, attr=node.attr)


Rewrite = Callable[[Builder, Node, tuple[int, ...]], int | None]


def rebuild(program: Program, rewrite: Rewrite | None = None, roots: Iterable[int] = ()) -> Program:
    """Copy what a Program needs, node by node, without what it does not; ``rewrite`` may replace.

    ``rewrite(builder, node, operands)`` gets each needed node in order with its operands already
    rebuilt and returns its replacement, or None to keep it. Names of nodes that nothing else needs
    are kept too: a recorded name is a use. ``roots`` are further nodes to keep alive.
    """
    live = needed(program, roots)
    builder = Builder(program.params)
    to: dict[int, int] = {}
    for index in live:
        node = program.nodes[index]
        args = tuple(to[a] for a in node.args)
        new = rewrite(builder, node, args) if rewrite else None
        if new is None:
            unchanged = args == node.args and all(
                builder.nodes[a] is program.nodes[a] for a in args
            )
            # what reads the same as before has the same size; a slice may be all of a vector by now
            known = unchanged and node.op != "slice"
            new = builder.append(node) if known else builder.again(node, args)
        to[index] = new
    return finish(program, builder, to)


def spread(program: Program) -> Program:
    """Where a vector becomes one number, that number in each of its units.

    The name of the state goes along, so that what is recorded is the state.
    """
    nodes, following, names = list(program.nodes), list(program.next), dict(program.names)
    for k, state in enumerate(program.states):
        number = following[k]
        if nodes[number].size == ONE != state.size:
            nodes.append(Node("repeat", (number,), state.size, None, state.size))
            following[k] = len(nodes) - 1
            if names.get(state.name) == number:
                names[state.name] = following[k]
    if len(nodes) == len(program.nodes):
        return program
    named = tuple(names.items())
    return replace(program, nodes=tuple(nodes), next=tuple(following), names=named)


def needed(program: Program, roots: Iterable[int] = ()) -> list[int]:
    """The nodes that the states, outputs and names of a Program depend on, in order."""
    stack = [*program.next, *roots, *(o.node for o in program.outputs)]
    stack += [n for _, n in program.names]
    seen: set[int] = set()
    while stack:
        index = stack.pop()
        if index not in seen:
            seen.add(index)
            stack.extend(program.nodes[index].args)
    return sorted(seen)


def finish(program: Program, builder: Builder, to: dict[int, int]) -> Program:
    """The Program whose nodes are the builder's, its results renumbered by ``to``."""
    used = {str(n.attr) for n in builder.nodes if n.op == "param"}
    return replace(
        program,
        nodes=tuple(builder.nodes),
        params=tuple(p for p in builder.params.values() if p.name in used),
        next=tuple(to[n] for n in program.next),
        outputs=tuple(Output(o.name, to[o.node], o.over) for o in program.outputs),
        names=tuple((name, to[n]) for name, n in program.names),
    )
