"""Frames that are ready are run, several at once: forward, and back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from torch import Tensor
from torch.autograd import profiler

from gatewise.compile import llvm_runtime

if TYPE_CHECKING:
    from gatewise.compile import CallFrame


class Back(NamedTuple):
    """A run back that is ready, and where it puts gradients: of inputs (None for masks), stacked
    parameters, initial and restart states (None where they are not wanted)."""

    frame: CallFrame
    gradients: tuple[
        Sequence[Tensor | None],
        Sequence[Tensor],
        Sequence[Tensor | None],
        Sequence[Tensor | None],
    ]


def run(frames: Sequence[CallFrame]) -> None:
    """Carry out forward runs that need nothing of each other, all at once."""
    if profiler._is_profiler_enabled:
        with profiler.record_function(_shown(frames)):
            llvm_runtime().run(frames)
    else:
        llvm_runtime().run(frames)


def run_backward(backs: Sequence[Back]) -> None:
    """Carry out runs back that need nothing of each other, all at once."""
    arrays = [[t.data_ptr() for t in back.gradients[1]] for back in backs]
    frames = [back.frame for back in backs]
    if profiler._is_profiler_enabled:
        with profiler.record_function(_shown(frames)):
            llvm_runtime().run_backward(frames, arrays)
    else:
        llvm_runtime().run_backward(frames, arrays)


def _shown(frames: Sequence[CallFrame]) -> str:
    """How a profile calls these runs: ``gatewise::lstm``; two that run together are one."""
    return " + ".join(f"gatewise::{frame.name}" for frame in frames)
