"""The same forecaster on ``torch.nn.LSTM``: same weights, same batches, another kernel."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from gatewise.nn import Recurrent
from gatewise.tasks.forecast import network


class TorchLSTM(nn.Module):
    """``torch.nn.LSTM`` in the place of ``Recurrent("lstm", ...)``, started with the same weights."""

    def __init__(self, cell: Any, input_size: int, hidden_size: int) -> None:
        super().__init__()
        like = Recurrent(cell, input_size, hidden_size)
        self.plan = like.plan
        self.inner = like.to_torch()
        assert type(self.inner) is nn.LSTM

    def forward(
        self,
        steps: Tensor,
        states: Sequence[Tensor] | None = None,
        lengths: Tensor | None = None,
        context: Tensor | None = None,
    ) -> tuple[Tensor, Sequence[Tensor]]:
        if context is not None:
            steps = torch.cat([context.expand(len(steps), *context.shape), steps], -1)
        if lengths is None:
            return self.inner(steps, None if states is None else tuple(states))
        if states is None:
            empty = steps.new_zeros(1, steps.shape[1], self.inner.hidden_size)
            states = [empty, empty.clone()]
        present = torch.nonzero(lengths > 0)[:, 0]
        output = steps.new_zeros(*steps.shape[:2], self.inner.hidden_size)
        last = [s.clone() for s in states]
        if len(present):
            packed = pack_padded_sequence(steps[:, present], lengths[present], enforce_sorted=False)
            outputs, ends = self.inner(packed, tuple(s[:, present].contiguous() for s in states))
            padded, _ = pad_packed_sequence(outputs, total_length=steps.shape[0])
            output[:, present] = padded
            for state, end in zip(last, ends, strict=True):
                state[:, present] = end
        return output, last


@contextmanager
def on_torch() -> Iterator[None]:
    """Forecasters built inside use ``torch.nn.LSTM``."""
    network.Recurrent = TorchLSTM
    try:
        yield
    finally:
        network.Recurrent = Recurrent
