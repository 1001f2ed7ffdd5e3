"""Parameters as a kernel reads them: matrices in panels, vectors padded to whole vectors.

A packer remembers the fingerprint of the weights that it packed, so weights that did not change are
not packed again. The fingerprint is taken from the values themselves, since nothing else tells of
every change (fused optimizers, ``.data`` and NumPy leave no other trace).
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np

from gatewise.arrays import Array
from gatewise.backends.llvm.run.arguments import Arguments
from gatewise.backends.llvm.run.buffers import BUFFERS, address
from gatewise.backends.llvm.run.kernel import Kernel
from gatewise.backends.llvm.run.pack_tasks import Weight, pack_steps
from gatewise.ir.constants import numbers


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
        self._constants = {
            p.name: np.array(numbers(p), dtype).reshape(shape)
            for p, shape in self._shapes
            if p.values is not None
        }
        fixed = ((name, np.atleast_2d(a)) for name, a in self._constants.items())
        self._fixed = {name: Weight(address(a), a.shape[-1]) for name, a in fixed}
        self._given: Mapping[str, Weight] | None = None  # what ``_all`` was made of
        self._all: Mapping[str, Weight] = {}
        self._steps = pack_steps(kernel, sizes, threads, self.matrices, self.vectors)
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
        if self._fixed:
            if params is not self._given:
                self._given, self._all = params, {**params, **self._fixed}
            params = self._all
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
