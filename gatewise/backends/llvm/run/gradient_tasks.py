"""What is to be done for the gradients of parameters: matrix products over all steps, sums of tiles.

Both are written where the caller wants them. A product whose rows and columns are whole vectors goes
there directly; the others go to memory of our own first, and are collected from there.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from gatewise.arrays import Array
from gatewise.backends.llvm.plan.kernel_plan import KernelPlan
from gatewise.backends.llvm.run.buffers import address

BATCH = "batch"  # the name of the array that tiles add up in
OUTER_NUMBERS, COLLECT_NUMBERS = 11, 9  # of one task of gw_outer_tasks and of gw_collect_tasks


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
class Patch:
    """An address that a task is given when it runs: which of its numbers, and bytes from a base on.

    ``base`` is a number of the caller's arrays or the name of an array of ours; None if ``offset`` is
    the address itself.
    """

    at: int
    base: int | str | None
    offset: int


@dataclass(frozen=True)
class Task:
    """The numbers of a task, but for addresses."""

    numbers: tuple[int, ...]
    patches: tuple[Patch, ...]


@dataclass(frozen=True)
class GradientTasks:
    """All tasks of a plan.

    Attributes:
        products: cut by rows of the result.
        collected: sums, and products that could not be written where they belong.
        buffers: where those products go first.
        missing: parameters that nothing depends on.
    """

    products: tuple[Task, ...]
    collected: tuple[Task, ...]
    buffers: tuple[Array, ...]
    missing: tuple[str, ...]


def gradient_tasks(
    plan: KernelPlan, dtype: npt.DTypeLike, threads: int, targets: GradientTargets
) -> GradientTasks:
    """The tasks for one plan and its caller's arrays."""
    direct = _direct_targets(plan, targets)
    buffers = {
        (left, right): np.zeros((_padded(plan, left), _padded(plan, right)), dtype)
        for group in plan.outers.groups
        for right in group.rights
        for left in group.lefts
        if (left, right) not in direct
    }
    collected, written = list[Task](), set[str]()
    for output in plan.program.outputs:
        node = plan.node(output.node)
        param = output.name.removeprefix("d.")
        slots, adds = targets.places.get(param, ()), param in written
        if output.name in plan.batch_sums.offset:
            collected += [_sum_task(plan, output.name, output.node, slot, adds) for slot in slots]
        elif node.op == "outer":
            pair = node.args[0], node.args[1]
            blocks = node.attr if isinstance(node.attr, int) else 1
            if pair in buffers:
                for slot in slots:
                    collected += _block_tasks(plan, pair, buffers[pair], blocks, slot, adds)
        else:
            continue
        written.add(param)
    return GradientTasks(
        tuple(_product_tasks(plan, threads, direct, buffers)),
        tuple(collected),
        tuple(buffers.values()),
        tuple(name for name in targets.places if name not in written),
    )


def _padded(plan: KernelPlan, node: int) -> int:
    return plan.blocks(node) * plan.t.lanes


def _direct_targets(
    plan: KernelPlan, targets: GradientTargets
) -> dict[tuple[int, int], GradientSlot]:
    """The products that can be written where they belong, as (left, right) -> place."""
    outputs = [(o.name, plan.node(o.node)) for o in plan.program.outputs]
    names = [name for name, _ in outputs]
    direct: dict[tuple[int, int], GradientSlot | None] = {}
    for name, node in outputs:
        if node.op != "outer":
            continue
        pair = node.args[0], node.args[1]
        once = names.count(name) == 1 and name not in plan.batch_sums.offset
        in_one = not isinstance(node.attr, int) or node.attr == 1
        whole = not any(plan.units[n] % plan.t.lanes for n in pair)
        slots = targets.places.get(name.removeprefix("d."), ())
        alone = once and in_one and whole and len(slots) == 1
        # what several parameters share (a tied pair of outputs) is collected
        direct[pair] = slots[0] if alone and pair not in direct else None
    return {pair: slot for pair, slot in direct.items() if slot is not None}


