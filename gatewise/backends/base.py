"""What every backend is, and how one is found: by name, imported only when asked for."""

from __future__ import annotations

import importlib
from typing import Protocol, cast

from gatewise.errors import BackendError, nearest

NAMES = ("eager", "llvm")  # each a folder here with a ``backend`` object


class Backend(Protocol):
    """A way to run Programs over sequences."""

    name: str

    def missing(self) -> str:
        """Why it cannot run here, with what to do about it; empty if it can."""


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
