"""A layer in NumPy, with gradients, as a function of tensors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from gatewise import interp
from gatewise.backends.base import Result
from gatewise.backends.schedule import Passes
from gatewise.ir import Program


@dataclass(frozen=True)
class _Call:
    """What a run is given besides tensors."""

    program: Program
    sizes: Mapping[str, int]
    seq: interp.Sequences
    inputs: tuple[str, ...]
    params: tuple[str, ...]
    record: tuple[str, ...]
    passes: Passes


def run(
    program: Program,
    inputs: Mapping[str, Tensor],
    params: Mapping[str, Tensor],
    sizes: Mapping[str, int],
    *,
    states: Sequence[Tensor],
    restart: Sequence[Tensor],
    lengths: Tensor | None = None,
    reset: Tensor | None = None,
    reverse: bool = False,
    record: Sequence[str] = (),
    passes: Passes,
) -> Result:
    """See ``gatewise.backends.base.Runner.run``. There are first derivatives only.

    Raises ProgramError for what is no legal cell.
    """
    x = next(inputs[i.name] for i in program.inputs if i.per == "step")
    seq = interp.Sequences(x.shape[0], x.shape[1], _array(lengths), _array(reset), reverse)
    names = tuple(dict.fromkeys((program.states[0].name, *record)))
    call = _Call(program, sizes, seq, tuple(inputs), tuple(params), names, passes)
    tensors = [*inputs.values(), *params.values(), *states, *restart]
    flat: Any = _Interpreted.apply(call, *tensors)  # type: ignore[no-untyped-call]
    every = dict(zip(names, flat, strict=False))
    return Result(flat[0], tuple(flat[len(names) :]), {name: every[name] for name in record})


class _Interpreted(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, call: _Call, *tensors: Tensor) -> Any:
        arrays = [_array(t) for t in tensors]
        dtype = tensors[-1].dtype
        inputs, params, states, restart = _groups(call, arrays)
        ctx.run = interp.run(
            call.program,
            inputs,
            params,
            call.sizes,
            call.seq,
            states=states,
            restart=restart,
            record=call.record,
            dtype=arrays[-1].dtype,
        )
        ctx.call = call
        ctx.save_for_backward(*tensors)  # which notices what is changed in place
        results = [*(ctx.run.recorded[name] for name in call.record), *ctx.run.states]
        return tuple(torch.from_numpy(np.ascontiguousarray(a)).to(dtype) for a in results)

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx: Any, *grads: Tensor) -> Any:
        call, arrays = ctx.call, [_array(t) for t in ctx.saved_tensors]
        inputs, params, _, _ = _groups(call, arrays)
        seeds = dict(zip(call.record, map(_array, grads), strict=False))
        got = interp.run_backward(
            call.program,
            call.passes.derivative(call.program, call.record),
            ctx.run,
            inputs,
            params,
            call.sizes,
            call.seq,
            seeds=seeds,
            d_states=[_array(g) for g in grads[len(call.record) :]],
            dtype=arrays[-1].dtype,
        )
        gradients = [got.inputs.get(name) for name in inputs]
        gradients += [got.params.get(name) for name in params]
        gradients += [*got.states, *got.restart]
        return None, *(None if a is None else torch.from_numpy(np.array(a)) for a in gradients)


def _groups(call: _Call, arrays: Sequence[Any]) -> tuple[Any, Any, Any, Any]:
    """Inputs and parameters by name, initial states, restart states."""
    first, second = len(call.inputs), len(call.inputs) + len(call.params)
    middle = (second + len(arrays)) // 2
    inputs = dict(zip(call.inputs, arrays, strict=False))
    params = dict(zip(call.params, arrays[first:], strict=False))
    return inputs, params, arrays[second:middle], arrays[middle:]


def _array(tensor: Tensor | None) -> Any:
    return None if tensor is None else tensor.detach().numpy()
