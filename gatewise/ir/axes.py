"""The two axes of a matrix that is a quantity of the step: a state such as C, an outer product.

Such a matrix is a vector like any other: its entries lie row after row. What knows of rows and columns
are four ops (``row_repeat``, ``column_repeat``, ``row_sum``, ``column_sum``), each with the axes as its
attribute. So whatever works for vectors works for matrices.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from gatewise.ir.size import Size


@dataclass(frozen=True, slots=True)
class Axes:
    """Rows and columns. Of a block-diagonal matrix (heads) the blocks alone are kept, one after the other:
    ``rows`` and ``cols`` count those of all blocks."""

    rows: Size
    cols: Size
    blocks: int = 1

    @property
    def entries(self) -> Size:
        """How many entries are kept: the size of the matrix as a vector."""
        return self.rows * self.cols * Fraction(1, self.blocks)

    @property
    def row(self) -> Size:
        """Entries of one row, within its block."""
        return self.cols / self.blocks

    @property
    def column(self) -> Size:
        """Entries of one column, within its block."""
        return self.rows / self.blocks

    def numbers(self, sizes: Mapping[str, int]) -> tuple[int, int, int]:
        """Rows, columns and blocks for given sizes. Raises SizeError where blocks do not divide them."""
        for size in (self.rows / self.blocks, self.cols / self.blocks):
            size.evaluate(sizes)
        return self.rows.evaluate(sizes), self.cols.evaluate(sizes), self.blocks

    def shape(self, sizes: Mapping[str, int]) -> tuple[int, ...]:
        """[rows, cols], or [blocks, rows/blocks, cols/blocks], as parameters have it."""
        rows, cols, blocks = self.numbers(sizes)
        return (rows, cols) if blocks == 1 else (blocks, rows // blocks, cols // blocks)

    def __str__(self) -> str:
        blocks = "" if self.blocks == 1 else f" in {self.blocks} diagonal blocks"
        return f"{self.rows}, {self.cols}{blocks}"
