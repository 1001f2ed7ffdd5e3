"""One step: the value of every node."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from gatewise.arrays import Array
from gatewise.ir import OPS, PRODUCTS, Axes, Node, Program, Size

Arrays = Mapping[str, Array]


@dataclass(frozen=True)
class Leaves:
    """What one step reads: arrays [B, size] by name, and parameters by name."""

    inputs: Arrays
    states: Arrays
    params: Arrays


Rounding = Callable[[Array], Array]
# (what the step reads, values of the nodes so far, rows) -> the value of a node
Compute = Callable[[Leaves, list[Array], int], Any]


class Step:
    """One step of a Program for given sizes and a float type.

    What an attribute is in numbers is worked out once, and not again at every step. ``rounded`` is
    applied to matrices and to what they are applied to.
    """

    def __init__(
        self,
        program: Program,
        sizes: Mapping[str, int],
        dtype: Any,
        rounded: Rounding | None = None,
    ) -> None:
        self._dtype = np.dtype(dtype)
        self._computations = [_computation(n, sizes, dtype, rounded) for n in program.nodes]

    def __call__(self, leaves: Leaves) -> list[Array]:
        """The value of every node, [B, size] or [1, size] if it is the same for all rows.

        A matrix node is its array; ``outer`` is summed over the batch.
        """
        rows = len(next(iter(leaves.states.values())))
        values, dtype = list[Array](), self._dtype
        for compute in self._computations:
            value = compute(leaves, values, rows)
            values.append(value if value.dtype == dtype else value.astype(dtype))
        return values


def _computation(
    node: Node, sizes: Mapping[str, int], dtype: Any, rounded: Rounding | None
) -> Compute:
    """How the value of a node comes about."""
    args, attr = node.args, _in_numbers(node.attr, sizes)
    if node.op == "input":
        return lambda leaves, values, rows: leaves.inputs[attr]
    if node.op == "state":
        return lambda leaves, values, rows: leaves.states[attr]
    if node.op == "param":
        if node.cols is None:
            return lambda leaves, values, rows: leaves.params[attr][None]
        matrix = rounded or np.asarray
        return lambda leaves, values, rows: matrix(leaves.params[attr])
    if node.op in ("const", "size"):
        number = np.array([[attr]], dtype)
        return lambda leaves, values, rows: number
    (first, *_) = args
    if node.op == "slice":
        units = slice(attr, attr + node.size.evaluate(sizes))
        return lambda leaves, values, rows: values[first][..., units]
    meaning: Any = OPS[node.op].meaning
    if node.op == "outer":
        return lambda leaves, values, rows: meaning(
            np, attr, *(_of_all_rows(values[a], rows) for a in args)
        )
    if node.op in PRODUCTS and rounded is not None:
        matrix_at, vector_at = args
        return lambda leaves, values, rows: meaning(
            np, attr, values[matrix_at], rounded(values[vector_at])
        )
    if len(args) == 1:
        return lambda leaves, values, rows: meaning(np, attr, values[first])
    if len(args) == 2:
        second = args[1]
        return lambda leaves, values, rows: meaning(np, attr, values[first], values[second])
    return lambda leaves, values, rows: meaning(np, attr, *[values[a] for a in args])


def _in_numbers(attr: Any, sizes: Mapping[str, int]) -> Any:
    """An attribute with its sizes evaluated."""
    if isinstance(attr, Axes):
        return attr.numbers(sizes)
    if isinstance(attr, Size):
        return (
            attr.evaluate(sizes) if attr != Size() else 0
        )  # a slice that begins at the first unit
    return attr


def _of_all_rows(a: Array, rows: int) -> Array:
    return a if len(a) == rows else np.broadcast_to(a, (rows, a.shape[-1]))


def bfloat16(array: Array) -> Array:
    """Each value as the nearest bfloat16 (ties to even), in the type of the array.

    That is a float32 without its lower 16 bits. NaN stays NaN; what is too large becomes infinite.
    """
    single = np.asarray(array, np.float32)
    bits = single.view(np.uint32)
    up = (bits + (0x7FFF + ((bits >> 16) & 1)).astype(np.uint32)) & np.uint32(0xFFFF0000)
    return np.where(np.isnan(single), single, up.view(np.float32)).astype(np.asarray(array).dtype)
