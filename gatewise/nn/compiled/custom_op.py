"""The compiled CPU kernels as operators of torch: one node for a layer in one direction.

``gatewise::layer`` runs it, ``gatewise::layer_backward`` goes back over it. Both are functions of
their tensors alone, have fake implementations (so they compile and export with dynamic batch and
time) and an autograd formula. What the forward pass keeps for the backward pass is among its results.
A second derivative is not compiled: it is taken through the eager backend.

Plain calls do not pass here (``autograd.py``): the dispatcher takes longer than a small network.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from gatewise.nn.compiled import flops, runner_op
from gatewise.nn.compiled.kernels import Kernels, kernels, readable
from gatewise.nn.compiled.launch import run, run_backward
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


def _for(key: str, sizes: Any, dtype: torch.dtype, record: str) -> Kernels:
    return kernels(key, tuple(int(s) for s in sizes), dtype, record)


def _lead(inputs: list[Tensor]) -> tuple[Any, Any]:
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
    sizes: Any,
    inputs: Any,
    params: Any,
    states: Any,
    restart: Any,
    lengths: Any,
    reset: Any,
    reverse: bool,
    record: Any,
    training: bool,
) -> list[Tensor]:
    # torch.export comes by here
    refuse_onnx(f"a module of the cell {registered(key).program.name}")
    like = states[0]
    steps, batch = _lead(inputs)
    shapes: list[Any] = [(steps, batch, n) for n in _units(key, sizes, record)]
    shapes += [(batch, s.shape[-1]) for s in states]
    if training:
        shapes.append((_kept(key, sizes, record, like, steps, batch),))
    return [like.new_empty(shape) for shape in shapes]


def _units(key: str, sizes: Any, record: str) -> list[int]:
    """Units of what comes at every step."""
    program = registered(key).program
    numbers = dict(zip(program.sizes, (int(s) for s in sizes), strict=True))
    names = dict.fromkeys([program.states[0].name, *(record.split(",") if record else ())])
    return [program.nodes[program.named(n)].size.evaluate(numbers) for n in names]


def _kept(key: str, sizes: Any, record: str, like: Tensor, steps: Any, batch: Any) -> Any:
    """How many values a training step keeps for its way back."""
    if like.device.type in runner_op.OPERATORS:
        return runner_op.kept(key, sizes, record, like.device.type, steps, batch)
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
    of_inputs = [t for t in d_inputs if t is not None]
    return [*of_inputs, *d_params, *d_first, *(t.contiguous() for t in d_restart)]


def _backward_fake(
    key: str,
    sizes: Any,
    inputs: Any,
    params: Any,
    saved: Any,
    grads: Any,
    lengths: Any,
    reset: Any,
    reverse: bool,
    record: Any,
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


def _setup(ctx: Any, inputs: Any, output: Any) -> None:
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


def _gradient(ctx: Any, grads: Any) -> Any:
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
        d_in, d_par, d_st, d_re = again(ctx.call, groups, lengths, reset, output_grads)
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


def again(
    call: Any, groups: list[list[Tensor]], lengths: Any, reset: Any, output_grads: list[Tensor]
) -> list[list[Tensor | None]]:
    """The gradients of a layer's inputs, parameters, initial and restart states through the eager
    backend, as functions that can be differentiated again. ``call``: key, sizes, reverse, record."""
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
    pairs = [(o, g) for o, g in zip(outputs, output_grads, strict=True) if o.requires_grad]
    gradients = torch.autograd.grad(
        [o for o, _ in pairs],
        [flat[k] for k in wanted],
        [g for _, g in pairs],
        create_graph=True,
        allow_unused=True,
    )
    by_place = dict(zip(wanted, gradients, strict=True))
    by_group, start = [], 0
    for group in groups:
        by_group.append([by_place.get(start + k) for k in range(len(group))])
        start += len(group)
    return by_group


_LIBRARY.impl("layer", _forward, "CPU")
_LIBRARY.impl("layer_backward", _backward, "CPU")
for _, _operator in runner_op.OPERATORS.values():
    _LIBRARY.impl("layer", runner_op.forward, _operator.dispatch_key)
    _LIBRARY.impl("layer_backward", runner_op.backward, _operator.dispatch_key)
torch.library.register_fake("gatewise::layer", _forward_fake, lib=_LIBRARY)
torch.library.register_fake("gatewise::layer_backward", _backward_fake, lib=_LIBRARY)
torch.library.register_autograd("gatewise::layer", _gradient, setup_context=_setup, lib=_LIBRARY)
flops.register(torch.ops.gatewise.layer, torch.ops.gatewise.layer_backward)
