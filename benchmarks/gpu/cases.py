"""What is run: cells, shapes and ways; modules and inputs for them; how a call is timed."""

from __future__ import annotations

import os
import statistics
import time
from argparse import Namespace
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

import gatewise as gw

CELLS = ("lstm", "peephole_lstm", "gru_v3", "slstm", "layernorm_lstm", "minlstm")
# T, B, H; I = H
SHAPES = ((1024, 16, 768), (1024, 16, 64), (1024, 16, 128), (512, 64, 1024), (128, 128, 256))
SHORT = {"float32": "fp32", "bfloat16": "bf16", "float16": "fp16"}
SECONDS = 0.4  # of one measurement


class Case(NamedTuple):
    """A cell on a shape. ``way``: one by name, or nothing for what the sizes decide."""

    cell: str
    steps: int
    batch: int
    units: int
    dtype: str = "bfloat16"
    way: str = ""

    def __str__(self) -> str:
        numbers = f"T{self.steps}/B{self.batch}/H{self.units}"
        return "/".join([self.cell, numbers, SHORT[self.dtype], *([self.way] if self.way else [])])


def cases_of(arguments: Namespace) -> list[Case]:
    """What the Triton backend is asked for, in order of worth."""
    if arguments.rehearse:
        # not on the grid: its programs wait for each other, and are interpreted one after the other
        cells = ("peephole_lstm", "gru_v3", "layernorm_lstm", "minlstm")
        toys = [Case(cell, 3, 2, 8, "float32") for cell in cells]
        return [*toys, *(Case("gru_v3", 3, 2, 8, "float16", way) for way in ("steps", "rows"))]
    first = [
        Case("peephole_lstm", 1024, 16, 768, way="steps"),
        Case("peephole_lstm", 1024, 16, 768, way="grid"),
        Case("peephole_lstm", 1024, 16, 64, way="rows"),
        Case("peephole_lstm", 1024, 16, 128, way="rows"),
        Case("lstm", 512, 64, 1024, way="grid"),
        Case("gru_v3", 1024, 16, 512),
        Case("layernorm_lstm", 1024, 16, 512),
        Case("minlstm", 1024, 16, 512),
    ]
    chosen = [Case(cell, *shape) for shape in SHAPES for cell in CELLS]
    others = [
        Case("lstm", 1024, 16, 768, way="steps"),
        Case("lstm", 1024, 16, 128, way="grid"),
        Case("lstm", 1024, 16, 128, way="steps"),
        Case("lstm", 512, 64, 1024, way="steps"),
        Case("gru_v3", 1024, 16, 512, way="steps"),
        Case("lstm", 1024, 16, 64, "float32"),
        Case("peephole_lstm", 1024, 16, 256, "float32"),
        Case("lstm", 1024, 16, 128, "float16"),
    ]
    return [*first, *chosen, *others]


def device() -> str:
    """Where it is run: on the CPU where Triton interprets."""
    return "cpu" if os.environ.get("TRITON_INTERPRET") == "1" else "cuda"


def module_of(case: Case, backend: str = "triton") -> gw.nn.Recurrent:
    """A module with weights of its own."""
    dtype = getattr(torch, case.dtype)
    units = case.units
    return gw.nn.Recurrent(case.cell, units, units, backend=backend, device=device(), dtype=dtype)


def input_of(case: Case, steps: int | None = None) -> Tensor:
    """Random inputs, whose gradient is wanted."""
    x = torch.randn(steps or case.steps, case.batch, case.units)
    return x.to(device(), getattr(torch, case.dtype)).requires_grad_()


@contextmanager
def way_of(case: Case) -> Iterator[None]:
    """The way asked for, as a user asks for it."""
    before = os.environ.pop("GATEWISE_TRITON_WAY", None)
    if case.way:
        os.environ["GATEWISE_TRITON_WAY"] = case.way
    try:
        yield
    finally:
        os.environ.pop("GATEWISE_TRITON_WAY", None)
        if before is not None:
            os.environ["GATEWISE_TRITON_WAY"] = before


def forward_of(module: nn.Module, x: Tensor) -> Callable[[], object]:
    """A call without gradients."""

    def forward() -> None:
        with torch.no_grad():
            module(x)

    return forward


def both_of(module: nn.Module, x: Tensor) -> Callable[[], object]:
    """A call and its way back: gradients of the input and of all weights."""
    seed = torch.randn_like(x)  # as many units go in as come out
    wanted = [x, *module.parameters()]

    def both() -> None:
        for tensor in wanted:
            tensor.grad = None
        module(x)[0].backward(seed)

    return both


def microseconds(call: Callable[[], object], seconds: float = SECONDS) -> float | None:
    """The median time of a call by the GPU's own clock, after three calls to warm up. On the CPU it is
    called once and not timed."""
    if device() == "cpu":
        call()
        return None
    for _ in range(3):
        call()
    torch.cuda.synchronize()
    times: list[float] = []
    until = time.monotonic() + seconds
    while len(times) < 5 or (time.monotonic() < until and len(times) < 200):
        begin, end = (torch.cuda.Event(enable_timing=True) for _ in range(2))
        begin.record()
        call()
        end.record()
        torch.cuda.synchronize()
        times.append(begin.elapsed_time(end) * 1000)
    return statistics.median(times)


def timed(module: nn.Module, x: Tensor, steps: int) -> dict[str, Any]:
    """Microseconds a step, forward and with the way back."""
    result: dict[str, Any] = {}
    for name, make in (("forward", forward_of), ("both", both_of)):
        total = microseconds(make(module, x))
        result[name] = None if total is None else total / steps
    return result
