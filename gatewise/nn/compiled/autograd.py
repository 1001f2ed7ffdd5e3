"""Runs of compiled layers that do not pass through torch's dispatcher.

A network of a few units takes a microsecond a step; an operator takes a hundred to be dispatched with
its autograd formula. Where nobody watches the operators (no compiler, no tracing, no mode), layers are
an ``autograd.Function`` of their tensors; without gradients they are a call of a function.

Layers that need nothing of each other (two directions, layers of several networks) run at the same
time, forward and back: they are one Function, of one graph node.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol, TypeAlias, TypeGuard

import torch
from torch import Tensor

from gatewise.nn.compiled import launch
from gatewise.nn.compiled.autograd_context import AutogradContext
from gatewise.nn.compiled.custom_op import LayerKey, differentiable_gradients
from gatewise.nn.compiled.float_types import CPU
from gatewise.nn.compiled.kernels import Kernels, kernels, readable
from gatewise.nn.compiled.vmap import batched
from gatewise.nn.plan.layer_call import LayerCall, LayerResult
from gatewise.nn.plan.registry import registered

if TYPE_CHECKING:
    from gatewise.compile import Traversal

# of a layer in a training run: how many inputs, parameters and states it has
Counts: TypeAlias = tuple[int, int, int]
# what the way back of a layer needs besides tensors
WayBack: TypeAlias = tuple[Kernels, "Traversal", LayerKey, Counts]


def is_unwatched(x: object) -> TypeGuard[Tensor]:
    """Whether an input is a tensor of which nobody watches the operators; otherwise a call of it must be an
    operator that others can see."""
    return (
        not torch.compiler.is_compiling()
        and not torch._C._is_tracing()
        and torch._C._len_torch_dispatch_stack() == 0
        and (type(x) is Tensor or type(x) is torch.nn.Parameter)
    )


def run(layers: Sequence[LayerCall]) -> list[LayerResult]:
    """Run layers that need nothing of each other."""
    if not all([is_unwatched(layer.inputs[0]) for layer in layers]):
        return [dispatch(layer) for layer in layers]
    return run_unwatched(layers)


def dispatch(layer: LayerCall) -> LayerResult:
    """A layer as an operator."""
    # a trace is taken once for calls with gradients and without
    wanted = torch.is_grad_enabled() or torch._C._is_tracing()
    training = wanted and any([t.requires_grad for t in _tensors(layer)])
    first, names = _names(layer)
    tensors = torch.ops.gatewise.layer(*layer[:-1], names, training)
    count = len(tensors) - training - len(layer.states)
    every = dict(zip([first, *names.split(",")], tensors[:count], strict=False))
    states = tensors[count : count + len(layer.states)]
    return LayerResult(tensors[0], states, [every[n] for n in layer.record])


def run_unwatched(layers: Sequence[LayerCall]) -> list[LayerResult]:
    """Run layers that need nothing of each other, where nobody watches the operators."""
    if not torch.is_grad_enabled():
        return _infer(layers)
    flat = [_tensors(layer) for layer in layers]
    wanted = [any([t.requires_grad for t in tensors]) for tensors in flat]
    if all(wanted):
        return _train(layers, flat)
    if not any(wanted):
        return _infer(layers)
    training = [k for k, w in enumerate(wanted) if w]
    trained = iter(_train([layers[k] for k in training], [flat[k] for k in training]))
    others = iter(_infer([layer for layer, w in zip(layers, wanted, strict=True) if not w]))
    return [next(trained if w else others) for w in wanted]


def _tensors(layer: LayerCall) -> list[Tensor]:
    return [*layer.inputs, *layer.params, *layer.states, *layer.restart]


def _names(layer: LayerCall) -> tuple[str, str]:
    """The name of the first state, and what else is recorded."""
    first = registered(layer.key).program.states[0].name
    return first, ",".join([n for n in dict.fromkeys(layer.record) if n != first])


class _LayerRun:
    """A run of a layer that is ready: its frame, and room for its results."""

    __slots__ = ("_read", "compiled", "frame", "layer", "names", "results", "saved", "traversal")

    def __init__(self, layer: LayerCall, training: bool) -> None:
        key, sizes, inputs, params, states, restart, lengths, reset, reverse, record = layer
        self.layer, self.names = layer, _names(layer)[1] if record else ""
        x = inputs[0] if inputs[0].dim() == 3 else next(t for t in inputs if t.dim() == 3)
        steps, batch, _ = x.shape
        self.compiled = compiled = kernels(key, tuple(sizes), x.dtype, self.names)
        self.traversal = compiled.traversal(steps, batch, lengths, reset, reverse, training)
        total = self.traversal.rows.total
        outputs = [compiled.new(steps, batch, n) for n in compiled.every]
        if total < steps * batch:  # nothing is written in padding
            outputs = [t.zero_() for t in outputs]
        lead = () if states else (1,)
        last = [compiled.new(*lead, batch, n) for n in compiled.final]
        # under checkpoints what is saved is let go of at once, piece by piece of time: as memory of torch
        # it would leave holes that the next piece does not fit into
        self.saved = (
            compiled.new(compiled.saved_size(steps, batch, total), lent_from=1 << 13)
            if training
            else None
        )
        # what is read must be there until it has run
        self._read = (
            readable(inputs),
            readable(params),
            states and readable(states),
            restart and readable(restart),
        )
        self.frame = compiled.forward(self.traversal, self._read, outputs, last, self.saved)
        self.results = [*outputs, *last]

    def result_of(self, results: Sequence[Tensor]) -> LayerResult:
        """The results, as autograd has them."""
        states = list(results[len(self.compiled.every) :])
        if not self.layer.record:
            return LayerResult(results[0], states, [])
        every = dict(zip(self.compiled.outputs, results, strict=False))
        return LayerResult(results[0], states, [every[n] for n in self.layer.record])


def _infer(layers: Sequence[LayerCall]) -> list[LayerResult]:
    runs = [_LayerRun(layer, False) for layer in layers]
    launch.run([r.frame for r in runs])
    return [r.result_of(r.results) for r in runs]


def _train(layers: Sequence[LayerCall], flat: Sequence[list[Tensor]]) -> list[LayerResult]:
    # as autograd goes back, the last comes first: what several share gets the sum of its gradients in
    # the same order as from runs one after the other
    runs: list[_LayerRun] = []
    tensors = [t for of in flat[::-1] for t in of] if len(flat) > 1 else flat[0]
    results: tuple[Tensor, ...]
    results = _Layers.apply(layers[::-1], runs, *tensors)  # type: ignore[no-untyped-call]
    layer_results, at = [], 0
    for r in runs:
        count = len(r.results)
        layer_results.append(r.result_of(results[at : at + count]))
        at += count
    return layer_results[::-1]


class _Context(AutogradContext, Protocol):
    ways: list[WayBack]


class _Layers(torch.autograd.Function):
    """Training runs; the gradient of their gradient is taken through the eager backend.

    Of each, ``flat`` has inputs, parameters, initial and restart states. Without states they are
    zeros, and the final ones have an axis before the batch, of one. ``runs`` is filled.
    """

    @staticmethod
    def forward(
        ctx: _Context, layers: Sequence[LayerCall], runs: list[_LayerRun], *flat: Tensor
    ) -> tuple[Tensor, ...]:
        ctx.ways = ways = []
        saved: list[Tensor | None] = []
        for layer in layers:
            r = _LayerRun(layer, True)
            runs.append(r)
            saved += r.saved, layer.lengths, layer.reset
            counts = len(layer.inputs), len(layer.params), len(layer.states)
            call = layer.key, layer.sizes, layer.reverse, r.names
            ways.append((r.compiled, r.traversal, call, counts))
        launch.run([r.frame for r in runs])
        ctx.set_materialize_grads(False)
        ctx.save_for_backward(*saved, *flat)
        return tuple([t for r in runs for t in r.results])

    @staticmethod
    def backward(ctx: _Context, *grads: Tensor | None) -> tuple[Tensor | None, ...]:
        remembered, needs, ways = ctx.saved_tensors, ctx.needs_input_grad[2:], ctx.ways
        # create_graph=True: the gradient itself must be differentiable
        differentiable = torch.is_grad_enabled() or batched(grads)
        gradients: list[Tensor | None] = [None, None]
        groups: Sequence[Sequence[Tensor | None]]
        backs: list[launch.Back] = []
        read = []  # it must be there until all have run
        start, at, end = 3 * len(ways), 0, 0
        for k, (compiled, traversal, call, counts) in enumerate(ways):
            n_in, n_par, n_st = counts
            count = n_in + n_par + 2 * n_st
            tensors, wants = remembered[start + at : start + at + count], needs[at : at + count]
            output_grads = grads[end : end + len(compiled.every) + len(compiled.final)]
            at, end = at + count, end + len(output_grads)
            if all([g is None for g in output_grads]):  # nobody used what it gave
                gradients += [None] * count
                continue
            saved, lengths, reset = remembered[3 * k : 3 * k + 3]
            if differentiable:
                groups = _differentiable_gradients(
                    compiled,
                    traversal,
                    call,
                    _groups(tensors, counts),
                    lengths,
                    reset,
                    output_grads,
                )
            else:
                dense = [
                    g if g is None or g.stride(-1) == 1 else g.contiguous() for g in output_grads
                ]
                inputs, params = readable(tensors[:n_in]), readable(tensors[n_in : n_in + n_par])
                read.append((inputs, dense))
                back = compiled.backward(
                    traversal,
                    inputs,
                    params,
                    saved,
                    dense,
                    wants[:n_in],
                    any(wants[n_in + n_par :]),
                )
                backs.append(back)
                groups = back.gradients
            for group in groups if n_st else groups[:2]:
                gradients += group
        if backs:
            launch.run_backward(backs)
        return tuple(gradients)


def _groups(flat: Sequence[Tensor], counts: Counts) -> list[list[Tensor]]:
    """Inputs, parameters, initial states, restart states."""
    n_in, n_par, n_st = counts
    first = n_in + n_par
    ends = (0, n_in), (n_in, first), (first, first + n_st), (first + n_st, len(flat))
    return [list(flat[a:b]) for a, b in ends]


def _differentiable_gradients(
    compiled: Kernels,
    traversal: Traversal,
    call: LayerKey,
    groups: list[list[Tensor]],
    lengths: Tensor | None,
    reset: Tensor | None,
    output_grads: Sequence[Tensor | None],
) -> list[list[Tensor | None]]:
    """The gradients of a run, to be differentiated again."""
    rows = traversal.rows
    ends = [(rows.batch, n) for n in compiled.final]
    shapes = [*((rows.steps, rows.batch, n) for n in compiled.every), *ends]
    full = [_or_zeros(g, s, compiled.dtype) for g, s in zip(output_grads, shapes, strict=True)]
    zeros = [torch.zeros(s, dtype=compiled.dtype, device=CPU) for s in ends]
    return differentiable_gradients(call, [g or zeros for g in groups], lengths, reset, full)


def _or_zeros(g: Tensor | None, shape: tuple[int, ...], dtype: torch.dtype) -> Tensor:
    return torch.zeros(shape, dtype=dtype, device=CPU) if g is None else g.view(shape)
