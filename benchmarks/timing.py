"""Timing: the things compared take turns, so that a slow moment of the machine hits all of them."""

from __future__ import annotations

import ctypes
import platform
import statistics
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch

CLOCKS = {"wall": time.perf_counter, "cpu": time.process_time}
_chosen = ["wall"]


def use_clock(name: str) -> None:
    """``wall``, or ``cpu``: the time of this process alone, for one thread on a shared machine."""
    _chosen[0] = name


def clock_name() -> str:
    """The clock in use."""
    return _chosen[0]


def clock() -> float:
    """Seconds by the clock in use."""
    return CLOCKS[_chosen[0]]()


def medians(runs: dict[str, Callable[[], object]], seconds: float = 1.0) -> dict[str, float]:
    """Median seconds of each run. They take turns for about ``seconds`` each, five times at least."""
    once = {}
    for name, run in runs.items():
        run()  # compile, allocate
        start = clock()
        run()
        once[name] = clock() - start
    rounds = max(5, min(400, int(seconds / max(max(once.values()), 1e-6))))
    repeat = {n: max(1, int(2e-4 / max(t, 1e-7))) for n, t in once.items()}  # short ones in bundles
    times: dict[str, list[float]] = {n: [] for n in runs}
    for _ in range(rounds):
        for name, run in runs.items():
            start = clock()
            for _ in range(repeat[name]):
                run()
            times[name].append((clock() - start) / repeat[name])
    return {n: statistics.median(t) for n, t in times.items()}


def machine() -> str:
    """The processor, threads and versions that the figures belong to."""
    name = platform.processor() or platform.machine()
    info = Path("/proc/cpuinfo")
    if info.exists():
        lines = [
            x.split(":", 1)[1].strip()
            for x in info.read_text().splitlines()
            if x.startswith("model name")
        ]
        name = lines[0] if lines else name
    import llvmlite
    import llvmlite.binding as llvm

    return (
        f"{name} ({llvm.get_host_cpu_name()}), {torch.get_num_threads()} thread(s), "
        f"{_chosen[0]} time, "
        f"Python {platform.python_version()}, torch {torch.__version__}, "
        f"llvmlite {llvmlite.__version__}, numpy {np.__version__}"
    )


def peak_gflops(threads: int, seconds: float = 0.5) -> float:
    """The multiply-add peak: the matrix kernel on operands that stay in the caches, the best of many
    bundles of calls, less what calls that do nothing take."""
    from gatewise.backends.llvm.machine.target import Target
    from gatewise.backends.llvm.run.buffers import address
    from gatewise.backends.llvm.run.kernel import library

    shared = library(np.dtype(np.float32).str, Target.host())
    i, p = ctypes.c_int64, ctypes.c_void_p
    kind = ctypes.CFUNCTYPE(None, i, p, i, p, i, p, i, i, ctypes.c_bool, ctypes.c_bool)
    gemm = kind(shared.symbols["gw_gemm"])
    depth, blocks = 128, 4 * shared.shape.width
    columns = blocks * shared.t.lanes
    a, c = np.ones((6, depth), np.float32), np.zeros((6, columns), np.float32)
    w = np.ones(columns * depth, np.float32)
    where = (address(c), columns, address(a), depth, address(w), depth, blocks, False, False)

    def bundle(rows: int) -> float:
        start = time.perf_counter()
        for _ in range(200):
            gemm(rows, *where)
        return (time.perf_counter() - start) / 200

    until, full, empty = time.perf_counter() + seconds, float("inf"), float("inf")
    while time.perf_counter() < until:
        full, empty = min(full, bundle(6)), min(empty, bundle(0))
    return 2 * 6 * columns * depth / (full - empty) / 1e9 * threads
