"""Plain calls: nothing but an input (in inference also states), as nearly all are.

A small network computes a step in a microsecond or two. What is looked up and checked around it must
not take fifty. In inference everything that follows from the shapes is settled at the first call, and
only addresses change. A call that differs in anything goes the way that checks everything
(``Recurrence.forward``).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import torch
from torch import Tensor
from torch.autograd import forward_ad
from torch.nn import Parameter

from gatewise.compile import llvm_runtime
from gatewise.nn.compiled.autograd import must_dispatch, run_unwatched
from gatewise.nn.compiled.kernels import CPU, DTYPES, LOW, Kernels, kernels, run
from gatewise.nn.compiled.low_types import (
    WIDE,
    Copies,
    Params,
    go_together,
    inside,
    plainly,
    reading,
    widened,
)
from gatewise.nn.plan.layer_call import LayerCall, Walk, drive, then
from gatewise.nn.plan.module_plan import ModulePlan

MOST = 64  # shapes for which calls are kept ready, for each plan
COPIES = 4  # of a module, for which packed weights are kept


class PlainResult(NamedTuple):
    """The output as the caller has sequences, and the states [L*D, B, n] (unbatched: [L*D, n])."""

    output: Tensor
    states: tuple[Tensor, ...]

    def to(self, dtype: torch.dtype) -> PlainResult:
        """The same in another type."""
        if self.output.dtype is dtype:
            return self
        return PlainResult(self.output.to(dtype), tuple([s.to(dtype) for s in self.states]))


class _LayerSlot(NamedTuple):
    """One layer in one direction: its kernels, its way through time, and where its output goes."""

    own: Kernels
    traversal: Any
    below: Tensor | None  # the output of the layer below; None is the caller's input
    above: Tensor | None  # room for the output; None is the caller's
    shift: int  # values from the start of a row of the output


class PreparedCall:
    """All layers for one shape. One call at a time: it is back when all frames have run.

    Frames, which hold packed weights, are the plan's for all shapes: sequences come in many lengths.
    """

    def __init__(
        self, plan: ModulePlan, steps: int, batch: int, dtype: torch.dtype, threads: int
    ) -> None:  # fmt: skip
        self.steps, self.batch = steps, batch
        self.widths, self.directions = plan.widths, plan.directions
        # while it is in use, where it waits afterwards
        self.waiting: list[PreparedCall] | None = None
        alone = steps * batch == 1  # that step has kernels of its own
        self.frames = plan.frames.setdefault((dtype, threads, alone), [])
        self.threads = threads
        self.size = torch.finfo(dtype).bits // 8
        self.width = plan.directions * plan.widths[0]
        self.places: list[_LayerSlot] = []
        below: Tensor | None = None
        for k, layer in enumerate(plan.layers):
            last = k == len(plan.layers) - 1
            above = None if last else torch.empty(steps, batch, self.width, dtype=dtype, device=CPU)
            for d in range(plan.directions):
                own = kernels(plan.keys[0], tuple(layer.numbers), dtype, "")
                traversal = own.traversal(steps, batch, None, None, d == 1)
                shift = d * plan.widths[0] * self.size
                self.places.append(_LayerSlot(own, traversal, below, above, shift))
            below = above

    def _take_frames(self, weights: tuple[int, ...]) -> tuple[list[Any], Copies]:
        """Frames that nobody is using: those that packed the weights at these addresses, if they are
        there, with room for wide copies of them. Copies of a module share its plan, and each is to
        find its own."""
        for waiting in tuple(self.frames):
            if waiting[0] == weights:
                try:
                    self.frames.remove(waiting)
                except ValueError:  # another thread has taken them
                    continue
                return waiting[1:]
        if len(self.frames) >= COPIES:
            try:
                return self.frames.pop(0)[1], Copies()
            except IndexError:
                pass
        return [p.own.layer.frame(p.traversal.rows, self.threads) for p in self.places], Copies()

    def frames_of(
        self,
        params: Params,
        x: tuple[int, int, int],
        first: Sequence[int] | None,
        output: tuple[int, int, int],
        last: Sequence[int],
    ) -> Walk:
        """The frames to run, one layer after the other. ``x`` and ``output``: address, distance of
        steps, of rows. ``first`` (None: zeros) and ``last``: addresses of the contiguous states of all
        layers."""
        widths, batch, size, directions = self.widths, self.batch, self.size, self.directions
        weights = params[0][1]
        frames, copies = self._take_frames(weights)
        params = copies.of(params)
        for k, (own, traversal, below, above, shift) in enumerate(self.places):
            frame = frames[k]
            row = batch * self.width
            numbers: tuple[int, ...]
            numbers = x if below is None else (below.data_ptr(), row, self.width)
            zeros = own.nothing, 0
            if first is None:
                numbers += zeros * (2 * len(widths))
            else:
                for at, n in zip(first, widths, strict=True):
                    numbers += (at + k * batch * n * size, n)
                numbers += zeros * len(widths)  # restart states: without resets nobody reads them
            to = output if above is None else (above.data_ptr(), row, self.width)
            numbers += (to[0] + shift, to[1], to[2])
            for at, n in zip(last, widths, strict=True):
                numbers += (at + k * batch * n * size, n)
            frame.bind_arrays(numbers)
            frame.bind_traversal(traversal, False)
            frame.weights.pack(own.weights_at(*params[k]), remember=True)
            if (k + 1) % directions == 0:
                yield frames[k + 1 - directions : k + 1]
        self.frames.append((weights, frames, copies))
        waiting, self.waiting = self.waiting, None
        assert waiting is not None
        waiting.append(self)


def run_plain(
    plan: ModulePlan,
    parameters: dict[str, Any],
    x: Any,
    hx: Sequence[Any] | None,
    batch_first: bool,
    result_dtype: ResultDtype,
) -> PlainResult | None:
    """A plain call of a module; None if it is not one.

    ``parameters`` are the module's own, ``hx`` the initial states as a list; ``result_dtype`` says of an input
    which type its results have under autocast, if not autocast's own.
    """
    begun = _begin(plan, parameters, x, hx, batch_first, result_dtype)
    if begun is None:
        return None
    outcome = begun.outcome
    if outcome is None:
        outcome = drive(begun.way, run_unwatched)
    else:
        for frames in begun.way:
            run(frames)
    return outcome.to(begun.dtype)


def plain_walk(
    plan: ModulePlan,
    parameters: dict[str, Any],
    x: Any,
    hx: Sequence[Any] | None,
    batch_first: bool,
    result_dtype: ResultDtype,
) -> Walk | None:
    """The same as a way through the layers. The caller keeps ``x`` and ``hx``."""
    begun = _begin(plan, parameters, x, hx, batch_first, result_dtype)
    if begun is None:
        return None
    if begun.outcome is None:
        return then(begun.way, lambda outcome: outcome.to(begun.dtype))
    return _infer(begun, begun.outcome)


ResultDtype = Callable[[Tensor], torch.dtype | None]


class _Begun(NamedTuple):
    """In inference the frames to run, one layer after the other, and what is there then; with
    gradients the way through the layers. Then the type of the results, and what the frames read."""

    way: Walk
    outcome: PlainResult | None
    dtype: torch.dtype
    read: Any


def _infer(begun: _Begun, outcome: PlainResult) -> Walk:
    yield from begun.way
    yield outcome.to(begun.dtype)


def _begin(
    plan: ModulePlan,
    parameters: dict[str, Any],
    x: Any,
    hx: Sequence[Any] | None,
    batch_first: bool,
    result_dtype: ResultDtype,
) -> _Begun | None:
    plain = _plain(plan, parameters, x, (3, 2))
    if plain is None:
        return None
    params, cast = plain
    dtype = x.dtype if cast is None else result_dtype(x) or cast
    if torch.is_grad_enabled():
        if x.requires_grad or any([p.requires_grad for p in params[0][0]]):
            if hx is not None or x.dim() != 3 or not plan.whole or not x.numel():
                return None
            x = x.transpose(0, 1) if batch_first else x
            if cast is None and plainly(plan, x):
                return None
            return _Begun(_train(plan, params, x, batch_first), None, dtype, None)
        if _any_gradient(params, hx):
            return None
    if cast is not None or dtype in LOW:
        plan = reading(plan, cast or dtype)
        x, hx = _wide(x, hx, cast is None)
    shape = x.shape
    lead: tuple[int, ...] = ()
    out: tuple[int, ...]
    if len(shape) == 2:
        steps, batch = shape[0], 1
        step, unit = x.stride()
        row, out = 0, (shape[0],)
    elif batch_first:
        batch, steps, _ = shape
        lead, (row, step, unit), out = (batch,), x.stride(), (batch, steps)
    else:
        steps, batch, _ = shape
        lead, (step, row, unit), out = (batch,), x.stride(), (steps, batch)
    if unit != 1 or not steps or not batch:
        return None
    count = len(plan.layers) * plan.directions
    first = _addresses(hx, (count, *lead), plan.widths, x.dtype) if hx is not None else None
    if hx is not None and first is None:
        return None
    ready = _take(plan, steps, batch, x.dtype)
    width = ready.width
    output = x.new_empty(*out, width)
    states = tuple([x.new_empty(count, *lead, n) for n in plan.widths])
    along = (width, steps * width) if batch_first and lead else (batch * width, width)
    frames = ready.frames_of(
        params, (x.data_ptr(), step, row), first, (output.data_ptr(), *along),
        [s.data_ptr() for s in states],
    )  # fmt: skip
    return _Begun(frames, PlainResult(output, states), dtype, (x, hx))


def one_step(
    plan: ModulePlan, parameters: dict[str, Any], x: Any, hx: Sequence[Any] | None
) -> tuple[Tensor, ...] | None:
    """A plain step of a module that runs one: ``x`` [B, I] or [I]. Its new states; None if it is not
    plain, or wants gradients."""
    if torch.is_grad_enabled():
        return None
    plain = _plain(plan, parameters, x, (2, 1))
    if plain is None:
        return None
    params, cast = plain
    dtype = cast or x.dtype
    if dtype in LOW:
        plan = reading(plan, dtype)
        x, hx = _wide(x, hx, cast is None)
    lead = tuple(x.shape[:-1])
    row = x.stride(0) if lead else 0
    batch = lead[0] if lead else 1
    if x.stride(-1) != 1 or not batch:
        return None
    first = _addresses(hx, lead, plan.widths, x.dtype) if hx is not None else None
    if hx is not None and first is None:
        return None
    ready = _take(plan, 1, batch, x.dtype)
    states = tuple([x.new_empty(*lead, n) for n in plan.widths])
    last = [s.data_ptr() for s in states]
    # the output is the first state: both are written to one place
    to = last[0], 0, plan.widths[0]
    for frames in ready.frames_of(params, (x.data_ptr(), 0, row), first, to, last):
        run(frames)
    return states if x.dtype is dtype else tuple([s.to(dtype) for s in states])


def _plain(
    plan: ModulePlan, parameters: dict[str, Any], x: Any, dims: tuple[int, int]
) -> tuple[Params, torch.dtype | None] | None:
    """The parameters, if a call is plain as far as can be seen from the input and them; and the type
    that autocast casts to, where it does."""
    if not plan.bare or must_dispatch(x) or not x.is_cpu or x.layout is not torch.strided:
        return None
    shape, dtype = x.shape, x.dtype
    if len(shape) not in dims or shape[-1] != plan.input_widths[0]:
        return None
    if dtype not in DTYPES and dtype not in LOW:
        return None
    if torch._C._are_functorch_transforms_active() or forward_ad._current_level >= 0:
        return None
    cast = None
    if torch.is_autocast_enabled("cpu") and dtype is not torch.float64:
        cast = torch.get_autocast_dtype("cpu")
        own = parameters.get(plan.first or "")
        if own is None or not go_together(own.dtype, dtype, "cpu"):
            return None
        dtype = own.dtype
    params = _parameters(plan, parameters, dtype)
    return None if params is None else (params, cast)


def _wide(x: Tensor, hx: Sequence[Any] | None, same: bool) -> tuple[Tensor, Sequence[Any] | None]:
    """An input and initial states in float32. States of a type that does not go with the input's stay
    as they are, and are found to be wrong; ``same``: theirs must be the input's."""
    fits = (x.dtype,) if same else LOW
    if hx is not None:
        hx = [s.to(WIDE) if type(s) is Tensor and s.dtype in fits else s for s in hx]
    return x.to(WIDE), hx


