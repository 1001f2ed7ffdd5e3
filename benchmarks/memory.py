"""Training on long sequences: peak memory and time by the number of steps, with every step kept and with
checkpoints (``memory="sqrt"``). Each figure is of a process of its own.

Whatever is kept, three arrays of the output's size are needed: the output, the pieces that it is joined
from (or what the whole run keeps of it), and its gradient. What is beyond them is what ``memory`` is about.

``python -m benchmarks.memory STEPS MEMORY`` runs one of them: ``1000000 sqrt`` is a million steps.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import time
from typing import Any

import torch

from benchmarks.report import say
from gatewise import nn as gnn

HIDDEN, INPUTS = 64, 1  # one row; the loss reads the last output, as a classifier of sequences does
STEPS = [4_000, 16_000, 64_000, 256_000, 1_000_000]
UNIT = 2**20 if sys.platform == "darwin" else 2**10


def run() -> list[dict[str, Any]]:
    """Megabytes beyond the input and the output, and seconds, by steps and ``memory``."""
    say(
        f"LSTM, B=1, I={INPUTS}, H={HIDDEN}: one step of training; beyond: less three times the output"
    )
    rows = []
    for steps in STEPS:
        row: dict[str, Any] = {"steps": steps}
        for memory in ("all", "sqrt"):
            command = [
                sys.executable,
                "-m",
                "benchmarks.memory",
                str(steps),
                memory,
                str(torch.get_num_threads()),
            ]
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            row[memory] = json.loads(done.stdout) if not done.returncode else None
        rows.append(row)
        parts = []
        for memory in ("all", "sqrt"):
            f = row[memory]
            told = (
                "failed"
                if f is None
                else (
                    f"{f['peak']:7.1f} MB, {f['peak'] - 3 * f['output']:7.1f} beyond, forward {f['forward']:7.3f} s, backward {f['backward']:7.3f} s, "
                    f"inference {f['inference']:7.3f} s"
                )
            )
            parts.append(f"{memory}: {told}")
        say(f"T={steps:8,d}  " + " | ".join(parts))
    return rows


def peak() -> float:
    """The most memory that this process has ever used, in megabytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / UNIT


def _one(steps: int, memory: str) -> dict[str, float]:
    torch.manual_seed(0)
    rnn = gnn.LSTM(INPUTS, HIDDEN, memory=memory)
    rnn(torch.randn(600, 1, INPUTS))[0][-1].sum().backward()  # compile
    x = torch.randn(steps, 1, INPUTS)
    before = peak()
    start = time.perf_counter()
    output, _ = rnn(x)
    middle = time.perf_counter()
    output[-1].sum().backward()
    end = time.perf_counter()
    most = peak() - before
    with torch.inference_mode():
        again = time.perf_counter()
        rnn(x)
        inference = time.perf_counter() - again
    room = output.numel() * output.element_size() / 2**20  # the output; its gradient is as large
    return {
        "peak": most,
        "output": room,
        "forward": middle - start,
        "backward": end - middle,
        "inference": inference,
    }


if __name__ == "__main__":
    torch.set_num_threads(int(sys.argv[3]) if len(sys.argv) > 3 else 1)
    print(json.dumps(_one(int(sys.argv[1]), sys.argv[2])))
