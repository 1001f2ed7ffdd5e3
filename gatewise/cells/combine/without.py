"""Ablation: a cell without some of its parts."""

from __future__ import annotations

from gatewise.cells.combine.editor import Draft, vector
from gatewise.cells.combine.joint_norm import find_norms
from gatewise.ir import PRODUCTS, REDUCTIONS
from gatewise.lang.cell import Cell


def without(cell: Cell, *names: str, value: float = 1.0) -> Cell:
    """Fix gates at a value, or take parameters away; what nothing needs any more disappears.

    ``without(lstm, "f")`` is an LSTM without forget gate (f = 1), ``without(peephole_lstm, "p")``
    one without peepholes, ``"p.o"`` takes away only that of the output gate, ``"b"`` all biases.
    These are the ablations of Greff, Srivastava, Koutník, Steunebrink & Schmidhuber (2017), LSTM: a
    search space odyssey, IEEE TNNLS 28(10).

    Args:
        cell: any cell.
        names: named quantities, which get the value ``value`` in all units, and parameters or whole
            families, whose terms go: W.i @ x and p.i * c become nothing. A name that is both means
            the quantity. A gate that is carried as a state (other than the output) is carried no
            longer. What is gone from a joint norm does not count in it.
        value: what quantities are fixed at.

    Raises:
        CellError: for a name that is neither (with the nearest), for the output state, or where a
            parameter that divides would go.
    """
    draft = Draft(cell, "without")
    if not names or not all(isinstance(n, str) for n in names):
        draft.fail(f"the names are {names!r}", "say what to leave out, such as without(cell, 'f')")
    if isinstance(value, bool) or not isinstance(value, int | float):
        draft.fail(f"the value is {value!r}", "give a number")
    return _Ablation(draft, names, float(value)).run()


class _Ablation:
    """One use of ``without``: what is fixed, what is gone, and the copy."""

    def __init__(self, draft: Draft, names: tuple[str, ...], value: float) -> None:
        self.draft, self.names, self.value = draft, names, value
        self.fixed: set[int] = set()
        self.gone: set[int] = set()  # old nodes that are zero for want of their parameters
        self.removed: set[str] = set()  # parameters
        self.states: list[int] = []  # positions of states that are carried no longer
        norms = find_norms(draft.old).values()
        self.source = {k: v for one in norms for k, v in one.results.items()}
        self.inner = frozenset[int]().union(*(one.inner for one in norms))

    def run(self) -> Cell:
        draft = self.draft
        for name in self.names:
            self._sort(name)
        draft.copy(self._rule)
        for k in sorted(self.states, reverse=True):
            del draft.states[k], draft.next[k]
        parts = ", ".join(self.names)
        note = f"Without {parts}"
        note += f" (quantities fixed at {self.value:g})." if self.fixed else "."
        return draft.done(f"without({draft.old.name}, {parts})", note, forget=True)

    def _sort(self, name: str) -> None:
        """Find out what a name is."""
        draft, old = self.draft, self.draft.old
        members = [p.name for p in old.params if name in (p.name, p.name.split(".")[0])]
        if name not in dict(old.names) and members:
            self.removed |= set(members)
            return
        k = draft.state(name)
        if k == 0:
            draft.fail(f"{name} is the output of the cell", "leave out something that it reads")
        families = {p.name.split(".")[0] for p in old.params}
        index = draft.quantity(name, sorted(families | {p.name for p in old.params}))
        self.fixed.add(index)
        if k is not None:
            leaf = next(
                (j for j, n in enumerate(old.nodes) if (n.op, n.attr) == ("state", name)), index
            )
            self.fixed |= {leaf, old.next[k]}
            self.states.append(k)

    def _rule(self, index: int) -> int | None:
        draft, node = self.draft, self.draft.old.nodes[index]
        if index in self.fixed:
            return vector(draft.b, self.value, node.size)
        if node.op == "param" and node.attr in self.removed:
            self.gone.add(index)
            return draft.b.const(0.0) if node.cols else vector(draft.b, 0.0, node.size)
        if self.source.get(index) in self.gone:
            return self._vanish(index)
        if index in self.inner or not self.gone.intersection(node.args):
            return None
        return self._term(index)

    def _vanish(self, index: int) -> int:
        self.gone.add(index)
        return vector(self.draft.b, 0.0, self.draft.old.nodes[index].size)

    def _term(self, index: int) -> int | None:
        """A node with an operand that is gone: gone itself, or what the others leave of it."""
        draft, node = self.draft, self.draft.old.nodes[index]
        missing = [a in self.gone for a in node.args]
        if all(missing) and node.op in (
            "add",
            "sub",
            "neg",
            "mul",
            "div",
            "concat",
            *REDUCTIONS,
            "cumsum",
            "repeat",
        ):
            return self._vanish(index)
        if node.op in ("mul", *PRODUCTS) or (node.op == "div" and missing[0]):
            return self._vanish(index)
        if node.op == "div":
            draft.fail(
                f"{draft.equation(index)} would divide by what is taken away",
                "fix the quotient at a value instead",
            )
        left = next((draft.to[a] for a in node.args if a not in self.gone), None)
        if node.op in ("add", "sub") and left is not None:
            if draft.b.nodes[left].size != node.size:
                return None  # one number meets a vector of zeros: it needs the units
            return draft.b("neg", left) if node.op == "sub" and missing[0] else left
        return None  # a function of zeros
