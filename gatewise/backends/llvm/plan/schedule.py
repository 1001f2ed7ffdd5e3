"""What a plan reads of a schedule. ``passes/schedule.py`` makes one; backends know no pass."""

from __future__ import annotations

from typing import Protocol


class Term(Protocol):
    """A parameter (or its transpose) times an operand, which is a node."""

    @property
    def param(self) -> str: ...
    @property
    def transposed(self) -> bool: ...
    @property
    def operand(self) -> int: ...


class Column(Protocol):
    """A node that is a sum of terms."""

    @property
    def node(self) -> int: ...
    @property
    def terms(self) -> tuple[Term, ...]: ...


class ScheduledProduct(Protocol):
    """Columns over the same operands: one matrix product."""

    @property
    def operands(self) -> tuple[int, ...]: ...
    @property
    def columns(self) -> tuple[Column, ...]: ...


class ScheduledPhase(Protocol):
    """Nodes of a phase: moves of units, products, what is done unit by unit, sums at its end."""

    @property
    def moves(self) -> tuple[int, ...]: ...
    @property
    def products(self) -> tuple[ScheduledProduct, ...]: ...
    @property
    def pointwise(self) -> tuple[int, ...]: ...
    @property
    def sums(self) -> tuple[int, ...]: ...


class Schedule(Protocol):
    """The phases of a step, its outer products, and how each state depends on itself."""

    @property
    def phases(self) -> tuple[ScheduledPhase, ...]: ...
    @property
    def outers(self) -> tuple[int, ...]: ...
    @property
    def states(self) -> tuple[tuple[str, str], ...]: ...
