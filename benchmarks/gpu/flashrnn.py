"""FlashRNN's kernels, built here by nvcc. Its wheel is named on the command line; the product of the input,
which it is given ready, is added by torch so that all do the same."""

from __future__ import annotations

import sys
import tempfile
import time
import zipfile
from argparse import Namespace
from collections.abc import Callable
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn

from benchmarks.gpu.cases import Case, device, input_of, timed


def cases(arguments: Namespace) -> dict[str, Callable[[], dict[str, Any]]]:
    """Its LSTM in one kernel, and by Triton where its units fit."""
    if arguments.rehearse:
        return {"flashrnn": _absent}
    wheel = arguments.flashrnn
    return {
        f"{backend}/{Case('flashrnn', 1024, 16, units)}": partial(_measure, wheel, backend, units)
        for backend, units in (("cuda_fused", 768), ("triton_fused", 64), ("triton_fused", 128))
    }


def _absent() -> dict[str, Any]:
    return {"skipped": "it needs a GPU and nvcc"}


class _Lstm(nn.Module):
    """[T, B, I] to [T, B, H], as the other modules take it."""

    def __init__(self, function: Any, backend: str, units: int) -> None:
        super().__init__()
        self.function, self.backend, self.units = function, backend, units
        self.w = nn.Linear(units, 4 * units)
        self.r = nn.Parameter(torch.randn(4, 1, units, units) * units**-0.5)
        self.b = nn.Parameter(torch.zeros(4, 1, units))

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        steps, batch, _ = x.shape
        wx = self.w(x).view(steps, batch, 4, 1, self.units).transpose(0, 1)
        states, last = self.function(
            wx, self.r, self.b, function="lstm", backend=self.backend, dtype="bfloat16"
        )
        return states[0].reshape(batch, steps, self.units).transpose(0, 1), last


def _measure(wheel: str, backend: str, units: int) -> dict[str, Any]:
    if wheel:
        folder = tempfile.mkdtemp(prefix="flashrnn-")
        zipfile.ZipFile(wheel).extractall(folder)
        sys.path.insert(0, folder)
    start = time.monotonic()
    from flashrnn import flashrnn

    case = Case("flashrnn", 1024, 16, units)
    module = _Lstm(flashrnn, backend, units).to(device(), torch.bfloat16)
    x = input_of(case)
    module(x)[0].sum().backward()
    torch.cuda.synchronize()
    return {**timed(module, x, case.steps), "build_seconds": time.monotonic() - start}
