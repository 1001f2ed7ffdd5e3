"""What callers of compiled layers need besides the layers: one typed record, given by ``gatewise.compile``."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy.typing as npt

from gatewise.arrays import Array, Ints
from gatewise.backends.llvm.library import bf16
from gatewise.backends.llvm.machine.target import Target
from gatewise.backends.llvm.machine.threads import get_num_threads
from gatewise.backends.llvm.plan.kernel_spec import KernelKind, Role
from gatewise.backends.llvm.plan.tiles import Rows, cut
from gatewise.backends.llvm.run import scheduler
from gatewise.backends.llvm.run.buffers import BUFFERS
from gatewise.backends.llvm.run.call_frame import CallFrame
from gatewise.backends.llvm.run.gradient_tasks import GradientSlot, GradientTargets
from gatewise.backends.llvm.run.kernel import fingerprint, lanes_for
from gatewise.backends.llvm.run.pack_tasks import Weight
from gatewise.backends.llvm.run.traversal import Traversal, View


@dataclass(frozen=True)
class Runtime:
    """Functions of the llvm backend, and the records that they are given.

    Attributes:
        view, weight, traversal, gradient_slot, gradient_targets: classes of records.
        kind, role: what a kernel is for, and what an array is to it.
        cut: rows of a batch and their lengths into tiles.
        run: carry out forward frames that need nothing of each other, all at once.
        run_backward: the same for frames that run back; the addresses of where the gradients of
            parameters go, for each frame.
        lend: memory that comes back by itself when the array is gone.
        forget: give free memory back to the system; so many bytes of weights are gone.
        fingerprint: of the values in memory, by a table of places.
        get_num_threads: how many threads a call may use now.
        has_pairs: whether the processor has dot products of pairs of bfloat16.
        has_tiles: whether it has a unit for tiles of them.
    """

    view: type[View]
    weight: type[Weight]
    traversal: type[Traversal]
    gradient_slot: type[GradientSlot]
    gradient_targets: type[GradientTargets]
    kind: type[KernelKind]
    role: type[Role]
    cut: Callable[[int, int, Array | None, int], Rows]
    run: Callable[[Sequence[CallFrame]], None]
    run_backward: Callable[[Sequence[CallFrame], Sequence[Sequence[int]]], None]
    lend: Callable[[int, npt.DTypeLike], Array]
    forget: Callable[[int], None]
    fingerprint: Callable[[Ints], int]
    get_num_threads: Callable[[], int]
    has_pairs: bool
    has_tiles: bool


def runtime() -> Runtime:
    """The record for this machine."""
    host = Target.host()
    return Runtime(
        view=View,
        weight=Weight,
        traversal=Traversal,
        gradient_slot=GradientSlot,
        gradient_targets=GradientTargets,
        kind=KernelKind,
        role=Role,
        cut=cut,
        run=scheduler.run,
        run_backward=scheduler.run_backward,
        lend=BUFFERS.lend,
        forget=BUFFERS.forget,
        fingerprint=fingerprint,
        get_num_threads=get_num_threads,
        has_pairs=bf16.has_dot(lanes_for("float32", host), host),
        has_tiles=bf16.has_tiles(lanes_for("float32", host), host),
    )
