"""The forecasting network: an encoder over the history, and a head that reads its last state."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from gatewise.lang.cell import Cell
from gatewise.nn import Recurrent

NARROW = -1.0  # the intervals start softplus(-1) = 0.31 scales wide on each side


class Network(nn.Module):
    """Quantiles of the whole horizon from the last state of an encoder.

    One step of the encoder reads ``patch`` values and whether each is there. The point forecast is a
    baseline, plus a correction from the state, plus what the state takes from the other baselines;
    all of it but the baseline starts at zero, so that training starts from the baseline. Quantiles
    lie outward from the point by sums of positive widths: they cannot cross.

    Args:
        cell: with one input.
        patch: values a step.
        hidden: units.
        horizon: steps of the forecast.
        baselines: how many there are; ``base`` is the number of the one to start from.
        levels: of the intervals, ascending: how many.
        dropout: of the state before the head.
    """

    def __init__(
        self,
        cell: Cell,
        patch: int,
        hidden: int,
        horizon: int,
        baselines: int,
        base: int,
        levels: int,
        dropout: float,
    ) -> None:
        super().__init__()
        self.patch, self.base, self.levels, self.horizon = patch, base, levels, horizon
        self.encoder = Recurrent(cell, 2 * patch, hidden)
        width = self.encoder.plan.widths[0]
        self.dropout = nn.Dropout(dropout)
        self.correct = nn.Linear(width, horizon)
        self.mix = nn.Linear(width, baselines)
        self.spread = nn.Linear(width, horizon * 2 * levels)
        for layer in (self.correct, self.mix, self.spread):
            nn.init.zeros_(layer.weight)
            nn.init.zeros_(layer.bias)
        nn.init.constant_(self.spread.bias, NARROW)

    def encode(self, x: Tensor, seen: Tensor) -> Tensor:
        """The state [B, H] after a history [B, C]; C is a multiple of the patch."""
        batch = x.shape[0]
        steps = torch.cat([x.view(batch, -1, self.patch), seen.view(batch, -1, self.patch)], dim=-1)
        output, _ = self.encoder(steps.transpose(0, 1).contiguous())
        return torch.as_tensor(output[-1])

    def decode(self, state: Tensor, candidates: Tensor) -> Tensor:
        """Scaled quantiles [B, h, 2 * levels + 1], ascending, from baselines [B, K, h]."""
        state = self.dropout(state)
        base = candidates[:, self.base]
        taken = torch.einsum("bk,bkh->bh", self.mix(state), candidates - base[:, None])
        point = base + self.correct(state) + taken
        widths = F.softplus(self.spread(state)).view(-1, self.horizon, 2, self.levels).cumsum(-1)
        below, above = (
            point[..., None] - widths[:, :, 0].flip(-1),
            point[..., None] + widths[:, :, 1],
        )
        return torch.cat([below, point[..., None], above], dim=-1)

    def forward(self, x: Tensor, seen: Tensor, candidates: Tensor) -> Tensor:
        """Scaled quantiles [B, h, 2 * levels + 1], ascending."""
        return self.decode(self.encode(x, seen), candidates)


def quantile_loss(
    quantiles: Tensor, truth: Tensor, probabilities: Tensor, weight: Tensor
) -> Tensor:
    """Mean pinball loss (Koenker & Bassett 1978) over what is there; arguments as below."""
    total, count = quantile_sums(quantiles, truth, probabilities, weight)
    return total / count.clamp(min=1)


def quantile_sums(
    quantiles: Tensor, truth: Tensor, probabilities: Tensor, weight: Tensor
) -> tuple[Tensor, Tensor]:
    """The weighted sum of pinball losses, and how many values there are.

    Args:
        quantiles: [B, h, Q].
        truth: [B, h], NaN where missing.
        probabilities: [Q].
        weight: [B] of each window.
    """
    there = ~torch.isnan(truth)
    error = torch.where(there, truth, torch.zeros_like(truth))[..., None] - quantiles
    pinball = torch.maximum(probabilities * error, (probabilities - 1) * error).sum(-1)
    kept = torch.where(there, pinball, torch.zeros_like(pinball)) * weight[:, None]
    return kept.sum(), there.sum()
