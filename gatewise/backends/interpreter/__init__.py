"""The interpreter as a backend: what a cell means, step by step in NumPy. Slow; for debugging and for tests."""

from __future__ import annotations

import importlib.util
from collections.abc import Mapping

from gatewise.backends.base import Result, RunnerCall
from gatewise.backends.schedule import Passes
from gatewise.ir import OPS, Program

TYPES = ("float64", "float32")


class Interpreter:
    """Every value is there to be looked at; gradients come from the derived Program, as the compiler's."""

    name = "interpreter"
    compiled = False
    automatic = False
    fallback = False

    @property
    def ops(self) -> frozenset[str]:
        """All: it is their definition."""
        return frozenset(OPS)

    def missing(self) -> str:
        """Empty if torch is installed."""
        return "" if importlib.util.find_spec("torch") else 'pip install "gatewise[torch]"'

    def obstacle(self, device: str, dtype: str) -> str:
        """It serves float64 and float32 on a CPU."""
        if device != "cpu":
            return f"it runs on a CPU, not on {device}"
        return "" if dtype in TYPES else f"it serves {' and '.join(TYPES)}, not {dtype}"

    def run(self, call: RunnerCall) -> Result:
        """Run a cell in NumPy, as one node of autograd's graph."""
        from gatewise.backends.interpreter.run import run

        return run(call)

    def explain_program(self, program: Program, sizes: Mapping[str, int], passes: Passes) -> str:
        """Nothing beyond the passes."""
        return ""


backend = Interpreter()
