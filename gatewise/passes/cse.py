"""Common subexpressions: equal nodes become one, nodes without a use disappear."""

from __future__ import annotations

from gatewise.ir import Program
from gatewise.ir.builder import rebuild


def cse(program: Program) -> Program:
    """Copy a Program through a builder that never appends an equal node twice.

    Precondition: legal. Postcondition: no two nodes are equal, every node is used by a state, an
    output or a name; names move to the node that remains, so they can still be recorded.
    """
    return rebuild(program)
