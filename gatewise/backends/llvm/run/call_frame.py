"""What a call of a kernel needs besides the caller's arrays: workspace, arguments, packed weights.

Frames are used again. A frame remembers the fingerprint of the weights that it packed, so weights
that did not change are not packed again; the fingerprint is taken from the values themselves, since
nothing else tells of every change (fused optimizers, ``.data`` and NumPy leave no other trace).
"""

from __future__ import annotations

import math
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from gatewise.backends.llvm.machine.crowding import crowded
from gatewise.backends.llvm.machine.threads import parallel, worth
from gatewise.backends.llvm.machine.threads_ir import BARRIER_BYTES
from gatewise.backends.llvm.plan import unit_ranges
from gatewise.backends.llvm.plan.kernel_spec import STEPPED, KernelKind
from gatewise.backends.llvm.plan.tiles import Rows
from gatewise.backends.llvm.run.gradients import Gradients, GradientTargets
from gatewise.backends.llvm.run.kernel import BUFFERS, Kernel, address

Array = np.ndarray[Any, Any]

WORTH_SHARING = 1 << 17  # multiply-adds of a step of one row: a barrier takes half a microsecond
WORTH_HALVING = 1 << 20  # bytes of weights: about what a core's own second-level cache holds
_TILE_BYTES = 5 * 8  # what ``Rows.tiles`` has of one


@dataclass(frozen=True)
class View:
    """Values of the caller: an address, and how far apart steps and rows are (in values)."""

    pointer: int
    step: int
    row: int


@dataclass(frozen=True)
class Weight:
    """A parameter of the caller: an address, and how far apart its rows are (in values).

    ``second`` is the address of a vector that is added to it (PyTorch has two biases), or 0.
    """

    pointer: int
    row: int
    second: int = 0


@dataclass(frozen=True, eq=False)
class Traversal:
    """Which rows visit which steps, and how."""

    rows: Rows
    reset: View | None = None
    reverse: bool = False
    threads: int = 1


