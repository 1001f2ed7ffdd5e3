"""The plan of a step kernel: where every vector of a step lives, and what the kernel is given.

Each thread has a workspace with one row for each batch row of its tile. A row holds, one after the
other, the vectors that outlive a loop: states, copies of the inputs, results of products, whatever a
later phase reads. All rows have the same distance, so one stride serves every product. What goes to
memory for later is *saved*: ``[steps][width]``, a step being one row visited at one time. Few
streams, one after the other: the processor fetches them ahead.

``planner.py`` makes a plan; nothing changes it afterwards.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from gatewise.backends.llvm.ir_text import Lanes
from gatewise.backends.llvm.plan.kernel_spec import HISTORY, LONGEST, SEGMENT, KernelSpec
from gatewise.backends.llvm.plan.packed_sizes import packed_values, scratch
from gatewise.backends.llvm.plan.parts import (
    AHEAD,
    NO_ARGUMENTS,
    NONE_DEFERRED,
    USUAL_ORDER,
    ArgumentTable,
    ArraySlot,
    BatchSums,
    Deferred,
    Layout,
    OuterProducts,
    PackedMatrix,
    Phase,
    Piece,
    Strategy,
    odd,
)
from gatewise.backends.llvm.plan.shapes import Shapes
from gatewise.ir import Node, Program


@dataclass(frozen=True)
class KernelPlan:
    """The finished plan.

    Attributes:
        copies: (state, node) pairs: moved into the state at the end of a step.
        direct_inputs: nodes that loops over units read where the caller has them.
        direct_results: results that those loops write where the caller wants them.
        saved_places: of saved quantities that share an array or are bits; see ``place``.
        replay: the plan of what a kernel that runs back computes again.
    """

    spec: KernelSpec
    shapes: Shapes
    phases: tuple[Phase, ...]
    layout: Layout
    copies: tuple[tuple[str, int], ...]
    direct_inputs: frozenset[int]
    direct_results: frozenset[str]
    weights: tuple[PackedMatrix, ...]
    pieces: tuple[Piece, ...]
    outers: OuterProducts
    saved_places: Mapping[str, ArraySlot]
    batch_sums: BatchSums
    deferred: Deferred = NONE_DEFERRED
    strategy: Strategy = USUAL_ORDER
    replay: KernelPlan | None = None
    table: ArgumentTable = NO_ARGUMENTS

    # --- what the parts say ------------------------------------------------------------------

    @property
    def program(self) -> Program:
        return self.spec.program

    @property
    def t(self) -> Lanes:
        return self.shapes.t

    @property
    def units(self) -> tuple[int, ...]:
        return self.shapes.units

    @property
    def scalar(self) -> tuple[bool, ...]:
        return self.shapes.scalar

    def node(self, index: int) -> Node:
        return self.program.nodes[index]

    def blocks(self, index: int) -> int:
        return self.shapes.blocks(index)

    # --- sizes -------------------------------------------------------------------------------

    @property
    def step_work(self) -> int:
        """Multiply-adds of a step of one row."""
        return sum(m.blocks * self.t.lanes * m.depth for m in self.weights)

    @property
    def workspace(self) -> int:
        """Values of one thread's workspace: its rows, what is computed ahead, rounded operands, what is
        computed again."""
        replayed = 0
        if self.replay is not None:
            widths = sum(self.segment_width(name) for name in self.spec.segments)
            replayed = self.spec.tile * (self.replay.layout.row + self.spec.segment * widths)
        return self.replayed + replayed

    @property
    def replayed(self) -> int:
        """Where the rows of the replay lie in the workspace; behind them the matrices of a segment."""
        if not self.spec.weights:
            return self.rounded
        deepest = max((m.depth for m in self.weights), default=0)
        many = self.layout.ahead_slot or self.deferred.operands
        rows = max(self.spec.tile, AHEAD) if many else self.spec.tile
        return self.rounded + scratch(self.t, deepest, rows)

    @property
    def rounded(self) -> int:
        """Where the rounded operands of a product lie in the workspace."""
        return self.deferred_at + self.deferred.size

    @property
    def deferred_at(self) -> int:
        """Where the operands and results of deferred products lie in the workspace."""
        products = (q for phase in self.phases for q in phase.products)
        ahead = sum(q.blocks for q in products if q.index in self.layout.ahead_slot)
        return self.spec.tile * self.layout.row + AHEAD * ahead * self.t.lanes

    @property
    def weight_room(self) -> list[int]:
        """Size of each packed weight array, in values of the plan's type."""
        if self.spec.single:
            return []
        columns = [(m.blocks * self.t.lanes, m.depth) for m in self.weights]
        if self.spec.weights:
            return [packed_values(count, depth) for count, depth in columns]
        return [count * depth for count, depth in columns]

    @property
    def matrices(self) -> list[str]:
        """The parameters that products read where the caller has them."""
        if not self.spec.single:
            return []
        return list(dict.fromkeys(piece.param for piece in self.pieces))

    @property
    def own_units(self) -> int:
        """Units of a state, where all have as many."""
        return next(iter(self.shapes.states.values()))

    @property
    def unit_blocks(self) -> int:
        """Vectors of a state; where units are apart, of everything that is computed."""
        return max(map(self.t.blocks, self.shapes.states.values()))

    # --- matrices that are saved now and then ------------------------------------------------

    def segment_width(self, name: str) -> int:
        """Values from one saved matrix to the next."""
        of = self.shapes if name in self.shapes.states else self._replayed_shapes
        return odd(self.t.blocks(of.states[name])) * self.t.lanes

    @property
    def _replayed_shapes(self) -> Shapes:
        assert self.replay is not None
        return self.replay.shapes

    @property
    def longest_segment(self) -> int:
        """Steps of a segment, where a row goes alone: as many matrices as the second-level cache may hold."""
        width = sum(self.segment_width(name) for name in self.spec.segments)
        steps = LONGEST
        while steps > SEGMENT and steps * width * self.t.bytes > HISTORY:
            steps //= 2
        return steps

    def segment_slots(self, steps: int) -> int:
        """Matrices of a row that are saved: one for each segment, and what it restarts from."""
        return -(-steps // self.spec.segment) + 1

    def segment_values(self, steps: int) -> int:
        """Values that are saved of a row besides those of each step."""
        widths = sum(self.segment_width(name) for name in self.spec.segments)
        return widths * self.segment_slots(steps)

    # --- saved arrays ------------------------------------------------------------------------

    @property
    def outer_arrays(self) -> list[str]:
        """Saved arrays that only the backward kernel knows, for operands of outer products."""
        operands = self.outers.operands.items()
        names = (self.place(name, n).array for n, name in operands if name.startswith("outer."))
        return list(dict.fromkeys(names))

    def place(self, name: str, index: int) -> ArraySlot:
        """Where a saved quantity lies: by default in an array of its own."""
        slot = self.saved_places.get(name)
        return slot or ArraySlot(name, 0, odd(self.blocks(index)) * self.t.lanes)
