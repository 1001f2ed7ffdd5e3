"""Parameters as a kernel reads them: matrices in panels, vectors padded to whole vectors.

A packer remembers the fingerprint of the weights that it packed, so weights that did not change are
not packed again. The fingerprint is taken from the values themselves, since nothing else tells of
every change (fused optimizers, ``.data`` and NumPy leave no other trace).
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from gatewise.backends.llvm.machine.threads import parallel, worth
from gatewise.backends.llvm.run.arguments import Arguments
from gatewise.backends.llvm.run.buffers import BUFFERS, address
from gatewise.backends.llvm.run.kernel import Kernel

Array = np.ndarray[Any, Any]


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


class WeightPacker:
    """The packed weights of one frame."""

    def __init__(
        self, kernel: Kernel, sizes: Mapping[str, int], threads: int, arguments: Arguments
    ) -> None:
        plan, dtype = kernel.plan, kernel.shared.dtype
        self._arguments, self._unpacked = arguments, plan.spec.single
        self._fingerprint_of = kernel.shared.fingerprint
        self._shapes = [(p, p.shape(sizes)) for p in plan.program.params]
        self.matrices = [BUFFERS.take(n, dtype, zeroed=True) for n in plan.weight_room]
        self.vectors = {
            p.name: BUFFERS.take(plan.t.padded(shape[0]), dtype, zeroed=True)
            for p, shape in self._shapes
            if p.cols is None
        }
        self._scalars = [p.name for p, shape in self._shapes if p.cols is None and shape[0] == 1]
        self._step_work = plan.step_work
        self._steps = _pack_steps(kernel, sizes, threads, self.matrices, self.vectors)
        self._marks = self._mark_table()
        self._marks_address = address(self._marks)
        self._packed: int | None = None  # the fingerprint of what is packed
        # whose places the fingerprint's table and the steps have
        self._marked: Mapping[str, Weight] | None = None
        self._sourced: Mapping[str, Weight] | None = None
        for k, array in enumerate(self.matrices):
            arguments.set(f"w.{k}", address(array))
        for name, array in self.vectors.items():
            arguments.set(f"p.{name}", address(array))

    def pack(self, params: Mapping[str, Weight], remember: bool) -> None:
        """Pack the parameters, unless these very values are packed already.

        ``remember``: look whether they changed (inference); in training they always have.
        """
        mark = self._fingerprint(params) if remember else None
        if mark is not None and mark == self._packed:
            return
        self._packed = None  # not valid while it is being written
        self._write(params)
        self._packed = mark

    def _mark_table(self) -> Array:
        """What the fingerprint reads: [count, then pointer, rows, columns, distance each].

        Vectors stand there twice, as a second one may be added. Matrices that are read where they are
        do not: their values are always the newest.
        """
        vectors = len(self.vectors)
        matrices = 0 if self._unpacked else len(self._shapes) - vectors
        count = matrices + 2 * vectors
        return np.array([count] + [0] * (4 * count), np.int64)

    def _fingerprint(self, params: Mapping[str, Weight]) -> int:
        if params is not self._marked:  # not the same places as the last time
            numbers = []
            for param, shape in self._shapes:
                weight = params[param.name]
                if param.cols is None:
                    numbers += [weight.pointer, 1, shape[0], 0]
                    numbers += [weight.second or weight.pointer, 1, shape[0], 0]
                elif self._unpacked:
                    self._arguments.set(f"m.{param.name}", weight.pointer)
                    self._arguments.set(f"m.{param.name}:b", weight.row)
                else:
                    numbers += _extent(weight, shape)
            self._marks[1:] = numbers
            self._marked = params
        return int(self._fingerprint_of(self._marks_address))

    def _write(self, params: Mapping[str, Weight]) -> None:
        if params is not self._sourced:  # not the same places as the last time
            for step in self._steps:
                step.read_from(params)
            self._sourced = params
        for step in self._steps:
            step.run(self._step_work)
        for name in self._scalars:
            array = self.vectors[name]
            array[:] = array[0]  # a scalar stands in every lane


def _extent(weight: Weight, shape: tuple[int, ...]) -> list[int]:
    """Pointer, rows, columns and distance of a matrix; rows without gaps are one long row."""
    rows, columns = math.prod(shape[:-1]), shape[-1]
    if weight.row == columns:
        rows, columns = 1, rows * columns
    return [weight.pointer, rows, columns, weight.row]


def _pack_steps(
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
