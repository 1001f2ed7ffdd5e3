"""Names of columns as messages list them."""

from __future__ import annotations

from collections.abc import Sequence


def list_names(names: Sequence[str]) -> str:
    """The first few names, quoted, and how many more there are."""
    shown = ", ".join(map(repr, names[:5]))
    return shown + (f" and {len(names) - 5} more" if len(names) > 5 else "")
