"""A peephole LSTM written as a loop over 32 steps with stacked matrices, by torch.compile. The loop is
unrolled, so compiling takes a minute or two."""

from __future__ import annotations

import time
from argparse import Namespace
from collections.abc import Callable
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn

from benchmarks.gpu.cases import Case, both_of, device, forward_of, input_of, microseconds

STEPS = 32


class Peephole(nn.Module):
    """The product of the input for all steps at once, one product of the state at each."""

    def __init__(self, units: int) -> None:
        super().__init__()
        self.w = nn.Linear(units, 4 * units)
        self.u = nn.Linear(units, 4 * units, bias=False)
        self.p = nn.Parameter(torch.randn(3, units) * 0.1)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        h = c = x.new_zeros(x.shape[1:])
        outputs = []
        for wx in self.w(x):
            i, f, z, o = (wx + self.u(h)).chunk(4, -1)
            i, f = torch.sigmoid(i + self.p[0] * c), torch.sigmoid(f + self.p[1] * c)
            c = f * c + i * torch.tanh(z)
            h = torch.sigmoid(o + self.p[2] * c) * torch.tanh(c)
            outputs.append(h)
        return torch.stack(outputs), c


def cases(arguments: Namespace) -> dict[str, Callable[[], dict[str, Any]]]:
    """Forward, then both ways; what is rehearsed is the loop, not the compiler."""
    units = 8 if arguments.rehearse else 768
    case = Case("compiled", 2 if arguments.rehearse else STEPS, 16, units)
    return {
        f"{case}/{name}": partial(_measure, case, name, arguments.rehearse)
        for name in ("forward", "both")
    }


def _measure(case: Case, name: str, rehearse: bool) -> dict[str, Any]:
    dtype = getattr(torch, case.dtype)
    module: Any = Peephole(case.units).to(device(), dtype)
    if not rehearse:
        module = torch.compile(module, mode="reduce-overhead")
    make = forward_of if name == "forward" else both_of
    start = time.monotonic()
    call = make(module, input_of(case))

    def step() -> None:
        torch.compiler.cudagraph_mark_step_begin()
        call()

    step()
    if device() == "cuda":
        torch.cuda.synchronize()
    seconds = time.monotonic() - start
    total = microseconds(step)
    return {name: None if total is None else total / case.steps, "compile_seconds": seconds}
