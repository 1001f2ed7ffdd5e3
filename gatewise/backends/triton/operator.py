"""Forward and backward as functions of tensors, for an operator of torch
(``gatewise.backends.base.Operator``)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from torch import Tensor

from gatewise.backends.base import RunnerCall
from gatewise.backends.schedule import Passes
from gatewise.backends.triton.call import call_of
from gatewise.backends.triton.layer import layer_for
from gatewise.backends.triton.run import backward, forward
from gatewise.ir import Program


def room(
    program: Program,
    sizes: Mapping[str, int],
    record: tuple[str, ...],
    steps: int,
    batch: int,
    passes: Passes,
) -> int:
    """How many values a training step keeps."""
    layer = layer_for(passes, program, tuple(sizes.items()), record, True)
    return layer.forward.room(steps, batch)


def forward_of(asked: RunnerCall, training: bool) -> tuple[list[Tensor], Tensor]:
    """See ``gatewise.backends.base.Operator.forward``."""
    return forward(*call_of(asked, asked.record, training))


def backward_of(
    asked: RunnerCall, stored: Tensor, grads: Sequence[Tensor]
) -> tuple[dict[str, Tensor], list[Tensor], list[Tensor]]:
    """See ``gatewise.backends.base.Operator.backward``."""
    call, tensors = call_of(asked, asked.record, True)
    gradients = backward(call, tensors, stored, grads, [True] * len(tensors))
    names = (*call.inputs, *call.params)
    by_name = {n: g for n, g in zip(names, gradients, strict=False) if g is not None}
    states = [g for g in gradients[len(names) :] if g is not None]
    return by_name, states[: len(states) // 2], states[len(states) // 2 :]
