"""Forward and backward as functions of tensors, for an operator of torch
(``gatewise.backends.base.Operator``)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from torch import Tensor

from gatewise.backends.schedule import Passes
from gatewise.backends.triton.call import Call, without_padding
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


def _call_of(
    program: Program,
    inputs: Mapping[str, Tensor],
    params: Mapping[str, Tensor],
    sizes: Mapping[str, int],
    training: bool,
    options: Mapping[str, Any],
) -> tuple[Call, list[Tensor]]:
    """A call and its tensors, from the arguments of an operator."""
    layer = layer_for(options["passes"], program, tuple(sizes.items()), options["record"], training)
    lengths = options["lengths"]
    if lengths is not None:
        inputs = {n: without_padding(a, lengths) for n, a in inputs.items()}
    kinds = tuple(inputs), tuple(params), lengths, options["reset"], options["reverse"]
    tensors = [*inputs.values(), *params.values(), *options["states"], *options["restart"]]
    return Call(layer, program, sizes, *kinds), tensors


def forward_of(
    program: Program,
    inputs: Mapping[str, Tensor],
    params: Mapping[str, Tensor],
    sizes: Mapping[str, int],
    *,
    training: bool,
    **options: Any,
) -> tuple[list[Tensor], Tensor]:
    """See ``gatewise.backends.base.Operator.forward``."""
    return forward(*_call_of(program, inputs, params, sizes, training, options))


def backward_of(
    program: Program,
    inputs: Mapping[str, Tensor],
    params: Mapping[str, Tensor],
    sizes: Mapping[str, int],
    *,
    stored: Tensor,
    grads: Sequence[Tensor],
    **options: Any,
) -> tuple[dict[str, Tensor], list[Tensor], list[Tensor]]:
    """See ``gatewise.backends.base.Operator.backward``."""
    call, tensors = _call_of(program, inputs, params, sizes, True, options)
    gradients = backward(call, tensors, stored, grads, [True] * len(tensors))
    names = (*call.inputs, *call.params)
    by_name = {n: g for n, g in zip(names, gradients, strict=False) if g is not None}
    states = [g for g in gradients[len(names) :] if g is not None]
    return by_name, states[: len(states) // 2], states[len(states) // 2 :]
