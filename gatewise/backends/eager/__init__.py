"""The eager backend: plain torch operations on any device."""

from __future__ import annotations

import importlib.util
from collections.abc import Mapping

from gatewise.backends.base import Result, RunnerCall
from gatewise.backends.schedule import Passes
from gatewise.ir import Program


class Eager:
    """Runs wherever torch runs, differentiates any number of times."""

    name = "eager"
    compiled = False
    automatic = False
    fallback = True

    @property
    def ops(self) -> frozenset[str]:
        """What torch means by them; the outer products of a derivative are autograd's own."""
        from gatewise.backends.eager.ops import OPS

        return OPS

    def missing(self) -> str:
        """Empty if torch is installed."""
        return "" if importlib.util.find_spec("torch") else 'pip install "gatewise[torch]"'

    def obstacle(self, device: str, dtype: str) -> str:
        """None: torch itself says what it cannot do."""
        return ""

    def run(self, call: RunnerCall) -> Result:
        """Run a cell; autograd differentiates it."""
        from gatewise.backends.eager.run import run

        return run(
            call.program,
            call.inputs,
            call.params,
            call.sizes,
            states=call.states,
            restart=call.restart,
            lengths=call.lengths,
            reset=call.reset,
            reverse=call.reverse,
            record=call.record,
        )

    def explain_program(self, program: Program, sizes: Mapping[str, int], passes: Passes) -> str:
        """Nothing beyond the passes."""
        return ""


backend = Eager()
