"""The eager backend: plain torch operations on any device."""

from __future__ import annotations

import importlib.util


class Eager:
    """Runs wherever torch runs, differentiates any number of times."""

    name = "eager"

    @property
    def ops(self) -> frozenset[str]:
        """What torch means by them; the outer products of a derivative are autograd's own."""
        from gatewise.backends.eager.ops import OPS

        return OPS

    def missing(self) -> str:
        """Empty if torch is installed."""
        return "" if importlib.util.find_spec("torch") else 'pip install "gatewise[torch]"'


backend = Eager()
