"""Whole training steps: an LSTM, a linear head, a loss, fused Adam; ours against ``nn.LSTM``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import nn

from benchmarks.cases import pair, ratio
from benchmarks.report import say
from benchmarks.timing import medians

SHAPES = [(32, 24, 8, 64), (256, 50, 64, 64)]


def run() -> list[dict[str, Any]]:
    """Seconds of a step by shape."""
    rows = []
    for shape in SHAPES:
        b, t, i, h = shape
        x, y = torch.randn(t, b, i), torch.randn(b, 1)
        runs = {
            n: _step(rnn, h, x, y)
            for n, rnn in zip(("gatewise", "torch"), pair("LSTM", i, h), strict=True)
        }
        times = medians(runs)
        say(
            f"training step {shape!s:17s} {times['gatewise'] * 1e6:9.1f} us, {ratio(times):5.2f}x nn.LSTM"
        )
        rows.append({"shape": list(shape), "step": times})
    return rows


def _step(rnn: nn.Module, h: int, x: torch.Tensor, y: torch.Tensor) -> Callable[[], object]:
    torch.manual_seed(1)
    head = nn.Linear(h, 1)
    optimizer = torch.optim.Adam([*rnn.parameters(), *head.parameters()], 1e-3, fused=True)

    def step() -> None:
        optimizer.zero_grad(set_to_none=True)
        nn.functional.mse_loss(head(rnn(x)[0][-1]), y).backward()
        optimizer.step()

    return step
