"""The same layers with AVX2 forced, beside what the processor has; PyTorch is held to AVX2 too.

Each level runs in a process of its own, as a processor is looked at once.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any

import torch

from benchmarks.cases import infer, pair, ratio, train, without_gradients
from benchmarks.report import say
from benchmarks.timing import clock_name, medians, use_clock

SHAPES = [
    (1, 100, 64, 64),
    (8, 200, 16, 32),
    (32, 100, 128, 256),
    (64, 100, 256, 512),
    (256, 50, 64, 64),
]
LEVELS: dict[str, dict[str, str]] = {
    "native": {},
    "avx2": {
        "GATEWISE_CPU": "avx2",
        "ATEN_CPU_CAPABILITY": "avx2",
        "ONEDNN_MAX_CPU_ISA": "AVX2",
        "MKL_ENABLE_INSTRUCTIONS": "AVX2",
    },
}


def run() -> dict[str, Any]:
    """Rows by level."""
    rows = {}
    for level, more in LEVELS.items():
        command = [
            sys.executable,
            "-m",
            "benchmarks.levels",
            str(torch.get_num_threads()),
            clock_name(),
        ]
        done = subprocess.run(
            command, env={**os.environ, **more}, capture_output=True, text=True, check=False
        )
        if done.returncode:
            say(f"{level}: {(done.stderr.strip().splitlines() or ['it failed'])[-1]}")
            continue
        rows[level] = json.loads(done.stdout)
        for row in rows[level]:
            say(
                f"{level:6s} LSTM {tuple(row['shape'])!s:19s} inference {row['inference']['gatewise'] * 1e6:9.1f} us, "
                f"{ratio(row['inference']):5.2f}x torch | training {row['training']['gatewise'] * 1e6:9.1f} us, "
                f"{ratio(row['training']):5.2f}x torch"
            )
    return rows


def _measure() -> list[dict[str, Any]]:
    rows = []
    for b, t, i, h in SHAPES:
        ours, theirs = pair("LSTM", i, h)
        x, seed = torch.randn(t, b, i), torch.randn(t, b, h)
        rows.append(
            {
                "shape": [b, t, i, h],
                "inference": without_gradients(
                    {"gatewise": infer(ours, x), "torch": infer(theirs, x)}
                ),
                "training": medians(
                    {"gatewise": train(ours, x, seed), "torch": train(theirs, x, seed)}
                ),
            }
        )
    return rows


if __name__ == "__main__":
    torch.set_num_threads(int(sys.argv[1]))
    use_clock(sys.argv[2])
    print(json.dumps(_measure()))
