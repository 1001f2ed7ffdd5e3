"""Compiled kernels and the memory they work in."""

from __future__ import annotations

import ctypes
import functools
import threading
from collections.abc import Mapping
from typing import Any

import numpy as np

from gatewise.backends.llvm import cache, jit, threads, tile
from gatewise.backends.llvm.math import VectorMath
from gatewise.backends.llvm.plan import Plan
from gatewise.backends.llvm.step import module_text
from gatewise.backends.llvm.target import Target
from gatewise.backends.llvm.text import Lanes

Array = np.ndarray[Any, Any]

_LIBRARY = ("gw_gemm", "gw_outer", "gw_outer_tasks", "gw_sums", "gw_pack")


def lanes_for(dtype: Any, target: Target) -> Lanes:
    """The vectors of a float type on a target."""
    size = np.dtype(dtype).itemsize
    return Lanes({4: "float", 8: "double"}[size], target.lanes(size))


def address(array: Array) -> int:
    """Where an array's first value lies."""
    return int(array.__array_interface__["data"][0])


class Library:
    """The kernels that all cells share, for one float type and target."""

    def __init__(self, dtype: Any, target: Target) -> None:
        self.t, self.target = lanes_for(dtype, target), target
        self.shape = tile.shape_for(target.registers)
        text = tile.library(self.t, self.shape)
        data = cache.default().get(
            cache.key(text, target), lambda: jit.compile_object(text, target)
        )
        self.module = jit.load(data, _LIBRARY)
        i, p, b = ctypes.c_int64, ctypes.c_void_p, ctypes.c_bool
        self.pack = self.module.function("gw_pack", None, p, p, i, i, i, b, i, i, i, i, b)
        self.sums = self.module.function("gw_sums", None, p, p, i, i, i)
        self.outer_tasks = self.module["gw_outer_tasks"]

    @property
    def symbols(self) -> dict[str, int]:
        """Addresses for kernels that call them."""
        return {"gw_gemm": self.module["gw_gemm"]}


@functools.lru_cache(maxsize=32)
def library(dtype: str, target: Target) -> Library:
    """The shared kernels, compiled once in a process and kept on disk."""
    return Library(dtype, target)


class Kernel:
    """A compiled step kernel."""

    def __init__(self, plan: Plan, target: Target, shared: Library) -> None:
        self.plan, self.shared = plan, shared
        math = VectorMath(plan.t.dtype, plan.t.lanes, target.has_rint)  # type: ignore[arg-type]
        text = module_text(plan, math)
        data = cache.default().get(
            cache.key(text, target), lambda: jit.compile_object(text, target)
        )
        self.module = jit.load(data, ("kernel",), shared.symbols)
        self._index = {name: k for k, name in enumerate(plan.arguments)}

    def run(self, values: Mapping[str, int], count: int) -> int:
        """Call it with arguments by name (missing ones are 0) on at most ``count`` threads."""
        table = np.zeros(len(self._index), np.int64)
        for name, value in values.items():
            table[self._index[name]] = value
        return threads.parallel(self.module["kernel"], address(table), count)


class Buffers:
    """Memory that is used again: large arrays cost a page fault for every 4 KB when they are new.

    ``take`` gives an array that begins on a cache line, ``give`` brings it back. Contents are left
    over from before unless ``zeroed``.
    """

    def __init__(self, limit: int = 1 << 30) -> None:
        self._free: dict[int, list[Array]] = {}
        self._held, self._limit = 0, limit
        self._lock = threading.Lock()

    def take(self, count: int, dtype: Any, zeroed: bool = False) -> Array:
        """``count`` values of a type."""
        size = np.dtype(dtype).itemsize
        total = 1 << max(10, (count * size + 64).bit_length())
        if total > 1 << 22:  # large ones: steps of an eighth, not of two
            step = total >> 4
            total = -(-(count * size + 64) // step) * step
        with self._lock:
            waiting = self._free.get(total)
            raw = waiting.pop() if waiting else None
            if raw is not None:
                self._held -= total
        if raw is None:
            raw = np.zeros(total, np.uint8) if zeroed else np.empty(total, np.uint8)
        elif zeroed:
            raw[:] = 0
        start = -address(raw) % 64
        return raw[start : start + count * size].view(dtype)

    def give(self, array: Array) -> None:
        """Return what ``take`` gave; it must not be used afterwards."""
        raw = array
        while raw.base is not None and isinstance(raw.base, np.ndarray):
            raw = raw.base
        with self._lock:
            if self._held + raw.nbytes <= self._limit:
                self._held += raw.nbytes
                self._free.setdefault(raw.nbytes, []).append(raw)


BUFFERS = Buffers()
