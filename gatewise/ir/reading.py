"""A Program as a person reads it: every node a term, which may be a function that stands for many nodes.

Equations, LaTeX and diagrams are made of it.
"""

from __future__ import annotations

from gatewise.ir import OPS, Axes, Builder, Node, Program, Size
from gatewise.ir.builder import rebuild
from gatewise.ir.idioms import Term, constant_of, read
from gatewise.ir.matrices import axes_of
from gatewise.ir.printer import label


class Reading:
    """A Program as a person reads it.

    ``terms`` covers the nodes that the new states and the named quantities need; ``uses`` counts who
    reads each of them; ``labels`` has their names, a prime for the new value of a state.
    """

    def __init__(self, program: Program) -> None:
        self.program = rebuild(program, _drop_identities)
        self.labels = label(self.program)
        self.terms: dict[int, Term] = {}
        self.uses: dict[int, int] = {}
        roots = [*self.program.next, *(n for _, n in self.program.names)]
        for root in self.program.next:
            self.uses[root] = self.uses.get(root, 0) + 1
        self._axes = axes_of(self.program)
        self._reach(roots)
        self._fixed = [not moves for moves in _depends(self.program, ("input", "state"))]
        self._trainable = _depends(self.program, ("param",))

    def _reach(self, roots: list[int]) -> None:
        stack = list(roots)
        while stack:
            index = stack.pop()
            if index in self.terms:
                continue
            term = self.terms[index] = read(self.program, index)
            for arg in term.args:
                self.uses[arg] = self.uses.get(arg, 0) + 1
            stack.extend(term.args)

    def node(self, index: int) -> Node:
        """The node behind a term."""
        return self.program.nodes[index]

    def axes(self, index: int) -> Axes | None:
        """The axes of a matrix, None for a vector."""
        node = self.program.nodes[index]
        if node.op == "state":
            return self.program.state(str(node.attr)).axes
        return self._axes[index]

    def constant(self, index: int) -> float | None:
        """The value of a constant node, else None."""
        return constant_of(self.program, index)

    def fixed(self, index: int) -> bool:
        """True if the node depends on no input and no state: parameters and numbers only."""
        return self._fixed[index]

    def trainable(self, index: int) -> bool:
        """True if the node depends on a parameter."""
        return self._trainable[index]


def _depends(p: Program, ops: tuple[str, ...]) -> list[bool]:
    """For each node, whether it is or depends on a leaf of one of these ops."""
    depends: list[bool] = []
    for node in p.nodes:
        depends.append(node.op in ops or any(depends[a] for a in node.args))
    return depends


def _drop_identities(b: Builder, node: Node, args: tuple[int, ...]) -> int | None:
    """v + 0, 1 * v and repeat(v, 1), which options leave behind, are v."""
    if node.op == "repeat" and node.attr == Size.of(1):
        return args[0]
    if node.op in ("add", "sub") and b.nodes[args[1]].attr == 0.0:
        return args[0] if b.nodes[args[0]].size == node.size else None
    if node.op == "add" and b.nodes[args[0]].attr == 0.0:
        return args[1] if b.nodes[args[1]].size == node.size else None
    if node.op == "mul":
        for one, other in (args, args[::-1]):
            if b.nodes[one].attr == 1.0 and b.nodes[other].size == node.size:
                return other
    return None


# what takes all units together, or those of each part
TOGETHER = ("sum", "mean", "amax", "amin", "softmax", "norm")


def side(reading: Reading, index: int) -> str:
    """Whether a matrix is taken by "rows" or by "columns"; empty for all units together."""
    term = reading.terms[index]
    if term.name in ("row_sum", "column_sum"):
        return "rows" if term.name == "row_sum" else "columns"
    axes = reading.axes(term.args[0]) if term.name in ("amax", "amin") else None
    return "rows" if axes is not None and term.attr == axes.row else ""


def parts(reading: Reading, index: int) -> Size | None:
    """Of how many parts each is taken by itself; None for all units together."""
    term = reading.terms[index]
    if term.name not in TOGETHER or not isinstance(term.attr, Size) or side(reading, index):
        return None
    size = reading.node(term.args[0]).size
    return None if term.attr == size else size.over(term.attr)


FUNCTIONS = frozenset(
    [op.name for op in OPS.values() if op.kind == "unary" and op.name != "neg"]
    + ["relu", "clip", "hard_sigmoid", "log_sigmoid", "norm", "mean", "power", "not"]
    + ["sum", "amax", "amin", "softmax", "cumsum"]
)
