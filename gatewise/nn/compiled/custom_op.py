"""The compiled CPU kernels as operators of torch: one node for a layer in one direction.

``gatewise::layer`` runs it, ``gatewise::layer_backward`` goes back over it. Both are functions of
their tensors alone, have fake implementations (so they compile and export with dynamic batch and
time) and an autograd formula. What the forward pass keeps for the backward pass is among its results.
A second derivative is not compiled: it is taken through the eager backend.

Plain calls do not pass here (``autograd.py``): the dispatcher takes longer than a small network.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, TypeAlias

import torch
from torch import Tensor

from gatewise.nn.compiled import flops, runner_op
from gatewise.nn.compiled.autograd_context import AutogradContext
from gatewise.nn.compiled.kernels import Kernels, kernels, readable
from gatewise.nn.compiled.launch import run, run_backward
from gatewise.nn.compiled.partial_gradients import partial_gradients
from gatewise.nn.compiled.plain_ops import run_as_operator
from gatewise.nn.compiled.torch_tools import refuse_onnx
from gatewise.nn.compiled.vmap import batched
from gatewise.nn.plan.registry import registered

_LIBRARY = torch.library.Library("gatewise", "DEF")
_LIBRARY.define(
    "layer(str key, SymInt[] sizes, Tensor[] inputs, Tensor[] params, Tensor[] states, "
    "Tensor[] restart, Tensor? lengths, Tensor? reset, bool reverse, str record, bool training) "
    "-> Tensor[]"
)
_LIBRARY.define(
    "layer_backward(str key, SymInt[] sizes, Tensor[] inputs, Tensor[] params, Tensor saved, "
    "Tensor[] grads, Tensor? lengths, Tensor? reset, bool reverse, str record, bool wants_inputs) "
    "-> Tensor[]"
)


# which layer an operator runs: key, sizes, reverse, record
LayerKey: TypeAlias = tuple[str, Sequence[int], bool, str]


def _for(key: str, sizes: Sequence[int], dtype: torch.dtype, record: str) -> Kernels:
    return kernels(key, tuple(int(s) for s in sizes), dtype, record)


def _lead(inputs: list[Tensor]) -> tuple[int, int]:
    return next((t.shape[0], t.shape[1]) for t in inputs if t.dim() == 3)


# --- forward ----------------------------------------------------------------------------------------


def _forward(
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
    like = states[0]
    compiled = _for(key, sizes, like.dtype, record)
    steps, batch = _lead(inputs)
    traversal = compiled.traversal(steps, batch, lengths, reset, reverse, training)
    outputs = [compiled.new(steps, batch, n) for n in compiled.every]
    last = [compiled.new(batch, n) for n in compiled.final]
    saved = [compiled.new(compiled.saved_size(steps, batch, steps * batch))] if training else []
    if traversal.rows.total < steps * batch:  # nothing is written where no row comes
        for t in (*outputs, *saved):
            t.zero_()
    groups = [readable(group) for group in (inputs, params, states, restart)]
    run([compiled.forward(traversal, groups, outputs, last, saved[0] if saved else None)])
    return [*outputs, *last, *saved]


def _forward_fake(
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
    # torch.export comes by here
    refuse_onnx(f"a module of the cell {registered(key).program.name}")
    like = states[0]
    steps, batch = _lead(inputs)
    shapes: list[tuple[int, ...]] = [(steps, batch, n) for n in _units(key, sizes, record)]
    shapes += [(batch, s.shape[-1]) for s in states]
    if training:
        shapes.append((_saved_values(key, sizes, record, like, steps, batch),))
    return [like.new_empty(shape) for shape in shapes]


def _units(key: str, sizes: Sequence[int], record: str) -> list[int]:
    """Units of what comes at every step."""
    program = registered(key).program
    numbers = dict(zip(program.sizes, (int(s) for s in sizes), strict=True))
    names = dict.fromkeys([program.states[0].name, *(record.split(",") if record else ())])
    return [program.nodes[program.named(n)].size.evaluate(numbers) for n in names]


def _saved_values(
    key: str, sizes: Sequence[int], record: str, like: Tensor, steps: int, batch: int
) -> int:
    """How many values a training step keeps for its way back."""
    if like.device.type in runner_op.OPERATORS:
        return runner_op.saved_values(key, sizes, record, like.device.type, steps, batch)
    return _for(key, sizes, like.dtype, record).saved_size(steps, batch, steps * batch)


# --- backward ---------------------------------------------------------------------------------------


def _backward(
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
    """Gradients of inputs (not of masks), stacked parameters, states and restart states."""
    compiled = _for(key, sizes, grads[0].dtype, record)
    traversal = compiled.traversal(*_lead(inputs), lengths, reset, reverse, True)
    tensors = readable(inputs), readable(params), saved, readable(grads)
    back = compiled.backward(traversal, *tensors, [wants_inputs] * len(inputs), True)
    run_backward([back])
    d_inputs, d_params, d_first, d_restart = back.gradients
    ends = [t.contiguous() for t in (*d_first, *d_restart) if t is not None]
    return [*(t for t in d_inputs if t is not None), *d_params, *ends]


def _backward_fake(
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
    program = registered(key).program
    like, gradients = grads[0], []
    if wants_inputs:
        gradients = [
            like.new_empty(t.shape)
            for i, t in zip(program.inputs, inputs, strict=True)
            if i.rate is None
        ]
    gradients += [like.new_empty(p.shape) for p in params]
    ends = grads[len(grads) - len(program.states) :]
    return [*gradients, *(like.new_empty(g.shape) for _ in range(2) for g in ends)]


# --- autograd ---------------------------------------------------------------------------------------


# the arguments of ``gatewise::layer``, and the gradients of each
_Arguments: TypeAlias = tuple[
    str,
    list[int],
    list[Tensor],
    list[Tensor],
    list[Tensor],
    list[Tensor],
    Tensor | None,
    Tensor | None,
    bool,
    str,
    bool,
]
_Gradients: TypeAlias = list[Tensor | None]


class _Context(AutogradContext, Protocol):
    """What ``_setup`` keeps.

    Attributes:
        counts: how many inputs, parameters, states and results there are.
        shapes: shape, type and device of each result.
        wants_inputs: whether an input wants a gradient.
    """

    call: LayerKey
    counts: tuple[int, int, int, int]
    shapes: list[tuple[torch.Size, torch.dtype, torch.device]]
    wants_inputs: bool


def _setup(ctx: _Context, inputs: _Arguments, output: list[Tensor]) -> None:
    key, sizes, xs, params, states, restart, lengths, reset, reverse, record, training = inputs
    ctx.call = (key, sizes, reverse, record)
    names = set(record.split(",")) if record else set()
    program = registered(key).program
    results = len({program.states[0].name} | names) + len(states)
    ctx.counts = len(xs), len(params), len(states), results
    if training:
        ctx.mark_non_differentiable(*output[results:])
    ctx.save_for_backward(lengths, reset, *xs, *params, *states, *restart, *output[results:])
    ctx.shapes = [(o.shape, o.dtype, o.device) for o in output[:results]]
    ctx.wants_inputs = any(t.requires_grad for t in xs)
    ctx.set_materialize_grads(False)


def _gradient(ctx: _Context, grads: Sequence[Tensor | None]) -> tuple[_Gradients | None, ...]:
    key, sizes, reverse, record = ctx.call
    lengths, reset, *flat_saved = ctx.saved_tensors
    n_in, n_par, n_st, results = ctx.counts
    xs, flat_saved = flat_saved[:n_in], flat_saved[n_in:]
    params, flat_saved = flat_saved[:n_par], flat_saved[n_par:]
    states, restart, saved = flat_saved[:n_st], flat_saved[n_st : 2 * n_st], flat_saved[2 * n_st :]
    output_grads = [
        torch.zeros(shape, dtype=dtype, device=device) if g is None else g
        for g, (shape, dtype, device) in zip(grads[:results], ctx.shapes, strict=True)
    ]
    program = registered(key).program
    # create_graph=True: the gradient itself must be differentiable
    if torch.is_grad_enabled() or batched(grads):
        groups = [list(xs), list(params), list(states), list(restart)]
        d_in, d_par, d_st, d_re = differentiable_gradients(
            ctx.call, groups, lengths, reset, output_grads
        )
    else:
        flat = torch.ops.gatewise.layer_backward(
            key,
            sizes,
            xs,
            params,
            saved[0],
            output_grads,
            lengths,
            reset,
            reverse,
            record,
            ctx.wants_inputs,
        )
        d_in = []
        for item in program.inputs:
            d_in.append(flat.pop(0) if ctx.wants_inputs and item.rate is None else None)
        d_par, flat = flat[:n_par], flat[n_par:]
        d_st, d_re = flat[:n_st], flat[n_st:]
    return None, None, d_in, d_par, d_st, d_re, None, None, None, None, None


def differentiable_gradients(
    call: LayerKey,
    groups: list[list[Tensor]],
    lengths: Tensor | None,
    reset: Tensor | None,
    output_grads: list[Tensor],
) -> list[list[Tensor | None]]:
    """The gradients of a layer's inputs, parameters, initial and restart states through the eager
    backend, as functions that can be differentiated again."""
    key, sizes, reverse, record = call
    names = record.split(",") if record else []
    with torch.enable_grad():
        # a tensor may come twice (the same states to start and to restart from), each with its part
        groups = [[t.view_as(t) for t in g] for g in groups]
        inputs, params, states, restart = groups
        outputs = run_as_operator(
            key, list(sizes), inputs, params, states, restart, lengths, reset, reverse, names
        )
    flat = [t for g in groups for t in g]
    wanted = [k for k, t in enumerate(flat) if t.requires_grad]
    gradients = iter(partial_gradients(outputs, output_grads, flat, wanted, create_graph=True))
    return [[next(gradients) for _ in group] for group in groups]


_LIBRARY.impl("layer", _forward, "CPU")
_LIBRARY.impl("layer_backward", _backward, "CPU")
for _, _operator in runner_op.OPERATORS.values():
    _LIBRARY.impl("layer", runner_op.forward, _operator.dispatch_key)
    _LIBRARY.impl("layer_backward", runner_op.backward, _operator.dispatch_key)
torch.library.register_fake("gatewise::layer", _forward_fake, lib=_LIBRARY)
torch.library.register_fake("gatewise::layer_backward", _backward_fake, lib=_LIBRARY)
torch.library.register_autograd("gatewise::layer", _gradient, setup_context=_setup, lib=_LIBRARY)
flops.register(torch.ops.gatewise.layer, torch.ops.gatewise.layer_backward)
