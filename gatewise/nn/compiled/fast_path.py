"""Plain calls: nothing but an input (in inference also states), as nearly all are.

A small network computes a step in a microsecond or two. What is looked up and checked around it must
not take fifty. ``classify_call`` says whether a call is plain, and as what it runs; one that differs in
anything is checked in full (``RecurrentBase._call``).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

import torch
from torch import Tensor

from gatewise.nn.compiled.autograd import run_unwatched
from gatewise.nn.compiled.float_types import LOW
from gatewise.nn.compiled.launch import run
from gatewise.nn.compiled.low_types import inside, plainly, reading, widened
from gatewise.nn.compiled.plain_checks import (
    cast_type,
    is_plain_input,
    plain_parameters,
    state_addresses,
    wants_gradient,
    widened_call,
)
from gatewise.nn.compiled.prepared_call import take_prepared
from gatewise.nn.plan.layer_call import LayerCall, LayerResult
from gatewise.nn.plan.module_plan import ModulePlan
from gatewise.nn.plan.walk import Done, FrameWalk, LayerWalk, PendingFrames, PendingLayers, drive

if TYPE_CHECKING:
    from gatewise.compile import CallFrame

# the type of the results for an input under autocast; None is autocast's own
ResultDtype: TypeAlias = Callable[[Tensor], torch.dtype | None]


class PlainResult(NamedTuple):
    """The output as the caller has sequences, and the states [L*D, B, n] (unbatched: [L*D, n])."""

    output: Tensor
    states: tuple[Tensor, ...]

    def to(self, dtype: torch.dtype) -> PlainResult:
        """These results in another type."""
        if self.output.dtype is dtype:
            return self
        return PlainResult(self.output.to(dtype), tuple([s.to(dtype) for s in self.states]))


class PlainInference(NamedTuple):
    """A plain call without gradients. It runs once.

    Attributes:
        frames: the frames to run, one layer after the other.
        written: what they write.
        read: the tensors that they read, which must live until they have run.
        dtype: the type of the results.
    """

    frames: Iterator[list[CallFrame]]
    written: PlainResult
    read: tuple[Tensor, Sequence[object] | None]
    dtype: torch.dtype

    def run(self) -> PlainResult:
        """Run all layers."""
        for frames in self.frames:
            run(frames)
        return self.written.to(self.dtype)

    def walk(self) -> FrameWalk[PlainResult]:
        """The walk through the layers that are still to be run."""
        frames = next(self.frames, None)
        if frames is not None:
            return PendingFrames(frames, self.walk)
        return Done(self.written.to(self.dtype))


class PlainTraining(NamedTuple):
    """A plain call with gradients, all layers from zeros.

    Attributes:
        plan: of the module.
        params: the stacked parameters of each layer and direction.
        x: the input [T, B, I].
        batch_first: the output is to be [B, T, n].
        dtype: the type of the results.
    """

    plan: ModulePlan
    params: list[list[Tensor]]
    x: Tensor
    batch_first: bool
    dtype: torch.dtype

    def run(self) -> PlainResult:
        """Run all layers."""
        return drive(self.walk(), run_unwatched)

    def walk(self) -> LayerWalk[PlainResult]:
        """The walk through all layers."""
        first = self.params[0]
        x = self.x.to(inside(first[0].dtype if first else self.x.dtype))
        return self._walk_from(0, x, [])

    def _walk_from(self, k: int, below: Tensor, ends: list[list[Tensor]]) -> LayerWalk[PlainResult]:
        """The walk through layer k and all above it. ``below`` enters layer k; ``ends`` are the final
        states of the layers under it, for each layer and direction."""
        plan = self.plan
        if k == len(plan.layers):
            return Done(self._result(below, ends))
        numbers, calls = plan.layers[k].numbers, []
        for d in range(plan.directions):
            params = widened(self.params[k * plan.directions + d])
            calls.append(
                LayerCall(plan.keys[0], numbers, [below], params, [], [], None, None, d == 1, ())
            )

        def resume(results: list[LayerResult]) -> LayerWalk[PlainResult]:
            outputs = [r.output for r in results]
            above = outputs[0] if len(outputs) == 1 else torch.cat(outputs, -1)
            return self._walk_from(k + 1, above, [*ends, *(r.states for r in results)])

        return PendingLayers(calls, resume)

    def _result(self, output: Tensor, ends: list[list[Tensor]]) -> PlainResult:
        states = ends[0] if len(ends) == 1 else [torch.cat(of) for of in zip(*ends, strict=True)]
        output = output.transpose(0, 1) if self.batch_first else output
        return PlainResult(output, tuple(states)).to(self.dtype)


PlainCall: TypeAlias = PlainInference | PlainTraining


def classify_call(
    plan: ModulePlan,
    parameters: Mapping[str, Tensor | None],
    x: object,
    hx: Sequence[object] | None,
    batch_first: bool,
    result_dtype: ResultDtype,
) -> PlainCall | None:
    """What a call of a module runs as, if it is plain; else None.

    Args:
        plan: the plan of the module.
        parameters: the module's own, by name.
        x: the input.
        hx: the initial states as a list; None for the cell's own.
        batch_first: whether sequences are [B, T, n].
        result_dtype: says of an input which type its results have under autocast.
    """
    if not is_plain_input(x, plan, (3, 2)):
        return None
    cast = cast_type(x.dtype) if torch.is_autocast_enabled("cpu") else None
    params = plain_parameters(plan, parameters, x.dtype, cast is not None)
    if params is None:
        return None
    dtype = x.dtype if cast is None else result_dtype(x) or cast
    if torch.is_grad_enabled():
        if x.requires_grad or any([p.requires_grad for p in params[0]]):
            if hx is not None or x.dim() != 3 or not plan.whole or not x.numel():
                return None
            x = x.transpose(0, 1) if batch_first else x
            if cast is None and plainly(plan, x):
                return None
            if cast is not None or dtype in LOW:
                plan = reading(plan, cast or dtype)
            return PlainTraining(plan, params, x, batch_first, dtype)
        if wants_gradient(params, hx):
            return None
    if cast is not None or dtype in LOW:
        plan = reading(plan, cast or dtype)
        x, hx = widened_call(x, hx, cast is None)
    shape = x.shape
    lead: tuple[int, ...] = ()
    outer: tuple[int, ...]  # the axes of the output but the last
    if len(shape) == 2:
        steps, batch = shape[0], 1
        step, unit = x.stride()
        row, outer = 0, (steps,)
    elif batch_first:
        batch, steps, _ = shape
        lead, (row, step, unit), outer = (batch,), x.stride(), (batch, steps)
    else:
        steps, batch, _ = shape
        lead, (step, row, unit), outer = (batch,), x.stride(), (steps, batch)
    if unit != 1 or not steps or not batch:
        return None
    count = len(plan.layers) * plan.directions
    first = state_addresses(hx, (count, *lead), plan.widths, x.dtype) if hx is not None else None
    if hx is not None and first is None:
        return None
    prepared = take_prepared(plan, steps, batch, x.dtype)
    width = prepared.width
    output = x.new_empty(*outer, width)
    states = tuple([x.new_empty(count, *lead, n) for n in plan.widths])
    strides = (width, steps * width) if batch_first and lead else (batch * width, width)
    frames = prepared.bind(
        params,
        (x.data_ptr(), step, row),
        first,
        (output.data_ptr(), *strides),
        [s.data_ptr() for s in states],
    )
    return PlainInference(frames, PlainResult(output, states), (x, hx), dtype)


def run_plain(
    plan: ModulePlan,
    parameters: Mapping[str, Tensor | None],
    x: object,
    hx: Sequence[object] | None,
    batch_first: bool,
    result_dtype: ResultDtype,
) -> PlainResult | None:
    """Run a call if it is plain; else None. Arguments as for ``classify_call``."""
    call = classify_call(plan, parameters, x, hx, batch_first, result_dtype)
    return None if call is None else call.run()


def run_step(
    plan: ModulePlan,
    parameters: Mapping[str, Tensor | None],
    x: object,
    hx: Sequence[object] | None,
) -> tuple[Tensor, ...] | None:
    """Run one step of a module that runs one, if the call is plain and wants no gradients; else None.

    ``x`` is [B, I] or [I]. Returns the new states, [B, n] or [n] each.
    """
    if torch.is_grad_enabled():
        return None
    if not is_plain_input(x, plan, (2, 1)):
        return None
    cast = cast_type(x.dtype) if torch.is_autocast_enabled("cpu") else None
    params = plain_parameters(plan, parameters, x.dtype, cast is not None)
    if params is None:
        return None
    dtype = cast or x.dtype
    if dtype in LOW:
        plan = reading(plan, dtype)
        x, hx = widened_call(x, hx, cast is None)
    lead = tuple(x.shape[:-1])
    row = x.stride(0) if lead else 0
    batch = lead[0] if lead else 1
    if x.stride(-1) != 1 or not batch:
        return None
    first = state_addresses(hx, lead, plan.widths, x.dtype) if hx is not None else None
    if hx is not None and first is None:
        return None
    prepared = take_prepared(plan, 1, batch, x.dtype)
    states = tuple([x.new_empty(*lead, n) for n in plan.widths])
    last = [s.data_ptr() for s in states]
    # the output is the first state: both are written to one place
    output = last[0], 0, plan.widths[0]
    for frames in prepared.bind(params, (x.data_ptr(), 0, row), first, output, last):
        run(frames)
    return states if x.dtype is dtype else tuple([s.to(dtype) for s in states])
