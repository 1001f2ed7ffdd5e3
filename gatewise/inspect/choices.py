"""Numbers that a person chooses: lags, gaps, units."""

from __future__ import annotations

from operator import index
from typing import Any

from gatewise.errors import InputError


def whole_numbers(
    what: str, values: Any, least: int = 1, most: int | None = None
) -> tuple[int, ...]:
    """Different whole numbers in order. Raises InputError for anything else, for none, and for one out of range."""
    limits = f"of at least {least}" if most is None else f"from {least} to {most}"
    try:
        chosen = sorted({index(v) for v in values if not isinstance(v, bool)})
    except TypeError:  # no sequence, or of something else
        chosen = []
    if not chosen or chosen[0] < least or (most is not None and chosen[-1] > most):
        raise InputError(f"{what} must be a list of whole numbers {limits}, not {values!r}")
    return tuple(chosen)
