"""How long a new cell and shape takes before its first step of training: compiled, and from disk; and the
import, beside that of NumPy.

Each figure is of a process of its own, which has run another cell before; the time of the step itself
is taken off.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from typing import Any

import torch

from benchmarks.report import say
from gatewise import nn as gnn

CELLS = ["lstm", "gru", "peephole_lstm", "slstm", "gru_v3"]
SHAPE = 64, 128


def run() -> dict[str, Any]:
    """Seconds by cell."""
    seconds: dict[str, dict[str, float]] = {}
    for name in CELLS:
        with tempfile.TemporaryDirectory() as folder:
            # the folder must be the user's alone, which a temporary one is
            both = [_child(name, folder) for _ in range(3)]
        seconds[name] = {"compiled": both[0], "from disk": min(both[1:])}
        say(
            f"{name:14s} forward + backward: compiled in {both[0] * 1e3:6.0f} ms, from disk in {min(both[1:]) * 1e3:5.1f} ms"
        )
    for what in ("compiled", "from disk"):
        say(f"median, {what}: {statistics.median(v[what] for v in seconds.values()) * 1e3:.0f} ms")
    ratio = statistics.median(_import() for _ in range(7))
    say(f"import gatewise: {ratio:.2f} times as long as import numpy")
    return {"sizes": list(SHAPE), "cells": seconds, "import": ratio}


def _import() -> float:
    """Seconds of the processor that ``import gatewise`` takes, over those of NumPy after it."""
    child = (
        "import time; start = time.process_time(); import gatewise; middle = time.process_time(); "
        "import numpy; print((middle - start) / (time.process_time() - middle))"
    )
    done = subprocess.run([sys.executable, "-c", child], capture_output=True, text=True, check=True)
    return float(done.stdout)


def _child(name: str, folder: str) -> float:
    env = {**os.environ, "GATEWISE_CACHE_DIR": folder}
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.compiling", name],
        env=env,
        capture_output=True,
        text=True,
        check=True,
    )
    return float(json.loads(done.stdout))


def _step(name: str, i: int, h: int) -> float:
    start = time.perf_counter()
    module = gnn.Recurrent(name, i, h)
    defining = (
        time.perf_counter() - start
    )  # tracing and passes count, drawing the weights hardly does
    x = torch.zeros(2, 4, i)
    start = time.perf_counter()
    module(x)[0].sum().backward()
    first = time.perf_counter() - start
    start = time.perf_counter()
    module(x)[0].sum().backward()
    return defining + first - (time.perf_counter() - start)


if __name__ == "__main__":
    _step("mgu", 5, 7)
    print(_step(sys.argv[1], *SHAPE))
