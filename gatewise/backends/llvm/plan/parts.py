"""The parts of a plan: products and their weights, places in memory, sinks, phases, arguments."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, auto

from gatewise.backends.llvm.plan.kernel_spec import Role
from gatewise.backends.llvm.plan.shapes import Loop

AHEAD = 36  # steps for which a tile of one row computes products over inputs at once: six whole register tiles


@dataclass(frozen=True)
class Product:
    """One matrix product: packed weights ``w.<index>``, an operand (the first of several that lie next
    to each other), the place of its columns."""

    index: int
    operand: int
    offset: int  # of the first column in a row of the workspace
    blocks: int  # vectors of all columns
    depth: int  # units of the operands
    more: bool  # adds to what an earlier product over another operand put there


@dataclass(frozen=True)
class Piece:
    """A parameter's place in packed weights: its columns start at ``lane``, its depth at ``start``.

    ``more``: it is added to a parameter that is packed into the same place.
    """

    weights: int
    param: str
    transposed: bool
    lane: int
    more: bool
    start: int = 0


@dataclass(frozen=True)
class PackedMatrix:
    """Packed weights: vectors of all columns, and units of the operands that they meet.

    The depth is 0 where the product was joined to another one, which has its weights.
    """

    blocks: int
    depth: int


@dataclass(frozen=True)
class ArraySlot:
    """Where a saved quantity lies: the argument that has its array, where it begins in a step, how far
    apart steps are (in values)."""

    array: str
    offset: int
    width: int
    bits: bool = False  # a mask: 16 bits for each vector instead of the vector


def odd(blocks: int) -> int:
    """Steps an odd number of vectors apart lie in different sets of the cache."""
    return blocks | 1


@dataclass(frozen=True)
class Outer:
    """Gradients of matrices: every left vector with every right one, both saved arrays."""

    lefts: tuple[int, ...]
    rights: tuple[int, ...]


@dataclass(frozen=True)
class OuterProducts:
    """The products after the loop, and the saved quantity that holds each of their operands."""

    groups: tuple[Outer, ...]
    operands: Mapping[int, str]


class SinkKind(Enum):
    """Where a value goes once it is computed."""

    SLOT = auto()  # into the workspace, for later phases: ``offset`` in a row
    STATE = auto()  # into the place of the state ``name``
    SAVED = auto()  # into the saved array ``name``, for the backward step
    OUT = auto()  # to the caller's array of the result ``name``
    ROW = auto()  # added up over the steps of a row: ``offset`` in a row of the workspace
    BATCH = auto()  # added up over rows and steps: the sum ``name``


@dataclass(frozen=True)
class Sink:
    """A node whose value goes somewhere."""

    node: int
    kind: SinkKind
    name: str = ""
    offset: int = 0


@dataclass(frozen=True)
class Phase:
    """What happens in one phase: moves, products, then loops over units that end with the sums.

    ``sinks`` has the values that are put away, by the loop that has them; None for scalars.
    """

    moves: tuple[int, ...]
    products: tuple[Product, ...]
    pointwise: tuple[int, ...]
    sums: tuple[int, ...]
    sinks: Mapping[Loop, tuple[Sink, ...]]


@dataclass(frozen=True)
class Layout:
    """The workspace: offsets in a row, in values, and the distance of rows."""

    row: int
    slot: Mapping[int, int]  # of a node
    state_slot: Mapping[str, int]  # of a state
    row_sum_slot: Mapping[int, int]  # of an output (its number) that is summed over time
    ahead_slot: Mapping[int, int]  # of AHEAD steps of a product (its index), behind all rows


@dataclass(frozen=True)
class Deferred:
    """Products that a tile of one row does for ``AHEAD`` steps at once, after those steps: gradients of inputs.

    ``operands``: where those of the last steps are kept, by product (its index); ``results``: where the columns
    of those steps go, by their offset in a row; ``size``: of all that, in values.
    """

    operands: Mapping[int, int]
    results: Mapping[int, int]
    size: int


NONE_DEFERRED = Deferred({}, {}, 0)


@dataclass(frozen=True)
class BatchSums:
    """Where a tile adds up what is summed over its rows and steps, and how long that row is."""

    offset: Mapping[str, int]
    width: int


@dataclass(frozen=True)
class Strategy:
    """How a kernel goes through units and time (``strategy.py``)."""

    own_way: bool = False  # units do not meet: each goes through time by itself
    apart: bool = False  # a tile can be a range of units
    innermost: bool = False  # time can be the inner loop


USUAL_ORDER = Strategy()


@dataclass(frozen=True)
class Argument:
    """One argument of a kernel: 64 bits, an address or a number."""

    name: str
    pointer: bool = True


@dataclass(frozen=True)
class ArgumentTable:
    """The arguments of a kernel, and the caller's arrays that come first, as (role, name)."""

    roles: tuple[tuple[Role, str], ...] = ()
    arguments: tuple[Argument, ...] = ()


NO_ARGUMENTS = ArgumentTable()
