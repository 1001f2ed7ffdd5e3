"""Gradients of parameters after the loop: matrix products over all visited steps, sums of tiles.

Both are written where the caller wants them. A product whose rows and columns are whole vectors goes
there directly; the others go to memory of our own first, and are collected from there.
"""

from __future__ import annotations

import ctypes
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from gatewise.backends.llvm.machine.threads import parallel, worth
from gatewise.backends.llvm.plan.kernel_plan import KernelPlan
from gatewise.backends.llvm.plan.tiles import Rows
from gatewise.backends.llvm.run.kernel import BUFFERS, Library, address

Array = np.ndarray[Any, Any]

PIECE = 1 << 22  # bytes of what a backward kernel keeps that stay in the caches until they are read
_OUTER, _COLLECT = 11, 9  # numbers of one task of gw_outer_tasks and gw_collect_tasks


@dataclass(frozen=True)
class GradientSlot:
    """Where a parameter's gradient goes: which of the caller's arrays, the first value in it, the
    distance of rows in values, and how many rows there are of how many columns."""

    array: int
    first: int
    row: int
    rows: int
    columns: int

    @staticmethod
    def of(array: int, first: int, shape: Sequence[int]) -> GradientSlot:
        """A parameter of a shape, without gaps."""
        return GradientSlot(array, first, shape[-1], math.prod(shape[:-1]), shape[-1])


@dataclass(frozen=True, eq=False)
class GradientTargets:
    """Where the gradients of all parameters go, by name; one may go to several places."""

    places: Mapping[str, tuple[GradientSlot, ...]]


@dataclass(frozen=True)
class _Task:
    """A task, but for addresses: ``patch`` has (place in the task, base, bytes from there on).

    Bases are the caller's arrays, then names of our own ones.
    """

    numbers: list[int]
    patch: tuple[tuple[int, int | str, int], ...]


@dataclass(frozen=True)
class Piece:
    """Some tiles: the first and how many, the first of their saved steps and how many."""

    first: int
    tiles: int
    start: int
    steps: int


