"""Quantiles that cannot cross, and their loss. Both have their derivative written out.

As a chain of torch's operations the two took a third of a training step: each of some forty operations goes
through all quantiles of all steps of all windows. Quantiles lie along the first axis here, so that
each is one piece of memory.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable
from torch.nn import functional as F

# the squared error continues as a straight line from so many units
FAR = 3.0


def spread_out(raw: Tensor, center: Tensor, unit: Tensor) -> Tensor:
    """Quantiles [B, h, 2 * L + 1], ascending, outward from a point by sums of positive widths.

    Args:
        raw: [1 + 2 * L, B, h], what a network makes: the point's distance from the center in units,
            and for each of L intervals the widths below, then above, before the softplus.
        center: [B, h].
        unit: [B].
    """
    quantiles: Tensor = _Spread.apply(raw, center, unit[:, None])  # type: ignore[no-untyped-call]
    return quantiles.permute(1, 2, 0)


def quantile_sums(
    quantiles: Tensor, truth: Tensor, probabilities: Tensor, weight: Tensor
) -> tuple[Tensor, Tensor]:
    """The weighted sum of losses, and how many values there are.

    Each value counts with the pinball loss of all quantiles (Koenker & Bassett 1978) and the squared
    error of the point forecast, which continues as a straight line far away (Huber 1964).

    Args:
        quantiles: [B, h, Q].
        truth: [B, h], NaN where missing.
        probabilities: [Q].
        weight: [B] of each window.
    """
    parts = quantiles.permute(2, 0, 1), truth, probabilities[:, None, None], weight
    total: Tensor = _Loss.apply(*parts)  # type: ignore[no-untyped-call]
    return total, (~torch.isnan(truth)).sum()


class _Spread(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, raw: Tensor, center: Tensor, unit: Tensor) -> Tensor:
        ctx.save_for_backward(raw, unit)
        levels = len(raw) // 2
        widths = F.softplus(raw[1:]).mul_(unit)
        quantiles = torch.empty_like(raw)
        torch.addcmul(center, raw[0], unit, out=quantiles[levels])
        for k in range(levels):
            torch.sub(quantiles[levels - k], widths[k], out=quantiles[levels - k - 1])
            torch.add(quantiles[levels + k], widths[levels + k], out=quantiles[levels + k + 1])
        return quantiles

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, grad: Tensor) -> Any:
        raw, unit = ctx.saved_tensors
        levels = len(raw) // 2
        grad_raw = torch.empty_like(raw)
        below, above = grad_raw[1 : levels + 1], grad_raw[levels + 1 :]
        # a width moves its quantile and all beyond it
        for k in reversed(range(levels)):
            torch.neg(grad[levels - k - 1], out=below[k])
            above[k] = grad[levels + k + 1]
            if k + 1 < levels:
                below[k] += below[k + 1]
                above[k] += above[k + 1]
        point = grad_raw[0]
        torch.sub(above[0], below[0], out=point)
        point += grad[levels]
        center = point.clone()
        grad_raw *= unit
        grad_raw[1:] *= torch.sigmoid(raw[1:])
        return grad_raw, center, None


class _Loss(torch.autograd.Function):
    """The sum of ``weight`` [B] times the loss of quantiles [Q, B, h]."""

    @staticmethod
    def forward(
        ctx: Any, quantiles: Tensor, truth: Tensor, probabilities: Tensor, weight: Tensor
    ) -> Tensor:
        middle, missing = len(quantiles) // 2, torch.isnan(truth)
        error = truth - quantiles
        point = error[middle]
        near = point.clamp(-FAR, FAR)
        # the slope of max(p * error, (p - 1) * error); at zero the mean of both
        slope = torch.sign(error).mul_(0.5).add_(probabilities - 0.5)
        loss = near * (point - near / 2) + (error.mul_(slope)).sum(0)
        slope[middle] += near
        slope *= -weight[:, None]
        if missing.any():
            loss.masked_fill_(missing, 0.0)
            slope.masked_fill_(missing, 0.0)
        ctx.save_for_backward(slope)
        return (loss.sum(1) * weight).sum()

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, grad: Tensor) -> Any:
        (slope,) = ctx.saved_tensors
        return slope * grad, None, None, None
