"""Calls that PyTorch's own functions do faster on a CPU: a few steps, with gradients, packed, or of large
weights.

There is too little to compute for what a compiled call costs around it, or the weights are read too seldom
to be packed. ``backend="auto"`` hands such calls over, by tables that ``python -m benchmarks sweep`` measures;
docs/modules.md shows them. What is handed over is the plain call of a module without extras; a backend that is
named is used.
"""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

import torch
from torch import Tensor
from torch.autograd import forward_ad
from torch.nn.utils.rnn import PackedSequence

from gatewise.compile import llvm_runtime
from gatewise.nn.compiled.autograd import is_unwatched
from gatewise.nn.compiled.float_types import DTYPES
from gatewise.nn.compiled.low_types import FEW, LOW
from gatewise.nn.plan.module_plan import ModulePlan

NO_LIMIT = 1 << 30


class Most(NamedTuple):
    """The largest calls that PyTorch does faster: so many steps, of any size; up to ``steps_of_few``
    steps of ``few`` rows, counted over all steps."""

    steps: int
    few: int = 0
    steps_of_few: int = 0


class Wide(NamedTuple):
    """Calls that PyTorch does faster if the parameters of all layers take at least ``size`` bytes and there
    are at least so many units."""

    size: int
    steps: int
    rows: range
    units: int = 0


# two steps of an LSTM that our kernels train faster all the same: units up to which, and rows from which
SMALL_LSTMS = ((64, 8), (128, 64))
# by PyTorch's name of the function: with gradients
TRAINING = {"LSTM": Most(2), "GRU": Most(2), "RNN_TANH": Most(4), "RNN_RELU": Most(4)}
# of a PackedSequence, for which PyTorch takes other kernels: with gradients and without
PACKED_TRAINING = {"LSTM": Most(2), "GRU": Most(2), "RNN_TANH": Most(4), "RNN_RELU": Most(4)}
PACKED_INFERENCE = {
    "LSTM": Most(4, 100, 10),
    "GRU": Most(4, 100, 10),
    "RNN_TANH": Most(10),
    "RNN_RELU": Most(10),
}
# without gradients and of large weights, in this order; for one step there are kernels of our own
WIDE_INFERENCE = (Wide(8 << 20, 4, range(17)), Wide(2 << 20, 3, range(9)))
# units from which oneDNN's LSTM is quicker, and the rows that it trains faster if there are several layers
WIDE_UNITS, ROWS_TRAINED = 340, range(2, 9)
# units up to which a packed call is little else than bringing its rows into place: of few steps, and of an RNN of
# one layer whose inputs are so many times as wide
TINY_PACKED, WIDE_INPUTS = 8, 6
# the LSTM that oneDNN runs
WIDE_LSTM = (Wide(3 << 19, NO_LIMIT, range(17, 65), WIDE_UNITS), Wide(6 << 20, 200, range(17, 65)))
LEAST_WIDE = 1 << 18  # values from which a call may be one of these
NONE = Most(0)
# steps of cells without gradients: units up to which a few rows are quicker, or very few, and from which many are
SMALL_STEP, FEW_ROWS = 256, 8
MIDDLE_STEP, FEWEST_ROWS = 500, 3
LARGE_STEP, MANY_ROWS = 300, 16

# What is asked here is asked at every call, and one question more takes up to a microsecond. So nothing is
# asked that PyTorch's functions check themselves: what they refuse goes the usual way, which says why.
REFUSALS = (RuntimeError, ValueError, TypeError, AttributeError, LookupError)


