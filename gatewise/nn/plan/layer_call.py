"""What one layer is run on, in one direction, and what it gives."""

from __future__ import annotations

from typing import NamedTuple

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
