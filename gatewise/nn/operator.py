"""The compiled CPU kernels as operators of torch: one node for a layer in one direction.

``gatewise::layer`` runs it, ``gatewise::layer_backward`` goes back over it. Both are functions of
their tensors alone, have fake implementations (so they compile and export with dynamic batch and
time) and an autograd formula. What the forward pass keeps for the backward pass is among its results.
A second derivative is not compiled: it is taken through the eager backend.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

import torch
from torch import Tensor

from gatewise.compile import layer_for, llvm_runtime
from gatewise.ir import Program
from gatewise.nn.layout import Layout

_LIBRARY = torch.library.Library("gatewise", "DEF")
_LIBRARY.define(
    "layer(str key, SymInt[] sizes, Tensor[] inputs, Tensor[] params, Tensor[] states, "
    "Tensor[] restart, Tensor? lengths, Tensor? reset, bool reverse, str record, bool training) "
    "-> Tensor[]"
)
_LIBRARY.define(
    "layer_backward(str key, SymInt[] sizes, Tensor[] inputs, Tensor[] params, Tensor[] kept, "
    "Tensor[] grads, Tensor? lengths, Tensor? reset, bool reverse, str record, bool wants_inputs) "
    "-> Tensor[]"
)

DTYPES = {torch.float32: "float32", torch.float64: "float64"}


class Known(NamedTuple):
    """What a key stands for: a Program after the passes, and how its parameters are stacked."""

    program: Program
    layout: Layout


_known: dict[str, Known] = {}
_eager: list[
    Callable[..., Any]
] = []  # how to run a layer by the eager backend, for second derivatives


def _names(record: str) -> tuple[str, ...]:
    """Recorded names, which an operator takes as one text."""
    return tuple(record.split(",")) if record else ()


def remember(key: str, program: Program, layout: Layout) -> None:
    """Make a Program known to the operators under a key."""
    _known.setdefault(key, Known(program, layout))


def second_derivatives_by(run: Callable[..., Any]) -> None:
    """Set the function that runs a layer differentiably any number of times."""
    _eager[:] = [run]


# --- what is compiled for a call --------------------------------------------------------------------


@lru_cache(maxsize=1024)
def _compiled(key: str, sizes: tuple[int, ...], dtype: str, record: tuple[str, ...]) -> Any:
    program = _known[key].program
    named = tuple(zip(program.sizes, sizes, strict=True))
    return layer_for(program, named, dtype, record, averaged=False)


@lru_cache(maxsize=1024)
def _places(key: str, sizes: tuple[int, ...]) -> tuple[tuple[str, int, int, int], ...]:
    """Each parameter's (name, stack, first row, rows) in the stacked tensors."""
    program, layout = _known[key]
    named = dict(zip(program.sizes, sizes, strict=True))
    places = []
    for k, stack in enumerate(layout.stacks):
        row = 0
        for member, rows in zip(stack.members, layout.rows(stack, named), strict=True):
            places.append((member.param, k, row, rows))
            row += rows
    return tuple(places)


_last: dict[tuple[str, tuple[int, ...]], tuple[tuple[int, ...], dict[str, Any]]] = {}


def _weights(rt: Any, key: str, sizes: tuple[int, ...], params: Sequence[Tensor]) -> dict[str, Any]:
    """Where the kernels find each parameter inside the stacked tensors."""
    where = tuple([n for p in params for n in (p.data_ptr(), p.stride(0))])
    known = _last.get((key, sizes))
    if known is not None and known[0] == where:  # the same memory; its values may have changed
        return known[1]
    found: dict[str, Any] = {}
    for name, k, row, _ in _places(key, sizes):
        p = params[k]
        here = p.data_ptr() + row * p.stride(0) * p.element_size()
        if name in found:  # PyTorch's second bias
            found[name] = rt.Weight(found[name].pointer, 0, here)
        else:
            found[name] = rt.Weight(here, p.stride(-2) if p.dim() > 1 else 0)
    _last[key, sizes] = where, found
    return found


def _view(rt: Any, t: Tensor) -> Any:
    return (
        rt.View(t.data_ptr(), t.stride(0), t.stride(1))
        if t.dim() == 3
        else rt.View(t.data_ptr(), 0, t.stride(0))
    )


def _packed(t: Tensor) -> Tensor:
    """The tensor with its units next to each other."""
    return t if t.stride(-1) == 1 else t.contiguous()


