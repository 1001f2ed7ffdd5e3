"""What modules leave behind: megabytes of this process after many sizes were made, trained and let go of.

Each row is a process of its own, in which three sizes were made before. Two kinds are told apart:
sizes whose kernels are compiled for the first time, and sizes whose kernels are on disk.

``python -m benchmarks.memory_of_sizes KIND FIRST LAST COUNT`` runs one row.
"""

from __future__ import annotations

import gc
import json
import os
import subprocess
import sys
import tempfile
from typing import Any

import torch
from torch import nn

from benchmarks.report import say
from gatewise import nn as gnn

ROWS = [
    ("LSTM", 16, 315, 300),
    ("LSTM", 100, 600, 300),
    ("slstm", 16, 315, 300),
    ("both", 100, 600, 300),
]
STEPS, BATCH = 3, 2


def run() -> list[dict[str, Any]]:
    """Megabytes that are left, by kind and sizes: compiled anew, then from disk."""
    say("trained, then used without gradients, then let go of; MB that stay")
    rows = []
    for kind, first, last, count in ROWS:
        row: dict[str, Any] = {"kind": kind, "sizes": [first, last], "count": count}
        with tempfile.TemporaryDirectory() as folder:
            for state in ("compiled", "from disk"):
                command = [sys.executable, "-m", "benchmarks.memory_of_sizes", kind]
                done = subprocess.run(
                    [*command, *map(str, (first, last, count))],
                    capture_output=True,
                    text=True,
                    check=True,
                    env=os.environ | {"GATEWISE_CACHE_DIR": folder},
                )
                row[state] = json.loads(done.stdout)
        rows.append(row)
        say(
            f"{kind:6s} {count} sizes of {first} to {last}: {row['compiled']:6.1f} MB compiled, "
            f"{row['from disk']:6.1f} from disk"
        )
    return rows


def left(kind: str, first: int, last: int, count: int) -> float:
    """Megabytes that ``count`` sizes leave."""
    for n in range(first - 3, first):
        _use(kind, n)
    gc.collect()
    before = resident()
    for k in range(count):
        _use(kind, first + k * (last - first) // max(1, count - 1))
    gc.collect()
    return resident() - before


def _use(kind: str, n: int) -> None:
    module: nn.Module
    if kind in ("LSTM", "both"):
        module = gnn.LSTM(n, n, bidirectional=kind == "both")
    else:
        module = gnn.Recurrent(kind, n, n)
    x = torch.randn(STEPS, BATCH, n)
    module(x)[0].sum().backward()
    with torch.no_grad():
        module(x)


def resident() -> float:
    """Megabytes of memory that this process has."""
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20


if __name__ == "__main__":
    torch.set_num_threads(1)
    print(json.dumps(left(sys.argv[1], *map(int, sys.argv[2:5]))))
