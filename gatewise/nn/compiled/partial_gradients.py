"""The gradients of some of the tensors that went in, in the places of all."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor


def partial_gradients(
    outputs: Sequence[Tensor],
    output_grads: Sequence[Tensor | None],
    leaves: Sequence[Tensor],
    wanted: Sequence[int],
    create_graph: bool,
) -> list[Tensor | None]:
    """The gradient of each leaf; None for those that are not ``wanted`` or on which nothing depends.

    Outputs without a gradient are left out. ``create_graph``: gradients can be differentiated again.
    """
    pairs = [
        (o, g)
        for o, g in zip(outputs, output_grads, strict=True)
        if g is not None and o.requires_grad
    ]
    gradients = torch.autograd.grad(
        [o for o, _ in pairs],
        [leaves[k] for k in wanted],
        [g for _, g in pairs],
        create_graph=create_graph,
        allow_unused=True,
    )
    by_place = dict(zip(wanted, gradients, strict=True))
    return [by_place.get(k) for k in range(len(leaves))]
