"""Gradients of parameters after the loop: matrix products over all visited steps."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from gatewise.backends.llvm.kernel import BUFFERS, Library, address
from gatewise.backends.llvm.plan import Plan
from gatewise.backends.llvm.threads import parallel

Array = np.ndarray[Any, Any]


class Grabs:
    """Kept arrays for outer products: the left vectors of a group lie one after another, so that
    they meet each right vector in one product."""

    def __init__(self, plan: Plan, steps: int, dtype: Any) -> None:
        self.plan, self.steps = plan, steps
        self._arrays: list[Array] = []
        self.where: dict[str, int] = {}
        lefts = {n for g in plan.outers for n in g.lefts}
        for group in plan.outers:
            self._together([n for n in group.lefts], dtype)
        for n in sorted({n for g in plan.outers for n in g.rights} - lefts):
            if plan.grabbed[n].startswith("grab."):
                self._together([n], dtype)

    def _together(self, nodes: list[int], dtype: Any) -> None:
        lanes = self.plan.t.lanes
        count = sum(self.plan.blocks(n) for n in nodes) * self.steps * lanes
        array = BUFFERS.take(count, dtype)
        self._arrays.append(array)
        start = address(array)
        for n in nodes:
            self.where[self.plan.grabbed[n]] = start
            start += self.plan.blocks(n) * self.steps * lanes * array.itemsize

    def free(self) -> None:
        """Give the memory back."""
        for array in self._arrays:
            BUFFERS.give(array)


def parameter_gradients(
    plan: Plan,
    shared: Library,
    steps: int,
    where: Mapping[str, int],
    partial: Mapping[str, Array],
    threads: int,
) -> dict[str, Array]:
    """Gradients by output name: sums of tiles, column sums and outer products.

    ``where`` has the address of each kept array, ``partial`` the sums of each tile.
    """
    gradients: dict[str, Array] = {}
    nodes = {o.name: o.node for o in plan.program.outputs}
    for name, parts in partial.items():
        gradients[name] = parts.sum(0)[: _count(plan, nodes[name])]
    table: list[int] = []
    biases = _biases(plan, shared, steps, where, table)
    products = _products(plan, shared, steps, where, threads, table)
    if table and steps:
        numbers = np.array([len(table) // 8, 0, *table], np.int64)
        parallel(shared.outer_tasks, address(numbers), threads)
    gradients |= {name: out[: _count(plan, n)] for name, n, out in biases}
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


def _biases(
    plan: Plan, shared: Library, steps: int, where: Mapping[str, int], table: list[int]
) -> list[tuple[str, int, Array]]:
    """Tasks that sum a kept array over its steps: an outer product without columns."""
    made = []
    for name, n in plan.bias_sums:
        blocks = plan.blocks(n)
        out = np.zeros(blocks * plan.t.lanes, shared.dtype)
        table += [address(out), 0, where[plan.grabbed[n]], 0, steps, 0, blocks, 0]
        made.append((name, n, out))
    return made


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
        height = sum(plan.blocks(n) for n in group.lefts)
        for right in group.rights:
            width = plan.blocks(right)
            out = np.zeros((height * t.lanes, width * t.lanes), shared.dtype)
            pieces = min(height, 4 * threads)
            for k in range(pieces):
                table += [
                    address(out), out.shape[1], where[plan.grabbed[group.lefts[0]]],
                    where[plan.grabbed[right]], steps, height * k // pieces,
                    height * (k + 1) // pieces, width,
                ]  # fmt: skip
            start = 0
            for left in group.lefts:
                made[left, right] = out[start : start + plan.units[left], : plan.units[right]]
                start += plan.blocks(left) * t.lanes
    return made


def _diagonal(full: Array, blocks: int) -> Array:
    """The blocks on the diagonal of a matrix, [blocks, rows/blocks, cols/blocks]."""
    if blocks == 1:
        return full
    r, c = full.shape[0] // blocks, full.shape[1] // blocks
    return np.stack([full[b * r : (b + 1) * r, b * c : (b + 1) * c] for b in range(blocks)])