def _product_tasks(
    plan: KernelPlan,
    threads: int,
    direct: Mapping[tuple[int, int], GradientSlot],
    buffers: Mapping[tuple[int, int], Array],
) -> Iterator[Task]:
    """Each product in a few tasks of some rows of the result, so that all threads have work."""
    for group in plan.outers.groups:
        for right in group.rights:
            for left in group.lefts:
                slot = direct.get((left, right))
                if slot is not None:
                    to, row = Patch(0, slot.array, slot.first * plan.t.bytes), slot.row
                else:
                    buffer = buffers[left, right]
                    to, row = Patch(0, None, address(buffer)), buffer.shape[1]
                height, width = plan.blocks(left), plan.blocks(right)
                a = plan.place(plan.outers.operands[left], left)
                b = plan.place(plan.outers.operands[right], right)
                patches = (
                    to,
                    Patch(2, a.array, a.offset * plan.t.bytes),
                    Patch(4, b.array, b.offset * plan.t.bytes),
                )
                count = min(height, max(1, 4 * threads // len(group.lefts)))
                for k in range(count):
                    start, stop = height * k // count, height * (k + 1) // count
                    numbers = (0, row, 0, a.width, 0, b.width, 0, start, stop, width, 0)
                    yield Task(numbers, patches)


def _sum_task(plan: KernelPlan, name: str, node: int, slot: GradientSlot, adds: bool) -> Task:
    """What the tiles have added up to where it belongs."""
    columns = 1 if plan.scalar[node] else plan.units[node]
    # the number of parts is that of the tiles, which is known when it runs
    parts = 0
    numbers = (0, slot.row, 0, 0, 1, columns, parts, plan.batch_sums.width, int(adds))
    to = Patch(0, slot.array, slot.first * plan.t.bytes)
    return Task(numbers, (to, Patch(2, BATCH, plan.batch_sums.offset[name] * plan.t.bytes)))


def _block_tasks(
    plan: KernelPlan,
    pair: tuple[int, int],
    source: Array,
    blocks: int,
    slot: GradientSlot,
    adds: bool,
) -> Iterator[Task]:
    """A product to where it belongs: all of it, or the blocks on its diagonal."""
    rows, columns = (plan.units[n] // blocks for n in pair)
    distance = source.shape[1]
    for b in range(blocks):
        begin = address(source) + (b * rows * distance + b * columns) * source.itemsize
        numbers = (0, slot.row, 0, distance, rows, columns, 1, plan.batch_sums.width, int(adds))
        to = Patch(0, slot.array, (slot.first + b * rows * slot.row) * plan.t.bytes)
        yield Task(numbers, (to, Patch(2, None, begin)))


class TaskTable:
    """Tasks as the kernels read them: [count, next, then the numbers of each]."""

    def __init__(self, tasks: Sequence[Task], width: int, bases: Mapping[int | str, int]) -> None:
        """``bases``: the place of each base among those that ``aim`` is given; the last is 0."""
        self.count = len(tasks)
        self._numbers = np.zeros(2 + width * self.count, np.int64)
        self._numbers[0] = self.count
        self.columns = self._numbers[2:].reshape(self.count, width)
        self._address = address(self._numbers)
        for k, task in enumerate(tasks):
            self.columns[k] = task.numbers
        patches = [
            (k * width + patch.at, patch) for k, task in enumerate(tasks) for patch in task.patches
        ]
        self._places = np.array([at for at, _ in patches], np.int64)
        self._bases = np.array(
            [-1 if patch.base is None else bases[patch.base] for _, patch in patches], np.int64
        )
        self._offsets = np.array([patch.offset for _, patch in patches], np.int64)
        self._sums = np.flatnonzero(self.columns[:, 6] == 0)  # those whose parts are tiles
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
        return self._address
