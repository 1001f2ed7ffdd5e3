"""bfloat16 and float16 on a CPU: the low types at the edges of a module, float32 inside.

What the compiled kernels are given is widened, they compute in float32, and what they give is rounded
once, behind the last layer. Gradients go back the same way: each has the type of its tensor.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from gatewise.compile import llvm_runtime
from gatewise.nn.compiled.float_types import LOW as LOW
from gatewise.nn.plan.module_plan import ModulePlan

WIDE = torch.float32
# asked once: torch.compile does not trace the question
_AUTOCAST = [
    kind
    for kind in ("cpu", "cuda", "xpu", "mps", "hpu", "xla", "mtia", "maia")
    if torch.amp.is_autocast_available(kind)
]
FEW = 8  # rows of a step, of which PyTorch's operations in a low type are quicker, with gradients
_MANY = 1 << 20  # values of parameters, of which even plain ones are


def autocasting(kind: str) -> bool:
    """Whether autocast is on for a type of device."""
    return kind in _AUTOCAST and torch.is_autocast_enabled(kind)


def go_together(one: torch.dtype, other: torch.dtype, kind: str) -> bool:
    """Whether tensors of these types may meet in a call on a type of device: autocast mixes what it
    casts, which is all floats but float64."""
    if one == other:
        return True
    floats = one.is_floating_point and other.is_floating_point
    return autocasting(kind) and floats and torch.float64 not in (one, other)


def inside(dtype: torch.dtype, compiled: bool = True) -> torch.dtype:
    """The type that compiled kernels, or plain operations, compute in for a module of this one."""
    return WIDE if compiled and dtype in LOW else dtype


def reading(plan: ModulePlan, dtype: torch.dtype) -> ModulePlan:
    """The plan by which the compiled kernels run a module of a type, or under autocast to it.

    Inference in bfloat16 has matrices, and the vectors they are applied to, in that type where the
    processor has dot products of pairs, and training where it has a unit for tiles of them. Elsewhere
    rounding costs time and gains none.
    """
    if dtype is not torch.bfloat16 or plan.weights is not None:
        return plan
    narrow: ModulePlan = _narrow(plan, torch.is_grad_enabled())
    return narrow


def _narrow(plan: ModulePlan, training: bool) -> ModulePlan:
    """A compiler cannot trace how a plan is made; it takes the one that this gives."""
    if training:
        return plan.narrow_throughout if llvm_runtime().has_tiles else plan
    return plan.narrow if llvm_runtime().has_pairs else plan


# all that ``torch.compiler.assume_constant_result`` does, which imports the whole compiler for it: that
# would double the time of ``import gatewise.nn``
_narrow._dynamo_marked_constant = True  # type: ignore[attr-defined]


def plainly(plan: ModulePlan, x: Tensor) -> bool:
    """Whether one step of a module in a low type, with gradients, is quicker in plain operations.

    Of few rows it is little else than reading the weights and writing their gradients, and in 32 bits
    twice as much of both. ``x`` is [T, B, I].
    """
    if x.dtype not in LOW or not torch.is_grad_enabled():
        return False
    if torch.compiler.is_compiling() or torch._C._is_tracing():
        return False  # it would be for this shape alone
    return x.shape[0] == 1 and x.shape[1] <= FEW and plan.values >= _MANY


def widened(tensors: list[Tensor]) -> list[Tensor]:
    """Tensors in float32 where they are of a low type, as autograd sees it."""
    if not tensors or tensors[0].dtype not in LOW:
        return tensors
    return [t.to(WIDE) for t in tensors]


class WideCopies:
    """A module's parameters in float32, for inference. They are written again when a fingerprint of the
    values says that these have changed: nothing else tells of every change."""

    def __init__(self) -> None:
        self._copies: list[list[Tensor]] = []
        self._addresses: list[tuple[int, ...]] = []
        # what the fingerprint reads
        self._table = np.zeros(0, np.int64)
        self._odd = False
        self._mark: int | None = None

    def of(
        self, params: list[list[Tensor]], addresses: list[tuple[int, ...]]
    ) -> tuple[list[list[Tensor]], list[tuple[int, ...]]]:
        """Copies in float32 of the parameters of each layer and direction, and their addresses."""
        if not self._copies:
            self._allocate(params)
        read = [address for stacks in addresses for address in stacks]
        mark = None
        if not self._odd and not any([address % 4 for address in read]):
            self._table[1::4] = read
            mark = llvm_runtime().fingerprint(self._table)
        if mark is None or mark != self._mark:
            self._mark = None  # not valid while they are being written
            for stacks, copies in zip(params, self._copies, strict=True):
                for narrow, wide in zip(stacks, copies, strict=True):
                    wide.copy_(narrow)
            self._mark = mark
        return self._copies, self._addresses

    def _allocate(self, params: list[list[Tensor]]) -> None:
        fields = []
        # not of inference mode, which nobody outside of it may write to
        with torch.inference_mode(False):
            for stacks in params:
                wide = [torch.empty_like(t, dtype=WIDE, requires_grad=False) for t in stacks]
                self._copies.append(wide)
                self._addresses.append(tuple([t.data_ptr() for t in wide]))
                # values of 32 bits are read: two of 16 at once
                fields += [(0, 1, t.numel() // 2, 0) for t in stacks]
        self._odd = any([t.numel() % 2 for stacks in params for t in stacks])
        self._table = np.array([len(fields), *[n for row in fields for n in row]], np.int64)
