"""Recurrent projection: a narrower output."""

from __future__ import annotations

from dataclasses import replace

from gatewise.cells.combine.editor import Draft
from gatewise.cells.combine.joint_norm import JointNorm, find_norms, is_pointwise, norm
from gatewise.errors import CellError, GatewiseError
from gatewise.ir import ONE, Param, Size
from gatewise.lang.cell import Cell


def project(cell: Cell, size: str = "P") -> Cell:
    """Bring the output to another size by a matrix: h = W.h @ (what h was), recurrent and output.

    Sak, Senior & Beaufays (2014), Long short-term memory recurrent neural network architectures for
    large scale acoustic modeling, Interspeech. The other states keep their size H. The matrix
    ``W.h`` [P, H] is a new parameter; what h was can be recorded as ``h#1``. Zoneout and dropout
    that the cell already has act on the projected output.

    Args:
        cell: a cell whose output enters matrices only.
        size: the name of the new size.

    Raises:
        CellError: if the size is no name or taken, or if the cell uses its output unit by unit, as
            a GRU does in z * h: such an output cannot have another size than its gates.
    """
    draft = Draft(cell, "project")
    if not isinstance(size, str) or not size.isidentifier():
        draft.fail(f"the size is {size!r}", "give it a name, such as size='P'")
    if size in draft.old.sizes:
        draft.fail(
            f"the cell has a size {size} already",
            f"take another name than {', '.join(draft.old.sizes)}",
        )
    return _Projection(draft, Size.of(size)).run()


class _Projection:
    """One use of ``project``: which vectors become as narrow as the output, and the copy."""

    def __init__(self, draft: Draft, size: Size) -> None:
        self.draft, self.size = draft, size
        self.holds, self.proposed = set(draft.holds(0)), draft.proposed(0)
        norms = find_norms(draft.old).values()
        self.norms = {k: one for one in norms for k in one.results}
        self.narrow: set[int] = set()  # old nodes that have the new size
        self.adopted: set[int] = set()  # masks and vectors that must become narrow with them
        self.renewed: set[int] = set()  # results of norms of which a vector becomes narrow
        self.skipped: set[int] = set()  # the insides of those norms
        self.columns: dict[str, Size] = {}

    def run(self) -> Cell:
        draft, old = self.draft, self.draft.old
        state = old.states[0]
        if old.nodes[self.proposed].size == ONE:
            draft.fail(
                f"{state.name} becomes one number, not a vector", "nothing is to be projected"
            )
        self._spread()
        draft.copy(self._rule)
        if not self.holds:
            draft.next[0] = self.projected
        draft.shadow(state.name, draft.to[self.proposed])
        draft.states[0] = replace(state, size=self.size)
        masks = {str(old.nodes[k].attr) for k in self.adopted}
        draft.inputs = [replace(i, size=self.size) if i.name in masks else i for i in draft.inputs]
        matrix = f"matrix of [{self.size}, {old.nodes[self.proposed].size}]"
        note = f"Output projected by a {matrix}: Sak et al. (2014)."
        return draft.done(f"project({old.name})", note)

    # --- what becomes narrow --------------------------------------------------------------------

    def _spread(self) -> None:
        """Follow the output through all that is done to it unit by unit."""
        nodes, name = self.draft.old.nodes, self.draft.old.states[0].name
        for index, node in enumerate(nodes):
            if node.op == "state" and node.attr == name:
                self.narrow.add(index)
            elif index in self.norms and self.narrow.intersection(self.norms[index].vectors):
                self.renewed.add(index)
                self.skipped |= self.norms[index].inner
                self.narrow |= {index} if self.norms[index].results[index] in self.narrow else set()
            elif index in self.holds:
                self._adopt(index, node.args[0])
            elif is_pointwise(node.op) and self.narrow.intersection(node.args):
                self.narrow.add(index)
                for arg in node.args:
                    if arg not in self.narrow and nodes[arg].size != ONE:
                        self._adopt(index, arg)
        for index, node in enumerate(nodes):
            stray = self.adopted.intersection(node.args)
            if stray and index not in self.narrow | self.holds | self.skipped:
                self._refuse(index, stray.pop())

    def _adopt(self, reader: int, index: int) -> None:
        """A mask or parameter that meets the output becomes narrow too; a computed one cannot."""
        if self.draft.is_mask(index) or self.draft.old.nodes[index].op == "param":
            self.adopted.add(index)
        else:
            self._refuse(reader, index)

    def _refuse(self, reader: int, index: int) -> None:
        draft, old = self.draft, self.draft.old
        name = old.states[0].name
        draft.fail(
            f"{draft.equation(reader)} uses {name} unit by unit: {name} would have the size "
            f"{self.size}, {draft.called(index)} has {old.nodes[index].size}",
            f"project cells in which {name} enters matrices only, as in an LSTM",
        )

    # --- the copy -------------------------------------------------------------------------------

    def _rule(self, index: int) -> int | None:
        draft = self.draft
        if index in self.skipped:
            return draft.b.const(0.0)  # nobody reads it
        try:
            new = self._replacement(index)
            copy = draft.again(index) if new is None else new
        except CellError:
            raise
        except GatewiseError as error:
            draft.fail(
                f"{draft.equation(index)}: {error}",
                f"project cells in which {draft.old.states[0].name} enters matrices only",
            )
        if index == self.proposed:
            wide = draft.b.nodes[copy].size
            matrix = draft.param(f"W.{draft.old.states[0].name}", self.size, wide)
            self.projected = draft.b("matvec", matrix, copy)
        return copy

    def _replacement(self, index: int) -> int | None:
        draft, node = self.draft, self.draft.old.nodes[index]
        b = draft.b
        if index in self.holds:
            mask, last, new = node.args
            inner = self.projected if new == self.proposed else draft.to[new]
            return b("where", draft.to[mask], draft.to[last], inner)
        if node.op == "state" and index in self.narrow:
            return b.leaf("state", str(node.attr), self.size)
        if index in self.adopted:
            if node.op == "param":
                b.params[str(node.attr)] = replace(b.params[str(node.attr)], rows=self.size)
            return b.leaf(node.op, str(node.attr), self.size)
        if index in self.renewed:
            return self._norm(index, self.norms[index])
        if node.op == "matvec":
            return self._product(index)
        return None

    def _norm(self, index: int, old: JointNorm) -> int:
        results = norm(self.draft.b, [self.draft.to[v] for v in old.vectors], old.eps)
        return results[old.vectors.index(old.results[index])]

    def _product(self, index: int) -> int:
        """A matrix has as many columns as what it is applied to has units by now."""
        draft, (matrix, operand) = self.draft, self.draft.old.nodes[index].args
        name = str(draft.old.nodes[matrix].attr)
        vector = draft.to[operand]
        cols = draft.b.nodes[vector].size
        if self.columns.setdefault(name, cols) != cols:
            draft.fail(
                f"{name} is applied to vectors of size {self.columns[name]} and, in "
                f"{draft.equation(index)}, of size {cols}",
                "give the two uses matrices of their own",
            )
        param: Param = replace(draft.b.params[name], cols=cols)
        draft.b.params[name] = param
        return draft.b("matvec", draft.b.leaf("param", name, param.rows, cols), vector)
