"""Calls that PyTorch's own functions do faster on a CPU: a step or two, with gradients or packed.

There is too little to compute for what a compiled call costs around it. ``backend="auto"`` hands such
calls over, by tables that ``python -m benchmarks sweep`` measures; docs/modules.md shows them. What is handed
over is the plain call of a module without extras; a backend that is named is used.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import torch
from torch import Tensor
from torch.autograd import forward_ad
from torch.nn import Parameter
from torch.nn.utils.rnn import PackedSequence

from gatewise.nn.compiled.autograd import must_dispatch
from gatewise.nn.compiled.kernels import DTYPES
from gatewise.nn.compiled.low_types import FEW, LOW
from gatewise.nn.plan.module_plan import ModulePlan


class Most(NamedTuple):
    """The largest calls that PyTorch does faster."""

    steps: int
    units: int = 1 << 30


# by PyTorch's name of the function: with gradients. Not the LSTM: its kernel for float32 has no second
# derivative.
TRAINING = {"GRU": Most(1), "RNN_TANH": Most(4), "RNN_RELU": Most(4)}
# of a PackedSequence, for which PyTorch takes other kernels: with gradients and without
PACKED_TRAINING = {"LSTM": Most(2), "GRU": Most(2), "RNN_TANH": Most(4), "RNN_RELU": Most(4)}
PACKED_INFERENCE = {
    "LSTM": Most(4, 300), "GRU": Most(4, 300), "RNN_TANH": Most(10, 300), "RNN_RELU": Most(10, 300),
}  # fmt: skip


def sequence_handed_over(
    plan: ModulePlan, mode: str, input: Any, like: Tensor | None, batch_first: bool
) -> bool:
    """Whether PyTorch's function ``mode`` is to run a plain call on ``input``.

    ``like`` is a parameter of the module. Of an input that does not fit, the usual way complains.
    """
    training = torch.is_grad_enabled()
    if type(input) is PackedSequence:
        most = (PACKED_TRAINING if training else PACKED_INFERENCE)[mode]
        steps, x = len(input.batch_sizes), input.data
    elif training and mode in TRAINING and type(input) is Tensor and input.dim() in (2, 3):
        most = TRAINING[mode]
        steps, x = input.shape[1 if batch_first and input.dim() == 3 else 0], input
    else:
        return False
    small = 0 < steps <= most.steps and plan.widths[-1] <= most.units
    return small and x.numel() > 0 and _plain(plan, x, like)


def step_handed_over(
    plan: ModulePlan, x: Any, states: Sequence[Any] | None, like: Tensor | None
) -> bool:
    """Whether PyTorch's cell is to run one step on ``x`` [B, I] or [I]."""
    if type(x) is not Tensor or x.dim() not in (1, 2) or not _plain(plan, x, like):
        return False
    lead = x.shape[:-1]
    return all(
        type(s) is Tensor and s.is_cpu and s.dtype is x.dtype and s.shape == (*lead, width)
        for s, width in zip(states or (), plan.widths, strict=False)
    )


def _plain(plan: ModulePlan, x: Tensor, like: Tensor | None) -> bool:
    """Whether nothing is asked that PyTorch's functions would do otherwise than ours."""
    return (
        plan.vanilla
        and type(like) is Parameter
        and x.layout is torch.strided
        and x.dtype is like.dtype
        and (x.dtype in DTYPES or _low_and_few(x))
        and x.shape[-1] == plan.input_widths[0]
        and x.is_cpu
        and like.is_cpu
        and not must_dispatch(x)
        and not torch._C._are_functorch_transforms_active()
        and forward_ad._current_level < 0
        and not torch.is_autocast_enabled("cpu")
    )


def _low_and_few(x: Tensor) -> bool:
    """Whether PyTorch is quicker in a low type, too: with gradients, and with few rows."""
    return torch.is_grad_enabled() and x.dtype in LOW and x.numel() <= FEW * x.shape[-1]
