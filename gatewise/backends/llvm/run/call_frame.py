"""One call of a kernel: its arguments, its memory and its packed weights.

Frames are used again: a frame that waits keeps its workspace and the weights that it has packed.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence

from gatewise.backends.llvm.machine.crowding import crowded
from gatewise.backends.llvm.machine.threads import parallel, worth
from gatewise.backends.llvm.plan import unit_ranges
from gatewise.backends.llvm.plan.kernel_spec import STEPPED, KernelKind
from gatewise.backends.llvm.plan.tiles import Rows
from gatewise.backends.llvm.run.arguments import Arguments
from gatewise.backends.llvm.run.buffers import address
from gatewise.backends.llvm.run.gradient_tasks import GradientTargets
from gatewise.backends.llvm.run.gradients import Gradients
from gatewise.backends.llvm.run.kernel import Kernel
from gatewise.backends.llvm.run.traversal import Traversal
from gatewise.backends.llvm.run.weights import WeightPacker
from gatewise.backends.llvm.run.workspace import Workspace

WORTH_SHARING = 1 << 17  # multiply-adds of a step of one row: a barrier takes half a microsecond
WORTH_HALVING = 1 << 20  # bytes of weights: about what a core's own second-level cache holds
_TILE_BYTES = 5 * 8  # what ``Rows.tiles`` has of one


class CallFrame:
    """What a kernel needs to run: bind the caller's arrays, the traversal and saved arrays, pack the
    weights (``frame.weights.pack``), then run it alone or in a pool (``scheduler.py``)."""

    def __init__(
        self,
        kind: KernelKind,
        kernel: Kernel,
        sizes: Mapping[str, int],
        threads: int,
        saved: Mapping[str, int] | None = None,
        into: GradientTargets | None = None,
    ) -> None:
        """``saved``: where each saved quantity begins, in values for each visited step. ``into``: where
        a backward kernel's gradients of parameters go."""
        plan, dtype = kernel.plan, kernel.shared.dtype
        self.kind, self.kernel, self.threads = kind, kernel, threads
        self.gradients: Gradients  # of a backward kernel
        if into is not None:
            self.gradients = Gradients(plan, kernel.shared, max(1, threads), into)
        # while it runs, where it waits afterwards; None: nowhere, or its owner's
        self.home: list[CallFrame] | None = None
        self.arguments = Arguments(plan.table)
        self.workspace = Workspace.take(plan, dtype, threads)
        self.workspace.bind(plan, self.arguments)
        self.weights = WeightPacker(kernel, sizes, threads, self.arguments)
        counts = [3 if role in STEPPED else 2 for role, _ in plan.table.roles]
        self._callers, self._values = struct.Struct(f"{sum(counts)}q"), self.arguments.values.data
        index = self.arguments.index
        self._saved = [
            (index[name], at * dtype.itemsize)
            for name, at in (saved or {}).items()
            if name in index
        ]
        self.rows: Rows  # of the traversal that was bound
        self._traversal: Traversal | None = None
        self._tiles_at = 0
        # what ``_share`` was told last: first tile, tiles, ranges of units, whether threads share one
        self._sharing: tuple[int, int, int, bool] | None = None
        self._step_work, self._apart = plan.step_work, plan.strategy.apart

    @property
    def name(self) -> str:
        """What a profile calls it: the program, and for a backward kernel its kind."""
        return self.kernel.plan.program.name

    # --- binding -----------------------------------------------------------------------------

    def bind_arrays(self, numbers: Sequence[int]) -> None:
        """Set the caller's arrays, in the order of the plan's roles.

        Each has its address, the distance of its steps (of inputs and outputs only) and that of its
        rows, in values.
        """
        self._callers.pack_into(self._values, 0, *numbers)

    def bind_traversal(self, traversal: Traversal, backward: bool) -> None:
        """Set which rows visit which steps, and in which order."""
        if traversal is self._traversal:
            return
        self._traversal, rows, reset = traversal, traversal.rows, traversal.reset
        self.rows = rows
        self._tiles_at, self._sharing = address(rows.tiles), None
        bind = self.arguments.set
        bind("T", rows.steps)
        bind("perm", address(rows.order))
        bind("steps", rows.total)
        bind("lengths", 0 if rows.lengths is None else address(rows.lengths))
        bind("reset", 0 if reset is None else reset.pointer)
        if reset is not None:
            bind("reset:t", reset.step)
            bind("reset:b", reset.row)
        bind("descending", int(traversal.reverse != backward))
        bind("shift", int(traversal.reverse))

    def bind_saved(self, base: int, width: int) -> None:
        """Set where the saved quantities lie: one array after the other, ``width`` values of each step;
        behind them what is saved at the start of every segment."""
        values, steps = self.arguments.values, self.rows.total
        for k, at in self._saved:
            values[k] = base + at * steps
        plan = self.kernel.plan
        if not plan.spec.segments:
            return
        base += width * steps * plan.t.bytes
        slots = plan.segment_slots(self.rows.steps)
        self.arguments.set("segments", slots)
        for name in plan.spec.segments:
            self.arguments.set(f"segment.{name}", base)
            base += plan.segment_width(name) * slots * self.rows.batch * plan.t.bytes

    # --- running alone -----------------------------------------------------------------------

    def run(self, rows: Rows, first: int = 0, tiles: int = -1, steps: int = -1) -> None:
        """Call the kernel on some tiles, which visit so many steps, by default on all; on no more
        threads than tiles, and on one where waking another costs more."""
        if tiles < 0:
            tiles, steps = len(rows.tiles), rows.total
        count = worth(self.threads, steps * self._step_work)
        parts, shared = 1, False
        if self._apart:
            parts = unit_ranges.count(self.kernel.plan, tiles, count)
        else:
            shared = 0 < 2 * tiles <= count and self._step_work > WORTH_SHARING and not crowded()
        self._share(first, tiles, parts, shared)
        if not shared:
            count = min(count, tiles * parts)
        if count:
            parallel(self.kernel.entry, self.arguments.address, count)

    def _share(self, first: int, tiles: int, parts: int, shared: bool) -> None:
        """Set which tiles are computed and how threads share them."""
        self.workspace.counter[0] = 0
        if (first, tiles, parts, shared) == self._sharing:
            return
        self._sharing = first, tiles, parts, shared
        bind = self.arguments.set
        bind("tiles", self._tiles_at + first * _TILE_BYTES)
        bind("count", tiles * parts)
        bind("shared", int(shared))
        if self._apart:
            bind("parts", parts)

    # --- one of several that run together ---------------------------------------------------

    def prefers_team(self, threads: int, tiles: int) -> bool:
        """Whether threads are quicker when they share its tiles, one after the other, than when each
        goes through one by itself, where ``tiles`` can run at once.

        Shared weights are halved: what a core's own cache does not hold, two may hold. Other weights
        are worth it only where threads would have nothing to do.
        """
        plan = self.kernel.plan
        size = 2 if plan.spec.weights else self.kernel.shared.dtype.itemsize
        least = WORTH_SHARING if 2 * tiles <= threads else max(WORTH_SHARING, WORTH_HALVING // size)
        few = 2 * len(self.rows.tiles) <= threads and worth(threads, self.work) > 1
        return few and self._step_work > least and not self._apart and not crowded()

    def ends_evenly(self, threads: int) -> bool:
        """Whether so many threads, on its tiles, all end at the same time."""
        return self.rows.lengths is None and len(self.rows.tiles) % threads == 0

    @property
    def work(self) -> int:
        """Multiply-adds of all steps."""
        return self.rows.total * self._step_work

    @property
    def largest_tile(self) -> int:
        """Multiply-adds of the largest tile, which is the first."""
        tiles = self.rows.tiles
        return int(tiles[0, 3]) * self._step_work if len(tiles) else 0

    def open_tiles(self, threads: int) -> int:
        """Make all tiles ready for threads that take them in turn; how many there are."""
        plan, tiles = self.kernel.plan, len(self.rows.tiles)
        parts = unit_ranges.count(plan, tiles, threads) if self._apart else 1
        self._share(0, tiles, parts, False)
        return tiles * parts

    @property
    def entry_and_arguments(self) -> tuple[int, int]:
        """The addresses of the kernel and of its arguments."""
        return self.kernel.entry, self.arguments.address
