"""Which blocks of which parameters go where among packed weights: the tasks of ``gw_pack``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from gatewise.arrays import Array
from gatewise.backends.llvm.machine.threads import parallel, worth
from gatewise.backends.llvm.run.buffers import address
from gatewise.backends.llvm.run.kernel import Kernel


@dataclass(frozen=True)
class Weight:
    """A parameter of the caller: an address, and how far apart its rows are (in values).

    ``second`` is the address of a vector that is added to it (PyTorch has two biases), or 0.
    """

    pointer: int
    row: int
    second: int = 0


@dataclass(frozen=True)
class PackTask:
    """One call of ``gw_pack``: a block of a parameter into its place among packed weights.

    Attributes:
        param: whose block it is.
        second: whether it is the vector that is added to the parameter.
        skip: where the block begins in the parameter, in bytes for each value of a row's distance.
        target: the address of the packed weights.
        columns, depth: of the block, as the product has them.
        transposed: whether the parameter has depth along its rows.
        lane, start: where the block's columns and its depth begin in the packed weights.
        whole_depth, blocks: depth of the packed weights, and vectors of their columns.
        adds: to what is there, instead of writing it.
    """

    param: str
    second: bool
    skip: int
    target: int
    columns: int
    depth: int
    transposed: bool
    lane: int
    start: int
    whole_depth: int
    blocks: int
    adds: bool

    @property
    def numbers(self) -> tuple[int, ...]:
        """The arguments of ``gw_pack``; the source and the distance of its rows are set later."""
        source = distance = 0
        block = (self.columns, self.depth, self.transposed)
        place = (self.lane, self.start, self.whole_depth, self.blocks, self.adds)
        return (self.target, source, distance, *block, *place)


_SOURCE, _DISTANCE, _DEPTH = 1, 2, 4  # places in ``PackTask.numbers``


class _Source(NamedTuple):
    """Where a table takes a parameter's address: the place, and what ``PackTask`` says of it."""

    at: int
    param: str
    second: bool
    skip: int


class PackStep:
    """Tasks that threads carry out together: all of one entry, that write or that add.

    The table is what the entry reads: [count, next, then the arguments of each task].
    """

    def __init__(self, entry: int, tasks: Sequence[PackTask], threads: int) -> None:
        self.entry, self.threads = entry, threads
        numbers, self._sources = [len(tasks), 0], list[_Source]()
        for task in tasks:
            source = _Source(len(numbers) + _SOURCE, task.param, task.second, task.skip)
            self._sources.append(source)
            numbers += task.numbers
        self._table = np.array(numbers, np.int64)
        self._address = address(self._table)

    def read_from(self, params: Mapping[str, Weight]) -> None:
        """Set where the caller's parameters are."""
        table = self._table
        for at, name, second, skip in self._sources:
            weight = params[name]
            if second:
                table[at] = weight.second
                # a depth of one, or nothing to do
                table[at + _DEPTH - _SOURCE] = 1 if weight.second else 0
            else:
                table[at] = weight.pointer + skip * weight.row
                table[at + _DISTANCE - _SOURCE] = weight.row

    def run(self, work: int) -> None:
        """Pack, on as many threads as so many multiply-adds of a step are worth."""
        self._table[1] = 0
        parallel(self.entry, self._address, worth(self.threads, work << 3))


def pack_steps(
    kernel: Kernel,
    sizes: Mapping[str, int],
    threads: int,
    matrices: list[Array],
    vectors: Mapping[str, Array],
) -> list[PackStep]:
    """First what writes, on many threads, then what adds to it.

    Matrices may be packed by another entry than vectors: as bfloat16.
    """
    by_matrix = [] if kernel.plan.spec.single else list(_matrix_tasks(kernel, sizes, matrices))
    by_vector = list(_vector_tasks(kernel, sizes, vectors))
    entries: dict[int, list[PackTask]] = {kernel.shared.pack_tasks: [], kernel.pack_tasks: []}
    entries[kernel.pack_tasks] += by_matrix
    entries[kernel.shared.pack_tasks] += by_vector
    steps = []
    for adds in (False, True):
        for entry, tasks in entries.items():
            chosen = [task for task in tasks if task.adds == adds]
            if chosen:
                steps.append(PackStep(entry, chosen, 1 if adds else threads))
    return steps


def _matrix_tasks(
    kernel: Kernel, sizes: Mapping[str, int], matrices: list[Array]
) -> Iterator[PackTask]:
    """Matrices into panels, block by block."""
    plan, size = kernel.plan, kernel.shared.dtype.itemsize
    for piece in plan.pieces:
        param, matrix = plan.program.param(piece.param), plan.weights[piece.weights]
        rows, columns = param.shape(sizes)[-2:]  # of a block
        lanes, depth = (columns, rows) if piece.transposed else (rows, columns)
        for b in range(param.blocks):
            yield PackTask(
                param=piece.param,
                second=False,
                skip=b * rows * size,
                target=address(matrices[piece.weights]),
                columns=lanes,
                depth=depth,
                transposed=piece.transposed,
                lane=piece.lane + b * lanes,
                start=piece.start + b * depth,
                whole_depth=matrix.depth,
                blocks=matrix.blocks,
                adds=piece.more,
            )


def _vector_tasks(
    kernel: Kernel, sizes: Mapping[str, int], vectors: Mapping[str, Array]
) -> Iterator[PackTask]:
    """Vectors as one column of depth 1, which pads them; then the vector that is added."""
    plan = kernel.plan
    for name, array in vectors.items():
        units = plan.program.param(name).shape(sizes)[0]
        for second in (False, True):
            yield PackTask(
                param=name,
                second=second,
                skip=0,
                target=address(array),
                columns=units,
                depth=1,
                transposed=True,
                lane=0,
                start=0,
                whole_depth=1,
                blocks=plan.t.blocks(units),
                adds=second,
            )
