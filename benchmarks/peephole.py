"""A peephole LSTM, forward and backward: ours, a loop in eager PyTorch, the same loop compiled, and a
scan in JAX (by the interpreter that JAX_PYTHON names, else this one)."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import torch

from benchmarks.cases import ratio, train
from benchmarks.report import say
from benchmarks.timing import clock_name, medians
from gatewise import nn as gnn

SHAPE = B, T, I, H = 32, 100, 64, 128


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
    """Seconds of one forward and backward pass by each."""
    torch.manual_seed(0)
    ours, loop = gnn.Recurrent("peephole_lstm", I, H), PeepholeLoop(I, H)
    x, seed = torch.randn(T, B, I), torch.randn(T, B, H)
    runs = {"gatewise": train(ours, x, seed), "eager loop": train(loop, x, seed)}
    try:
        runs["torch.compile"] = train(torch.compile(loop), x, seed)
        runs["torch.compile"]()
    except Exception as error:  # any failure of the other tool is reported, not ours to judge
        say(f"torch.compile of the loop failed: {type(error).__name__}")
        runs.pop("torch.compile")
    times = medians(runs)
    scan = _jax()
    if scan is not None:
        times["JAX scan"] = scan
    for name, seconds in times.items():
        say(
            f"peephole {SHAPE}, forward + backward, {name:14s} {seconds * 1e3:8.2f} ms, {ratio(times, name):5.2f}x ours"
        )
    return {"shape": list(SHAPE), "training": times}


def _jax() -> float | None:
    """In a process of its own: two runtimes of threads in one would disturb each other."""
    python = os.environ.get("JAX_PYTHON", sys.executable)
    script = Path(__file__).with_name("jax_scan.py")
    numbers = [str(n) for n in (*SHAPE, torch.get_num_threads())]
    done = subprocess.run(
        [python, str(script), *numbers, clock_name()], capture_output=True, text=True, check=False
    )
    if done.returncode:
        say(f"no JAX scan: {(done.stderr.strip().splitlines() or ['it failed'])[-1]}")
        return None
    return float(json.loads(done.stdout))
