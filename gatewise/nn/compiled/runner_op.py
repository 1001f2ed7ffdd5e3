"""Runners as implementations of the operators ``gatewise::layer`` and ``gatewise::layer_backward``: those that
go forward and back as functions of tensors, each on a device of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor

from gatewise.compile import PASSES, Operator, RunnerCall, is_operator, named, names
from gatewise.nn.plan.registry import Registered, registered

# name and operator of the backends that are one, by type of device
OPERATORS: dict[str, tuple[str, Operator]] = {
    backend.device: (backend.name, backend)
    for backend in map(named, names())
    if is_operator(backend)
}


class _Layer:
    """Which layer an operator is asked for, and by which backend."""

    def __init__(self, key: str, sizes: Sequence[int], record: str, device: str) -> None:
        self.known: Registered = registered(key)
        self.program = self.known.program
        self.sizes = dict(zip(self.program.sizes, (int(s) for s in sizes), strict=True))
        first = self.program.states[0].name
        self.record = tuple(dict.fromkeys([first, *(record.split(",") if record else ())]))
        self.operator = OPERATORS[device][1]

    def call(
        self,
        inputs: list[Tensor],
        params: list[Tensor],
        states: list[Tensor],
        restart: list[Tensor],
        lengths: Tensor | None,
        reset: Tensor | None,
        reverse: bool,
    ) -> RunnerCall:
        names = [i.name for i in self.program.inputs]
        return RunnerCall(
            self.program,
            dict(zip(names, inputs, strict=True)),
            self.known.layout.params(params, self.sizes),
            self.sizes,
            states,
            restart,
            lengths,
            reset,
            reverse,
            self.record,
            PASSES,
        )

    def stacks(self, params: list[Tensor], gradients: Mapping[str, Tensor]) -> list[Tensor]:
        """Gradients of parameters as they are stacked."""
        stacked = [torch.empty_like(p) for p in params]
        for stack, into in zip(self.known.layout.stacks, stacked, strict=True):
            parts = into.split(self.known.layout.rows(stack, self.sizes))
            for member, part in zip(stack.members, parts, strict=True):
                part.copy_(gradients[member.param])
        return stacked


def saved_values(
    key: str, sizes: Sequence[int], record: str, device: str, steps: int, batch: int
) -> int:
    """How many values a training step keeps on a device."""
    layer = _Layer(key, sizes, record, device)
    return layer.operator.room(layer.program, layer.sizes, layer.record, steps, batch, PASSES)


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
    layer = _Layer(key, sizes, record, states[0].device.type)
    call = layer.call(inputs, params, states, restart, lengths, reset, reverse)
    results, stored = layer.operator.forward(call, training)
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
    layer = _Layer(key, sizes, record, grads[0].device.type)
    ends = grads[len(layer.record) :]
    call = layer.call(inputs, params, ends, ends, lengths, reset, reverse)
    by_name, first, restart = layer.operator.backward(call, saved, grads)
    of_inputs = []
    if wants_inputs:
        of_inputs = [by_name[i.name] for i in layer.program.inputs if i.rate is None]
    return [*of_inputs, *layer.stacks(params, by_name), *first, *restart]