def _any_gradient(params: Params, hx: Sequence[Any] | None) -> bool:
    """Whether something besides the input and the first layer's parameters wants a gradient."""
    rest = [p for of, _ in params for p in of] + [s for s in hx or () if isinstance(s, Tensor)]
    return any([t.requires_grad for t in rest])


def _train(plan: ModulePlan, params: Params, x: Tensor, batch_first: bool) -> Walk:
    """All layers from zeros, with gradients."""
    dtype = inside(params[0][0][0].dtype if params[0][0] else x.dtype)
    below, ends, each = x.to(dtype), [], iter(params)
    for layer in plan.layers:
        ways: list[Any] = [
            LayerCall(
                plan.keys[0],
                layer.numbers,
                [below],
                widened(next(each)[0]),
                [],
                [],
                None,
                None,
                d == 1,
                (),
            )
            for d in range(plan.directions)
        ]
        yield ways
        below = ways[0].output if len(ways) == 1 else torch.cat([w.output for w in ways], -1)
        ends += [w.states for w in ways]
    each_state = zip(*ends, strict=True)
    states = tuple(ends[0] if len(ends) == 1 else [torch.cat(of) for of in each_state])
    yield PlainResult(below.transpose(0, 1) if batch_first else below, states)


def _take(plan: ModulePlan, steps: int, batch: int, dtype: torch.dtype) -> PreparedCall:
    """A Ready that nobody is using, or a new one."""
    threads = llvm_runtime().get_num_threads()
    key = steps, batch, dtype, threads
    waiting = plan.ready.get(key)
    if waiting is None:
        if len(plan.ready) >= MOST:
            plan.ready.clear()
        waiting = plan.ready.setdefault(key, [])
    try:
        found: PreparedCall = waiting.pop()
    except IndexError:
        found = PreparedCall(plan, steps, batch, dtype, threads)
    found.waiting = waiting
    return found


def _parameters(plan: ModulePlan, parameters: dict[str, Any], dtype: torch.dtype) -> Params | None:
    """The stacked parameters of each layer and direction; None if one is not plain."""
    found = []
    for layer in plan.layers:
        for names in layer.names:
            params, at = [], []
            for name in names:
                p = parameters.get(name)
                if type(p) is not Parameter and type(p) is not Tensor:  # also None: parametrized
                    return None
                if p.dtype is not dtype or not p.is_cpu or not p.is_contiguous():
                    return None
                params.append(p)
                at.append(p.data_ptr())
            found.append((params, tuple(at)))
    return found


def _addresses(
    hx: Sequence[Any], lead: tuple[int, ...], widths: Sequence[int], dtype: torch.dtype
) -> list[int] | None:
    """Where the initial states lie; None if one is not as it must be."""
    if len(hx) != len(widths):
        return None
    found = []
    for s, n in zip(hx, widths, strict=True):
        if type(s) is not Tensor or s.dtype is not dtype or s.shape != (*lead, n) or not s.is_cpu:
            return None
        if not s.is_contiguous():
            return None
        found.append(s.data_ptr())
    return found
