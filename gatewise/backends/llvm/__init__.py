"""The CPU backend: any scheduled Program as machine code, through LLVM IR written as text."""

from __future__ import annotations

import importlib.util


class Llvm:
    """Compiles for the processor at hand; no compiler and no build step."""

    name = "llvm"

    def missing(self) -> str:
        """Empty if llvmlite is installed."""
        return "" if importlib.util.find_spec("llvmlite") else "pip install llvmlite"


backend = Llvm()
