"""Calls that PyTorch's own functions do faster on a CPU: a step or two, with gradients.

There is too little to compute for what a compiled call costs around it. ``backend="auto"`` hands such
calls over, by a table that ``python -m benchmarks sweep`` measures; docs/modules.md shows it. What is handed
over is the plain call of a module without extras; a backend that is named is used.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor
from torch.autograd import forward_ad
from torch.nn.utils.rnn import PackedSequence

from gatewise.nn.direct import watched
from gatewise.nn.kernels import DTYPES
from gatewise.nn.low_types import FEW, LOW
from gatewise.nn.plan import Plan

# the most steps of a call with gradients that PyTorch does faster, by its name of the function. Not the
# LSTM: its kernel for float32 has no second derivative.
MOST_STEPS = {"GRU": 1, "RNN_TANH": 4, "RNN_RELU": 4}
# the same of a PackedSequence, for which PyTorch takes other kernels
MOST_STEPS_PACKED = {"LSTM": 2, "GRU": 2, "RNN_TANH": 2, "RNN_RELU": 2}


def sequence_handed_over(
    plan: Plan, mode: str, input: Any, like: Tensor | None, batch_first: bool
) -> bool:
    """Whether PyTorch's function ``mode`` is to run a plain call on ``input``.

    ``like`` is a parameter of the module. Of an input that does not fit, the usual way complains.
    """
    if type(input) is PackedSequence:
        steps, most, x = len(input.batch_sizes), MOST_STEPS_PACKED[mode], input.data
    elif mode in MOST_STEPS and type(input) is Tensor and input.dim() in (2, 3):
        steps = input.shape[1 if batch_first and input.dim() == 3 else 0]
        most, x = MOST_STEPS[mode], input
    else:
        return False
    return 0 < steps <= most and x.numel() > 0 and _plain(plan, x, like)


def step_handed_over(plan: Plan, x: Any, states: Sequence[Any] | None, like: Tensor | None) -> bool:
    """Whether PyTorch's cell is to run one step on ``x`` [B, I] or [I]."""
    if type(x) is not Tensor or x.dim() not in (1, 2) or not _plain(plan, x, like):
        return False
    lead = x.shape[:-1]
    return all(
        type(s) is Tensor and s.dtype is x.dtype and s.shape == (*lead, width)
        for s, width in zip(states or (), plan.widths, strict=False)
    )


def _plain(plan: Plan, x: Tensor, like: Tensor | None) -> bool:
    """Whether nothing is asked that PyTorch's functions would do otherwise than ours."""
    return (
        plan.vanilla
        and like is not None
        and x.dtype is like.dtype
        and (x.dtype in DTYPES or (x.dtype in LOW and x.numel() <= FEW * x.shape[-1]))
        and x.shape[-1] == plan.input_widths[0]
        and x.is_cpu
        and like.is_cpu
        and not watched(x)
        and not torch._C._are_functorch_transforms_active()
        and forward_ad._current_level < 0
        and not torch.is_autocast_enabled("cpu")
    )
