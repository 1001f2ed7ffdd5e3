"""Runners as implementations of the operators ``gatewise::layer`` and ``gatewise::layer_backward``: those that
go forward and back as functions of tensors, each on a device of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, cast

import torch
from torch import Tensor

from gatewise.compile import PASSES, Operator, named, names
from gatewise.nn.plan.registry import Registered, registered

# by type of device
OPERATORS: dict[str, tuple[str, Operator]] = {
    cast(Operator, named(name)).device: (name, cast(Operator, named(name)))
    for name in names()
    if hasattr(named(name), "dispatch_key")
}


class _Call:
    """What the operators' arguments stand for."""

    def __init__(self, key: str, sizes: Sequence[Any], record: str, device: str) -> None:
        self.known: Registered = registered(key)
        self.program = self.known.program
        self.sizes = dict(zip(self.program.sizes, (int(s) for s in sizes), strict=True))
        first = self.program.states[0].name
        self.record = tuple(dict.fromkeys([first, *(record.split(",") if record else ())]))
        self.operator = OPERATORS[device][1]

    def arguments(
        self, inputs: list[Tensor], params: list[Tensor]
    ) -> tuple[Any, Mapping[str, Tensor], Mapping[str, Tensor], Mapping[str, int]]:
        names = [i.name for i in self.program.inputs]
        by_name = dict(zip(names, inputs, strict=True))
        return self.program, by_name, self.known.layout.params(params, self.sizes), self.sizes

    def stacks(self, params: list[Tensor], gradients: Mapping[str, Tensor]) -> list[Tensor]:
        """Gradients of parameters as they are stacked."""
        stacked = [torch.empty_like(p) for p in params]
        for stack, into in zip(self.known.layout.stacks, stacked, strict=True):
            parts = into.split(self.known.layout.rows(stack, self.sizes))
            for member, part in zip(stack.members, parts, strict=True):
                part.copy_(gradients[member.param])
        return stacked


def kept(key: str, sizes: Sequence[Any], record: str, device: str, steps: Any, batch: Any) -> Any:
    """How many values a training step keeps on a device."""
    call = _Call(key, sizes, record, device)
    return call.operator.room(call.program, call.sizes, call.record, steps, batch, PASSES)


def forward(
    key: str,
    sizes: list[int],
    inputs: list[Tensor],
    params: list[Tensor],
    states: list[Tensor],
    restart: list[Tensor],
    lengths: Tensor | None,
    reset: Tensor | None,
    reverse: bool,
    record: str,
    training: bool,
) -> list[Tensor]:
    """``gatewise::layer``."""
    call = _Call(key, sizes, record, states[0].device.type)
    results, stored = call.operator.forward(
        *call.arguments(inputs, params),
        training=training,
        states=states,
        restart=restart,
        lengths=lengths,
        reset=reset,
        reverse=reverse,
        record=call.record,
        passes=PASSES,
    )
    return [*results, stored] if training else results


def backward(
    key: str,
    sizes: list[int],
    inputs: list[Tensor],
    params: list[Tensor],
    saved: Tensor,
    grads: list[Tensor],
    lengths: Tensor | None,
    reset: Tensor | None,
    reverse: bool,
    record: str,
    wants_inputs: bool,
) -> list[Tensor]:
    """``gatewise::layer_backward``."""
    call = _Call(key, sizes, record, grads[0].device.type)
    ends = grads[len(call.record) :]
    by_name, first, restart = call.operator.backward(
        *call.arguments(inputs, params),
        stored=saved,
        grads=grads,
        states=ends,
        restart=ends,
        lengths=lengths,
        reset=reset,
        reverse=reverse,
        record=call.record,
        passes=PASSES,
    )
    of_inputs = []
    if wants_inputs:
        of_inputs = [by_name[i.name] for i in call.program.inputs if i.rate is None]
    return [*of_inputs, *call.stacks(params, by_name), *first, *restart]
