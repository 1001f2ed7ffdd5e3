"""What lies outside of the loop: products over all steps at once, and what is made of them."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor

from gatewise.backends.eager.run import evaluate
from gatewise.backends.schedule import Term
from gatewise.backends.triton.memory import ColumnsOver, Location, units
from gatewise.backends.triton.plan import GpuPlan
from gatewise.ir import PRODUCTS


def matrix(plan: GpuPlan, params: Mapping[str, Tensor], term: Term) -> Tensor:
    """What a row vector is multiplied by for a term, [operand, column], of blocks all together."""
    m = params[term.param]
    if m.dim() == 3:
        m = torch.block_diag(*m)
    return m if term.transposed else m.mT


def stacked(plan: GpuPlan, params: Mapping[str, Tensor], over: ColumnsOver, within: bool) -> Tensor:
    """The matrices of all columns over one operand side by side, [operand, width]."""
    parts = []
    for column in over.offsets:
        terms = plan.terms_within(column) if within else plan.terms_before(column)
        terms = [t for t in terms if t.operand == over.operand]
        part = matrix(plan, params, terms[0])
        for term in terms[1:]:
            part = part + matrix(plan, params, term)
        parts.append(part)
    return torch.cat(parts, 1) if len(parts) > 1 else parts[0]


class Outside:
    """Values of nodes for all steps at once, [T, B, n]; [1, B, n] or [n] for what does not vary."""

    def __init__(
        self,
        plan: GpuPlan,
        sizes: Mapping[str, int],
        inputs: Mapping[str, Tensor],
        params: Mapping[str, Tensor],
        lengths: Tensor | None = None,
    ) -> None:
        self.plan, self.sizes, self.params = plan, sizes, params
        static = {i.name for i in plan.program.inputs if i.per == "sequence"}
        self.inputs = {n: a[None] if n in static else a for n, a in inputs.items()}
        self.known: dict[int, Tensor] = {}
        self.outers: dict[int, Tensor] = {}
        self.arrays: Mapping[str, Tensor] = {}
        self.places: Mapping[int, Location] = {}
        self.like = inputs[next(i.name for i in plan.program.inputs if i.per == "step")]
        self.active = None
        if lengths is not None:
            time = torch.arange(len(self.like), device=lengths.device)[:, None]
            self.active = (time < lengths)[..., None]

    def before(self, groups: list[ColumnsOver]) -> dict[int, Tensor]:
        """The products before the loop, by operand."""
        products = {}
        for over in groups:
            value = self.value(over.operand)
            product = value @ stacked(self.plan, self.params, over, False).to(value.dtype)
            products[over.operand] = product.contiguous()
        return products

    def stored(self, arrays: Mapping[str, Tensor], places: Mapping[int, Location]) -> None:
        """Take what the loop stored: [T, B, width] by name, and where each node lies in it."""
        self.arrays, self.places = arrays, places
        self.known = {n: a for n, a in self.known.items() if n not in places}

    def value(self, node: int) -> Tensor:
        """The value of a node at every step."""
        if node not in self.known:
            self.known[node] = self._compute(node)
        return self.known[node]

    def _compute(self, node: int) -> Tensor:
        plan, n = self.plan, self.plan.program.nodes[node]
        if node in self.places:
            place = self.places[node]
            count = n.size.evaluate(self.sizes)
            return self.arrays[place.array][..., place.offset : place.offset + count]
        if n.op == "input":
            return self.inputs[str(n.attr)]
        if node in plan.columns:
            return self._column(node)
        assert n.op not in PRODUCTS, "a product is part of a column"
        known = {a: self.value(a) for a in n.args}
        leaves = evaluate(plan.program, [node], known, {}, {}, self.params, self.sizes, self.like)
        value = leaves[node]
        if self.active is None or value.dim() < 3:
            return value
        return torch.where(self.active, value, 0.0)  # what is made of padding may be no number

    def _column(self, node: int) -> Tensor:
        """A sum of products: one product where the operands lie side by side."""
        terms = self.plan.columns[node].terms
        right = {t.operand: matrix(self.plan, self.params, t).to(self.like.dtype) for t in terms}
        side_by_side = self._side_by_side(list(right))
        if len(right) == len(terms) > 1 and side_by_side is not None:
            order, left = side_by_side
            return left @ torch.cat([right[n] for n in order])
        total = None
        for term in terms:
            part = self.value(term.operand) @ matrix(self.plan, self.params, term).to(
                self.like.dtype
            )
            total = part if total is None else total + part
        assert total is not None
        return total

    def _side_by_side(self, nodes: list[int]) -> tuple[list[int], Tensor] | None:
        """Stored vectors as one, with the order in which they lie; None if there is something between."""
        if any(n not in self.places for n in nodes):
            return None
        order = sorted(nodes, key=lambda n: self.places[n].offset)
        first = self.places[order[0]]
        end = first.offset
        for n in order:
            if (self.places[n].array, self.places[n].offset) != (first.array, end):
                return None
            end += self._units(n)
        return order, self.arrays[first.array][..., first.offset : end]

    def _units(self, node: int) -> int:
        return units(self.plan.program, node, self.sizes)

    def outer(self, node: int) -> Tensor:
        """An outer product, summed over time and batch, in the shape of the matrix."""
        if node not in self.outers:
            self.outers |= self._outers(node)
        return self.outers[node]

    def _outers(self, node: int) -> dict[int, Tensor]:
        """Outer products with the same right operand, as one matrix product where their left ones lie
        side by side: the one that is asked for is among them."""
        nodes = self.plan.program.nodes
        left, right = nodes[node].args
        blocks = nodes[node].attr
        if isinstance(blocks, int) and blocks > 1:
            return {node: self._in_blocks(left, right, blocks)}
        alike = {
            nodes[n].args[0]: n
            for n in self.plan.after
            if nodes[n].op == "outer" and nodes[n].args[1] == right and nodes[n].attr in (None, 1)
        }
        side_by_side = self._side_by_side(list(alike)) if alike.get(left) == node else None
        if side_by_side is None:
            return {node: product32(self._rows(self.value(left)).mT, self._rows(self.value(right)))}
        order, lefts = side_by_side
        whole = product32(self._rows(lefts).mT, self._rows(self.value(right)))
        parts = whole.split([self._units(n) for n in order])
        return {alike[n]: part for n, part in zip(order, parts, strict=True)}

    def _in_blocks(self, left: int, right: int, blocks: int) -> Tensor:
        lefts, rights = (self._rows(self.value(n)).float() for n in (left, right))
        lefts = lefts.reshape(len(lefts), blocks, lefts.shape[1] // blocks).permute(1, 2, 0)
        rights = rights.reshape(len(rights), blocks, rights.shape[1] // blocks).transpose(0, 1)
        return torch.bmm(lefts, rights)

    def _rows(self, value: Tensor) -> Tensor:
        """A value with steps and rows as one axis."""
        steps, batch = self.like.shape[:2]
        full = value.expand(steps, batch, value.shape[-1])
        return full.reshape(steps * batch, value.shape[-1])


def product32(left: Tensor, right: Tensor) -> Tensor:
    """A matrix product, summed and given in float32."""
    if left.dtype == torch.float32:
        return left @ right
    if left.device.type == "cuda":
        return torch.mm(left, right, out_dtype=torch.float32)
    return left.float() @ right.float()
