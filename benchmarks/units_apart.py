"""Cells without a matrix over a state on one and two rows: GFLOP/s on one thread and on all."""

from __future__ import annotations

import itertools
from typing import Any

import torch

from benchmarks.cases import infer, multiply_adds, train, without_gradients
from benchmarks.report import say
from benchmarks.timing import medians
from gatewise import nn as gnn


def run() -> list[dict[str, Any]]:
    """GFLOP/s by cell and shape."""
    rows, threads = [], torch.get_num_threads()
    for name, b in itertools.product(("sru", "minlstm", "mingru", "indrnn"), (1, 2)):
        t, i, h = 400, 256, 512
        torch.manual_seed(0)
        module = gnn.Recurrent(name, i, h)
        x, seed = torch.randn(t, b, i), torch.randn(t, b, h)
        work = 2 * t * b * multiply_adds(module)
        speeds = {}
        for n in dict.fromkeys((1, threads)):
            torch.set_num_threads(n)
            times = without_gradients({"inference": infer(module, x)}, 0.3)
            times |= medians({"training": train(module, x, seed)}, 0.3)
            # the gradient of the input is not asked for: two products, not three
            speeds[n] = {
                "inference": work / times["inference"] / 1e9,
                "training": 2 * work / times["training"] / 1e9,
            }
        torch.set_num_threads(threads)
        text = "; ".join(
            f"{n} thread(s): inference {v['inference']:4.0f}, training {v['training']:4.0f} GFLOP/s"
            for n, v in speeds.items()
        )
        say(f"{name:8s} {(b, t, i, h)!s:20s} {text}")
        rows.append({"cell": name, "shape": [b, t, i, h], "gflops": speeds})
    return rows
