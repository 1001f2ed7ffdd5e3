"""What a call of a layer is: its tensors by name, and what lengths and resets mean for them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

import torch
from torch import Tensor

from gatewise.backends.base import RunnerCall
from gatewise.backends.eager.run import constants
from gatewise.backends.triton.layer import GpuLayer, layer_for
from gatewise.backends.triton.sequence import Rows
from gatewise.ir import Program


class Call(NamedTuple):
    """What a run is given besides the tensors that may want a gradient. ``inputs`` and ``params`` are
    their names, in the order in which they come."""

    layer: GpuLayer
    program: Program
    sizes: Mapping[str, int]
    inputs: tuple[str, ...]
    params: tuple[str, ...]
    lengths: Tensor | None
    reset: Tensor | None
    reverse: bool

    @property
    def record(self) -> tuple[str, ...]:
        """The names of what comes at every step, the output's first."""
        return self.layer.record


class Groups(NamedTuple):
    """The tensors of a run: inputs and parameters by name, initial and restart states in order."""

    inputs: dict[str, Tensor]
    params: dict[str, Tensor]
    states: list[Tensor]
    restart: list[Tensor]


def call_of(
    asked: RunnerCall, record: tuple[str, ...], training: bool
) -> tuple[Call, list[Tensor]]:
    """The call of a layer that records these names, the output's first, and its tensors: inputs, parameters,
    initial and restart states."""
    program, inputs, lengths = asked.program, asked.inputs, asked.lengths
    layer = layer_for(asked.passes, program, tuple(asked.sizes.items()), record, training)
    if lengths is not None:
        inputs = {n: without_padding(a, lengths) for n, a in inputs.items()}
    names = tuple(inputs), tuple(asked.params)
    tensors = [*inputs.values(), *asked.params.values(), *asked.states, *asked.restart]
    return Call(layer, program, asked.sizes, *names, lengths, asked.reset, asked.reverse), tensors


def without_padding(value: Tensor, lengths: Tensor) -> Tensor:
    """An input with ones in the padding: zero times a NaN there would come into the gradients of the
    matrices."""
    if value.dim() == 3:
        return torch.where(visited(lengths, value), value, 1.0)
    return torch.where((lengths > 0).to(value.device)[:, None], value, 1.0)


def rows_of(call: Call, x: Tensor, backward: bool) -> Rows:
    """Lengths and boundaries as a kernel reads them, in the order in which it visits the steps."""
    steps, batch = x.shape[:2]
    lengths = None if call.lengths is None else call.lengths.to(x.device, torch.int32)
    crossing = None
    if call.reset is not None:
        marks = marks_of(call, x)
        none = torch.zeros_like(marks[:1])
        # a step leaves its state over the boundary behind it, in reverse over the one before it; going
        # back, the gradient of the state that entered leaves over the boundary by which that came
        if call.reverse:
            crossing = torch.cat([marks[1:], none]) if backward else torch.cat([none, marks[1:]])
        else:
            crossing = marks if backward else torch.cat([marks[1:], none])
        crossing = crossing.to(torch.int8)
    return Rows(steps, batch, lengths, crossing, call.reverse != backward)


def marks_of(call: Call, x: Tensor) -> Tensor:
    """The boundaries that mean something: none in the padding."""
    assert call.reset is not None
    if call.lengths is None:
        return call.reset
    return call.reset & visited(call.lengths, x)[..., 0]


def visited(lengths: Tensor, x: Tensor) -> Tensor:
    """Which rows visit which steps, [T, B, 1]."""
    time = torch.arange(len(x), device=x.device)[:, None]
    return (time < lengths.to(x.device))[..., None]


@lru_cache(maxsize=256)
def _constants(program: Program, dtype: torch.dtype, device: torch.device) -> dict[str, Tensor]:
    """The constants of a Program on a device."""
    return constants(program, torch.empty(0, dtype=dtype, device=device))


def every_step(call: Call, tensors: Sequence[Tensor]) -> Tensor:
    """An input that comes at every step."""
    return next(t for t in tensors[: len(call.inputs)] if t.dim() == 3)


def groups_of(call: Call, tensors: Sequence[Tensor]) -> Groups:
    """The tensors of a call in their groups, constants among the parameters."""
    first, second = len(call.inputs), len(call.inputs) + len(call.params)
    middle = (second + len(tensors)) // 2
    inputs = dict(zip(call.inputs, tensors, strict=False))
    params = dict(zip(call.params, tensors[first:], strict=False))
    x = every_step(call, tensors)
    params |= _constants(call.program, x.dtype, x.device)
    return Groups(inputs, params, list(tensors[second:middle]), list(tensors[middle:]))