class Gradients:
    """The tasks for one plan, prepared but for addresses and the number of steps."""

    def __init__(
        self, plan: KernelPlan, shared: Library, threads: int, into: GradientTargets
    ) -> None:
        self.plan, self.shared, self.threads = plan, shared, threads
        self._into = into.places
        places = [plan.place(name, n) for n, name in plan.outers.operands.items()]
        self._names = [*dict.fromkeys(p.array for p in places), "batch"]
        self._widths = {p.array: p.width for p in places}
        self._own_widths = {n: w for n, w in self._widths.items() if n in plan.outer_arrays}
        self._where: dict[
            str, int
        ] = {}  # addresses of the arrays in ``_names``, of the piece at hand
        self._places: dict[str, int] = {}  # in our own memory, which begins at ``_memory``
        self._memory = 0
        self._addresses: Array | None = None
        self._multiplied = (0, False)  # steps, and whether they are added, as the tasks have them
        self._arrays = max((p.array for ps in self._into.values() for p in ps), default=-1) + 1
        self._own: list[Array] = []  # products that cannot go where they belong directly
        self._missing: list[str] = []  # parameters that nothing depends on
        outer, collect = self._tasks()
        self._outer = _Table(outer, _OUTER, self)
        rows = self._outer.columns[:, 8] - self._outer.columns[:, 7]
        self._products_work = int((rows * self._outer.columns[:, 9]).sum()) * plan.t.lanes**2
        first = [t for t in collect if not t.numbers[8]]
        adds = [t for t in collect if t.numbers[8]]  # what they add to must be there before
        self._collects = [_Table(ts, _COLLECT, self) for ts in (first, adds) if ts]

    def base(self, key: int | str) -> int:
        """The number of a base among all."""
        return key if isinstance(key, int) else self._arrays + self._names.index(key)

    # --- tasks -----------------------------------------------------------------------------------

    def _tasks(self) -> tuple[list[_Task], list[_Task]]:
        plan, outer, collect = self.plan, list[_Task](), list[_Task]()
        seen: set[str] = set()
        sources = self._products(outer, direct=self._direct())
        for output in plan.program.outputs:
            node = plan.program.nodes[output.node]
            param = output.name.removeprefix("d.")
            places = self._into.get(param, ())
            if output.name in plan.batch_sums.offset:
                cols = 1 if plan.scalar[output.node] else plan.units[output.node]
                at = plan.batch_sums.offset[output.name] * plan.t.bytes
                collect += [
                    self._collected(p, 0, 1, cols, 0, 0, param in seen, ("batch", at))
                    for p in places
                ]
            elif node.op == "outer":
                blocks = node.attr if isinstance(node.attr, int) else 1
                source = sources[node.args[0], node.args[1]]
                if source is not None:
                    collect += self._blocks(node.args, source, blocks, places, param in seen)
            else:
                continue
            seen.add(param)
        self._missing = [n for n in self._into if n not in seen]
        return outer, collect

    def _direct(self) -> dict[tuple[int, int], tuple[GradientSlot, ...]]:
        """The products that can be written where they belong: (left, right) -> places."""
        plan, t, found = self.plan, self.plan.t, dict[tuple[int, int], Any]()
        outers = [(o.name, plan.program.nodes[o.node]) for o in plan.program.outputs]
        for name, node in outers:
            if node.op != "outer":
                continue
            pair = node.args[0], node.args[1]
            once = [n for n, _ in outers].count(name) == 1 and name not in plan.batch_sums.offset
            one = not isinstance(node.attr, int) or node.attr == 1
            whole = not any(plan.units[n] % t.lanes for n in pair)
            places = self._into.get(name.removeprefix("d."), ())
            alone = once and one and whole and len(places) == 1
            # what several parameters share (a tied pair of outputs) is collected
            found[pair] = places if alone and pair not in found else ()
        return {pair: places for pair, places in found.items() if places}

    def _products(
        self, outer: list[_Task], direct: Mapping[tuple[int, int], tuple[GradientSlot, ...]]
    ) -> dict[tuple[int, int], tuple[Array, int] | None]:
        """Tasks of the products, cut by rows of the result. For each pair the array it goes to and
        its first row there; None if it goes where it belongs."""
        plan, t = self.plan, self.plan.t
        made: dict[tuple[int, int], tuple[Array, int] | None] = {}
        for group in plan.outers.groups:
            for right in group.rights:
                width = plan.blocks(right)
                for left in group.lefts:
                    height = plan.blocks(left)
                    goal = direct.get((left, right))
                    if goal:
                        base: int | str = goal[0].array
                        first, row = goal[0].first * t.bytes, goal[0].row
                        made[left, right] = None
                    else:
                        out = np.zeros((height * t.lanes, width * t.lanes), self.shared.dtype)
                        self._own.append(out)
                        made[left, right] = out, 0
                        base, first, row = "", address(out), out.shape[1]
                    pieces = min(height, max(1, 4 * self.threads // len(group.lefts)))
                    for k in range(pieces):
                        numbers = [0, row, 0, 0, 0, 0, 0]
                        numbers += [height * k // pieces, height * (k + 1) // pieces, width, 0]
                        patch = [(0, base, first)]
                        for at, node in ((2, left), (4, right)):
                            place = plan.place(plan.outers.operands[node], node)
                            numbers[at + 1] = place.width
                            patch.append((at, place.array, place.offset * t.bytes))
                        outer.append(_Task(numbers, tuple(patch)))
        return made

    def _blocks(
        self, pair: tuple[int, ...], source: tuple[Array, int], blocks: int,
        places: Sequence[GradientSlot], adds: bool,
    ) -> list[_Task]:  # fmt: skip
        """A product to where it belongs: all of it, or the blocks on its diagonal."""
        plan, (array, first) = self.plan, source
        rows, cols = (plan.units[n] // blocks for n in pair)
        ld, size = array.shape[1], self.shared.dtype.itemsize
        tasks = []
        for place in places:
            for b in range(blocks):
                at = address(array) + ((first + b * rows) * ld + b * cols) * size
                tasks.append(self._collected(place, b * rows, rows, cols, ld, 1, adds, ("", at)))
        return tasks

    def _collected(
        self, place: GradientSlot, down: int, rows: int, cols: int, ld: int, parts: int, adds: bool,
        source: tuple[str, int],
    ) -> _Task:  # fmt: skip
        numbers = [0, place.row, 0, ld, rows, cols, parts, self.plan.batch_sums.width, int(adds)]
        to = (place.first + down * place.row) * self.plan.t.bytes
        return _Task(numbers, ((0, place.array, to), (2, *source)))

    # --- a run -----------------------------------------------------------------------------------

    def pieces(self, rows: Rows) -> list[Piece]:
        """The tiles in groups: what a kernel keeps of a group is read by the products before it has
        left the caches. Each sum is over the same terms in the same order, whatever the groups."""
        tiles, width = len(rows.tiles), sum(self._own_widths.values()) * self.plan.t.bytes
        if rows.total * width <= PIECE or tiles <= self.threads:
            return [Piece(0, tiles, 0, rows.total)]
        some = max(1, PIECE * tiles // (rows.total * width * self.threads)) * self.threads
        found = []
        for first in range(0, tiles, some):
            count = min(some, tiles - first)
            start, last = rows.tiles[first], rows.tiles[first + count - 1]
            found.append(Piece(first, count, int(start[2]), int(last[2] + last[3] - start[2])))
        return found

    def hold(self, rows: Rows, pieces: Sequence[Piece]) -> Array:
        """Memory for what the kernel adds up and keeps; to be given back after ``collect``."""
        steps = max(p.steps for p in pieces)
        total = self.plan.batch_sums.width * len(rows.tiles)
        for name, width in self._own_widths.items():
            self._places[name] = total
            total += width * steps
        memory = BUFFERS.take(total, self.shared.dtype)
        self._memory = address(memory)
        return memory

    def aim(self, frame: Any, piece: Piece) -> None:
        """Have a kernel put what it adds up and keeps of a piece into our memory."""
        size = self.plan.t.bytes
        frame.set("batch", self._memory + piece.first * self.plan.batch_sums.width * size)
        for name, width in self._own_widths.items():
            here = self._memory + self._places[name] * size
            frame.set(
                name, here - piece.start * width * size
            )  # it counts steps from the first tile on
            self._where[name] = here
        for name in self._widths.keys() - self._own_widths.keys():
            saved = int(frame.table[frame.index[name]])
            self._where[name] = saved + piece.start * self._widths[name] * size
        self._where["batch"] = self._memory
        self._addresses = None

    def multiply(self, piece: Piece, arrays: Sequence[int]) -> None:
        """The products over a piece's steps, added to those over the pieces before."""
        if not self._outer.count or not piece.steps:
            return
        self._outer.aim(self._bases(arrays))
        if self._multiplied != (piece.steps, piece.start > 0):  # not as the last time
            self._multiplied = piece.steps, piece.start > 0
            self._outer.columns[:, 6], self._outer.columns[:, 10] = self._multiplied
        many = worth(self.threads, piece.steps * self._products_work)
        parallel(self.shared.outer_tasks, self._outer.start(), many)

    def _bases(self, arrays: Sequence[int]) -> Array:
        """The addresses that tasks are given from, of the piece that was aimed at."""
        if self._addresses is None:
            own = [self._where[n] for n in self._names]
            self._addresses = np.array([*arrays, *own, 0], np.int64)
        return self._addresses

    def collect(self, rows: Rows, arrays: Sequence[int]) -> None:
        """The sums and what could not be written where it belongs, into the caller's arrays."""
        if not rows.total or self._missing:
            self._zeros(arrays, self._missing if rows.total else list(self._into))
        if not rows.total:
            return
        alone = len(self._collects) == 1
        for table in self._collects:
            table.aim(self._bases(arrays))
            table.sum_over(len(rows.tiles))
            many = self.threads if alone and table.large else 1
            parallel(self.shared.collect_tasks, table.start(), many)

    def _zeros(self, arrays: Sequence[int], params: Sequence[str]) -> None:
        size = self.plan.t.bytes
        for param in params:
            for place in self._into[param]:
                for r in range(place.rows):
                    at = arrays[place.array] + (place.first + r * place.row) * size
                    ctypes.memset(at, 0, place.columns * size)


class _Table:
    """Tasks as the kernels read them: [count, next, then the numbers of each]."""

    def __init__(self, tasks: Sequence[_Task], width: int, owner: Gradients) -> None:
        self.count = len(tasks)
        self._numbers = np.zeros(2 + width * self.count, np.int64)
        self._numbers[0] = self.count
        self.columns = self._numbers[2:].reshape(self.count, width)
        self._at = address(self._numbers)
        places, bases, offsets = [], [], []
        for k, task in enumerate(tasks):
            self.columns[k] = task.numbers
            for at, base, offset in task.patch:
                places.append(k * width + at)
                bases.append(-1 if base == "" else owner.base(base))
                offsets.append(offset)
        self._places, self._bases = np.array(places, np.int64), np.array(bases, np.int64)
        self._offsets = np.array(offsets, np.int64)
        self._sums = np.flatnonzero(self.columns[:, 6] == 0)  # parts: tiles, known when it runs
        self._tiles = 0
        self.large = int((self.columns[:, 4] * self.columns[:, 5]).sum()) > 1 << 16

    def aim(self, bases: Array) -> None:
        """Set all addresses; the last base is 0."""
        self._numbers[2:][self._places] = bases[self._bases] + self._offsets

    def sum_over(self, tiles: int) -> None:
        """Set how many parts sums over tiles have."""
        if tiles != self._tiles:
            self.columns[self._sums, 6] = self._tiles = tiles

    def start(self) -> int:
        """Begin with the first task; the address of the table."""
        self._numbers[1] = 0
        return self._at
