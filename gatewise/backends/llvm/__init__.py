"""The CPU backend: any scheduled Program as machine code, through LLVM IR written as text."""

from __future__ import annotations

import importlib.util
from typing import Any


class Llvm:
    """Compiles for the processor at hand; no compiler and no build step."""

    name = "llvm"

    @property
    def ops(self) -> frozenset[str]:
        """What kernels can be written for."""
        from gatewise.backends.llvm.emit.pointwise import OPS

        return OPS | {"matvec", "matvec_t", "outer", "sum", "slice", "concat"}

    def missing(self) -> str:
        """Empty if llvmlite is installed."""
        return "" if importlib.util.find_spec("llvmlite") else "pip install llvmlite"

    def explain(self, layer: Any) -> str:
        """The kernels of a layer as text."""
        from gatewise.backends.llvm.explain import explain

        return explain(layer)


backend = Llvm()
