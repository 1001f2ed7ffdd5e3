"""Matrices among the quantities of a step: what a cell may do with them, and how their sizes unify.

Which states are matrices is read off the equations: a state is one if a matrix is returned for it, or if
it stands before ``@``. So a cell with matrices is traced twice: once to see which they are.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NoReturn, Protocol

from gatewise.errors import CellError
from gatewise.ir import ONE, Builder, Node, Size
from gatewise.ir.matrices import MAKES
from gatewise.ir.node import Attr
from gatewise.lang.sizes import Sizes


class Trace(Protocol):
    """What is asked of the tracer whose matrices they are."""

    builder: Builder
    sizes: Sizes
    labels: dict[str, str]

    def size(self, node: int) -> Size: ...
    def called(self, node: int) -> str: ...
    def show(self, size: Size) -> str: ...
    def fail(self, problem: str, fix: str, equation: str = "") -> NoReturn: ...


@dataclass(frozen=True)
class Extent:
    """The axes of a matrix while they are inferred: rows and columns of all blocks, and how many blocks."""

    rows: Size
    cols: Size
    blocks: Size


class Matrices:
    """The matrices of one tracer.

    ``probing``: it is not known yet which states are matrices, so vectors may stand where matrices belong.
    If any were met, what comes out is thrown away, but for ``applied``: the states that stood before ``@``,
    each with the refusal that is due if it is no matrix.
    """

    def __init__(self, tracer: Trace, probing: bool) -> None:
        self.tracer, self.probing = tracer, probing
        self.extents: dict[int, Extent] = {}  # node -> its axes
        self.sums: dict[int, Extent] = {}  # sum over rows or columns -> the axes of what it sums
        # nodes whose attribute is the entries of a row, or of a column, and which matrix it is of
        self.runs: dict[int, tuple[Extent, str]] = {}
        self.entries: dict[str, Extent] = {}  # unknown size of a matrix as a vector -> its axes
        self.applied: dict[str, CellError] = {}
        self.numbers: dict[int, int] = {}  # what was taken for one number -> the matrix that it met
        self.met = False

    def __contains__(self, node: int) -> bool:
        return node in self.extents

    def state(self, name: str, blocks: Size) -> Size:
        """The size of a matrix state, whose node is to be made: use ``hold``."""
        sizes = self.tracer.sizes
        extent = Extent(sizes.fresh(), sizes.fresh(), blocks)
        for what, size in (("rows", extent.rows), ("columns", extent.cols)):
            self.tracer.labels[next(iter(size.names))] = f"the {what} of {name}"
        return self._flat(extent)

    def declare(self, name: str, size: Size, rows: Size, cols: Size) -> None:
        """Give a matrix state its declared rows and columns, once it is known as a matrix."""
        extent = self.of_size(size)
        if extent is not None:
            for what, one, declared in (
                ("rows", extent.rows, rows),
                ("columns", extent.cols, cols),
            ):
                if not self.tracer.sizes.unify(one, declared):
                    self.tracer.fail(
                        f"{name} is declared with {self.tracer.show(declared)} {what}, but has "
                        f"{self.tracer.show(one)}",
                        "change the declaration or the equation",
                    )

    def parameter(self, rows: Size, cols: Size) -> Size:
        """The size of a parameter with a value for each entry, whose node is to be made: use ``hold``."""
        self.met = True
        return self._flat(Extent(rows, cols, ONE))

    def hold(self, node: int, size: Size) -> None:
        """The node of a state or parameter has the axes that were made with its size."""
        self.extents[node] = self.entries[next(iter(size.names))]

    def _flat(self, extent: Extent) -> Size:
        size = self.tracer.sizes.fresh()
        (name,) = size.names
        self.entries[name] = extent
        self.tracer.labels[name] = "the entries of a matrix"
        return size

    def make(self, op: str, vector: int) -> int:
        """A matrix with a vector along its rows or its columns."""
        tracer, fresh = self.tracer, self.tracer.sizes.fresh
        size = tracer.size(vector)
        if vector in self:
            self._refuse_matrix(vector, "rows, columns and outer take vectors")
        if vector in self.numbers:  # it met a matrix before, and was taken for a number
            self._refuse_vector(vector, self.numbers[vector])
        if op == "row_repeat":
            extent = Extent(size, fresh(), fresh())
        else:
            extent = Extent(fresh(), size, fresh())
        return self._append(op, (vector,), self._flat(extent), extent)

    def _append(self, op: str, args: tuple[int, ...], size: Size, extent: Extent) -> int:
        node = self.tracer.builder.append(Node(op, args, size))
        self.extents[node], self.met = extent, True
        return node

    def entrywise(self, op: str, nodes: list[int], attr: Attr = None) -> int:
        """An op entry by entry. What meets a matrix is one number; vectors must say how they are spread."""
        tracer = self.tracer
        matrices = [n for n in nodes if n in self]
        for n in nodes:
            if n in self or self.probing:
                continue
            self._check_decided(n, matrices[0])
            if tracer.size(n) == ONE:
                continue
            if not self._is_side(n) and tracer.sizes.make_one(tracer.size(n)):
                self.numbers.setdefault(n, matrices[0])
                continue
            self._refuse_vector(n, matrices[0])
        for other in matrices[1:]:
            self.equal(matrices[0], other)
        extent = self.extents[matrices[0]]
        node = tracer.builder.append(
            Node(op, tuple(nodes), tracer.builder.nodes[matrices[0]].size, None, attr)
        )
        self.extents[node] = extent
        return node

    def _is_side(self, node: int) -> bool:
        """Whether a vector is as long as the rows or columns of some matrix are, as far as is known."""
        unknowns = set(self.tracer.sizes.unknowns(self.tracer.size(node)))
        sides = (side for e in self.extents.values() for side in (e.rows, e.cols))
        return any(unknowns & set(self.tracer.sizes.unknowns(side)) for side in sides)

    def _refuse_vector(self, vector: int, matrix: int) -> NoReturn:
        """A vector meets a matrix, and does not say how."""
        tracer, name = self.tracer, self.tracer.called(vector)
        size = tracer.size(vector)
        known = size != ONE and not tracer.sizes.unknowns(size)
        number = f"; if it is one number, declare it: sizes={{{name!r}: 1}}"
        tracer.fail(
            f"the vector {name}{f' of size {tracer.show(size)}' if known else ''} meets the matrix "
            f"{tracer.called(matrix)}",
            f"say how it is spread: rows({name}), one value for each row, or columns({name}), "
            f"one for each column{number if name.isidentifier() else ''}",
        )

    def _check_decided(self, node: int, matrix: int) -> None:
        """Refuse a parameter of which nothing says whether it is one number or as large as the matrix."""
        tracer = self.tracer
        if not tracer.sizes.unknowns(tracer.size(node)) or not self._of_parameters(node):
            return
        name = tracer.called(node)
        tracer.fail(
            f"{name} meets the matrix {tracer.called(matrix)}, and nothing says whether it is one number",
            f"declare the parameter: sizes={{'A': 1}} for one number, sizes={{'A': ('H', 'K')}} for one for each "
            f"entry of so many rows and columns; rows({name}) is one for each row, columns({name}) for each column",
        )

    def _of_parameters(self, node: int) -> bool:
        """Whether it is computed from vectors of parameters alone."""
        leaf = self.tracer.builder.nodes[node]
        if leaf.op in ("param", "const"):
            return leaf.cols is None
        return bool(leaf.args) and all(map(self._of_parameters, leaf.args))

    def equal(self, a: int, b: int) -> None:
        """Unify the axes of two matrices or say why they cannot be."""
        tracer = self.tracer
        first, second = self.extents[a], self.extents[b]
        for what, one, other in (
            ("rows", first.rows, second.rows),
            ("columns", first.cols, second.cols),
            ("blocks", first.blocks, second.blocks),
        ):
            if not tracer.sizes.unify(one, other):
                left, right = tracer.called(a), tracer.called(b)
                tracer.fail(
                    f"the {what} cannot be unified: {left} has {tracer.show(one)}, "
                    f"{right} has {tracer.show(other)}",
                    "bring both to one shape: with a matrix W.k @ before the outer product, or with "
                    'blocks={"C": ...} for heads',
                )

    def apply(self, matrix: int, vector: int, transposed: bool) -> int:
        """``C @ q``, or ``transpose(C) @ q``."""
        tracer = self.tracer
        if matrix not in self and vector in self and not self.probing:
            name, of = tracer.called(matrix), tracer.called(vector)
            tracer.fail(
                f"{name} is a vector, and the matrix {of} stands behind it",
                f"a matrix stands before @: transpose({of}) @ {name} is the vector {name} times the matrix",
                f"{name} @ {of}",
            )
        if matrix not in self:
            return self._probe(matrix, vector)
        if vector in self:
            self._refuse_matrix(vector, "the product of two matrices is not part of the language")
        extent = self.extents[matrix]
        over, result = (extent.rows, extent.cols) if transposed else (extent.cols, extent.rows)
        if not tracer.sizes.unify(over, tracer.size(vector)):
            name = tracer.called(matrix)
            tracer.fail(
                f"sizes cannot be unified: {name} has {tracer.show(over)} "
                f"{'rows' if transposed else 'columns'}, {tracer.called(vector)} has size "
                f"{tracer.show(tracer.size(vector))}",
                f"transpose({name}) @ v takes a vector along the rows",
            )
        spread = self.make("row_repeat" if transposed else "column_repeat", vector)
        product = self.entrywise("mul", [matrix, spread])
        op = "column_sum" if transposed else "row_sum"
        node = tracer.builder.append(Node(op, (product,), result))
        self.sums[node] = extent
        return node

    def side_sum(self, matrix: int, by: str) -> int:
        """The sum of each row, or of each column."""
        if matrix not in self:  # while it is not known which states are matrices
            return self.tracer.builder.append(Node("neg", (matrix,), self.tracer.sizes.fresh()))
        extent = self.extents[matrix]
        op, size = ("row_sum", extent.rows) if by == "rows" else ("column_sum", extent.cols)
        node = self.tracer.builder.append(Node(op, (matrix,), size))
        self.sums[node] = extent
        return node

    def row_max(self, matrix: int) -> int:
        """The largest entry of each row."""
        if matrix not in self:
            return self.side_sum(matrix, "rows")
        extent = self.extents[matrix]
        node = self.tracer.builder.append(Node("amax", (matrix,), extent.rows))
        self.runs[node] = extent, "rows"
        return node

    def count(self, matrix: int, by: str) -> int:
        """How many entries a row has, or a column: known when sizes are settled."""
        node = self.tracer.builder.append(Node("size", attr=ONE))
        if matrix in self:
            self.runs[node] = self.extents[matrix], by
        return node

    def require(self, node: int, where: str) -> None:
        """Raise CellError for a vector where a matrix belongs."""
        self.met = True
        if node in self or self.probing:
            return
        name = self.tracer.called(node)
        self.tracer.fail(
            f"{where} takes a matrix, and {name} is a vector",
            "leave `by` out: of a vector, all units are taken together, or parts=4 of them",
        )

    def _probe(self, node: int, vector: int) -> int:
        """What stands before ``@`` is not known as a matrix: it is one if it is a state."""
        tracer, self.met = self.tracer, True
        leaf, name = tracer.builder.nodes[node], tracer.called(node)
        fix = (
            f"write W.name @ vector; dot({name}, v) is the product of two vectors as one number, {name} * v "
            "that unit by unit; a state is a matrix if one, such as outer(v, k), is returned for it"
        )
        if tracer.builder.nodes[vector].op == "param":
            fix = f"the matrix comes first: {tracer.called(vector)} @ {name}"
        try:
            tracer.fail(
                "the left side of @ is not a parameter, and no matrix either",
                fix,
                f"{name} @ {tracer.called(vector)}",
            )
        except CellError as refusal:
            if not self.probing:
                raise
            if leaf.op == "state":
                self.applied.setdefault(str(leaf.attr), refusal)
        return tracer.builder.append(Node("matvec", (node, node), tracer.sizes.fresh()))

    def _refuse_matrix(self, node: int, why: str) -> NoReturn:
        name = self.tracer.called(node)
        self.tracer.fail(f"{name} is a matrix: {why}", f"apply it to a vector: {name} @ v")

    def refuse(self, node: int, where: str) -> None:
        """Raise CellError for a matrix where a vector belongs."""
        if node in self:
            self._refuse_matrix(node, f"{where} takes a vector")

    # --- for those who settle sizes -------------------------------------------------------------------

    def all(self) -> list[Extent]:
        """Every matrix's axes, once each."""
        return list(dict.fromkeys([*self.extents.values(), *self.sums.values()]))

    def made(self) -> dict[int, Extent]:
        """The nodes whose attribute is the axes: matrices made of vectors, sums of rows and columns."""
        nodes = self.tracer.builder.nodes
        return {n: e for n, e in self.extents.items() if nodes[n].op in MAKES} | self.sums

    def of_size(self, size: Size) -> Extent | None:
        """The axes of the matrix whose size as a vector this is."""
        return next((self.entries[n] for n in size.names if n in self.entries), None)

    def called(self, extent: Extent) -> str:
        """The name of a matrix with these axes."""
        return self.tracer.called(next(n for n, e in self.extents.items() if e == extent))
