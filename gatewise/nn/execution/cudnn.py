"""The vendor's own kernels (cuDNN on a GPU), through PyTorch: plain LSTM, GRU and RNN only."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn.utils.rnn import PackedSequence

from gatewise.nn.execution.sequence_format import SequenceFormat
from gatewise.nn.plan.module_plan import ModulePlan


class Mode(NamedTuple):
    """What PyTorch's function is told besides tensors.

    ``function``: its name, as ``nn.RNNBase`` keeps it: "LSTM", "GRU", "RNN_TANH" or "RNN_RELU".
    """

    function: str
    bias: bool
    dropout: float
    training: bool


class VendorResult(NamedTuple):
    """Output as the caller has sequences, and the final states [L*D, B, n]."""

    output: Tensor | PackedSequence
    states: tuple[Tensor, ...]


def obstacle(extras: Sequence[str], wanted: Sequence[str]) -> str:
    """Why these kernels cannot serve a call; empty if they can."""
    if extras or wanted:
        return f"they have no {', '.join([*extras, *wanted])}"
    if torch._C._are_functorch_transforms_active():
        return "transforms such as vmap have no rule for them"
    return ""


def run_vendor(
    plan: ModulePlan,
    weights: list[Tensor],
    form: SequenceFormat,
    start: list[Tensor] | None,
    mode: Mode,
) -> VendorResult:
    """Run a plain module by PyTorch's function of its name.

    ``weights`` are the stacked parameters of all layers and directions, one after the other.

    Gradients in evaluation mode work: cuDNN keeps what it needs for them if it is told to train,
    and without dropout training and evaluation are the same.
    """
    if start is None:
        like, count = form.inputs[0], len(plan.layers) * plan.directions
        start = [like.new_zeros((count, form.batch, width)) for width in plan.widths]
    states = tuple(start) if len(start) > 1 else start[0]
    dropout = mode.dropout if mode.training else 0.0
    train = mode.training or torch.is_grad_enabled()
    settings = (mode.bias, len(plan.layers), dropout, train, plan.directions == 2)
    # torch's functions have no types
    function: Callable[..., Sequence[Tensor]] = getattr(torch._VF, mode.function.lower())
    packed = form.packed
    arguments: tuple[object, ...]
    if packed is None:
        arguments = (form.inputs[0], states, weights, *settings, False)
    else:
        arguments = (packed.data, packed.batch_sizes, states, weights, *settings)
    if per_sample(weights[0]):  # PyTorch's rules for them do not know oneDNN's layer
        with without_onednn():
            result, *last = function(*arguments)
    else:
        result, *last = function(*arguments)
    if packed is None:
        return VendorResult(form.steps_out(result), tuple(last))
    order = packed.sorted_indices, packed.unsorted_indices
    return VendorResult(PackedSequence(result, packed.batch_sizes, *order), tuple(last))


@contextmanager
def without_onednn() -> Iterator[None]:
    """Calls of PyTorch's functions without oneDNN's kernels."""
    # torch.backends.mkldnn.flags sets more than that, and warns of it
    before = torch._C._get_mkldnn_enabled()
    torch._C._set_mkldnn_enabled(False)
    try:
        yield
    finally:
        torch._C._set_mkldnn_enabled(before)


def per_sample(weight: Tensor | None) -> bool:
    """Whether ``call_for_per_sample_grads`` is at work: torch knows rules for its own functions alone."""
    return type(weight).__name__ == "ExpandedWeight"
