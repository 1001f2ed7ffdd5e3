"""One step: the value of every node."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from gatewise.arrays import Array
from gatewise.ir import OPS, PRODUCTS, Axes, Program, Size

Arrays = Mapping[str, Array]


@dataclass(frozen=True)
class Leaves:
    """What one step reads: arrays [B, size] by name, and parameters by name."""

    inputs: Arrays
    states: Arrays
    params: Arrays


@np.errstate(all="ignore")
def evaluate(
    program: Program,
    leaves: Leaves,
    sizes: Mapping[str, int],
    dtype: Any,
    rounded: Callable[[Array], Array] | None = None,
) -> list[Array]:
    """The value of every node for one step, [B, size] or [1, size] if it is the same for all rows.

    A matrix node is its array; ``outer`` is summed over the batch. ``rounded`` is applied to matrices
    and to what they are applied to.
    """
    rows = len(next(iter(leaves.states.values())))
    values: list[Array] = []
    for node in program.nodes:
        args = [values[a] for a in node.args]
        attr: Any = node.attr
        if isinstance(attr, Size) and node.op != "slice":
            attr = attr.evaluate(sizes)
        elif isinstance(attr, Axes):
            attr = attr.numbers(sizes)
        if node.op == "input":
            value = leaves.inputs[str(attr)]
        elif node.op == "state":
            value = leaves.states[str(attr)]
        elif node.op == "param":
            value = leaves.params[str(attr)]
            if node.cols is None:
                value = value[None]
            elif rounded is not None:
                value = rounded(value)
        elif node.op in ("const", "size"):
            value = np.array([[attr]], dtype)
        elif node.op == "slice":
            start = 0 if node.attr == Size() else Size.of(node.attr).evaluate(sizes)  # type: ignore[arg-type]
            value = args[0][..., start : start + node.size.evaluate(sizes)]
        elif node.op == "outer":
            wide = [a if len(a) == rows else np.broadcast_to(a, (rows, a.shape[-1])) for a in args]
            value = OPS["outer"].meaning(np, attr, *wide)  # type: ignore[misc]
        else:
            if node.op in PRODUCTS and rounded is not None:
                args[1] = rounded(args[1])
            value = OPS[node.op].meaning(np, attr, *args)  # type: ignore[misc]
        values.append(np.asarray(value, dtype))
    return values


def bfloat16(array: Array) -> Array:
    """Each value as the nearest bfloat16 (ties to even), in the type of the array.

    That is a float32 without its lower 16 bits. NaN stays NaN; what is too large becomes infinite.
    """
    single = np.asarray(array, np.float32)
    bits = single.view(np.uint32)
    up = (bits + (0x7FFF + ((bits >> 16) & 1)).astype(np.uint32)) & np.uint32(0xFFFF0000)
    return np.where(np.isnan(single), single, up.view(np.float32)).astype(np.asarray(array).dtype)
