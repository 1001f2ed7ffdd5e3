"""What cells with options share."""

from __future__ import annotations

from typing import Any

from gatewise.errors import CellError, nearest
from gatewise.lang import repeat


def optional(present: object, term: Any) -> Any:
    """``term`` if the option wants it, else nothing is added and it is no parameter."""
    return term if present else 0.0


def shared(gate: Any, cells: int) -> Any:
    """A gate for each of the ``cells`` cells of its block."""
    return gate if cells == 1 else repeat(gate, cells)


def one_of(option: str, value: object, known: tuple[str, ...]) -> Any:
    """``value`` if it is one of ``known``. Raises CellError."""
    if value not in known:
        raise CellError(
            f"{option}={value!r} is not an option of this cell.{nearest(str(value), list(known))} "
            f"Fix: use one of {', '.join(map(repr, known))}"
        )
    return value
