"""The arguments of a kernel: what each stands for, and the type of what it points to."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal, TypeAlias


class Role(StrEnum):
    """What a tensor is to a kernel; each but the last few is one of several, of a name or a node."""

    MATRIX = "matrix"  # a parameter
    VECTOR = "vector"  # a parameter
    INPUT = "input"
    BEFORE = "before"  # products before the loop, of an operand
    ARRAY = "array"  # what is stored at every step
    START = "start"  # states to start from
    RESTART = "restart"  # states after a reset
    LAST = "last"  # takes the final states
    CAUGHT = "caught"  # takes the gradients of the restart states
    NOW = "now"  # a state between the kernels of a step
    OPERAND = "operand"  # of a product that a library does
    PRODUCT = "product"  # what the library gives
    CROSSING_VALUE = "crossing_value"  # a node that a later kernel of the step reads
    PART = "part"  # sums over the units of one program, of a node
    CHUNK = "chunk"  # a state after each of the steps that are joined by a scan
    OUTPUT = "output"  # the first state after every step
    LENGTHS = "lengths"
    CROSSING = "crossing"  # where a state crosses a boundary
    COUNTER = "counter"  # of a barrier
    FAILED = "failed"  # a mark that programs waited in vain
    TABLE = "table"  # addresses of the arrays of a call
    CLOCK = "clock"  # how many steps are done


# of what an argument points to; "weights" is the type of the parameters
Element: TypeAlias = Literal["weights", "float32", "int32", "int8", "table"]


@dataclass(frozen=True)
class Argument:
    """One argument of a kernel: its name, what it stands for (a role, and of what), its element type."""

    name: str
    role: Role
    of: str | int
    kind: Element
