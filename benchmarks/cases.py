"""What the tables share: the shapes, and runs of a module in inference and in training.

Everything is measured through the modules that a person uses: ``gatewise.nn.LSTM`` against
``torch.nn.LSTM`` and so on, same weights, same inputs.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import torch

import gatewise as gw
from benchmarks.timing import medians
from gatewise import nn as gnn

SHAPES = [
    (1, 1, 32, 32),
    (1, 1, 64, 256),
    (1, 100, 64, 64),
    (1, 100, 256, 512),
    (8, 200, 16, 32),
    (32, 24, 8, 64),
    (32, 100, 64, 128),
    (32, 100, 128, 256),
    (64, 100, 256, 512),
    (256, 50, 64, 64),
    (64, 50, 512, 1024),
]


def pair(kind: str, i: int, h: int) -> tuple[torch.nn.Module, torch.nn.Module]:
    """Our module and PyTorch's with the same weights."""
    torch.manual_seed(0)
    theirs, ours = getattr(torch.nn, kind)(i, h), getattr(gnn, kind)(i, h)
    ours.load_state_dict(theirs.state_dict())
    return ours, theirs


def of_catalogue(name: str, shape: tuple[int, ...]) -> tuple[torch.nn.Module, Any]:
    """A module of a cell of the catalogue and random inputs for it; ``shape`` is (B, T, I, H)."""
    b, t, i, h = shape
    cell = gw.cells.get(name)
    torch.manual_seed(0)
    extra = {k: {"S": 16, "P": max(1, h // 2)}[k] for k in cell.program.sizes if k not in "IH"}
    sizes = {"I": i, "H": h, **extra}
    widths = [item.size.evaluate(sizes) for item in cell.program.inputs]
    free = {k: v for k, v in extra.items() if k != "S"}
    options = {"sizes": free} if free else {}
    module = gnn.Recurrent(cell, widths[0] if len(widths) == 1 else tuple(widths), h, **options)
    inputs = [
        torch.randn(*((t, b) if item.per == "step" else (b,)), units)
        for item, units in zip(cell.program.inputs, widths, strict=True)
    ]
    return module, inputs[0] if len(inputs) == 1 else tuple(inputs)


def multiply_adds(module: torch.nn.Module) -> int:
    """Of one step of one row: the values of all matrices."""
    return sum(p.numel() for p in module.parameters() if p.dim() > 1)


def infer(module: torch.nn.Module, x: Any, **extra: Any) -> Callable[[], object]:
    """A call of a module, for ``without_gradients``."""
    return partial(module, x, **extra)


def without_gradients(
    runs: dict[str, Callable[[], object]], seconds: float = 1.0
) -> dict[str, float]:
    """Median seconds of calls without gradients; the mode is entered once, not at every call."""
    with torch.inference_mode():
        return medians(runs, seconds)


def train(
    module: torch.nn.Module, x: Any, seed: torch.Tensor | None, **extra: Any
) -> Callable[[], object]:
    def run() -> None:
        output = module(x, **extra)[0]
        data = output.data if isinstance(output, torch.nn.utils.rnn.PackedSequence) else output
        data.backward(seed if seed is not None else torch.ones_like(data))
        module.zero_grad(set_to_none=True)

    return run


def ratio(times: dict[str, float], to: str = "torch") -> float:
    """How many times as fast as another tool."""
    return times[to] / times["gatewise"]
