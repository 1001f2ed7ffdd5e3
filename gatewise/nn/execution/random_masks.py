"""Random masks of a call: all from torch's generator, in the order of the layers and directions."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from gatewise.nn.plan.module_plan import LayerPlan, ModulePlan


def locked_dropout(x: Tensor, rate: float) -> Tensor:
    """Dropout with one mask for all steps."""
    if not rate:
        return x
    keep = torch.rand(x.shape[1:], device=x.device) >= rate
    return torch.where(keep, x * (1 / (1 - rate)), 0.0)


def draw_masks(plan: ModulePlan, layer: LayerPlan, x: Tensor) -> list[Tensor]:
    """The masks of the cell's own selects: ones with their probability, else zeros."""
    drawn = []
    for mask in plan.masks:
        shape = [x.shape[1], mask.size.evaluate(layer.sizes)]
        shape = [x.shape[0], *shape] if mask.per == "step" else shape
        assert mask.rate is not None
        drawn.append((torch.rand(shape, device=x.device) < mask.rate).to(x.dtype))
    return drawn


def drop_weights(plan: ModulePlan, layer: LayerPlan, stacks: list[Tensor]) -> list[Tensor]:
    """Zeros in the recurrent matrices, the same at all steps."""
    rate, dropped = plan.extras.weight_drop, []
    for stack, tensor, members in zip(plan.layout.stacks, stacks, plan.dropped, strict=True):
        if all(members):
            dropped.append(F.dropout(tensor, rate, True))
        elif not any(members):
            dropped.append(tensor)
        else:
            parts = tensor.split(plan.layout.rows(stack, layer.sizes))
            pieces = [
                F.dropout(part, rate, True) if recurrent else part
                for part, recurrent in zip(parts, members, strict=True)
            ]
            dropped.append(torch.cat(pieces))
    return dropped
