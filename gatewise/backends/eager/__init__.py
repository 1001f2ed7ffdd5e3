"""The eager backend: plain torch operations on any device."""

from __future__ import annotations

import importlib.util
from typing import Any

from gatewise.backends.base import Result


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

    def run(self, *args: Any, passes: Any, **options: Any) -> Result:
        """Run a cell; autograd differentiates it."""
        from gatewise.backends.eager.run import run

        return run(*args, **options)

    def explain(self, layer: Any) -> str:
        """Nothing beyond the passes."""
        return ""

    def explain_program(self, program: Any, sizes: Any, passes: Any) -> str:
        """Nothing beyond the passes."""
        return ""


backend = Eager()