def sequence_handed_over(plan: ModulePlan, mode: str, input: object, batch_first: bool) -> bool:
    """Whether PyTorch's function ``mode`` is to run a plain call on ``input``."""
    training = torch.is_grad_enabled()
    if type(input) is PackedSequence:
        most = (PACKED_TRAINING if training else PACKED_INFERENCE)[mode]
        x, steps = input.data, len(input.batch_sizes)
        if most.steps < steps <= most.steps_of_few:
            few = x.shape[0] <= most.few or plan.hidden_size <= TINY_PACKED
            most = Most(steps) if few else most
        elif not training and mode not in ("LSTM", "GRU") and plan.num_layers == 1:
            wide = x.shape[-1] >= WIDE_INPUTS * plan.hidden_size
            most = Most(NO_LIMIT) if wide else most
    elif type(input) is not Tensor or not 1 < input.dim() < 4 or not input.numel():
        return False
    else:
        x, steps = input, input.shape[1 if batch_first and input.dim() == 3 else 0]
        if training:
            # oneDNN's LSTM in low types has no second derivatives, and PyTorch's other one is slow
            most = NONE if mode == "LSTM" and x.dtype in LOW else TRAINING[mode]
            if steps == most.steps and _is_small_lstm(plan, mode, x, steps):
                most = Most(steps - 1)
            if steps > most.steps and wide_training(plan, mode, x, batch_first):
                most = Most(NO_LIMIT)
        elif input.dtype in LOW:
            # all matrices would be widened for one product with each
            most = Most(1) if _one_row_of_one_step(input) else NONE
        else:
            most = _most_of_wide(plan, mode, x, steps)
    return (
        0 < steps <= most.steps
        and plan.vanilla
        and (x.dtype in DTYPES or _low_and_few(x))
        and x.is_cpu
        and not torch._C._are_functorch_transforms_active()
        and forward_ad._current_level < 0
        and not torch.is_autocast_enabled("cpu")
        and is_unwatched(x)
    )


@cache
def wide_is_slow() -> bool:
    """Whether wide layers, and some steps, were found to be slower by our kernels on this kind of processor:
    Intel's with a unit for tiles. On an AMD Zen 5 they are ahead."""
    return llvm_runtime().has_tiles


def wide_training(plan: ModulePlan, mode: str, x: object, batch_first: bool) -> bool:
    """Whether oneDNN trains an LSTM on so few rows faster (``onednn.py``): it multiplies the inputs of the upper
    layers by their weights for all steps at once."""
    if plan.num_layers == 1 or plan.hidden_size < WIDE_UNITS:
        return False
    if mode != "LSTM" or type(x) is not Tensor:
        return False
    if x.dtype is not torch.float32 or x.dim() < 2 or not wide_is_slow():
        return False
    rows = 1 if x.dim() == 2 else x.shape[0 if batch_first else 1]
    steps = x.shape[1 if batch_first and x.dim() == 3 else 0]
    return steps > TRAINING[mode].steps and rows in ROWS_TRAINED


def _is_small_lstm(plan: ModulePlan, mode: str, x: Tensor, steps: int) -> bool:
    """Whether it is an LSTM of few units and many rows, which PyTorch's kernel with second derivatives trains
    slower than ours in two steps already."""
    if mode != "LSTM" or x.dtype is not torch.float32 or plan.widths[0] != plan.widths[-1]:
        return False
    rows = x.numel() // (steps * x.shape[-1])
    small = any([plan.hidden_size <= units and rows >= least for units, least in SMALL_LSTMS])
    return small and wide_is_slow()


def _most_of_wide(plan: ModulePlan, mode: str, x: Tensor, steps: int) -> Most:
    """The most steps of a call on large weights: reading them once more, to see whether they have changed,
    does not pay for a few, and PyTorch reads those for the input once for all steps."""
    if steps > 1:
        size = plan.values * x.element_size()
        rows = x.numel() // (steps * x.shape[-1])
        by_onednn = mode == "LSTM" and x.dtype is torch.float32
        for wide in WIDE_LSTM if by_onednn else WIDE_INFERENCE:
            large = size >= wide.size and plan.hidden_size >= wide.units
            if large and rows in wide.rows and (not wide.units or wide_is_slow()):
                return Most(wide.steps)
    return NONE


@cache
def rows_handed_over(kind: str, units: int) -> tuple[range, ...]:
    """The rows of one step without gradients that PyTorch's cell does faster."""
    if kind == "RNN":
        return (range(NO_LIMIT),)
    if units <= SMALL_STEP:
        return (range(FEW_ROWS + 1),)
    few = range(FEWEST_ROWS + 1 if units < MIDDLE_STEP and wide_is_slow() else 0)
    return (few, range(MANY_ROWS, NO_LIMIT)) if units >= LARGE_STEP else (few,)


def step_handed_over(plan: ModulePlan, kind: str, x: object) -> bool:
    """Whether PyTorch's cell is to run one step on ``x``. With gradients it always is."""
    if type(x) is not Tensor or not plan.vanilla:
        return False
    # a call takes some 40 microseconds: what PyTorch does on a GPU and under autocast will do
    if kind == "RNN":
        return x.dtype in DTYPES or _low_and_few(x)
    if not torch.is_grad_enabled():
        rows = x.shape[0] if x.dim() == 2 else 1
        if not any([rows in of for of in rows_handed_over(kind, plan.widths[-1])]):
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
