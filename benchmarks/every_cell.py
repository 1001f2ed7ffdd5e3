"""Every cell of the catalogue at one shape, as a share of our vanilla LSTM's GFLOP/s."""

from __future__ import annotations

from typing import Any

import torch

import gatewise as gw
from benchmarks.cases import infer, multiply_adds, of_catalogue, train, without_gradients
from benchmarks.report import say
from benchmarks.timing import medians


def run() -> list[dict[str, Any]]:
    """GFLOP/s by cell; multiply-adds are counted from the parameters."""
    b, t, i, h = 32, 100, 128, 256
    speeds: dict[str, tuple[float, float]] = {}
    for name in ("lstm", *[n for n in gw.cells.names() if n != "lstm"]):
        module, x = of_catalogue(name, (b, t, i, h))
        work = 2 * t * b * multiply_adds(module)
        first = without_gradients({"run": infer(module, x)}, 0.5)["run"]
        seed = torch.ones_like(module(x)[0])
        both = medians({"run": train(module, x, seed)}, 0.5)["run"]
        speeds[name] = work / first / 1e9, 3 * work / both / 1e9
        mine, base = speeds[name], speeds["lstm"]
        say(
            f"{name:22s} inference {mine[0]:6.1f} GFLOP/s ({mine[0] / base[0]:4.0%} of lstm)"
            f" | training {mine[1]:6.1f} ({mine[1] / base[1]:4.0%})"
        )
    return [{"cell": n, "inference": a, "training": c} for n, (a, c) in speeds.items()]
