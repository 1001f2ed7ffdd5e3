"""Names of columns as messages list them."""

from __future__ import annotations

from collections.abc import Sequence

from gatewise.errors import some_of


def list_names(names: Sequence[str]) -> str:
    """The first few names, quoted, and how many more there are."""
    return some_of(map(repr, names), 5)
