"""The card and the versions; what a copy, a barrier of many programs and an empty node of a graph cost."""

from __future__ import annotations

import platform
import subprocess
from argparse import Namespace
from collections.abc import Callable
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import torch

from benchmarks.gpu.cases import device, microseconds

ROUNDS = 1000
# Nothing but barriers, as kernels have them.
BARRIERS = """

@triton.jit
def kernel(counter, failed, ROUNDS: tl.constexpr, PROGRAMS: tl.constexpr):
    patience = 1048576
    for k in range(ROUNDS):
        patience = _grid_barrier(counter, failed, (k + 1) * PROGRAMS, patience)
"""


def cases(arguments: Namespace) -> dict[str, Callable[[], dict[str, Any]]]:
    """One a question."""
    programs = (1,) if arguments.rehearse else (32, 64, 128)
    return {
        "card": _card,
        "copy": _copy,
        **{f"barrier of {n}": partial(_barrier, n, 2 if n == 1 else ROUNDS) for n in programs},
        "graph node": _graph_node,
    }


def _card() -> dict[str, Any]:
    names = ("torch", "triton", "jax", "numpy", "flashrnn", "einops", "ninja")
    result: dict[str, Any] = {n: _version(n) for n in names}
    result |= {"python": platform.python_version(), "cuda": torch.version.cuda}
    if device() == "cpu":
        return result | {"card": "none: Triton interprets on the CPU", "cudnn": None}
    of = torch.cuda.get_device_properties(0)
    return result | {
        "card": of.name,
        "processors": of.multi_processor_count,
        "memory": of.total_memory,
        "capability": f"{of.major}.{of.minor}",
        "cudnn": torch.backends.cudnn.version(),
        "clocks": _clocks(),
    }


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def _clocks() -> str:
    fields = "clocks.sm,clocks.mem,clocks.max.sm,power.draw,driver_version"
    try:
        command = ["nvidia-smi", f"--query-gpu={fields}", "--format=csv,noheader"]
        return subprocess.run(
            command, capture_output=True, text=True, timeout=10, check=True
        ).stdout.strip()
    except (OSError, subprocess.SubprocessError) as error:
        return f"nvidia-smi: {error}"


def _copy() -> dict[str, Any]:
    count = 1 << (10 if device() == "cpu" else 28)
    source = torch.ones(count, device=device())
    target = torch.empty_like(source)
    took = microseconds(lambda: target.copy_(source))
    return {"gigabytes_a_second": None if took is None else 2 * 4 * count / took / 1000}


def _barrier(programs: int, rounds: int) -> dict[str, Any]:
    """Microseconds of one barrier, the launch taken off by a kernel with a tenth of the rounds."""
    from gatewise.backends.triton.kernels import load
    from gatewise.backends.triton.text import BARRIER, PRELUDE

    kernel = load(PRELUDE + BARRIER + BARRIERS)
    counter = torch.zeros(32, dtype=torch.int32, device=device())
    failed = torch.zeros(1, dtype=torch.int32, device=device())

    def launch(count: int) -> None:
        counter.zero_()
        options = {"num_warps": 4, "launch_cooperative_grid": True, "enable_fp_fusion": True}
        kernel[(programs,)](counter, failed, ROUNDS=count, PROGRAMS=programs, **options)

    few = max(1, rounds // 10)
    long, short = (microseconds(partial(launch, n)) for n in (rounds, few))
    gave_up = bool(failed.item())
    if long is None or short is None:
        return {"microseconds": None, "gave_up": gave_up}
    return {"microseconds": (long - short) / (rounds - few), "gave_up": gave_up}


def _graph_node() -> dict[str, Any]:
    """Microseconds of a kernel that does nothing, as one of 1000 nodes of a graph, and outside of one."""
    if device() == "cpu":
        return {"microseconds": None, "launched": None}
    one = torch.zeros(1, device="cuda")

    def many() -> None:
        for _ in range(1000):
            one.add_(1)

    many()
    torch.cuda.synchronize()
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        many()
    node, launched = microseconds(graph.replay), microseconds(many)
    assert node is not None and launched is not None
    return {"microseconds": node / 1000, "launched": launched / 1000}
