"""Whether a call is plain enough for the fast path: of its tensors, what kernels are to read as it lies."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeGuard

import torch
from torch import Tensor
from torch.autograd import forward_ad
from torch.nn import Parameter

from gatewise.nn.compiled.autograd import is_unwatched
from gatewise.nn.compiled.float_types import DTYPES, LOW
from gatewise.nn.compiled.low_types import WIDE, go_together
from gatewise.nn.plan.module_plan import ModulePlan


def is_plain_input(x: object, plan: ModulePlan, dims: tuple[int, int]) -> TypeGuard[Tensor]:
    """Whether an input can be that of a plain call. ``dims`` are the numbers of axes that it may have."""
    if not plan.bare or not is_unwatched(x) or not x.is_cpu or x.layout is not torch.strided:
        return False
    shape, dtype = x.shape, x.dtype
    if len(shape) not in dims or shape[-1] != plan.input_widths[0]:
        return False
    if dtype not in DTYPES and dtype not in LOW:
        return False
    return not torch._C._are_functorch_transforms_active() and forward_ad._current_level < 0


def plain_parameters(
    plan: ModulePlan, parameters: Mapping[str, Tensor | None], dtype: torch.dtype, autocast: bool
) -> list[list[Tensor]] | None:
    """The stacked parameters of each layer and direction; None if one is not plain.

    Their type must be that of the input, ``dtype``. Under autocast it may be another one, the same for all.
    """
    if autocast:
        first = parameters.get(plan.first or "")
        if first is None or not go_together(first.dtype, dtype, "cpu"):
            return None
        dtype = first.dtype
    stacks = []
    for layer in plan.layers:
        for names in layer.names:
            tensors = []
            for name in names:
                p = parameters.get(name)
                # a parametrized one is not there: None
                if type(p) is not Parameter and type(p) is not Tensor:
                    return None
                if p.dtype is not dtype or not p.is_cpu or not p.is_contiguous():
                    return None
                tensors.append(p)
            stacks.append(tensors)
    return stacks


def cast_type(dtype: torch.dtype) -> torch.dtype | None:
    """The type that autocast, which is on, casts inputs of a type to; None if it leaves them as they are."""
    return None if dtype is torch.float64 else torch.get_autocast_dtype("cpu")


def widened_call(
    x: Tensor, hx: Sequence[object] | None, same: bool
) -> tuple[Tensor, Sequence[object] | None]:
    """An input and initial states in float32.

    States of a type that does not go with the input's stay as they are: ``state_addresses`` refuses them.
    ``same``: theirs must be the input's; otherwise any low type will do.
    """
    fits = (x.dtype,) if same else LOW
    if hx is not None:
        hx = [s.to(WIDE) if type(s) is Tensor and s.dtype in fits else s for s in hx]
    return x.to(WIDE), hx


def wants_gradient(params: Sequence[Sequence[Tensor]], hx: Sequence[object] | None) -> bool:
    """Whether a parameter or an initial state wants a gradient."""
    tensors = [p for stacks in params for p in stacks]
    tensors += [s for s in hx or () if isinstance(s, Tensor)]
    return any([t.requires_grad for t in tensors])


def state_addresses(
    hx: Sequence[object], lead: tuple[int, ...], widths: Sequence[int], dtype: torch.dtype
) -> list[int] | None:
    """Where the initial states lie; None if one is not as it must be.

    Each must be of shape [*lead, width], of type ``dtype`` and contiguous.
    """
    if len(hx) != len(widths):
        return None
    addresses = []
    for s, n in zip(hx, widths, strict=True):
        if type(s) is not Tensor or s.dtype is not dtype or s.shape != (*lead, n) or not s.is_cpu:
            return None
        if not s.is_contiguous():
            return None
        addresses.append(s.data_ptr())
    return addresses
