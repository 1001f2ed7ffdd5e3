"""Plain calls: nothing but an input (in inference also states), as nearly all are.

A small network computes a step in a microsecond or two. What is looked up and checked around it must
not take fifty. In inference everything that follows from the shapes is settled at the first call, and
only addresses change. A call that differs in anything goes the way that checks everything
(``Recurrence.forward``).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import torch
from torch import Tensor
from torch.autograd import forward_ad
from torch.nn import Parameter

from gatewise.compile import llvm_runtime
from gatewise.nn.direct import train_plainly, watched
from gatewise.nn.kernels import CPU, DTYPES, Kernels, kernels
from gatewise.nn.plan import Plan

MOST = 64  # shapes for which calls are kept ready, for each plan


class Outcome(NamedTuple):
    """The output as the caller has sequences, and the states [L*D, B, n] (unbatched: [L*D, n])."""

    output: Tensor
    states: tuple[Tensor, ...]


class _Place(NamedTuple):
    """One layer in one direction: its kernels, a frame of its own, and where its output goes."""

    own: Kernels
    frame: Any
    below: Tensor | None  # the output of the layer below; None is the caller's input
    above: Tensor | None  # room for the output; None is the caller's
    shift: int  # values from the start of a row of the output


class Ready:
    """All layers for one shape. One call at a time: ``take`` it and ``give`` it back."""

    def __init__(self, plan: Plan, steps: int, batch: int, dtype: torch.dtype) -> None:
        self.plan, self.steps, self.batch = plan, steps, batch
        self.size = torch.finfo(dtype).bits // 8
        self.width = plan.directions * plan.widths[0]
        self.places: list[_Place] = []
        below: Tensor | None = None
        for k, layer in enumerate(plan.layers):
            last = k == len(plan.layers) - 1
            above = None if last else torch.empty(steps, batch, self.width, dtype=dtype, device=CPU)
            for d in range(plan.directions):
                own = kernels(plan.keys[0], tuple(layer.numbers), dtype, "")
                course = own.course(steps, batch, None, None, d == 1)
                frame, self.rows = own.layer.ready(course), course.rows
                shift = d * plan.widths[0] * self.size
                self.places.append(_Place(own, frame, below, above, shift))
            below = above

    def run(
        self,
        params: Sequence[Sequence[Tensor]],
        x: tuple[int, int, int],
        first: Sequence[int] | None,
        output: tuple[int, int, int],
        last: Sequence[int],
    ) -> None:
        """``x`` and ``output``: address, distance of steps, of rows. ``first`` (None: zeros) and
        ``last``: addresses of the contiguous states of all layers."""
        widths, batch, size = self.plan.widths, self.batch, self.size
        for k, (own, frame, below, above, shift) in enumerate(self.places):
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
            frame.given(numbers)
            frame.weights(own.weights(params[k]), remember=True)
            frame.run(self.rows)


def express(
    plan: Plan, parameters: dict[str, Any], x: Any, hx: Sequence[Any] | None, batch_first: bool
) -> Outcome | None:
    """A plain call of a module; None if it is not one.

    ``parameters`` are the module's own, ``hx`` the initial states as a list.
    """
    if not plan.bare or watched(x) or not x.is_cpu or x.layout is not torch.strided:
        return None
    dtype, shape = x.dtype, x.shape
    batched = len(shape) == 3
    if not batched and len(shape) != 2:
        return None
    if torch._C._are_functorch_transforms_active() or forward_ad._current_level >= 0:
        return None
    if shape[-1] != plan.input_widths[0] or dtype not in DTYPES or torch.is_autocast_enabled("cpu"):
        return None
    params = _parameters(plan, parameters, dtype)
    if params is None:
        return None
    if torch.is_grad_enabled() and (x.requires_grad or any([p.requires_grad for p in params[0]])):
        if hx is not None or not batched or not plan.whole or not shape.numel():
            return None
        return _train(plan, params, x.transpose(0, 1) if batch_first else x, batch_first)
    if torch.is_grad_enabled() and _any_gradient(params, hx):
        return None
    return _infer(plan, params, x, hx, batch_first)


def _any_gradient(params: list[list[Tensor]], hx: Sequence[Any] | None) -> bool:
    """Whether something besides the input and the first layer's parameters wants a gradient."""
    rest = [p for of in params for p in of] + [s for s in hx or () if isinstance(s, Tensor)]
    return any([t.requires_grad for t in rest])


