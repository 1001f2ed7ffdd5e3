"""Names of columns as messages list them."""

from __future__ import annotations

from collections.abc import Iterable

from gatewise.errors import some_of


def list_names(names: Iterable[str]) -> str:
    """The first few names, quoted, and how many more there are."""
    return some_of(map(repr, names), 5)
