"""Calls that PyTorch's own functions do faster on a CPU: a step or two, with gradients or packed.

There is too little to compute for what a compiled call costs around it. ``backend="auto"`` hands such
calls over, by tables that ``python -m benchmarks sweep`` measures; docs/modules.md shows them. What is handed
over is the plain call of a module without extras; a backend that is named is used.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import torch
from torch import Tensor
from torch.autograd import forward_ad
from torch.nn.utils.rnn import PackedSequence

from gatewise.compile import llvm_runtime
from gatewise.nn.compiled.autograd import must_dispatch
from gatewise.nn.compiled.float_types import DTYPES
from gatewise.nn.compiled.low_types import FEW, LOW
from gatewise.nn.plan.module_plan import ModulePlan

NO_LIMIT = 1 << 30


class Most(NamedTuple):
    """The largest calls that PyTorch does faster."""

    steps: int
    units: int = NO_LIMIT


class MostOfStep(NamedTuple):
    """The largest single steps that PyTorch does faster."""

    rows: int
    units: int


# by PyTorch's name of the function: with gradients
TRAINING = {"GRU": Most(1), "RNN_TANH": Most(4), "RNN_RELU": Most(4)}
# the LSTM, but where PyTorch runs oneDNN's kernel (float32, no projection), which has no second derivative
LSTM_TRAINING, NONE = Most(2), Most(0)
# of a PackedSequence, for which PyTorch takes other kernels: with gradients and without
PACKED_TRAINING = {"LSTM": Most(2), "GRU": Most(2), "RNN_TANH": Most(4), "RNN_RELU": Most(4)}
PACKED_INFERENCE = {
    "LSTM": Most(4, 300),
    "GRU": Most(10, 128),
    "RNN_TANH": Most(10, 300),
    "RNN_RELU": Most(10, 300),
}
# of cells, without gradients; with gradients all are handed over, and the RNN's always
INFERENCE_CELLS = {"LSTM": MostOfStep(8, 128), "GRU": MostOfStep(8, 128)}

# What is asked here is asked at every call, and one question more takes up to a microsecond. So nothing is
# asked that PyTorch's functions check themselves: what they refuse goes the usual way, which says why.
REFUSALS = (RuntimeError, ValueError, TypeError, AttributeError, IndexError)


def sequence_handed_over(plan: ModulePlan, mode: str, input: Any, batch_first: bool) -> bool:
    """Whether PyTorch's function ``mode`` is to run a plain call on ``input``."""
    training = torch.is_grad_enabled()
    if type(input) is PackedSequence:
        most = (PACKED_TRAINING if training else PACKED_INFERENCE)[mode]
        x, steps = input.data, len(input.batch_sizes)
    elif training and type(input) is Tensor and 1 < input.dim() < 4 and input.numel():
        x, steps = input, input.shape[1 if batch_first and input.dim() == 3 else 0]
        by_onednn = plan.widths[0] == plan.widths[-1] and x.dtype is not torch.float64
        most = TRAINING.get(mode) or (NONE if by_onednn else LSTM_TRAINING)
    elif type(input) is Tensor and input.dtype in LOW and _one_row_of_one_step(input):
        # all matrices would be widened for one product with each
        x, steps, most = input, 1, Most(1)
    else:
        return False
    return (
        0 < steps <= most.steps
        and plan.widths[-1] <= most.units
        and plan.vanilla
        and (x.dtype in DTYPES or _low_and_few(x))
        and x.is_cpu
        and not torch._C._are_functorch_transforms_active()
        and forward_ad._current_level < 0
        and not torch.is_autocast_enabled("cpu")
        and not must_dispatch(x)
    )


def step_handed_over(plan: ModulePlan, kind: str, x: Any) -> bool:
    """Whether PyTorch's cell is to run one step on ``x``."""
    if type(x) is not Tensor or not plan.vanilla:
        return False
    # a call takes some 40 microseconds: what PyTorch does on a GPU and under autocast will do
    if kind == "RNN":
        return x.dtype in DTYPES or _low_and_few(x)
    if not torch.is_grad_enabled():
        most = INFERENCE_CELLS[kind]
        if x.numel() > most.rows * x.shape[-1] or plan.widths[-1] > most.units:
            return False
    return (
        (x.dtype in DTYPES or _low_and_few(x))
        and x.is_cpu
        and not torch.is_autocast_enabled("cpu")
        and not torch._C._is_tracing()
    )


def _low_and_few(x: Tensor) -> bool:
    """Whether PyTorch is quicker in a low type, too: with few rows if there are gradients, else with one."""
    rows = FEW if torch.is_grad_enabled() else 1
    return x.dtype in LOW and x.numel() <= rows * x.shape[-1]


def _one_row_of_one_step(x: Tensor) -> bool:
    """Whether it has a row, where the processor has no products in its type that make it quick."""
    if x.numel() != x.shape[-1] or x.dim() < 2:
        return False
    return x.dtype is torch.float16 or not llvm_runtime().has_pairs
