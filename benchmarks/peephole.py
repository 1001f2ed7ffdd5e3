"""A peephole LSTM, forward and backward: ours, a loop in eager PyTorch, the same loop compiled, and a
scan in JAX (by the interpreter that JAX_PYTHON names, else this one)."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
from pathlib import Path
from typing import Any

import torch

from benchmarks.cases import SHAPES, ratio, train
from benchmarks.report import say
from benchmarks.timing import clock_name, medians
from gatewise import nn as gnn

LARGEST = 256  # units: beyond that a loop of matrix products is as good as any
COMPILED = (
    (32, 24, 8, 64),
    (32, 100, 64, 128),
)  # torch.compile unrolls the loop: a minute for a shape


class PeepholeLoop(torch.nn.Module):
    """A peephole LSTM as people write it in PyTorch."""

    def __init__(self, i: int, h: int) -> None:
        super().__init__()
        self.w = torch.nn.Linear(i, 4 * h)
        self.u = torch.nn.Linear(h, 4 * h, bias=False)
        self.p = torch.nn.Parameter(torch.randn(3, h) * 0.1)

    def forward(self, x: torch.Tensor) -> tuple[torch.Tensor, Any]:
        wx, outputs = self.w(x), []
        h = c = x.new_zeros(x.shape[1], self.u.in_features)
        for step in wx:
            i, f, z, o = (step + self.u(h)).chunk(4, -1)
            i, f = torch.sigmoid(i + self.p[0] * c), torch.sigmoid(f + self.p[1] * c)
            c = f * c + i * torch.tanh(z)
            o = torch.sigmoid(o + self.p[2] * c)
            h = o * torch.tanh(c)
            outputs.append(h)
        return torch.stack(outputs), (h, c)


def run() -> dict[str, Any]:
    """Seconds of one forward and backward pass by each, for every shape of several rows."""
    rows = []
    for shape in SHAPES:
        if shape[0] > 1 and shape[3] <= LARGEST:
            times = _shape(shape)
            rows.append({"shape": list(shape), "training": times})
            others = [n for n in times if n != "gatewise"]
            told = ", ".join(f"{n} {ratio(times, n):5.2f}x" for n in others)
            say(f"peephole {shape!s:20s} {times['gatewise'] * 1e3:7.2f} ms, against it: {told}")
    for name in ("eager loop", "JAX scan"):
        ratios = [ratio(r["training"], name) for r in rows if name in r["training"]]
        if ratios:
            say(f"peephole, geometric mean: {statistics.geometric_mean(ratios):.2f}x {name}")
    return {"shapes": rows}


def _shape(shape: tuple[int, int, int, int]) -> dict[str, float]:
    b, t, i, h = shape
    torch.manual_seed(0)
    ours, loop = gnn.Recurrent("peephole_lstm", i, h), PeepholeLoop(i, h)
    x, seed = torch.randn(t, b, i), torch.randn(t, b, h)
    runs = {"gatewise": train(ours, x, seed), "eager loop": train(loop, x, seed)}
    if shape in COMPILED:
        try:
            runs["torch.compile"] = train(torch.compile(loop), x, seed)
            runs["torch.compile"]()
        except Exception as error:  # any failure of the other tool is reported, not ours to judge
            say(f"torch.compile of the loop failed: {type(error).__name__}")
            runs.pop("torch.compile")
    times = medians(runs)
    scan = _jax(shape)
    if scan is not None:
        times["JAX scan"] = scan
    return times


def _jax(shape: tuple[int, int, int, int]) -> float | None:
    """In a process of its own: two runtimes of threads in one would disturb each other."""
    python = os.environ.get("JAX_PYTHON", sys.executable)
    script = Path(__file__).with_name("jax_scan.py")
    numbers = [str(n) for n in (*shape, torch.get_num_threads())]
    done = subprocess.run(
        [python, str(script), *numbers, clock_name()], capture_output=True, text=True, check=False
    )
    if done.returncode:
        say(f"no JAX scan: {(done.stderr.strip().splitlines() or ['it failed'])[-1]}")
        return None
    return float(json.loads(done.stdout))
