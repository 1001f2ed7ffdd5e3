"""A layer by Triton kernels, with gradients, as functions of tensors."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.autograd.function import FunctionCtx

from gatewise.backends.base import Result, RunnerCall
from gatewise.backends.eager.run import run as run_eagerly
from gatewise.backends.triton import graphs, one_step
from gatewise.backends.triton.call import (
    Call,
    call_of,
    every_step,
    groups_of,
    marks_of,
    rows_of,
    visited,
)


def run(asked: RunnerCall) -> Result:
    """See ``gatewise.backends.base.Runner.run``. Second derivatives go through plain operations.

    Raises ProgramError for what is no legal cell, and BackendError for a way of running it that was asked
    for and cannot serve.
    """
    names = tuple(dict.fromkeys((asked.program.states[0].name, *asked.record)))
    leaves = [*asked.inputs.values(), *asked.params.values(), *asked.states, *asked.restart]
    training = torch.is_grad_enabled() and any(t.requires_grad for t in leaves)
    call, tensors = call_of(asked, names, training)
    flat: Sequence[Tensor]
    if training:
        flat = _Layer.apply(call, *tensors)  # type: ignore[no-untyped-call]
    elif _single_step(call, tensors):
        # parameters stay where they are
        at, end = len(call.inputs), len(call.inputs) + len(call.params)
        flat = one_step.run(
            call.layer,
            lambda moved: forward(call, [*moved[:at], *tensors[at:end], *moved[at:]])[0],
            [*tensors[:at], *tensors[end:]],
            tensors[at:end],
        )
    else:
        flat, _ = forward(call, tensors)
    every = dict(zip(names, flat, strict=False))
    return Result(flat[0], tuple(flat[len(names) :]), {name: every[name] for name in asked.record})


def _single_step(call: Call, tensors: Sequence[Tensor]) -> bool:
    """Whether a call is one step that can be recorded as a whole."""
    x = every_step(call, tensors)
    plain = call.lengths is None and call.reset is None
    return plain and len(x) == 1 and x.shape[1] > 0 and graphs.may_record(x.device)


class _Context(FunctionCtx):
    """What autograd hands to both ways, with what the way forward keeps in it. A type alone."""

    call: Call
    saved_tensors: tuple[Tensor, ...]
    needs_input_grad: tuple[bool, ...]


class _Layer(torch.autograd.Function):
    @staticmethod
    def forward(ctx: _Context, call: Call, *tensors: Tensor) -> tuple[Tensor, ...]:
        results, stored = forward(call, tensors)
        ctx.call = call
        ctx.save_for_backward(*tensors, stored)
        return tuple(results)

    @staticmethod
    def backward(ctx: _Context, *grads: Tensor) -> tuple[Tensor | None, ...]:
        *tensors, stored = ctx.saved_tensors
        # create_graph=True: the gradient itself must be differentiable; or many gradients at once
        if torch.is_grad_enabled() or any(map(_stands_for_many, grads)):
            return None, *_differentiable_gradients(
                ctx.call, tensors, grads, ctx.needs_input_grad[1:]
            )
        return None, *backward(ctx.call, tensors, stored, grads, ctx.needs_input_grad[1:])


def forward(call: Call, tensors: Sequence[Tensor]) -> tuple[list[Tensor], Tensor]:
    """What comes at every step and the final states; and, flat, what the backward step reads."""
    groups, x = groups_of(call, tensors), every_step(call, tensors)
    start = list(groups.states)
    if call.reset is not None and not call.reverse and len(x):
        at_first = marks_of(call, x)[0][:, None]
        pairs = zip(groups.restart, groups.states, strict=True)
        start = [torch.where(at_first, r, s) for r, s in pairs]
    rows = rows_of(call, x, False)
    loop_results = call.layer.forward.run(
        rows, x, groups.inputs, groups.params, start, groups.restart
    )
    assert loop_results.output is not None
    results = [loop_results.output]
    # values of their own: what is stored must not change with them
    for name in call.record[1:]:
        value = loop_results.outside.value(call.layer.named[name])
        if call.lengths is not None:  # a state that a row keeps is there in the padding as well
            value = torch.where(visited(call.lengths, x), value, 0.0)
        results.append(value.expand(*x.shape[:2], value.shape[-1]).clone())
    results += [t.to(s.dtype) for t, s in zip(loop_results.last, groups.states, strict=True)]
    return results, loop_results.stored


def backward(
    call: Call,
    tensors: Sequence[Tensor],
    stored: Tensor,
    grads: Sequence[Tensor],
    wanted: Sequence[bool],
) -> list[Tensor | None]:
    """The gradients of all tensors that want one, given those of what ``forward`` gave."""
    planned, groups, x = call.layer.backward, groups_of(call, tensors), every_step(call, tensors)
    assert planned is not None, "the layer was made for inference"
    read = {**groups.inputs, **_stored(call, x, stored)}
    read |= {f"seed.{n}": g for n, g in zip(call.record, grads, strict=False)}
    program = planned.program
    ends = list(grads[len(call.record) :])
    rows = rows_of(call, x, True)
    inputs = {i.name: read[i.name] for i in program.inputs}
    loop_results = planned.run(rows, x, inputs, groups.params, ends, ends)
    names = (*call.inputs, *call.params)
    wanting = {name for name, want in zip(names, wanted, strict=False) if want}
    by_name: dict[str, Tensor] = {}
    for output in program.outputs:
        name = output.name.removeprefix("d.")
        if name not in wanting:
            continue
        if program.nodes[output.node].op == "outer":
            value = loop_results.outside.outer(output.node)
        else:
            value = loop_results.outside.value(output.node)
            if output.over != "step":
                full = value.expand(rows.steps, rows.batch, value.shape[-1])
                value = full.sum((0, 1) if output.over == "batch" else 0, dtype=torch.float32)
        by_name[name] = by_name[name] + value if name in by_name else value
    gradients: list[Tensor | None] = []
    for name, tensor in zip(names, tensors, strict=False):
        value_of = by_name.get(name)
        fitted = None if value_of is None else value_of.expand(tensor.shape).to(tensor.dtype)
        gradients.append(fitted)
    gradients += [t.to(g.dtype) for t, g in zip(loop_results.last, ends, strict=True)]
    caught = loop_results.caught or [torch.zeros_like(t) for t in loop_results.last]
    return [*gradients, *(t.to(g.dtype) for t, g in zip(caught, ends, strict=True))]


def _stored(call: Call, x: Tensor, stored: Tensor) -> dict[str, Tensor]:
    """What the forward step stored, by the names of the backward step's inputs."""
    assert call.layer.backward is not None
    planned = call.layer.forward
    step = planned.at(x.shape[1], x)
    views = step.views(stored, len(x), x.shape[1], call.reverse)
    program = planned.program
    nodes = {o.name: o.node for o in program.outputs}
    nodes |= {str(n.attr): k for k, n in enumerate(program.nodes) if n.op == "state"}
    arrays = {}
    for item in call.layer.backward.program.inputs:
        if item.name in nodes and item.name not in call.inputs:
            place = step.places[nodes[item.name]]
            count = item.size.evaluate(call.sizes)
            arrays[item.name] = views[place.array][..., place.offset : place.offset + count]
    return arrays


