"""What backends read of a schedule and of a training form. ``passes`` makes them; backends know no pass."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Protocol

from gatewise.ir import Program, Size


class Term(Protocol):
    """A parameter (or its transpose) times an operand, which is a node."""

    @property
    def param(self) -> str: ...
    @property
    def transposed(self) -> bool: ...
    @property
    def operand(self) -> int: ...


class Column(Protocol):
    """A node that is a sum of terms; ``ahead``: of inputs only."""

    @property
    def node(self) -> int: ...
    @property
    def size(self) -> Size: ...
    @property
    def terms(self) -> tuple[Term, ...]: ...
    @property
    def ahead(self) -> bool: ...


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
    """The phases of a step, the nodes that read inputs only, its outer products, and how each state
    depends on itself."""

    @property
    def program(self) -> Program: ...
    @property
    def ahead(self) -> frozenset[int]: ...
    @property
    def phases(self) -> tuple[ScheduledPhase, ...]: ...
    @property
    def outers(self) -> tuple[int, ...]: ...
    @property
    def states(self) -> tuple[tuple[str, str], ...]: ...


class Training(Protocol):
    """A forward step that keeps, and a backward step that reads what was kept."""

    @property
    def forward(self) -> Program: ...
    @property
    def backward(self) -> Program: ...


class Passes(Hashable, Protocol):
    """What a backend that compiles nothing may ask for while it runs a Program."""

    def derivative(self, program: Program, record: tuple[str, ...]) -> Program:
        """The backward step as it is derived, nothing kept; ``record``: names that gradients come in by."""

    def prepared(self, program: Program) -> Program:
        """The Program after the passes; random masks stay inputs."""

    def training(self, program: Program, record: tuple[str, ...]) -> Training:
        """Forward and backward step."""

    def schedule(self, program: Program) -> Schedule:
        """The phases of a Program after the passes."""