def _course(
    rt: Any, inputs: Sequence[Tensor], lengths: Tensor | None, reset: Tensor | None, reverse: bool
) -> Any:
    steps, batch = next((t.shape[0], t.shape[1]) for t in inputs if t.dim() == 3)
    rows = rt.cut(steps, batch, None if lengths is None else lengths.numpy())
    mark = None if reset is None else rt.View(reset.data_ptr(), reset.stride(0), reset.stride(1))
    return rt.Course(rows, mark, reverse, rt.get_num_threads())


# --- forward ----------------------------------------------------------------------------------------


@lru_cache(maxsize=1024)
def _units(
    key: str, sizes: tuple[int, ...], record: str
) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Units of what comes at every step, and of the states."""
    program = _known[key].program
    named = dict(zip(program.sizes, sizes, strict=True))
    names = dict.fromkeys((program.states[0].name, *_names(record)))
    every = tuple(program.nodes[program.named(n)].size.evaluate(named) for n in names)
    return every, tuple(s.size.evaluate(named) for s in program.states)


def _result_shapes(
    key: str, sizes: Sequence[Any], inputs: Sequence[Tensor], record: str
) -> tuple[list[tuple[Any, ...]], list[tuple[Any, ...]]]:
    """Shapes of what comes at every step, and of the final states."""
    steps, batch = next((t.shape[0], t.shape[1]) for t in inputs if t.dim() == 3)
    every, states = _units(key, tuple(int(s) for s in sizes), record)
    return [(steps, batch, n) for n in every], [(batch, n) for n in states]


def _lent(rt: Any, like: Tensor, shape: tuple[int, ...]) -> Tensor:
    """A new tensor. A large one of torch's own would be fresh pages of the system at every call, as
    dear as writing it three times; ours is memory that is used again."""
    count = math.prod(shape)
    if count < 1 << 17:
        return like.new_empty(shape)
    return torch.from_numpy(rt.lend(count, DTYPES[like.dtype])).view(shape)


def _forward(
    key: str, sizes: list[int], inputs: list[Tensor], params: list[Tensor], states: list[Tensor],
    restart: list[Tensor], lengths: Tensor | None, reset: Tensor | None, reverse: bool,
    record: str, training: bool,
) -> list[Tensor]:  # fmt: skip
    rt = llvm_runtime()
    like = states[0]
    layer = _compiled(key, tuple(sizes), DTYPES[like.dtype], _names(record))
    inputs, params = [_packed(t) for t in inputs], [_packed(t) for t in params]
    states, restart = [_packed(t) for t in states], [_packed(t) for t in restart]
    course = _course(rt, inputs, lengths, reset, reverse)
    every, final = _result_shapes(key, sizes, inputs, record)
    outputs = [_lent(rt, like, shape) for shape in every]
    if lengths is not None:
        for output in outputs:
            output.zero_()
    last = [like.new_empty(shape) for shape in final]
    full = course.rows.steps * course.rows.batch
    widths = layer.kept() if training else {}
    kept = {n: _lent(rt, like, (k * full,)) for n, k in widths.items()}
    for n, k in widths.items():
        kept[n][k * course.rows.total :].zero_()  # the steps that no row visits
    program = layer.plans.program
    layer.forward(
        course,
        {i.name: _view(rt, t) for i, t in zip(program.inputs, inputs, strict=True)},
        _weights(rt, key, tuple(sizes), params),
        [_view(rt, t) for t in states],
        [_view(rt, t) for t in restart],
        {n: _view(rt, t) for n, t in zip(layer.outputs, outputs, strict=True)},
        [_view(rt, t) for t in last],
        {n: t.data_ptr() for n, t in kept.items()} if training else None,
    )
    return [*outputs, *last, *kept.values()]


def _forward_fake(
    key: str, sizes: Any, inputs: Any, params: Any, states: Any, restart: Any, lengths: Any,
    reset: Any, reverse: bool, record: Any, training: bool,
) -> list[Tensor]:  # fmt: skip
    like = states[0]
    every, final = _result_shapes(key, sizes, inputs, record)
    shapes = every + final
    if training:
        whole = tuple(int(s) for s in sizes)
        kept = _compiled(key, whole, DTYPES[like.dtype], _names(record)).kept()
        shapes += [(k * every[0][0] * every[0][1],) for k in kept.values()]
    return [like.new_empty(shape) for shape in shapes]


# --- backward ---------------------------------------------------------------------------------------


def _backward(
    key: str, sizes: list[int], inputs: list[Tensor], params: list[Tensor], kept: list[Tensor],
    grads: list[Tensor], lengths: Tensor | None, reset: Tensor | None, reverse: bool,
    record: str, wants_inputs: bool,
) -> list[Tensor]:  # fmt: skip
    """Gradients of inputs (not of masks), stacked parameters, states and restart states."""
    rt = llvm_runtime()
    like, whole = grads[0], tuple(sizes)
    layer = _compiled(key, whole, DTYPES[like.dtype], _names(record))
    inputs, params = [_packed(t) for t in inputs], [_packed(t) for t in params]
    grads = [_packed(t) for t in grads]
    course = _course(rt, inputs, lengths, reset, reverse)
    program, count = layer.plans.program, len(layer.outputs)
    views = {i.name: _view(rt, t) for i, t in zip(program.inputs, inputs, strict=True)}
    views |= {f"seed.{n}": _view(rt, g) for n, g in zip(layer.outputs, grads[:count], strict=True)}
    wanted = {
        f"d.{i.name}": torch.zeros_like(t, memory_format=torch.contiguous_format)
        for i, t in zip(program.inputs, inputs, strict=True)
        if i.rate is None and wants_inputs
    }
    first = [torch.empty_like(g, memory_format=torch.contiguous_format) for g in grads[count:]]
    found, restart = layer.backward(
        course,
        {n: t.data_ptr() for n, t in zip(layer.kept(), kept, strict=True)},
        views,
        _weights(rt, key, whole, params),
        [_view(rt, g) for g in grads[count:]],
        [_view(rt, g) for g in first],
        {n: _view(rt, t) for n, t in wanted.items()},
    )
    stacked = [torch.empty_like(p, memory_format=torch.contiguous_format) for p in params]
    for name, k, row, rows in _places(key, whole):
        stacked[k].numpy()[row : row + rows] = found[f"d.{name}"]
    caught = [torch.from_numpy(r.copy()) for r in restart]
    return [*wanted.values(), *stacked, *first, *caught]


def _backward_fake(
    key: str, sizes: Any, inputs: Any, params: Any, kept: Any, grads: Any, lengths: Any,
    reset: Any, reverse: bool, record: Any, wants_inputs: bool,
) -> list[Tensor]:  # fmt: skip
    program = _known[key].program
    count = len(dict.fromkeys((program.states[0].name, *_names(record))))
    wanted = [
        t for i, t in zip(program.inputs, inputs, strict=True) if i.rate is None and wants_inputs
    ]
    ends = grads[count:]
    like = [*wanted, *params, *ends, *ends]
    return [torch.empty_like(t, memory_format=torch.contiguous_format) for t in like]


# --- autograd ---------------------------------------------------------------------------------------


def _setup(ctx: Any, inputs: Any, output: Any) -> None:
    key, sizes, xs, params, states, restart, lengths, reset, reverse, record, _ = inputs
    program = _known[key].program
    results = len(dict.fromkeys((program.states[0].name, *_names(record)))) + len(program.states)
    ctx.call = (key, sizes, reverse, record)
    ctx.counts = (len(xs), len(params), len(states), results)
    ctx.save_for_backward(lengths, reset, *xs, *params, *states, *restart, *output[results:])
    ctx.shapes = [(o.shape, o.dtype, o.device) for o in output[:results]]
    ctx.wants_inputs = any(t.requires_grad for t in xs)
    ctx.set_materialize_grads(False)


def _gradient(ctx: Any, grads: Any) -> Any:
    key, sizes, reverse, record = ctx.call
    lengths, reset, *rest = ctx.saved_tensors
    n_in, n_par, n_st, results = ctx.counts
    xs, rest = rest[:n_in], rest[n_in:]
    params, rest = rest[:n_par], rest[n_par:]
    states, restart, kept = rest[:n_st], rest[n_st : 2 * n_st], rest[2 * n_st :]
    given = [
        torch.zeros(shape, dtype=dtype, device=device) if g is None else g
        for g, (shape, dtype, device) in zip(grads[:results], ctx.shapes, strict=True)
    ]
    program = _known[key].program
    if torch.is_grad_enabled():  # create_graph=True: the gradient itself must be differentiable
        made = _again(ctx.call, xs, params, states, restart, lengths, reset, given)
        d_in, d_par, d_st, d_re = made
    else:
        flat = torch.ops.gatewise.layer_backward(
            key, sizes, xs, params, kept, given, lengths, reset, reverse, record, ctx.wants_inputs
        )
        d_in = []
        for item in program.inputs:
            d_in.append(flat.pop(0) if ctx.wants_inputs and item.rate is None else None)
        d_par, flat = flat[:n_par], flat[n_par:]
        d_st, d_re = flat[:n_st], flat[n_st:]
    return None, None, d_in, d_par, d_st, d_re, None, None, None, None, None


def _again(
    call: Any, xs: Any, params: Any, states: Any, restart: Any, lengths: Any, reset: Any, given: Any
) -> Any:
    """The gradients through the eager backend, as functions that can be differentiated again."""
    key, sizes, reverse, record = call
    groups = [list(xs), list(params), list(states), list(restart)]
    flat = [t for g in groups for t in g]
    with torch.enable_grad():
        outputs = _eager[0](key, sizes, *groups, lengths, reset, reverse, list(_names(record)))
    wanted = [k for k, t in enumerate(flat) if t.requires_grad]
    pairs = [(o, g) for o, g in zip(outputs, given, strict=True) if o.requires_grad]
    found = torch.autograd.grad(
        [o for o, _ in pairs], [flat[k] for k in wanted], [g for _, g in pairs],
        create_graph=True, allow_unused=True,
    )  # fmt: skip
    by_place = dict(zip(wanted, found, strict=True))
    made, start = [], 0
    for group in groups:
        made.append([by_place.get(start + k) for k in range(len(group))])
        start += len(group)
    return made


_LIBRARY.impl("layer", _forward, "CPU")
_LIBRARY.impl("layer_backward", _backward, "CPU")
torch.library.register_fake("gatewise::layer", _forward_fake, lib=_LIBRARY)
torch.library.register_fake("gatewise::layer_backward", _backward_fake, lib=_LIBRARY)
torch.library.register_autograd("gatewise::layer", _gradient, setup_context=_setup, lib=_LIBRARY)


def run(
    key: str, sizes: list[int], inputs: list[Tensor], params: list[Tensor], states: list[Tensor],
    restart: list[Tensor], lengths: Tensor | None, reset: Tensor | None, reverse: bool,
    record: list[str],
) -> tuple[list[Tensor], list[Tensor]]:  # fmt: skip
    """What comes at every step (the first state, then the recorded names), and the final states."""
    training = torch.is_grad_enabled() and any(
        t.requires_grad for ts in (inputs, params, states, restart) for t in ts
    )
    names = ",".join(record)
    plain = not training and type(inputs[0]) is Tensor and not torch.compiler.is_compiling()
    # without a gradient or anybody watching, the dispatcher has nothing to do
    if plain and not torch._C._len_torch_dispatch_stack():
        if lengths is None and reset is None:
            made = _quick(key, sizes, inputs, params, states, restart, reverse, names)
            if made is not None:
                return made
        layer = _forward
    else:
        layer = torch.ops.gatewise.layer
    flat = layer(
        key, sizes, inputs, params, states, restart, lengths, reset, reverse, names, training
    )  # fmt: skip
    program = _known[key].program
    count = len(dict.fromkeys((program.states[0].name, *record)))
    return flat[:count], flat[count : count + len(program.states)]


class _Ready(NamedTuple):
    """Calls prepared for one set of shapes, and the shapes of what they give."""

    waiting: list[Any]
    outputs: list[tuple[int, ...]]
    states: list[tuple[int, ...]]
    make: Callable[[], Any]


_ready: dict[Any, _Ready] = {}


def _quick(
    key: str, sizes: list[int], inputs: list[Tensor], params: list[Tensor], states: list[Tensor],
    restart: list[Tensor], reverse: bool, record: str,
) -> tuple[list[Tensor], list[Tensor]] | None:  # fmt: skip
    """A call in inference that only sets addresses; None if something is not contiguous."""
    like = states[0]
    given = [*inputs, *states, *restart]
    if not all([t.is_contiguous() for t in given]):
        return None
    rt = llvm_runtime()
    shapes = [t.shape for t in inputs]
    whole = tuple(sizes)
    signature = (key, whole, like.dtype, *shapes, reverse, record, rt.get_num_threads())
    ready = _ready.get(signature)
    if ready is None:
        if len(_ready) >= 256:
            _ready.clear()
        layer = _compiled(key, whole, DTYPES[like.dtype], _names(record))
        course = _course(rt, inputs, None, None, reverse)
        every, final = _result_shapes(key, sizes, inputs, record)
        sizes_of = [tuple(s) for s in shapes]
        ready = _Ready([], every, final, lambda: rt.Prepared(layer, course, sizes_of))
        _ready[signature] = ready
    try:
        prepared = ready.waiting.pop()
    except IndexError:
        prepared = ready.make()
    outputs = [like.new_empty(shape) for shape in ready.outputs]
    last = [like.new_empty(shape) for shape in ready.states]
    weights = _weights(rt, key, whole, [_packed(p) for p in params])
    prepared.run([t.data_ptr() for t in (*given, *outputs, *last)], weights)
    ready.waiting.append(prepared)
    return outputs, last
