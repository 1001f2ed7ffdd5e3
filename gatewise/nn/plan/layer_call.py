"""One layer in one direction, and the way of a call through its layers.

A way is a generator. It stops wherever something is to be run, layers or frames that need nothing of
each other, and gives a list of them; when it goes on, the list has what the layers gave in their places.
The last that it gives is the result, which is no list. So several calls can go through their layers side by side.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from torch import Tensor


class LayerCall(NamedTuple):
    """Everything that one layer in one direction is run on. Tensors are time-major.

    ``inputs`` [T, B, n] (static ones [B, n]) in the order of the Program's inputs, ``params`` in that
    of the layout's stacks, ``states`` and ``restart`` [B, n] in that of its states (for the compiled
    kernels both may be empty: zeros), ``sizes`` in that of its sizes. ``lengths`` [B] whole numbers on
    the CPU, ``reset`` [T, B] truth values.
    """

    key: str
    sizes: list[int]
    inputs: list[Tensor]
    params: list[Tensor]
    states: list[Tensor]
    restart: list[Tensor]
    lengths: Tensor | None
    reset: Tensor | None
    reverse: bool
    record: tuple[str, ...]


class LayerResult(NamedTuple):
    """Output [T, B, n], final states [B, n] ([1, B, n] where they start from zeros that nobody gave),
    recorded quantities [T, B, n] in the order asked for."""

    output: Tensor
    states: list[Tensor]
    recorded: list[Tensor]


Walk = Iterator[Any]


def drive(walk: Walk, run: Callable[[list[Any]], Any]) -> Any:
    """Go the way of one call to its end."""
    asked = next(walk)
    while isinstance(asked, list):
        asked[:] = run(asked)
        asked = next(walk)
    return asked


def then(walk: Walk, finish: Callable[[Any], Any]) -> Walk:
    """The same way, to another result."""
    asked = next(walk)
    while isinstance(asked, list):
        yield asked
        asked = next(walk)
    yield finish(asked)