def _train(plan: Plan, params: list[list[Tensor]], x: Tensor, batch_first: bool) -> Outcome:
    """All layers from zeros, with gradients."""
    below, k, ends = x, 0, []
    for layer in plan.layers:
        ways = []
        for d in range(plan.directions):
            key, sizes = plan.keys[0], tuple(layer.numbers)
            own = kernels(key, sizes, x.dtype, "")
            output, last = train_plainly(own, (key, sizes, d == 1, ""), below, params[k])
            ways.append(output)
            ends.append(last)
            k += 1
        below = ways[0] if len(ways) == 1 else torch.cat(ways, -1)
    states = ends[0] if len(ends) == 1 else tuple([torch.cat(of) for of in zip(*ends, strict=True)])
    return Outcome(below.transpose(0, 1) if batch_first else below, states)


def _infer(
    plan: Plan,
    params: list[list[Tensor]],
    x: Tensor,
    hx: Sequence[Any] | None,
    batch_first: bool,
) -> Outcome | None:
    """All layers without gradients; None if something does not lie as it must."""
    dtype, shape = x.dtype, x.shape
    batched, batch = len(shape) == 3, 1
    if not batched:
        steps, strides = shape[0], (*x.stride(), 1)
        strides = strides[0], 0, strides[1]
    elif batch_first:
        batch, steps, strides = shape[0], shape[1], x.stride()
        strides = strides[1], strides[0], strides[2]
    else:
        steps, batch, strides = shape[0], shape[1], x.stride()
    if strides[2] != 1 or not steps or not batch:
        return None
    count = len(plan.layers) * plan.directions
    lead = (count, batch) if batched else (count,)
    first = None
    if hx is not None:
        first = _addresses(hx, [(*lead, n) for n in plan.widths], dtype)
        if first is None:
            return None
    threads = llvm_runtime().get_num_threads()
    ready = _take(plan, steps, batch, dtype, threads)
    width = ready.width
    if not batched:
        output, to = torch.empty((steps, width), dtype=dtype, device=CPU), (width, 0)
    elif batch_first:
        output, to = (
            torch.empty((batch, steps, width), dtype=dtype, device=CPU),
            (width, steps * width),
        )
    else:
        output, to = (
            torch.empty((steps, batch, width), dtype=dtype, device=CPU),
            (batch * width, width),
        )
    states = tuple([torch.empty((*lead, n), dtype=dtype, device=CPU) for n in plan.widths])
    ready.run(
        params, (x.data_ptr(), strides[0], strides[1]), first, (output.data_ptr(), *to),
        [s.data_ptr() for s in states],
    )  # fmt: skip
    plan.ready[steps, batch, dtype, threads].append(ready)
    return Outcome(output, states)


def _take(plan: Plan, steps: int, batch: int, dtype: torch.dtype, threads: int) -> Ready:
    """A Ready that nobody is using, or a new one."""
    key = steps, batch, dtype, threads
    try:
        waiting: Ready = plan.ready[key].pop()
        return waiting
    except (KeyError, IndexError):
        if len(plan.ready) >= MOST:
            plan.ready.clear()
        plan.ready.setdefault(key, [])
        return Ready(plan, steps, batch, dtype)


def _parameters(
    plan: Plan, parameters: dict[str, Any], dtype: torch.dtype
) -> list[list[Tensor]] | None:
    """The stacked parameters of each layer and direction; None if one is not plain."""
    found = []
    for layer in plan.layers:
        for names in layer.names:
            params = []
            for name in names:
                p = parameters.get(name)
                if type(p) is not Parameter and type(p) is not Tensor:  # also None: parametrized
                    return None
                if p.dtype is not dtype or not p.is_cpu or not p.is_contiguous():
                    return None
                params.append(p)
            found.append(params)
    return found


def _addresses(
    hx: Sequence[Any], shapes: Sequence[tuple[int, ...]], dtype: torch.dtype
) -> list[int] | None:
    """Where the initial states lie; None if one is not as it must be."""
    if len(hx) != len(shapes):
        return None
    found = []
    for s, shape in zip(hx, shapes, strict=True):
        if type(s) is not Tensor or s.dtype is not dtype or s.shape != shape or not s.is_cpu:
            return None
        if not s.is_contiguous():
            return None
        found.append(s.data_ptr())
    return found
