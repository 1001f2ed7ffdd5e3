"""The first call of a new cell and size, forward and back, with nothing in Triton's cache; then the same in
another process, which reads what the first one compiled."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from argparse import Namespace
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks.gpu.cases import Case

CALL = """
import json, sys, time
import torch
from benchmarks.gpu.cases import Case, both_of, device, input_of, module_of
case = Case(*json.loads(sys.argv[1]))
module, x = module_of(case), input_of(case)
if device() == "cuda":
    torch.ones(1, device="cuda").add_(1).item()
    torch.mm(x[0].detach(), x[0].detach().mT).sum().item()
call = both_of(module, x)
seconds = []
for _ in range(2):
    begin = time.perf_counter()
    call()
    if device() == "cuda":
        torch.cuda.synchronize()
    seconds.append(time.perf_counter() - begin)
print(json.dumps(seconds))
"""


def cases(arguments: Namespace) -> dict[str, Callable[[], dict[str, Any]]]:
    """A cell that takes one kernel a direction, and one that takes several."""
    if arguments.rehearse:
        toy = Case("gru_v3", 3, 2, 8, "float32")
        return {str(toy): partial(_measure, toy, False)}
    all_cases = [Case("peephole_lstm", 64, 16, 384), Case("layernorm_lstm", 64, 16, 384)]
    return {str(case): partial(_measure, case, True) for case in all_cases}


def _measure(case: Case, timed: bool) -> dict[str, Any]:
    with tempfile.TemporaryDirectory(prefix="gatewise-gpu-") as folder:
        first, second = (_seconds(case, Path(folder)) for _ in range(2))
    if not timed:
        return {"compiled": None, "from_disk": None, "again": None}
    return {"compiled": first[0], "from_disk": second[0], "again": second[1]}


def _seconds(case: Case, cache: Path) -> list[float]:
    command = [sys.executable, "-c", CALL, json.dumps(case)]
    environment = {**os.environ, "TRITON_CACHE_DIR": str(cache)}
    result = subprocess.run(command, env=environment, capture_output=True, text=True)
    if result.returncode:
        raise RuntimeError(result.stderr.strip().rpartition("\n")[2])
    seconds: list[float] = json.loads(result.stdout.splitlines()[-1])
    return seconds
