"""One step of one row, as a policy or a stream takes it: microseconds from Python, the GPU waited for."""

from __future__ import annotations

import statistics
import time
from argparse import Namespace
from collections.abc import Callable
from functools import partial
from typing import Any

import torch

from benchmarks.gpu.cases import Case, device, input_of, module_of

CALLS = 300


def cases(arguments: Namespace) -> dict[str, Callable[[], dict[str, Any]]]:
    """By us, by plain operations, by cuDNN."""
    case = Case("peephole_lstm", 1, 1, 8 if arguments.rehearse else 256, "float32")
    calls = 2 if arguments.rehearse else CALLS
    return {
        f"{name}/H{case.units}": partial(_measure, case, name, calls)
        for name in ("triton", "eager", "nn.LSTM")
    }


def _measure(case: Case, name: str, calls: int) -> dict[str, Any]:
    if name == "nn.LSTM":
        module: Any = torch.nn.LSTM(case.units, case.units, device=device())
    else:
        module = module_of(case, name)
    x, states = input_of(case).detach(), None
    queued, waited = [], []
    with torch.no_grad():
        for _ in range(calls):
            begin = time.perf_counter()
            output, states = module(x, states)
            middle = time.perf_counter()
            if output.is_cuda:
                torch.cuda.synchronize()
            queued.append(middle - begin)
            waited.append(time.perf_counter() - begin)
    if device() == "cpu":
        return {"queued": None, "waited": None}
    after = slice(calls // 5, None)
    return {
        "queued": 1e6 * statistics.median(queued[after]),
        "waited": 1e6 * statistics.median(waited[after]),
    }
