"""The forecasting network: an encoder that runs along a series, and a decoder that continues from its state."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from gatewise.lang.cell import Cell
from gatewise.nn import Recurrent
from gatewise.tasks.data.encoding import Encoder
from gatewise.tasks.forecast.config import Config
from gatewise.tasks.forecast.quantile_loss import spread_out
from gatewise.tasks.forecast.step_inputs import LIMIT, step_width

# the intervals start softplus(-1) = 0.31 units wide on each side
NARROW = -1.0


class Network(nn.Module):
    """Quantiles of any horizon from the last state of an encoder.

    One step of the encoder reads a patch of values. The decoder, a second recurrence of the same cell,
    continues from there, ``block`` steps of the horizon at each step of its own, and reads what is known
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

    @property
    def blind(self) -> bool:
        """Whether forecasts do not depend on the encoder's state: as long as nothing was learned."""
        return not any(layer.weight.any() for layer in (self.correct, self.mix, self.spread))

    def encode(
        self, steps: Tensor, states: Sequence[Tensor] | None = None, lengths: Tensor | None = None
    ) -> tuple[Tensor, tuple[Tensor, ...]]:
        """Run along B series: outputs [T, B, H] for steps [T, B, width], and the last states [1, B, .]."""
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
        state = self.dropout(state)
        base = candidates[:, self.base]
        taken = torch.einsum("bk,bkh->bh", self.mix(state), candidates - base[:, None])
        heads = self._heads(self._go_on(state, base, known, static))
        return spread_out(heads.to(base.dtype), base + taken, unit)

    def _heads(self, output: Tensor) -> Tensor:
        """What the heads of the decoder make of its outputs [blocks, B, H]: [1 + 2 * levels, B, h]."""
        blocks, batch, state = output.shape
        count = 2 * self.levels
        rows = self.spread.weight.view(self.block, count, state).transpose(0, 1)
        weight = torch.cat([self.correct.weight, rows.reshape(-1, state)])
        bias = torch.cat(
            [self.correct.bias, self.spread.bias.view(self.block, count).t().flatten()]
        )
        heads = F.linear(output, weight, bias).view(blocks, batch, 1 + count, self.block)
        return heads.permute(2, 1, 0, 3).reshape(1 + count, batch, blocks * self.block)

    def _go_on(self, state: Tensor, base: Tensor, known: Tensor, static: Tensor) -> Tensor:
        """The decoder's outputs [blocks, B, H]."""
        batch, horizon = base.shape
        blocks = horizon // self.block
        inputs = torch.cat([base.clamp(-LIMIT, LIMIT)[..., None], known], dim=-1)
        inputs = inputs.view(batch, blocks, -1).transpose(0, 1)
        number = torch.arange(blocks, dtype=base.dtype, device=base.device).log1p()
        steps = torch.cat(
            [
                inputs,
                static.expand(blocks, *static.shape),
                number[:, None, None].expand(blocks, batch, 1),
            ],
            dim=-1,
        )
        output, _ = self.decoder(steps.contiguous(), context=state)
        return torch.as_tensor(output)


def network_of(
    cell: Cell,
    choices: Config,
    encoder: Encoder,
    baselines: int,
    base: int,
    levels: int,
    dropout: float,
) -> Network:
    """A network for the choices, untrained; random numbers are drawn from torch's generator."""
    _, known, static, times = encoder.widths
    width = step_width(choices.patch, encoder)
    return Network(
        cell,
        width,
        choices.units,
        choices.block,
        known + times,
        static,
        baselines,
        base,
        levels,
        dropout,
    )
