"""Every cell of the catalogue at one shape, as a share of our vanilla LSTM's GFLOP/s."""

from __future__ import annotations

from typing import Any

import torch

import gatewise as gw
from benchmarks.cases import infer, multiply_adds, train, without_gradients
from benchmarks.report import say
from benchmarks.timing import medians
from gatewise import nn as gnn


def run() -> list[dict[str, Any]]:
    """GFLOP/s by cell; multiply-adds are counted from the parameters."""
    b, t, i, h = 32, 100, 128, 256
    speeds: dict[str, tuple[float, float]] = {}
    for name in ("lstm", *[n for n in gw.cells.names() if n != "lstm"]):
        cell = gw.cells.get(name)
        torch.manual_seed(0)
        extra = {k: {"S": 16, "P": 128}[k] for k in cell.program.sizes if k not in "IH"}
        sizes, inputs = {"I": i, "H": h, **extra}, []
        widths = [item.size.evaluate(sizes) for item in cell.program.inputs]
        free = {k: v for k, v in extra.items() if k != "S"}
        given = {"sizes": free} if free else {}
        module = gnn.Recurrent(cell, widths[0] if len(widths) == 1 else tuple(widths), h, **given)
        for item, units in zip(cell.program.inputs, widths, strict=True):
            inputs.append(torch.randn(*((t, b) if item.per == "step" else (b,)), units))
        x: Any = inputs[0] if len(inputs) == 1 else tuple(inputs)
        work = 2 * t * b * multiply_adds(module)
        first = without_gradients({"run": infer(module, x)}, 0.5)["run"]
        seed = torch.ones_like(module(x)[0])
        both = medians({"run": train(module, x, seed)}, 0.5)["run"]
        speeds[name] = work / first / 1e9, 3 * work / both / 1e9
        mine, base = speeds[name], speeds["lstm"]
        say(f"{name:22s} inference {mine[0]:6.1f} GFLOP/s ({mine[0] / base[0]:4.0%} of lstm)"
              f" | training {mine[1]:6.1f} ({mine[1] / base[1]:4.0%})")  # fmt: skip
    return [{"cell": n, "inference": a, "training": c} for n, (a, c) in speeds.items()]
