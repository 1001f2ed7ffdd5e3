"""The plan of a step kernel: where every vector of a step lives, and what the kernel is given.

Each thread has a workspace with one row for each batch row of its tile. A row holds, one after the
other, the vectors that outlive a loop: states, copies of the inputs, results of products, whatever a
later phase reads. All rows have the same distance, so one stride serves every product. What goes to
memory for later is *saved*: ``[steps][width]``, a step being one row visited at one time. Few
streams, one after the other: the processor fetches them ahead.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum, StrEnum, auto

from gatewise.backends.llvm.ir_text import Lanes
from gatewise.backends.llvm.plan.packed_sizes import packed_values, scratch
from gatewise.backends.llvm.plan.tiles import TILE
from gatewise.ir import ONE, Node, Program, Size

AHEAD = 32  # steps for which a tile of one row computes products over inputs at once


class KernelKind(StrEnum):
    """The kernels that a layer can have."""

    INFERENCE = "inference"
    SINGLE = "single"  # inference, one step of one row: matrices are not packed
    FORWARD = "forward"  # training: saves what the way back reads
    BACKWARD = "backward"  # all gradients
    STATIC = "static"  # all but those of inputs that come at every step
    LEAN = "lean"  # those of parameters and states alone


class Role(StrEnum):
    """What an array of the caller is to a kernel."""

    IN = "in"  # read at every step (static inputs once)
    OUT = "out"  # written at every step
    FIRST = "first"  # states to start from
    RESTART = "restart"  # states after a reset
    LAST = "last"  # takes the final states
    ROW = "row"  # takes what is summed over the steps of a row


STEPPED = (Role.IN, Role.OUT)  # arrays with an axis of time


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
    """A parameter's place in packed weights: its columns start at ``lane``, its depth at ``start``."""

    weights: int
    param: str
    transposed: bool
    lane: int
    more: bool
    start: int = 0


@dataclass(frozen=True)
class ArraySlot:
    """A saved quantity: the argument that has its array, where it begins in a step, how far apart
    steps are (in values)."""

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
class KernelSpec:
    """What is asked of a kernel.

    ``reads_saved``: inputs that come from saved arrays, not from the caller's. ``writes_saved``: quantities to be put
    into saved arrays, as (name, node). ``results``: what goes to the caller at every step, as
    (name, node). ``backward``: it runs back over a forward kernel's steps. ``masks``: saved quantities
    that are ones and zeros; each is saved as a bit. ``weights``: the type that matrices are packed in,
    if it is another one than that of the states (``bf16.py``). ``single``: for one step of one row;
    matrices are not packed at all (``gemv.py``).
    """

    program: Program
    reads_saved: frozenset[str] = frozenset()
    writes_saved: tuple[tuple[str, int], ...] = ()
    results: tuple[tuple[str, int], ...] = ()
    backward: bool = False
    weights: str = ""
    tile: int = TILE  # rows that a thread carries through time together, at most
    masks: frozenset[str] = frozenset()
    single: bool = False


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
class Argument:
    """One argument of a kernel: 64 bits, an address or a number."""

    name: str
    pointer: bool = True


@dataclass
class Phase:
    """What happens in one phase, in this order."""

    moves: list[int] = field(default_factory=list)
    products: list[Product] = field(default_factory=list)
    pointwise: list[int] = field(default_factory=list)
    sums: list[int] = field(default_factory=list)
    # by units, None for scalars
    sinks: dict[int | None, list[Sink]] = field(default_factory=dict)


