"""Inference with matrices in bfloat16 against float32."""

from __future__ import annotations

import copy
import itertools
from typing import Any

import torch

from benchmarks.cases import infer, without_gradients
from benchmarks.report import say
from gatewise import nn as gnn


def run() -> list[dict[str, Any]]:
    """Seconds and differences by cell and shape."""
    rows = []
    for cell, (b, t, i, h) in itertools.product(
        ("lstm", "gru", "gru_v3"),
        [
            (1, 1, 512, 512),
            (1, 100, 256, 512),
            (1, 100, 512, 512),
            (1, 100, 1024, 1024),
            (6, 100, 256, 512),
            (64, 50, 256, 512),
        ],
    ):
        torch.manual_seed(0)
        plain = gnn.Recurrent(cell, i, h)
        narrow = copy.deepcopy(plain)
        narrow.weights = "bfloat16"
        x = torch.randn(t, b, i)
        times = without_gradients({"float32": infer(plain, x), "bfloat16": infer(narrow, x)}, 0.5)
        with torch.inference_mode():
            one, other = plain(x)[0], narrow(x)[0]
        error = float((one - other).abs().max() / one.abs().max())
        ratio = times["float32"] / times["bfloat16"]
        say(
            f"{cell:7s} {(b, t, i, h)!s:20s} bfloat16 {times['bfloat16'] * 1e6:9.1f} us, {ratio:4.2f}x float32,"
            f" largest difference {error:.1e} of the largest output"
        )
        rows.append({"cell": cell, "shape": [b, t, i, h], "inference": times, "difference": error})
    return rows
