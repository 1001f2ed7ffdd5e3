"""Compiled kernels: those that all cells share, and the step kernel of one plan."""

from __future__ import annotations

import ctypes
import functools

import numpy as np
import numpy.typing as npt

from gatewise.arrays import Array
from gatewise.backends.llvm.emit.math import VectorMath
from gatewise.backends.llvm.emit.step_kernel import module_text
from gatewise.backends.llvm.ir_text import Lanes
from gatewise.backends.llvm.library import bf16, gemm
from gatewise.backends.llvm.library.register_tile import shape_for
from gatewise.backends.llvm.machine import cache, jit
from gatewise.backends.llvm.machine.barrier_ir import barrier_ir
from gatewise.backends.llvm.machine.target import Target
from gatewise.backends.llvm.plan.kernel_plan import KernelPlan
from gatewise.backends.llvm.run.buffers import address

_NARROW = ("gw_gemm_bf16", "gw_gemv_bf16", "gw_pack_bf16_tasks")
_LIBRARY = (
    "gw_gemm",
    "gw_gemv",
    "gw_outer_tasks",
    "gw_collect_tasks",
    "gw_pack_tasks",
    "gw_fingerprint",
    "gw_each",
    "gw.barrier",
)
# by step kernels
_CALLED = ("gw_gemm", "gw_gemv", "gw.barrier")


def lanes_for(dtype: npt.DTypeLike, target: Target) -> Lanes:
    """The vectors of a float type on a target."""
    size = np.dtype(dtype).itemsize
    return Lanes({4: "float", 8: "double"}[size], target.lanes(size))


class Library:
    """The kernels that all cells share, for one float type and target."""

    def __init__(self, dtype: npt.DTypeLike, target: Target) -> None:
        self.dtype = np.dtype(dtype)
        self.t, self.target = lanes_for(dtype, target), target
        self.shape = shape_for(target.registers)
        self.module = jit.load(_compiled(library_text(self.t, target), target), _LIBRARY)
        self.symbols = {name: self.module[name] for name in _CALLED}
        self.outer_tasks = self.module["gw_outer_tasks"]
        self.collect_tasks = self.module["gw_collect_tasks"]
        self.each = self.module["gw_each"]
        self.pack_tasks = self.module["gw_pack_tasks"]
        self._narrow: jit.Module | None = None
        self.fingerprint = self.module.function("gw_fingerprint", ctypes.c_int64, ctypes.c_void_p)

    @property
    def narrow(self) -> jit.Module:
        """The kernels for matrices in bfloat16, compiled when first asked for."""
        if self._narrow is None:
            dot, tiles = (has(self.t, self.target) for has in (bf16.has_dot, bf16.has_tiles))
            text = bf16.library(self.t, self.shape, dot, tiles)
            names = (*_NARROW, "gw_outer_bf16_tasks") if tiles else _NARROW
            self._narrow = jit.load(_compiled(text, self.target), names)
            for name in ("gw_gemm_bf16", "gw_gemv_bf16"):
                self.symbols[name] = self._narrow[name]
        return self._narrow

    def outer_for(self, weights: str) -> int:
        """The kernel of weight gradients, where matrices are read as ``weights``."""
        narrow = weights and bf16.has_tiles(self.t, self.target)
        return self.narrow["gw_outer_bf16_tasks"] if narrow else self.outer_tasks


def library_text(t: Lanes, target: Target) -> str:
    """The LLVM IR of the kernels that all cells share."""
    return gemm.library(t, shape_for(target.registers)) + barrier_ir(target, exported=True)


def _compiled(text: str, target: Target) -> bytes:
    key = cache.key(text, target)
    return cache.default().get(key, lambda: jit.compile_object(text, target))


@functools.lru_cache(maxsize=32)
def library(dtype: str, target: Target) -> Library:
    """The shared kernels, compiled once in a process and kept on disk."""
    return Library(dtype, target)


def fingerprint(table: Array) -> int:
    """A number that changes when 32-bit values in memory change: for ``table`` see ``pack.py``."""
    shared = library(np.dtype(np.float32).str, Target.host())
    return int(shared.fingerprint(address(table)))


class Kernel:
    """A compiled step kernel: ``entry`` is its address, ``index`` the place of each argument."""

    def __init__(
        self, plan: KernelPlan, target: Target, shared: Library, linker: jit.Linker
    ) -> None:
        self.plan, self.shared = plan, shared
        text = kernel_text(plan, target)
        # which of the shared kernels packs matrices
        self.pack_tasks = (
            shared.narrow["gw_pack_bf16_tasks"] if plan.spec.weights else shared.pack_tasks
        )
        self._module = jit.load(_compiled(text, target), ("kernel",), shared.symbols, linker)
        self.entry = self._module["kernel"]
        self.index = {argument.name: k for k, argument in enumerate(plan.table.arguments)}


def kernel_text(plan: KernelPlan, target: Target) -> str:
    """The LLVM IR of a step kernel."""
    math = VectorMath(plan.t.dtype, plan.t.lanes, target.has_rint)  # type: ignore[arg-type]
    width = shape_for(target.registers).width
    return module_text(plan, math, width)