@dataclass
class KernelPlan:
    """The finished plan; ``row`` is the distance of workspace rows in values."""

    spec: KernelSpec
    t: Lanes
    sizes: dict[str, int]
    units: list[int]  # of each node; 1 for scalars
    scalar: list[bool]
    states: dict[str, int]  # units of each state
    phases: list[Phase]
    slot: dict[int, int]  # node -> offset in a workspace row
    state_slot: dict[str, int]
    row_sum_slot: dict[int, int]  # output summed over time -> accumulator
    copies: list[tuple[str, int]]  # (state, node): moved into the state when the step is over
    arguments: list[Argument]
    pieces: list[Piece]
    weight_values: list[int]  # size of each packed weight array
    weight_depth: list[int]
    weight_blocks: list[int]
    outers: list[Outer]
    places: dict[str, ArraySlot]  # saved quantities that share an array with others
    outer_operands: dict[int, str]  # node -> saved quantity, for outer products
    row: int = 0
    # the caller's arrays, with their names
    argument_roles: list[tuple[Role, str]] = field(default_factory=list)
    batch_place: dict[str, int] = field(
        default_factory=dict
    )  # output summed over the batch -> place
    batch_row: int = 0  # values that a tile sums over its rows and steps
    # inputs (nodes) and results (names) that loops over units read and write where the caller has them
    direct: set[int] = field(default_factory=set)
    direct_out: set[str] = field(default_factory=set)
    own_way: bool = (
        False  # units do not meet: each goes through time by itself (``unit_ranges.py``)
    )
    apart: bool = False  # so that a tile can be a range of them
    innermost: bool = False  # so that time can be the inner loop (``time_inner.py``)
    ahead_slot: dict[int, int] = field(default_factory=dict)  # product -> results of AHEAD steps

    @property
    def workspace(self) -> int:
        """Values of one thread's workspace: its rows, what is computed ahead, rounded operands."""
        return self.rounded + (
            scratch(self.t, max(self.weight_depth, default=0), self.spec.tile)
            if self.spec.weights
            else 0
        )

    @property
    def weight_room(self) -> list[int]:
        """Size of each packed weight array, in values of the plan's type."""
        if self.spec.single:
            return []
        if not self.spec.weights:
            return self.weight_values
        shapes = zip(self.weight_blocks, self.weight_depth, self.weight_values, strict=True)
        return [packed_values(b * self.t.lanes, d) if used else 0 for b, d, used in shapes]

    @property
    def matrices(self) -> list[str]:
        """The parameters that products read where the caller has them."""
        if not self.spec.single:
            return []
        return list(dict.fromkeys(piece.param for piece in self.pieces))

    @property
    def rounded(self) -> int:
        """Where the rounded operands of a product lie in the workspace."""
        ahead = sum(
            q.blocks for phase in self.phases for q in phase.products if q.index in self.ahead_slot
        )
        return self.spec.tile * self.row + AHEAD * ahead * self.t.lanes

    @property
    def own_units(self) -> int:
        """Units of a state, where all have as many."""
        return next(iter(self.states.values()))

    @property
    def unit_blocks(self) -> int:
        """Vectors of a state; where units are apart, of everything that is computed."""
        return max(map(self.t.blocks, self.states.values()))

    @property
    def program(self) -> Program:
        return self.spec.program

    def node(self, index: int) -> Node:
        return self.program.nodes[index]

    def blocks(self, index: int) -> int:
        return 1 if self.scalar[index] else self.t.blocks(self.units[index])

    @property
    def outer_arrays(self) -> list[str]:
        """Saved arrays that only the backward kernel knows, for operands of outer products."""
        names = (
            self.place(w, n).array for n, w in self.outer_operands.items() if w.startswith("outer.")
        )
        return list(dict.fromkeys(names))

    def place(self, name: str, index: int) -> ArraySlot:
        """Where a saved quantity lies: by default in an array of its own."""
        return self.places.get(name) or ArraySlot(name, 0, odd(self.blocks(index)) * self.t.lanes)


def concrete(program: Program, sizes: Mapping[str, int]) -> tuple[list[int], list[bool]]:
    """Units of every node for given sizes, and which are scalars that meet every unit."""
    units = [n.size.evaluate(sizes) for n in program.nodes]
    return units, [n.size == ONE and n.cols is None for n in program.nodes]


def number(size: Size, sizes: Mapping[str, int]) -> int:
    """A size that may be zero (the offset of a slice)."""
    return 0 if size == Size() else size.evaluate(sizes)
