"""Gradients of parameters after the loop: a kernel's sums and products, carried out group by group."""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from gatewise.arrays import Array
from gatewise.backends.llvm.machine.threads import parallel, worth
from gatewise.backends.llvm.plan.kernel_plan import KernelPlan
from gatewise.backends.llvm.plan.tiles import Rows
from gatewise.backends.llvm.run.arguments import Arguments
from gatewise.backends.llvm.run.buffers import BUFFERS, address
from gatewise.backends.llvm.run.gradient_tasks import (
    BATCH,
    COLLECT_NUMBERS,
    OUTER_NUMBERS,
    GradientTargets,
    TaskTable,
    gradient_tasks,
)
from gatewise.backends.llvm.run.kernel import Library

CACHED_BYTES = 1 << 22  # of what a backward kernel keeps: stays in the caches until it is read


@dataclass(frozen=True)
class TileGroup:
    """Some tiles: the first and how many, the first of their saved steps and how many."""

    first: int
    tiles: int
    start: int
    steps: int


class Gradients:
    """The tasks for one plan, prepared but for addresses and the number of steps.

    For each run: ``hold`` memory, then for each group ``aim`` the kernel, run it and ``multiply``;
    ``collect`` at the end.
    """

    def __init__(
        self, plan: KernelPlan, shared: Library, threads: int, targets: GradientTargets
    ) -> None:
        self.shared, self.threads = shared, threads
        self._bytes, self._batch_width = plan.t.bytes, plan.batch_sums.width
        self._targets = targets.places
        self._outer = shared.outer_for(plan.spec.weights)
        operands = [plan.place(name, n) for n, name in plan.outers.operands.items()]
        self._names = [*dict.fromkeys(slot.array for slot in operands), BATCH]
        widths = {slot.array: slot.width for slot in operands}
        # arrays in our own memory, and those that the forward kernel has saved
        self._kept_widths = {n: w for n, w in widths.items() if n in plan.outer_arrays}
        self._saved_widths = {n: w for n, w in widths.items() if n not in plan.outer_arrays}
        # our own memory: its address, and where each kept array begins in it
        self._memory = 0
        self._kept_at: dict[str, int] = {}
        # addresses of the arrays in ``_names``, of the group at hand; then all that tasks need
        self._array_at: dict[str, int] = {}
        self._addresses: Array | None = None
        # steps, and whether they are added, as the product tasks have them
        self._multiplied = (0, False)
        tasks = gradient_tasks(plan, shared.dtype, threads, targets)
        self._buffers, self._missing = tasks.buffers, tasks.missing
        arrays = max((p.array for ps in self._targets.values() for p in ps), default=-1) + 1
        bases: dict[int | str, int] = {k: k for k in range(arrays)}
        bases |= {name: arrays + k for k, name in enumerate(self._names)}
        self._products = TaskTable(tasks.products, OUTER_NUMBERS, bases)
        columns = self._products.columns
        blocks = int(((columns[:, 8] - columns[:, 7]) * columns[:, 9]).sum())
        self._step_work = blocks * plan.t.lanes**2
        # what is added needs something to add to
        writing = [task for task in tasks.collected if not task.numbers[8]]
        adding = [task for task in tasks.collected if task.numbers[8]]
        self._collects = [TaskTable(ts, COLLECT_NUMBERS, bases) for ts in (writing, adding) if ts]

    def groups(self, rows: Rows) -> list[TileGroup]:
        """The tiles in groups: what a kernel keeps of a group is read by the products before it has
        left the caches. Each sum is over the same terms in the same order, whatever the groups."""
        tiles, width = len(rows.tiles), sum(self._kept_widths.values()) * self._bytes
        if rows.total * width <= CACHED_BYTES or tiles <= self.threads:
            return [TileGroup(0, tiles, 0, rows.total)]
        rounds = max(1, CACHED_BYTES * tiles // (rows.total * width * self.threads))
        size = rounds * self.threads
        groups = []
        for first in range(0, tiles, size):
            count = min(size, tiles - first)
            start, last = rows.tiles[first], rows.tiles[first + count - 1]
            steps = int(last[2] + last[3] - start[2])
            groups.append(TileGroup(first, count, int(start[2]), steps))
        return groups

    def hold(self, rows: Rows, groups: Sequence[TileGroup]) -> Array:
        """Memory for what the kernel adds up and keeps; to be given back after ``collect``."""
        steps = max(group.steps for group in groups)
        total = self._batch_width * len(rows.tiles)
        for name, width in self._kept_widths.items():
            self._kept_at[name] = total
            total += width * steps
        memory = BUFFERS.take(total, self.shared.dtype)
        self._memory = address(memory)
        return memory

    def aim(self, arguments: Arguments, group: TileGroup) -> None:
        """Have a kernel put what it adds up and keeps of a group into our memory."""
        size = self._bytes
        arguments.set(BATCH, self._memory + group.first * self._batch_width * size)
        for name, width in self._kept_widths.items():
            begin = self._memory + self._kept_at[name] * size
            # the kernel counts steps from the first tile on
            arguments.set(name, begin - group.start * width * size)
            self._array_at[name] = begin
        for name, width in self._saved_widths.items():
            self._array_at[name] = arguments.get(name) + group.start * width * size
        self._array_at[BATCH] = self._memory
        self._addresses = None

    def multiply(self, group: TileGroup, arrays: Sequence[int]) -> None:
        """The products over a group's steps, added to those over the groups before."""
        products = self._products
        if not products.count or not group.steps:
            return
        products.aim(self._bases(arrays))
        if self._multiplied != (group.steps, group.start > 0):  # not as the last time
            self._multiplied = group.steps, group.start > 0
            products.columns[:, 6], products.columns[:, 10] = self._multiplied
        threads = worth(self.threads, group.steps * self._step_work)
        parallel(self._outer, products.start(), threads)

    def _bases(self, arrays: Sequence[int]) -> Array:
        """The addresses that tasks are given from, of the group that was aimed at."""
        if self._addresses is None:
            ours = [self._array_at[name] for name in self._names]
            self._addresses = np.array([*arrays, *ours, 0], np.int64)
        return self._addresses

    def collect(self, rows: Rows, arrays: Sequence[int]) -> None:
        """The sums and what could not be written where it belongs, into the caller's arrays."""
        if not rows.total or self._missing:
            self._write_zeros(arrays, self._missing if rows.total else list(self._targets))
        if not rows.total:
            return
        alone = len(self._collects) == 1
        for table in self._collects:
            table.aim(self._bases(arrays))
            table.sum_over(len(rows.tiles))
            threads = self.threads if alone and table.large else 1
            parallel(self.shared.collect_tasks, table.start(), threads)

    def _write_zeros(self, arrays: Sequence[int], params: Sequence[str]) -> None:
        for param in params:
            for slot in self._targets[param]:
                for r in range(slot.rows):
                    at = arrays[slot.array] + (slot.first + r * slot.row) * self._bytes
                    ctypes.memset(at, 0, slot.columns * self._bytes)
