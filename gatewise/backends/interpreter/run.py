"""A layer in NumPy, with gradients, as a function of tensors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from torch.autograd.function import FunctionCtx

from gatewise import interp
from gatewise.arrays import Array
from gatewise.backends.base import Result, RunnerCall
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


def run(asked: RunnerCall) -> Result:
    """See ``gatewise.backends.base.Runner.run``. There are first derivatives only.

    Raises ProgramError for what is no legal cell.
    """
    program, inputs, params = asked.program, asked.inputs, asked.params
    x = next(inputs[i.name] for i in program.inputs if i.per == "step")
    lengths = None if asked.lengths is None else _array(asked.lengths)
    reset = None if asked.reset is None else _array(asked.reset)
    seq = interp.Sequences(x.shape[0], x.shape[1], lengths, reset, asked.reverse)
    names = tuple(dict.fromkeys((program.states[0].name, *asked.record)))
    call = _Call(program, asked.sizes, seq, tuple(inputs), tuple(params), names, asked.passes)
    tensors = [*inputs.values(), *params.values(), *asked.states, *asked.restart]
    flat: tuple[Tensor, ...] = _Interpreted.apply(call, *tensors)  # type: ignore[no-untyped-call]
    every = dict(zip(names, flat, strict=False))
    return Result(flat[0], flat[len(names) :], {name: every[name] for name in asked.record})


class _Context(FunctionCtx):
    """What autograd hands to both ways, with what the way forward keeps in it. A type alone."""

    call: _Call
    run: interp.Run
    saved_tensors: tuple[Tensor, ...]


class _Interpreted(torch.autograd.Function):
    @staticmethod
    def forward(ctx: _Context, call: _Call, *tensors: Tensor) -> tuple[Tensor, ...]:
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
    def backward(ctx: _Context, *grads: Tensor) -> tuple[Tensor | None, ...]:
        call, arrays = ctx.call, [_array(t) for t in ctx.saved_tensors]
        inputs, params, _, _ = _groups(call, arrays)
        seeds = dict(zip(call.record, map(_array, grads), strict=False))
        results = interp.run_backward(
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
        gradients = [results.inputs.get(name) for name in inputs]
        gradients += [results.params.get(name) for name in params]
        gradients += [*results.states, *results.restart]
        return None, *(None if a is None else torch.from_numpy(np.array(a)) for a in gradients)


def _groups(
    call: _Call, arrays: Sequence[Array]
) -> tuple[dict[str, Array], dict[str, Array], Sequence[Array], Sequence[Array]]:
    """Inputs and parameters by name, initial states, restart states."""
    first, second = len(call.inputs), len(call.inputs) + len(call.params)
    middle = (second + len(arrays)) // 2
    inputs = dict(zip(call.inputs, arrays, strict=False))
    params = dict(zip(call.params, arrays[first:], strict=False))
    return inputs, params, arrays[second:middle], arrays[middle:]


def _array(tensor: Tensor) -> Array:
    return tensor.detach().numpy()
