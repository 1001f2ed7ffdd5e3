"""Which rows of a batch visit which steps."""

from __future__ import annotations

from dataclasses import dataclass

from gatewise.backends.llvm.plan.tiles import Rows


@dataclass(frozen=True)
class View:
    """Values of the caller: an address, and how far apart steps and rows are (in values)."""

    pointer: int
    step: int
    row: int


@dataclass(frozen=True, eq=False)
class Traversal:
    """Which rows visit which steps, where states restart, and on how many threads.

    ``reset`` has a byte for each step and row: not 0 where the state restarts before that step.
    """

    rows: Rows
    reset: View | None = None
    reverse: bool = False
    threads: int = 1
