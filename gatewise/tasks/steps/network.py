"""The network that says something at every step: a recurrence of any cell and a linear head."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from gatewise.lang.cell import Cell
from gatewise.nn import Recurrent
from gatewise.tasks.sequences.network import EMBEDDED, embedding_of
from gatewise.tasks.sequences.scaling import MANY

FEW = 1.0  # deviation of the numbers of few tokens before training: each is met often, and steps are few


class StepNetwork(nn.Module):
    """Outputs for every value of sequences [T, B, patch * width] of any lengths.

    Args:
        cell: with one input.
        width: numbers that a value has; with ``types`` tokens the size of their embedding.
        types: codes of the embedding; 0: numbers.
        patch: values that a step reads, and speaks of.
        hidden: units of each direction.
        outputs: for each value.
        bidirectional: whether a second recurrence goes from the end to the beginning.
        dropout: of the embedding and of what the head reads.
        noise: deviation of what is added to the (standardised) numbers in training.
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
        dropout: float,
        noise: float,
    ) -> None:
        super().__init__()
        self.patch, self.outputs, self.noise = patch, outputs, noise
        self.embedding = embedding_of(types, width, EMBEDDED if types > MANY else FEW)
        self.encoder = Recurrent(cell, width * patch, hidden, bidirectional=bidirectional)
        self.dropout = nn.Dropout(dropout)
        self.head = nn.Linear(self.encoder.plan.widths[0] * (1 + bidirectional), outputs * patch)

    def forward(self, steps: Tensor, lengths: Tensor) -> Tensor:
        """Outputs [n, patch, outputs] of the n steps that are no padding, in the order of time, then batch.

        Args:
            steps: [T, B, patch * width]; of tokens codes [T, B, patch].
            lengths: [B] on the CPU.
        """
        output, _ = self.encoder(self._read(steps), lengths=lengths)
        if int(lengths.min()) == len(output):
            rows = output.flatten(0, 1)
        else:
            rows = output[(torch.arange(len(output))[:, None] < lengths).to(output.device)]
        return self._said(rows)

    def step(self, values: Tensor, state: Any) -> tuple[Tensor, Any]:
        """Outputs [1, outputs] of the next value [1, 1, width] of a stream, and the state behind it."""
        output, state = self.encoder(self._read(values), state)
        return self._said(output[0])[:, 0], state

    def _read(self, steps: Tensor) -> Tensor:
        """What the recurrence reads."""
        if self.embedding is not None:
            return torch.as_tensor(self.dropout(self.embedding(steps).flatten(2)))
        if self.training and self.noise:
            return steps + self.noise * torch.randn_like(steps)
        return steps

    def _said(self, rows: Tensor) -> Tensor:
        said = self.head(self.dropout(rows))
        return torch.as_tensor(said.view(len(rows), self.patch, self.outputs))
