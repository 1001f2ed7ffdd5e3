"""The CPU backend: any scheduled Program as machine code, through LLVM IR written as text."""

from __future__ import annotations

import importlib.util
from typing import TYPE_CHECKING

from gatewise.ir.matrices import MAKES, SUMS

if TYPE_CHECKING:
    from gatewise.backends.llvm.run.compiled_layer import CompiledLayer

TYPES = ("float64", "float32", "bfloat16", "float16")


class Llvm:
    """Compiles for the processor at hand; no compiler and no build step."""

    name = "llvm"
    compiled = True
    automatic = True
    fallback = False

    @property
    def ops(self) -> frozenset[str]:
        """What kernels can be written for."""
        from gatewise.backends.llvm.emit.loop_body import OPS
        from gatewise.ir import PRODUCTS, REDUCTIONS

        return OPS | {*PRODUCTS, "outer", *REDUCTIONS, "cumsum", "slice", "concat", *MAKES, *SUMS}

    def missing(self) -> str:
        """Empty if llvmlite is installed."""
        return (
            ""
            if importlib.util.find_spec("llvmlite")
            else 'llvmlite is missing: pip install "gatewise"'
        )

    def obstacle(self, device: str, dtype: str) -> str:
        """It serves floats on a CPU; the low types are computed in float32."""
        if device != "cpu":
            return f"they run on a CPU, not on {device}"
        if dtype not in TYPES:
            return f"they serve {', '.join(TYPES[:-1])} and {TYPES[-1]}, not {dtype}"
        return ""

    def explain(self, layer: CompiledLayer) -> str:
        """The kernels of a layer as text."""
        from gatewise.backends.llvm.explain import explain

        return explain(layer)


backend = Llvm()
