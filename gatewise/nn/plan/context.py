"""Context: values that are the same at every step of a sequence, next to the input.

Their products are taken once for a sequence, by torch, not at every step; so are their gradients.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor

from gatewise.compile import context, program_for
from gatewise.ir import Program
from gatewise.nn.plan.param_layout import Layout
from gatewise.nn.plan.registry import register


class Split(NamedTuple):
    """A cell whose context comes apart: keys for evaluation and training, which stacks are applied to
    the input, the parameters whose products come from outside, and which size is the input's."""

    keys: tuple[str, str]
    stacks: tuple[bool, ...]
    products: tuple[str, ...]
    size: int


def split_of(program: Program, layout: Layout) -> Split | None:
    """How a cell takes context apart; None if it cannot."""
    taken_apart = context(program)
    if taken_apart is None:
        return None
    changed, products = taken_apart
    member = [[m.param in products for m in s.members] for s in layout.stacks]
    if any(any(of) and not all(of) for of in member):  # a stack is split as a whole
        return None
    if changed.sizes != program.sizes:
        return None
    keys = register(program_for(changed), layout), register(program_for(changed, True), layout)
    size = changed.sizes.index(str(program.inputs[0].size))
    return Split(keys, tuple(map(any, member)), products, size)


def apart(
    split: Split,
    layout: Layout,
    numbers: list[int],
    sizes: Mapping[str, int],
    context: Tensor,
    stacks: list[Tensor],
) -> tuple[list[int], list[Tensor], list[Tensor]]:
    """Sizes, products with the context [B, S], and what is left of the stacks for the steps."""
    width, total = context.shape[-1], numbers[split.size]
    left: list[Tensor] = []
    products: dict[str, Tensor] = {}
    for stack, tensor, of in zip(layout.stacks, stacks, split.stacks, strict=True):
        if not of:
            left.append(tensor)
            continue
        for_context, for_steps = tensor.split([width, total - width], dim=1)
        left.append(for_steps)
        parts = F.linear(context, for_context).split(layout.rows(stack, sizes), dim=1)
        products.update(zip((m.param for m in stack.members), parts, strict=True))
    fewer = [*numbers]
    fewer[split.size] -= width
    return fewer, [products[name] for name in split.products], left


def joined(context: Tensor, x: Tensor) -> Tensor:
    """The context before the input at every step: [T, B, S + I]."""
    return torch.cat([context.expand(len(x), *context.shape), x], -1)
