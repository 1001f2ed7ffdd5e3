"""Products inside of a kernel: matrices that stay on the processor through all steps, and columns that are
sums of products with them.

A column begins with what was computed before the loop. The operands are read in chunks, each of them once
for all columns that want it.
"""

from __future__ import annotations

from collections.abc import Sequence

from gatewise.backends.schedule import Term
from gatewise.backends.triton.arguments import Role
from gatewise.backends.triton.memory import ColumnsOver, columns_over
from gatewise.backends.triton.step_kernel import StepKernel
from gatewise.backends.triton.values import Spot


class ProductKernel(StepKernel):
    """Text of a kernel that multiplies by itself."""

    # --- matrices

    def load_matrices(self) -> None:
        """Load the matrices of all products, as tiles [operand, column]."""
        for column in self.plan.products:
            for j, term in enumerate(self.plan.terms_within(column)):
                for k, (first, count) in enumerate(self._chunks(term)):
                    self.write(f"w{column}_{j}_{k} = {self._matrix(column, term, first, count)}")
                if self.single(term.operand):
                    self.write(f"w{column}_{j} = {self._vector_of(column, term)}")

    def _chunks(self, term: Term) -> list[tuple[int, int]]:
        """The operand of a product in powers of two, the largest first: 768 = 512 + 256, if a chunk may have
        so many."""
        if self.single(term.operand):
            return []
        chunks, first, count = [], 0, self.units(term.operand)
        while first < count:
            width = self.tile.chunk
            while width > 16 and width > count - first:
                width //= 2
            chunks.append((first, width))
            first += width
        return chunks

    def _matrix(self, column: int, term: Term, first: int, count: int) -> str:
        """A tile [count, W] of a matrix, as it stands on the right of a product."""
        param = self.program.param(term.param)
        pointer = self.argument(Role.MATRIX, term.param, "weights")
        own = "tl.arange(0, 16)" if self.single(column) else self.index(column)
        k = f"({first} + tl.arange(0, {count}))"
        out_of, into = self.units(term.operand), self.units(column)
        row, col = (k, own) if term.transposed else (own, k)
        rows, cols = (out_of, into) if term.transposed else (into, out_of)
        row, col = (
            (f"{row}[:, None]", f"{col}[None, :]")
            if term.transposed
            else (f"{row}[None, :]", f"{col}[:, None]")
        )
        inside = f"({k} < {out_of})[:, None] & ({own} < {into})[None, :]"
        at = f"{row} * {cols} + {col}"
        if param.blocks > 1:  # only the blocks on the diagonal are kept
            high, wide = rows // param.blocks, cols // param.blocks
            inside += f" & ({row} // {high} == {col} // {wide})"
            at = f"{row} * {wide} + {col} % {wide}"
        return f"tl.load({pointer} + {at}, mask={inside}, other=0.0)"

    def _vector_of(self, column: int, term: Term) -> str:
        """A matrix that is applied to one number: it has one column, [1, W]."""
        pointer = self.argument(Role.MATRIX, term.param, "weights")
        own, count = self.index(column), self.units(column)
        if self.single(column):
            own = "tl.arange(0, 16)"
        load = f"tl.load({pointer} + {own}, mask={own} < {count}, other=0.0)"
        return f"{load}[None, :].to(tl.float32)"

    # --- columns

    def begin_column(self, node: int) -> None:
        """What was computed before the loop, to which products are added; read early, as no barrier
        concerns it."""
        spots = self._before(node)
        if spots:
            self.write(f"v{node} = {self._read_spots(spots, node)}")
            if self.single(node) and self.plan.terms_within(node):  # as wide as a product is
                self.write(f"v{node} = tl.where(tl.arange(0, 16)[None, :] == 0, v{node}, 0.0)")
        else:
            width = 16 if self.single(node) else self.tile.width(self.units(node))
            self.write(f"v{node} = tl.zeros([{self.tile.rows}, {width}], tl.float32)")
        if not self.plan.terms_within(node):
            self.known[node] = f"v{node}"

    def _read_spots(self, spots: Sequence[Spot], node: int) -> str:
        loads = [
            f"tl.load({s.at(self.index(node))}, mask={self.mask(node)}, other=0.0).to(tl.float32)"
            for s in spots
        ]
        return " + ".join(loads)

    def can_begin(self, column: int) -> bool:
        """Whether a product of the loop is still to be done and all that it reads is there; numbers are
        not exchanged, so no barrier says so."""
        if column not in self.plan.columns or column in self.known:
            return False
        return all(
            a in self.known
            for a in self.plan.reads(column)
            if self.single(a) and a in self.plan.level
        )

    def multiply(self, columns: list[int]) -> None:
        """Columns over the same operand read each of its chunks once."""
        for over in columns_over(self.plan, self.sizes, True, columns):
            if self.single(over.operand):
                for column, j, _ in self._users(over):
                    self.write(f"v{column} += {self.value(over.operand)} * w{column}_{j}")
                continue
            (spot,) = self.spot(over.operand)
            users = self._users(over)
            count = self.units(over.operand)
            for k, (first, width) in enumerate(self._chunks(users[0][2])):
                self.write(f"k = {first} + tl.arange(0, {width})")
                mask = f"mm[:, None] & (k < {count})[None, :]"
                self.write(f"a = tl.load({spot.at('k')}, mask={mask}, other=0.0{self.cache})")
                with self.write.block("if RAISED:"):
                    self.write("a = a.to(tl.float32)")
                for column, j, _ in users:
                    matrix = f"w{column}_{j}_{k}"
                    right = f"({matrix}.to(tl.float32) if RAISED else {matrix})"
                    self.write(
                        f"v{column} = tl.dot(a, {right}, v{column}, input_precision=PRECISION)"
                    )
        for column in columns:
            if self.single(column):  # all of its tile but the first unit is zero
                self.write(f"v{column} = tl.sum(v{column}, axis=1, keep_dims=True)")
            self.known[column] = f"v{column}"

    def _users(self, over: ColumnsOver) -> list[tuple[int, int, Term]]:
        """The columns that read one operand, with the number and the term."""
        return [
            (column, j, term)
            for column in over.offsets
            for j, term in enumerate(self.plan.terms_within(column))
            if term.operand == over.operand
        ]