class CallFrame:
    """The memory of one call of a kernel."""

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
        self.kind, self.into = kind, into
        self.gradients: Gradients  # of a backward kernel
        if into is not None:
            self.gradients = Gradients(plan, kernel.shared, max(1, threads), into)
        self.kernel, self.threads, self._sizes = kernel, threads, sizes
        # while it runs, where it waits afterwards; None: nowhere, or its owner's
        self.home: list[CallFrame] | None = None
        self.index = kernel.index
        self.table = np.zeros(len(plan.table.arguments), np.int64)
        self._memory = self.table.data
        self._arrays = struct.Struct(
            f"{sum(3 if r in STEPPED else 2 for r, _ in plan.table.roles)}q"
        )
        here = [(kernel.index[n], at) for n, at in (saved or {}).items() if n in kernel.index]
        self._saved = [(k, at * dtype.itemsize) for k, at in here]
        self._counter = np.zeros(1, np.int64)
        self._traversal: Traversal | None = None
        self.rows: Rows  # of the traversal that was set
        self._tiles_at = 0
        self._ran: tuple[int, int, int, bool] | None = None  # what ``_share`` was given last
        self._workspace = BUFFERS.take(threads * plan.workspace + 64, dtype, zeroed=True)
        self._weights = [BUFFERS.take(n, dtype, zeroed=True) for n in plan.weight_room]
        self._vectors = {
            p.name: BUFFERS.take(plan.t.padded(self._units(p)), dtype, zeroed=True)
            for p in plan.program.params
            if p.cols is None
        }
        self._packed: int | None = None
        self._marks = self._mark_table()
        self._marks_at = address(self._marks)
        self._marked: Mapping[str, Weight] | None = None  # whose places the marks are
        self._sourced: Mapping[str, Weight] | None = None  # whose places the recipes are
        self._work = plan.step_work
        self._table_at = address(self.table)
        self._recipes = self._recipe()
        self._scalars = [n for n in self._vectors if self._units(plan.program.param(n)) == 1]
        self.set("counter", address(self._counter))
        self._barrier = BUFFERS.take(BARRIER_BYTES, np.uint8, zeroed=True)
        self.set("barrier", address(self._barrier))
        self.set("ws", address(self._workspace))
        self.set("ws_stride", plan.workspace)
        for k, array in enumerate(self._weights):
            self.set(f"w.{k}", address(array))
        for name, array in self._vectors.items():
            self.set(f"p.{name}", address(array))

    def _units(self, param: Any) -> int:
        return int(param.rows.evaluate(self._sizes))

    def set(self, name: str, value: int) -> None:
        """Set an argument of the kernel."""
        self.table[self.index[name]] = value

    def bind_arrays(self, numbers: Sequence[int]) -> None:
        """Set the caller's arrays, in the order of ``plan.table.roles``: for each its address, the distance
        of its steps (of inputs and outputs only) and that of its rows, in values."""
        self._arrays.pack_into(self._memory, 0, *numbers)

    def set_traversal(self, traversal: Traversal, backward: bool) -> None:
        """Set what says which rows visit which steps, and in which order."""
        if traversal is self._traversal:
            return
        self._traversal, rows, reset = traversal, traversal.rows, traversal.reset
        self.rows = rows
        self.set("T", rows.steps)
        self._tiles_at, self._ran = address(rows.tiles), None
        self.set("perm", address(rows.order))
        self.set("steps", rows.total)
        self.set("lengths", 0 if rows.lengths is None else address(rows.lengths))
        self.set("reset", 0 if reset is None else reset.pointer)
        if reset is not None:
            self.set("reset:t", reset.step)
            self.set("reset:b", reset.row)
        self.set("descending", int(traversal.reverse != backward))
        self.set("shift", int(traversal.reverse))

    def set_saved(self, base: int, steps: int) -> None:
        """Set where the saved quantities of so many visited steps lie: one array after the other."""
        for k, at in self._saved:
            self.table[k] = base + at * steps

    @property
    def name(self) -> str:
        """What a profile calls it: the program, and for a way back its kind."""
        return self.kernel.plan.program.name

    def run(self, rows: Rows, first: int = 0, tiles: int = -1, steps: int = -1) -> None:
        """Call the kernel on some tiles, which visit so many steps, by default on all; on no more
        threads than tiles, and on one where waking another costs more."""
        if tiles < 0:
            tiles, steps = len(rows.tiles), rows.total
        count = worth(self.threads, steps * self._work)
        parts, shared = 1, False
        if self.kernel.plan.strategy.apart:
            parts = unit_ranges.count(self.kernel.plan, tiles, count)
        else:
            shared = 0 < 2 * tiles <= count and self._work > WORTH_SHARING and not crowded()
        self._share(first, tiles, parts, shared)
        if not shared:
            count = min(count, tiles * parts)
        if count:
            parallel(self.kernel.entry, self._table_at, count)

    def _share(self, first: int, tiles: int, parts: int, shared: bool) -> None:
        """Set which tiles are computed and how threads share them."""
        self._counter[0] = 0
        if (first, tiles, parts, shared) == self._ran:  # as the last time
            return
        self._ran = first, tiles, parts, shared
        self.set("tiles", self._tiles_at + first * _TILE_BYTES)
        self.set("count", tiles * parts)
        self.set("shared", int(shared))
        if self.kernel.plan.strategy.apart:
            self.set("parts", parts)

    # --- one of several that run together ---------------------------------------------------

    def by_team(self, threads: int, tiles: int) -> bool:
        """Whether threads are quicker when they share its tiles, one after the other, than when each
        goes through one by itself, where ``tiles`` can run at once.

        Shared weights are halved: what a core's own cache does not hold, two may hold. Other weights
        are worth it only where threads would have nothing to do.
        """
        plan = self.kernel.plan
        size = 2 if plan.spec.weights else self.kernel.shared.dtype.itemsize
        least = WORTH_SHARING if 2 * tiles <= threads else max(WORTH_SHARING, WORTH_HALVING // size)
        few = 2 * len(self.rows.tiles) <= threads and worth(threads, self.work) > 1
        return few and self._work > least and not plan.strategy.apart and not crowded()

    def even(self, threads: int) -> bool:
        """Whether so many threads, on its tiles, all end at the same time."""
        return self.rows.lengths is None and len(self.rows.tiles) % threads == 0

    @property
    def work(self) -> int:
        """Multiply-adds of all steps."""
        return self.rows.total * self._work

    @property
    def largest(self) -> int:
        """Multiply-adds of the largest tile, which is the first."""
        tiles = self.rows.tiles
        return int(tiles[0, 3]) * self._work if len(tiles) else 0

    def open(self, threads: int) -> int:
        """Make all tiles ready for threads that take them in turn; how many there are."""
        plan, tiles = self.kernel.plan, len(self.rows.tiles)
        parts = unit_ranges.count(plan, tiles, threads) if plan.strategy.apart else 1
        self._share(0, tiles, parts, False)
        return tiles * parts

    @property
    def call(self) -> tuple[int, int]:
        """The addresses of the kernel and of its arguments."""
        return self.kernel.entry, self._table_at

    # --- weights -----------------------------------------------------------------------------

    def pack_weights(self, params: Mapping[str, Weight], remember: bool) -> None:
        """Pack the parameters, unless these very values are packed already.

        ``remember``: look whether they changed (inference); in training they always have.
        """
        mark = self._fingerprint(params) if remember else None
        if mark is not None and mark == self._packed:
            return
        self._packed = None  # not valid while it is being written
        self._pack(params)
        self._packed = mark

    def _mark_table(self) -> Array:
        """What the fingerprint reads: [count, then pointer, rows, columns, distance each]; vectors
        twice, as a second one may be added."""
        vectors = sum(p.cols is None for p in self.kernel.plan.program.params)
        packed = (
            0 if self.kernel.plan.spec.single else len(self.kernel.plan.program.params) - vectors
        )
        count = packed + 2 * vectors
        return np.array([count] + [0] * (4 * count), np.int64)

    def _fingerprint(self, params: Mapping[str, Weight]) -> int:
        if params is not self._marked:  # not the same places as the last time
            numbers = []
            for param in self.kernel.plan.program.params:
                weight, shape = params[param.name], param.shape(self._sizes)
                if param.cols is None:
                    numbers += [weight.pointer, 1, shape[0], 0]
                    numbers += [weight.second or weight.pointer, 1, shape[0], 0]
                    continue
                if self.kernel.plan.spec.single:  # read where it is
                    self.set(f"m.{param.name}", weight.pointer)
                    self.set(f"m.{param.name}:b", weight.row)
                    continue
                rows, columns = math.prod(shape[:-1]), shape[-1]
                if weight.row == columns:  # rows without gaps are one long row
                    rows, columns = 1, rows * columns
                numbers += [weight.pointer, rows, columns, weight.row]
            self._marks[1:] = numbers
            self._marked = params
        return int(self.kernel.shared.fingerprint(self._marks_at))

    def _pack(self, params: Mapping[str, Weight]) -> None:
        """Matrices into panels; vectors too, as one column of depth 1, which pads them."""
        work = self.kernel.plan.step_work
        if params is not self._sourced:  # not the same places as the last time
            for _, tasks, _, sources, _ in self._recipes:
                for at, name, second, offset in sources:
                    weight = params[name]
                    if second:
                        tasks[at] = weight.second
                        tasks[at + 3] = 1 if weight.second else 0  # depth: one, or nothing to do
                    else:
                        tasks[at] = weight.pointer + offset * weight.row
                        tasks[at + 1] = weight.row
            self._sourced = params
        for entry, tasks, start, _, threads in self._recipes:  # what is added to is there before
            tasks[1] = 0
            many = worth(threads, work << 3)
            parallel(entry, start, many)
        for name in self._scalars:
            array = self._vectors[name]
            array[:] = array[0]  # a scalar stands in every lane

    def _recipe(self) -> list[tuple[int, Array, int, list[tuple[int, str, bool, int]], int]]:
        """Tables of ``gw_pack`` calls: [count, next, then its arguments each], with the entry to call,
        their address, the places that take the caller's addresses, and on how many threads: first what writes, then
        what adds; matrices may be packed by another entry than vectors."""
        plan, size = self.kernel.plan, self.kernel.shared.dtype.itemsize
        matrices, vectors = self.kernel.pack_tasks, self.kernel.shared.pack_tasks
        kinds = [(vectors, False), (matrices, False), (vectors, True), (matrices, True)]
        tables: dict[tuple[int, bool], list[int]] = {kind: [0, 0] for kind in kinds}
        sources: dict[tuple[int, bool], list[tuple[int, str, bool, int]]] = {k: [] for k in kinds}

        def task(
            entry: int, adds: bool, name: str, offset: int, second: bool, numbers: list[int]
        ) -> None:
            table = tables[entry, adds]
            sources[entry, adds].append((len(table) + 1, name, second, offset))
            to, *rest = numbers
            table.extend([to, 0, 0, *rest, int(adds)])
            table[0] += 1

        for piece in [] if plan.spec.single else plan.pieces:
            param = plan.program.param(piece.param)
            assert param.cols is not None
            n = param.blocks
            r = param.rows.evaluate(self._sizes) // n
            c = param.cols.evaluate(self._sizes) // n
            to = address(self._weights[piece.weights])
            depth, blocks = plan.weights[piece.weights].depth, plan.weights[piece.weights].blocks
            lanes, k = (c, r) if piece.transposed else (r, c)
            for b in range(n):
                task(matrices, piece.more, piece.param, b * r * size, False,
                     [to, lanes, k, int(piece.transposed), piece.lane + b * lanes,
                      piece.start + b * k, depth, blocks])  # fmt: skip
        for name, array in self._vectors.items():
            units = self._units(plan.program.param(name))
            blocks = plan.t.blocks(units)
            for adds in (False, True):
                task(vectors, adds, name, 0, adds, [address(array), units, 1, 1, 0, 0, 1, blocks])
        made = []
        for (entry, adds), table in tables.items():
            if table[0]:
                places = sources[entry, adds]
                tasks = np.array(table, np.int64)
                made.append((entry, tasks, address(tasks), places, 1 if adds else self.threads))
        return made
