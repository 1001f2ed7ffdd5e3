"""Gradients of parameters after the loop: matrix products over all visited steps."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from gatewise.backends.llvm.kernel import BUFFERS, Library, address
from gatewise.backends.llvm.plan import Plan
from gatewise.backends.llvm.threads import parallel

Array = np.ndarray[Any, Any]

_TASK = 10  # numbers of one task of gw_outer_tasks


class Grabs:
    """Kept arrays for the operands of outer products that only the backward kernel knows."""

    def __init__(self, plan: Plan, steps: int, dtype: Any) -> None:
        self.arrays: dict[str, Array] = {}
        for node, name in plan.grabbed.items():
            place = plan.place(name, node)
            if name.startswith("grab.") and place.array not in self.arrays:
                self.arrays[place.array] = BUFFERS.take(place.width * steps, dtype)

    def free(self) -> None:
        """Give the memory back."""
        for array in self.arrays.values():
            BUFFERS.give(array)


def parameter_gradients(
    plan: Plan,
    shared: Library,
    steps: int,
    where: Mapping[str, int],
    partial: Mapping[str, Array],
    threads: int,
) -> dict[str, Array]:
    """Gradients by output name: sums of tiles and outer products.

    ``where`` has the address of each kept array, ``partial`` the sums of each tile.
    """
    gradients: dict[str, Array] = {}
    nodes = {o.name: o.node for o in plan.program.outputs}
    for name, parts in partial.items():
        gradients[name] = parts.sum(0)[: _count(plan, nodes[name])]
    table: list[int] = []
    products = _products(plan, shared, steps, where, threads, table)
    if table and steps:
        numbers = np.array([len(table) // _TASK, 0, *table], np.int64)
        parallel(shared.outer_tasks, address(numbers), threads)
    for output in plan.program.outputs:
        node = plan.program.nodes[output.node]
        if node.op == "outer":
            full = products[node.args[0], node.args[1]]
            part = _diagonal(full, node.attr if isinstance(node.attr, int) else 1)
            known = gradients.get(output.name)
            gradients[output.name] = part if known is None else known + part
    return gradients


def _count(plan: Plan, node: int) -> int:
    return 1 if plan.scalar[node] else plan.units[node]


def _products(
    plan: Plan,
    shared: Library,
    steps: int,
    where: Mapping[str, int],
    threads: int,
    table: list[int],
) -> dict[tuple[int, int], Array]:
    """Tasks of the outer products, cut by rows of the result; (left, right) -> its gradient."""
    t, made = plan.t, {}
    for group in plan.outers:
        for lefts in _runs(plan, group.lefts):
            for right in group.rights:
                height, width = sum(plan.blocks(n) for n in lefts), plan.blocks(right)
                out = np.zeros((height * t.lanes, width * t.lanes), shared.dtype)
                pieces = min(height, 4 * threads)
                for k in range(pieces):
                    table += [
                        address(out), out.shape[1], *_lies(plan, lefts[0], where),
                        *_lies(plan, right, where), steps,
                        height * k // pieces, height * (k + 1) // pieces, width,
                    ]  # fmt: skip
                row = 0
                for left in lefts:
                    made[left, right] = out[row : row + plan.units[left], : plan.units[right]]
                    row += plan.blocks(left) * t.lanes
    return made


def _runs(plan: Plan, nodes: tuple[int, ...]) -> list[list[int]]:
    """Nodes whose kept vectors lie one after the other, together."""
    runs: list[list[int]] = []
    for n in nodes:
        place = plan.place(plan.grabbed[n], n)
        if runs:
            last = runs[-1][-1]
            before = plan.place(plan.grabbed[last], last)
            end = before.offset + plan.blocks(last) * plan.t.lanes
            if before.array == place.array and end == place.offset:
                runs[-1].append(n)
                continue
        runs.append([n])
    return runs


def _lies(plan: Plan, node: int, where: Mapping[str, int]) -> tuple[int, int]:
    """Address of a kept quantity, and the distance of its steps."""
    place = plan.place(plan.grabbed[node], node)
    return where[place.array] + place.offset * plan.t.bytes, place.width


def _diagonal(full: Array, blocks: int) -> Array:
    """The blocks on the diagonal of a matrix, [blocks, rows/blocks, cols/blocks]."""
    if blocks == 1:
        return full
    r, c = full.shape[0] // blocks, full.shape[1] // blocks
    return np.stack([full[b * r : (b + 1) * r, b * c : (b + 1) * c] for b in range(blocks)])
