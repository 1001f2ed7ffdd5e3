"""Fixed numbers of a Program: a matrix or a vector that is given with the cell and never trained.

They are kept as the bytes of float64, least byte first: such a value is compared and hashed at once, and
a Program is looked up by value everywhere.
"""

from __future__ import annotations

import math
import sys
from array import array
from collections.abc import Iterable

from gatewise.errors import ProgramError
from gatewise.ir.node import Param
from gatewise.ir.size import Size

MOST = 2**20  # numbers of one constant


def constant(name: str, rows: int, cols: int | None, numbers: Iterable[float]) -> Param:
    """A constant of so many rows (and columns). Raises ProgramError for numbers that are not finite."""
    packed = array("d", numbers)
    if not all(map(math.isfinite, packed)):
        raise ProgramError(f"constant {name}: its numbers must be finite")
    if sys.byteorder == "big":
        packed.byteswap()
    width = None if cols is None else Size.of(cols)
    return Param(name, Size.of(rows), width, values=packed.tobytes())


def numbers(param: Param) -> array[float]:
    """The numbers of a constant, row by row."""
    assert param.values is not None, f"{param.name} is trained"
    unpacked = array("d")
    unpacked.frombytes(param.values)
    if sys.byteorder == "big":
        unpacked.byteswap()
    return unpacked


def fault(param: Param) -> str:
    """What is wrong with a constant; empty if nothing is."""
    assert param.values is not None, f"{param.name} is trained"
    sides = [param.rows] if param.cols is None else [param.rows, param.cols]
    if any(side.names for side in sides) or param.blocks != 1:
        return "its size must be a plain number, in one block"
    count = math.prod(int(side.const) for side in sides)
    if not 1 <= count <= MOST or 8 * count != len(param.values):
        return f"{len(param.values) // 8} numbers, its size is {' x '.join(map(str, sides))}"
    return "" if all(map(math.isfinite, numbers(param))) else "its numbers must be finite"