def _stands_for_many(gradient: Tensor) -> bool:
    """Whether a gradient stands for many, of ``vmap`` or ``is_grads_batched``: no kernel reads such."""
    keys = torch._C._dispatch_keys(gradient)
    return bool(keys.has("Batched") or keys.has("FuncTorchBatched"))


def _differentiable_gradients(
    call: Call, tensors: Sequence[Tensor], grads: Sequence[Tensor], wanted: Sequence[bool]
) -> list[Tensor | None]:
    """The gradients through plain operations, which can be differentiated again."""
    with torch.enable_grad():
        tensors = [t.view_as(t) for t in tensors]  # one that comes twice has two parts
        groups = groups_of(call, tensors)
        result = run_eagerly(
            call.program,
            groups.inputs,
            {n: groups.params[n] for n in call.params},
            call.sizes,
            states=groups.states,
            restart=groups.restart,
            lengths=call.lengths,
            reset=call.reset,
            reverse=call.reverse,
            record=call.record[1:],
        )
    outputs = [result.output, *result.recorded.values(), *result.states]
    pairs = [(o, g) for o, g in zip(outputs, grads, strict=True) if o.requires_grad]
    places = [k for k, w in enumerate(wanted) if w]
    gradients = torch.autograd.grad(
        [o for o, _ in pairs],
        [tensors[k] for k in places],
        [g for _, g in pairs],
        create_graph=True,
        allow_unused=True,
    )
    by_place = dict(zip(places, gradients, strict=True))
    return [by_place.get(k) for k in range(len(tensors))]
