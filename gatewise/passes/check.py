"""Check: the Program is legal before anything else looks at it."""

from __future__ import annotations

from gatewise.ir import Program, validate


def check(program: Program) -> Program:
    """Return ``program`` unchanged. Raises ProgramError if a rule of the language is broken."""
    return validate(program)
