"""What every backend is, and how one is found: by name, imported only when asked for."""

from __future__ import annotations

import importlib
from typing import Protocol, cast

from gatewise.errors import BackendError, nearest
from gatewise.ir import Program

NAMES = ("eager", "llvm")  # each a folder here with a ``backend`` object


class Backend(Protocol):
    """A way to run Programs over sequences."""

    name: str

    @property
    def ops(self) -> frozenset[str]:
        """The ops that it has; what it lacks is refused by name (``refuse_ops``)."""

    def missing(self) -> str:
        """Why it cannot run here, with what to do about it; empty if it can."""


def refuse_ops(backend: Backend, *programs: Program) -> None:
    """Raises BackendError, naming the op and the cell, where a Program has an op that a backend lacks."""
    for program in programs:
        lacking = sorted({node.op for node in program.nodes} - backend.ops)
        if lacking:
            raise BackendError(
                f"the backend {backend.name} has no op {lacking[0]!r}, which the cell {program.name} needs"
            )


def find(name: str) -> Backend:
    """The backend of that name.

    Raises BackendError if there is none, or if it cannot run here: an explicit choice never falls
    back silently.
    """
    if name not in NAMES:
        raise BackendError(
            f"there is no backend {name!r}.{nearest(name, list(NAMES))} Known: {', '.join(NAMES)}"
        )
    found = cast(Backend, importlib.import_module(f"gatewise.backends.{name}").backend)
    problem = found.missing()
    if problem:
        raise BackendError(f"the backend {name} cannot run here: {problem}")
    return found
