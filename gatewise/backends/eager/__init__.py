"""The eager backend: plain torch operations on any device."""

from __future__ import annotations

import importlib.util


class Eager:
    """Runs wherever torch runs, differentiates any number of times."""

    name = "eager"

    def missing(self) -> str:
        """Empty if torch is installed."""
        return "" if importlib.util.find_spec("torch") else 'pip install "gatewise[torch]"'


backend = Eager()
