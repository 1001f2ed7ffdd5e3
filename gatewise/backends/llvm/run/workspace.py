"""The memory that a kernel works in."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from gatewise.arrays import Array
from gatewise.backends.llvm.machine.barrier_ir import BARRIER_BYTES
from gatewise.backends.llvm.plan.kernel_plan import KernelPlan
from gatewise.backends.llvm.run.arguments import Arguments
from gatewise.backends.llvm.run.buffers import BUFFERS, address


@dataclass(frozen=True, eq=False)
class Workspace:
    """The buffers of one call: rows for each thread, the counter that threads take tiles from, and the
    barrier at which they wait for each other."""

    rows: Array
    counter: Array
    barrier: Array

    @staticmethod
    def take(plan: KernelPlan, dtype: npt.DTypeLike, threads: int) -> Workspace:
        """Memory for a plan, zero at first; the vectors of a row begin on cache lines."""
        return Workspace(
            rows=BUFFERS.take(threads * plan.workspace + 64, dtype, zeroed=True),
            counter=np.zeros(1, np.int64),
            barrier=BUFFERS.take(BARRIER_BYTES, np.uint8, zeroed=True),
        )

    def bind(self, plan: KernelPlan, arguments: Arguments) -> None:
        """Tell a kernel where its memory is."""
        arguments.set("ws", address(self.rows))
        arguments.set("ws_stride", plan.workspace)
        arguments.set("counter", address(self.counter))
        arguments.set("barrier", address(self.barrier))
