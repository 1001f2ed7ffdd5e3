"""Few rows: both directions of a layer, and independent networks, at the same time."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import torch
from torch import Tensor

from benchmarks.cases import infer, ratio, train, without_gradients
from benchmarks.report import say
from benchmarks.timing import medians
from gatewise import nn as gnn

SHAPES = [(1, 100, 64, 64), (1, 100, 128, 256), (1, 100, 256, 512)]


def run() -> list[dict[str, Any]]:
    """Seconds by shape: of a bidirectional LSTM, and of two LSTMs together and in turn."""
    return [
        {
            "shape": list(shape),
            "both directions": _directions(shape),
            "two networks": _networks(shape),
        }
        for shape in SHAPES
    ]


def _directions(shape: tuple[int, ...]) -> dict[str, dict[str, float]]:
    b, t, i, h = shape
    torch.manual_seed(0)
    theirs = torch.nn.LSTM(i, h, bidirectional=True)
    ours = gnn.LSTM(i, h, bidirectional=True)
    ours.load_state_dict(theirs.state_dict())
    x, seed = torch.randn(t, b, i), torch.randn(t, b, 2 * h)
    seconds = {
        "inference": without_gradients({"gatewise": infer(ours, x), "torch": infer(theirs, x)}),
        "training": medians({"gatewise": train(ours, x, seed), "torch": train(theirs, x, seed)}),
    }
    text = ", ".join(
        f"{n} {v['gatewise'] * 1e6:7.0f} us, {ratio(v):5.2f}x nn.LSTM" for n, v in seconds.items()
    )
    say(f"both directions {shape!s:18s} {text}")
    return seconds


def _networks(shape: tuple[int, ...]) -> dict[str, dict[str, float]]:
    b, t, i, h = shape
    torch.manual_seed(0)
    modules = [gnn.LSTM(i, h), gnn.LSTM(i, h)]
    calls = [partial(m, torch.randn(t, b, i)) for m in modules]
    seeds = [torch.randn(t, b, h) for _ in modules]

    def together() -> list[Any]:
        return gnn.side_by_side(*calls)

    def in_turn() -> list[Any]:
        return [call() for call in calls]

    def without_gradients(make: Callable[[], list[Any]]) -> None:
        with torch.inference_mode():
            make()

    def step(make: Callable[[], list[Any]]) -> None:
        outputs: list[Tensor] = [output for output, _ in make()]
        torch.autograd.backward(outputs, seeds)
        for module in modules:
            module.zero_grad(set_to_none=True)

    seconds = {
        name: medians({"together": partial(form, together), "in turn": partial(form, in_turn)})
        for name, form in (("inference", without_gradients), ("training", step))
    }
    text = ", ".join(
        f"{n} {v['together'] * 1e6:7.0f} us, {v['in turn'] / v['together']:5.2f}x in turn"
        for n, v in seconds.items()
    )
    say(f"two networks    {shape!s:18s} {text}")
    return seconds
