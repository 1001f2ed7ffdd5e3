"""The network over whole sequences: a recurrence of any cell, its outputs pooled over time, a linear head."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import torch
from torch import Tensor, nn

from gatewise.errors import CellError
from gatewise.lang.cell import Cell
from gatewise.nn import Recurrent, init
from gatewise.tasks.audio.masking import Masking

Pooling = Literal["mean", "last", "max", "all"]
POOLINGS: tuple[Pooling, ...] = ("mean", "last", "max", "all")
# deviation of the numbers of a token before training: what a rare one has not learned stays small beside the others
EMBEDDED = 0.1


@dataclass(frozen=True)
class Carried:
    """What a network carries from step to step of a stream.

    Attributes:
        state: of the recurrence.
        steps: that it has read.
        total, highest, last: [1, H] of its outputs, over these steps.
    """

    state: Any
    steps: int
    total: Tensor
    highest: Tensor
    last: Tensor


class SequenceNetwork(nn.Module):
    """Outputs [B, outputs] of sequences [T, B, width] of any lengths.

    Args:
        cell: with one input.
        width: numbers that a step reads; with ``types`` tokens.
        types: codes of an embedding of that width each, for a step of ``patch`` tokens; 0: numbers.
        patch: tokens that a step reads.
        hidden: units of each direction.
        outputs: of the head.
        bidirectional: whether a second recurrence goes from the end to the beginning.
        pooling: what the head reads: the mean of the outputs over the steps of a sequence, their
            maximum, the last output of each direction, or "all" of them side by side.
        dropout: of the embedding and of what the head reads.
        noise: deviation of what is added to the (standardised) numbers in training.
        masking: what is hidden of sounds in training.
    """

    def __init__(
        self,
        cell: Cell,
        width: int,
        types: int,
        patch: int,
        hidden: int,
        outputs: int,
        bidirectional: bool,
        pooling: Pooling,
        dropout: float,
        noise: float,
        masking: Masking | None = None,
    ) -> None:
        super().__init__()
        self.pooling, self.noise, self.masking = pooling, noise, masking
        self.embedding = embedding_of(types, width, EMBEDDED)
        self.encoder = Recurrent(
            cell, width * (patch if types else 1), hidden, bidirectional=bidirectional
        )
        self.state = self.encoder.plan.widths[0]
        self.dropout = nn.Dropout(dropout)
        self.head = nn.Linear(
            self.state * (1 + bidirectional) * (3 if pooling == "all" else 1), outputs
        )

    def forward(self, steps: Tensor, lengths: Tensor) -> Tensor:
        """Outputs [B, outputs] for steps [T, B, width] (of tokens: codes [T, B, patch]) and lengths [B]."""
        if self.embedding is not None:
            return self.read(self._embedded(steps), lengths)
        if self.training and self.noise:
            steps = steps + self.noise * torch.randn_like(steps)
        if self.training and self.masking is not None:
            steps = self.masking.apply(steps, lengths)
        return self.read(steps, lengths)

    def read(self, steps: Tensor, lengths: Tensor) -> Tensor:
        """The same from what the recurrence reads, [T, B, n]."""
        output, _ = self.encoder(steps, lengths=lengths)
        return torch.as_tensor(self.head(self.dropout(self.pooled(output, lengths))))

    def step(self, values: Tensor, carried: Carried | None) -> Carried:
        """Read the next step [1, 1, width] of a stream (of tokens: codes [1, 1, patch]); None: the first one.

        Only a network that reads in one direction can; ``said`` gives what it says of the steps so far.
        """
        output, state = self.encoder(
            self._embedded(values), None if carried is None else carried.state
        )
        last = output[0]
        if carried is None:
            return Carried(state, 1, last, last, last)
        highest = torch.maximum(carried.highest, last)
        return Carried(state, carried.steps + 1, carried.total + last, highest, last)

    def said(self, carried: Carried) -> Tensor:
        """Outputs [1, outputs] for the steps of a stream so far: those for a sequence that ends here."""
        pooled = {
            "mean": carried.total / carried.steps,
            "max": carried.highest,
            "last": carried.last,
        }
        return torch.as_tensor(self.head(torch.cat([pooled[one] for one in self._poolings], -1)))

    @property
    def _poolings(self) -> tuple[Pooling, ...]:
        """What the head reads, side by side."""
        return POOLINGS[:-1] if self.pooling == "all" else (self.pooling,)

    def _embedded(self, steps: Tensor) -> Tensor:
        """Steps of numbers as they are, those of tokens as the numbers of their codes."""
        if self.embedding is None:
            return steps
        return torch.as_tensor(self.dropout(self.embedding(steps).flatten(2)))

    def pooled(self, output: Tensor, lengths: Tensor) -> Tensor:
        """[B, n] of outputs [T, B, directions * H], which are 0 behind the end of a sequence."""
        parts = [self._pooled(output, lengths, one) for one in self._poolings]
        return torch.cat(parts, dim=-1)

    def _pooled(self, output: Tensor, lengths: Tensor, pooling: Pooling) -> Tensor:
        """[B, directions * H] by one pooling."""
        count = lengths.to(output.device)
        if pooling == "mean":
            return output.sum(0) / count[:, None].to(output.dtype)
        if pooling == "max":
            behind = torch.arange(len(output), device=output.device)[:, None] >= count
            return output.masked_fill(behind[..., None], -torch.inf).amax(0)
        last = output[count - 1, torch.arange(len(count), device=output.device), : self.state]
        return torch.cat([last, output[0, :, self.state :]], dim=-1)


def embedding_of(types: int, width: int, deviation: float) -> nn.Embedding | None:
    """Random numbers of this deviation for each code of so many; None where there are none."""
    if not types:
        return None
    embedding = nn.Embedding(types, width)
    nn.init.normal_(embedding.weight, std=deviation)
    return embedding


def remember(network: SequenceNetwork, steps: int, seed: int) -> bool:
    """Start the gates so that states last up to so many steps (``gw.nn.init.chrono_``).

    Returns whether the cell has a gate that keeps its state; another cell stays as it is.
    """
    draw = torch.Generator().manual_seed(seed)
    try:
        init.chrono_(network.encoder, max(3, steps), generator=draw)
    except CellError:
        return False
    return True
