"""Programs by key: what an operator of torch can take, and what it stands for."""

from __future__ import annotations

import hashlib
from typing import NamedTuple

from gatewise.errors import BackendError
from gatewise.ir import Program, to_json
from gatewise.nn.plan.param_layout import Layout


class Registered(NamedTuple):
    """What a key stands for: a Program after the passes, how its parameters are stacked, and the type
    that inference reads matrices in ("" is their own)."""

    program: Program
    layout: Layout
    weights: str = ""


_REGISTERED: dict[str, Registered] = {}


def register(program: Program, layout: Layout, weights: str = "") -> str:
    """Keep a Program with its layout and return its key: the same for the same content.

    ``weights`` is the type that the compiled kernels read matrices in, in inference.
    """
    stacks = repr([(s.name, [m.param for m in s.members]) for s in layout.stacks])
    digest = hashlib.sha256(f"{to_json(program)}{stacks}".encode()).hexdigest()
    key = f"{program.name}-{digest[:16]}{f'-{weights}' if weights else ''}"
    _REGISTERED.setdefault(key, Registered(program, layout, weights))
    return key


def registered(key: str) -> Registered:
    """What ``register`` kept. Raises BackendError."""
    if key not in _REGISTERED:
        raise BackendError(f"no module of this process has the cell {key}: make the module first")
    return _REGISTERED[key]
