"""Calls of compiled layers that do not pass through torch's dispatcher.

A network of a few units takes a microsecond a step; an operator takes a hundred to be dispatched with
its autograd formula. Where nobody watches the operators (no compiler, no tracing, no mode), a layer is
an ``autograd.Function`` of its tensors; without gradients it is a call of a function.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from gatewise.nn.batching import batched
from gatewise.nn.kernels import CPU, Kernels, kernels, readable
from gatewise.nn.operator import again


def watched(x: Tensor) -> bool:
    """Whether a call must be an operator that others can see."""
    return (
        torch.compiler.is_compiling()
        or torch._C._is_tracing()
        or torch._C._len_torch_dispatch_stack() > 0
        or (type(x) is not Tensor and type(x) is not torch.nn.Parameter)
    )


def run(
    key: str, sizes: list[int], inputs: list[Tensor], params: list[Tensor], states: list[Tensor],
    restart: list[Tensor], lengths: Tensor | None, reset: Tensor | None, reverse: bool,
    record: list[str],
) -> tuple[list[Tensor], list[Tensor]]:  # fmt: skip
    """What comes at every step (the first state, then the recorded names), and the final states."""
    flat = [*inputs, *params, *states, *restart]
    # a trace is taken once for calls with gradients and without
    wanted = torch.is_grad_enabled() or torch._C._is_tracing()
    training = wanted and any([t.requires_grad for t in flat])
    names = ",".join(record)
    if watched(inputs[0]):
        made = torch.ops.gatewise.layer(
            key, sizes, inputs, params, states, restart, lengths, reset, reverse, names, training
        )
        count = len(made) - training - len(states)
        return made[:count], made[count : count + len(states)]
    own = kernels(key, tuple(sizes), states[0].dtype, names)
    count = len(own.outputs)
    if training:
        call = (key, sizes, reverse, names)
        results = _Layer.apply(  # type: ignore[no-untyped-call]
            own, call, lengths, reset, len(inputs), len(params), *flat
        )
        return list(results[:count]), list(results[count:])
    groups = [readable(group) for group in (inputs, params, states, restart)]
    course = _course(own, inputs, lengths, reset, reverse)
    outputs, last = _results(own, course)
    own.forward(course, groups, outputs, last, None)
    return outputs, last


def _course(own: Kernels, inputs: list[Tensor], lengths: Any, reset: Any, reverse: bool) -> Any:
    steps, batch = next((t.shape[0], t.shape[1]) for t in inputs if t.dim() == 3)
    return own.course(steps, batch, lengths, reset, reverse)


def _results(
    own: Kernels, course: Any, lead: tuple[int, ...] = ()
) -> tuple[list[Tensor], list[Tensor]]:
    """Room for what comes at every step (zero in padding), and for the final states."""
    steps, batch = course.rows.steps, course.rows.batch
    outputs = [own.new(steps, batch, n) for n in own.every]
    if course.rows.total < steps * batch:
        outputs = [t.zero_() for t in outputs]
    return outputs, [own.new(*lead, batch, n) for n in own.final]


def train_plainly(
    own: Kernels, call: Any, x: Tensor, params: list[Tensor]
) -> tuple[Tensor, tuple[Tensor, ...]]:
    """A training run that starts from zeros: the output, and the final states [1, B, n]."""
    output, *last = _Layer.apply(own, call, None, None, 1, len(params), x, *params)  # type: ignore[no-untyped-call]
    return output, tuple(last)


class _Layer(torch.autograd.Function):
    """A training run; the gradient of its gradient is taken through the eager backend.

    ``flat``: inputs, parameters, initial and restart states. Without states they are zeros, and the
    final ones have an axis before the batch, of one.
    """

    @staticmethod
    def forward(
        ctx: Any, own: Kernels, call: Any, lengths: Tensor | None, reset: Tensor | None,
        n_in: int, n_par: int, *flat: Tensor,
    ) -> Any:  # fmt: skip
        groups = _groups(readable(flat), n_in, n_par)
        lead = () if groups[2] else (1,)
        course = _course(own, groups[0], lengths, reset, call[2])
        outputs, last = _results(own, course, lead)
        # under checkpoints what is kept is let go of at once, piece by piece of time: as memory of torch
        # it would leave holes that the next piece does not fit into
        kept = own.new(own.kept * course.rows.total, lent_from=1 << 13)
        own.forward(course, groups, outputs, last, kept)
        ctx.own, ctx.call, ctx.course, ctx.counts = own, call, course, (n_in, n_par)
        ctx.lead = lead
        ctx.set_materialize_grads(False)
        ctx.save_for_backward(kept, lengths, reset, *flat)
        return (*outputs, *last)

    @staticmethod
    def backward(ctx: Any, *grads: Any) -> Any:
        kept, lengths, reset, *flat = ctx.saved_tensors
        own, (n_in, n_par) = ctx.own, ctx.counts
        inputs, params, *states = _groups(flat, n_in, n_par)
        nothing = (None,) * 6
        # create_graph=True: the gradient itself must be differentiable
        if torch.is_grad_enabled() or batched(grads):
            shapes = _shapes(own, ctx.course)
            given = [_or_zeros(g, s, own.dtype) for g, s in zip(grads, shapes, strict=True)]
            zeros = [torch.zeros(s, dtype=own.dtype, device=CPU) for s in shapes[len(own.every) :]]
            parts = [inputs, params, *(group or zeros for group in states)]
            found = again(ctx.call, parts, lengths, reset, given)
        else:
            given = [g if g is None or g.stride(-1) == 1 else g.contiguous() for g in grads]
            needs = ctx.needs_input_grad[6:]
            found = own.backward(
                ctx.course, readable(inputs), readable(params), kept, given, any(needs[:n_in]),
                any(needs[n_in + n_par :]),
            )  # fmt: skip
        if not states[0]:
            found = found[:2]
        return (*nothing, *(g for group in found for g in group))


def _groups(flat: list[Tensor], n_in: int, n_par: int) -> list[list[Tensor]]:
    """Inputs, parameters, initial states, restart states: as many of these as of those."""
    first = n_in + n_par
    middle = (first + len(flat)) // 2
    return [flat[:n_in], flat[n_in:first], flat[first:middle], flat[middle:]]


def _shapes(own: Kernels, course: Any) -> list[tuple[int, ...]]:
    steps, batch = course.rows.steps, course.rows.batch
    return [*((steps, batch, n) for n in own.every), *((batch, n) for n in own.final)]


def _or_zeros(g: Tensor | None, shape: tuple[int, ...], dtype: torch.dtype) -> Tensor:
    return torch.zeros(shape, dtype=dtype, device=CPU) if g is None else g.view(shape)
