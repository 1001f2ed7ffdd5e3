"""The forecasting network: an encoder that goes on along a series, a decoder that goes on from its state."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from gatewise.lang.cell import Cell
from gatewise.nn import Recurrent

NARROW = -1.0  # the intervals start softplus(-1) = 0.31 units wide on each side
LIMIT = 10.0
FAR = 3.0  # units from which the squared error goes on as a straight line


class Network(nn.Module):
    """Quantiles of any horizon from the last state of an encoder.

    One step of the encoder reads a patch of values. The decoder, a second recurrence of the same cell,
    goes on from there, ``block`` steps of the horizon at each of its own, and is given what is known
    at the cutoff: the encoder's state, the baseline, known covariates and the calendar. It never sees
    a forecast of its own.

    The point forecast is the baseline, plus a correction in multiples of the baseline's usual error,
    plus what the state takes from the other baselines; all of it but the baseline starts at zero, so
    that training starts from the baseline. Quantiles lie outward from the point by sums of positive
    widths: they cannot cross.

    Args:
        cell: with one input.
        width: numbers that a step of the encoder reads.
        hidden: units.
        block: steps of the horizon that a step of the decoder makes.
        known: numbers known of each step of the horizon; ``static``: of the series.
        baselines: how many there are; ``base`` is the number of the one to start from.
        levels: of the intervals, ascending: how many.
        dropout: of the state before the decoder.
    """

    def __init__(
        self,
        cell: Cell,
        width: int,
        hidden: int,
        block: int,
        known: int,
        static: int,
        baselines: int,
        base: int,
        levels: int,
        dropout: float,
    ) -> None:
        super().__init__()
        self.width, self.block, self.base, self.levels = width, block, base, levels
        self.encoder = Recurrent(cell, width, hidden)
        state = self.encoder.plan.widths[0]
        self.dropout = nn.Dropout(dropout)
        self.decoder = Recurrent(cell, state + block * (1 + known) + static + 1, hidden)
        self.correct = nn.Linear(state, block)
        self.mix = nn.Linear(state, baselines)
        self.spread = nn.Linear(state, block * 2 * levels)
        for layer in (self.correct, self.mix, self.spread):
            nn.init.zeros_(layer.weight)
            nn.init.zeros_(layer.bias)
        nn.init.constant_(self.spread.bias, NARROW)

    def encode(
        self, steps: Tensor, states: Sequence[Tensor] | None = None, lengths: Tensor | None = None
    ) -> tuple[Tensor, tuple[Tensor, ...]]:
        """Go on along B series: outputs [T, B, H] for steps [T, B, width], and the last states [1, B, .]."""
        output, last = self.encoder(
            steps, None if states is None else list(states), lengths=lengths
        )
        return output, tuple(last)

    def decode(
        self, state: Tensor, candidates: Tensor, known: Tensor, static: Tensor, unit: Tensor
    ) -> Tensor:
        """Scaled quantiles [B, h, 2 * levels + 1], ascending.

        Args:
            state: [B, H], the encoder's output at the cutoff.
            candidates: [B, K, h] scaled forecasts of the baselines; h is a number of whole blocks.
            known: [B, h, F].
            static: [B, S].
            unit: [B].
        """
        batch, _, horizon = candidates.shape
        state = self.dropout(state)
        base = candidates[:, self.base]
        taken = torch.einsum("bk,bkh->bh", self.mix(state), candidates - base[:, None])
        output = self._go_on(state, base, known, static)

        def steps(layer: nn.Linear, size: tuple[int, ...]) -> Tensor:
            made: Tensor = layer(output).transpose(0, 1)
            return made.reshape(batch, horizon, *size)

        point = base + taken + steps(self.correct, ()) * unit[:, None]
        widths = F.softplus(steps(self.spread, (2, self.levels))) * unit[:, None, None, None]
        below, above = widths.cumsum(-1).unbind(2)
        middle = point[..., None]
        return torch.cat([middle - below.flip(-1), middle, middle + above], dim=-1)

    def _go_on(self, state: Tensor, base: Tensor, known: Tensor, static: Tensor) -> Tensor:
        """The decoder's outputs [blocks, B, H]."""
        batch, horizon = base.shape
        blocks = horizon // self.block
        given = torch.cat([base.clamp(-LIMIT, LIMIT)[..., None], known], dim=-1)
        given = given.view(batch, blocks, -1).transpose(0, 1)
        number = torch.arange(blocks, dtype=base.dtype, device=base.device).log1p()
        steps = torch.cat(
            [
                state.expand(blocks, *state.shape),
                given,
                static.expand(blocks, *static.shape),
                number[:, None, None].expand(blocks, batch, 1),
            ],
            dim=-1,
        )
        output, _ = self.decoder(steps.contiguous())
        return torch.as_tensor(output)


def quantile_loss(
    quantiles: Tensor, truth: Tensor, probabilities: Tensor, weight: Tensor
) -> Tensor:
    """Mean loss over what is there; arguments as below."""
    total, count = quantile_sums(quantiles, truth, probabilities, weight)
    return total / count.clamp(min=1)


def quantile_sums(
    quantiles: Tensor, truth: Tensor, probabilities: Tensor, weight: Tensor
) -> tuple[Tensor, Tensor]:
    """The weighted sum of losses, and how many values there are.

    Each value counts with the pinball loss of all quantiles (Koenker & Bassett 1978) and the squared
    error of the point forecast, which far away goes on as a straight line (Huber 1964).

    Args:
        quantiles: [B, h, Q].
        truth: [B, h], NaN where missing.
        probabilities: [Q].
        weight: [B] of each window.
    """
    there = ~torch.isnan(truth)
    error = torch.where(there, truth, torch.zeros_like(truth))[..., None] - quantiles
    loss = torch.maximum(probabilities * error, (probabilities - 1) * error).sum(-1)
    point = error[..., quantiles.shape[-1] // 2]
    loss = loss + F.huber_loss(point, torch.zeros_like(point), reduction="none", delta=FAR)
    kept = torch.where(there, loss, torch.zeros_like(loss)) * weight[:, None]
    return kept.sum(), there.sum()
