"""The matrix products of a step: where their columns lie, and which operands they take together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from gatewise.backends.llvm.plan.kernel_spec import KernelSpec
from gatewise.backends.llvm.plan.parts import AHEAD, Layout, PackedMatrix, Piece, Product
from gatewise.backends.llvm.plan.shapes import Shapes, side_by_side
from gatewise.backends.schedule import Schedule, ScheduledProduct


@dataclass(frozen=True)
class Products:
    """Products, one over each operand, by phase of the schedule.

    ``slot`` has the columns' offsets in a row of the workspace, which they fill up to ``end``.
    """

    phases: tuple[tuple[Product, ...], ...]
    pieces: tuple[Piece, ...]
    slot: Mapping[int, int]
    end: int


@dataclass(frozen=True)
class JoinedProducts:
    """Products by phase of the schedule, with their weights as they are packed."""

    phases: tuple[tuple[Product, ...], ...]
    pieces: tuple[Piece, ...]
    weights: tuple[PackedMatrix, ...]


def place_products(schedule: Schedule, shapes: Shapes) -> Products:
    """Place the columns of all products from the start of a row on."""
    phases, pieces, slot, end, index = [], list[Piece](), dict[int, int](), 0, 0
    for phase in schedule.phases:
        products = list[Product]()
        for product in phase.products:
            first = end
            blocks = {column.node: shapes.blocks(column.node) for column in product.columns}
            offsets, end = side_by_side(blocks, first, shapes.t.lanes)
            slot |= offsets
            lanes = {node: offset - first for node, offset in offsets.items()}
            count = (end - first) // shapes.t.lanes
            for k, operand in enumerate(product.operands):
                depth = shapes.units[operand]
                products.append(Product(index, operand, first, count, depth, more=k > 0))
                pieces += _pieces(product, operand, index, lanes)
                index += 1
        phases.append(tuple(products))
    return Products(tuple(phases), tuple(pieces), slot, end)


def _pieces(
    product: ScheduledProduct, operand: int, weights: int, lanes: Mapping[int, int]
) -> list[Piece]:
    """The parameters that meet an operand; several may add up to one column."""
    pieces = []
    for column in product.columns:
        terms = [term for term in column.terms if term.operand == operand]
        for k, term in enumerate(terms):
            lane = lanes[column.node]
            pieces.append(Piece(weights, term.param, term.transposed, lane, more=k > 0))
    return pieces


def look_ahead(spec: KernelSpec, products: Products, row: int, lanes: int) -> dict[int, int]:
    """Room for products over what the caller gives at each step, where they come first in their sum.

    It lies behind all rows of the workspace, which are ``row`` values apart. A kernel for one step has
    nothing to look ahead to.
    """
    if spec.single:
        return {}
    nodes = spec.program.nodes
    blocks = {
        q.index: AHEAD * q.blocks
        for q in (q for phase in products.phases for q in phase)
        if nodes[q.operand].op == "input"
        and str(nodes[q.operand].attr) in spec.step_inputs
        and not q.more
    }
    slots, _ = side_by_side(blocks, spec.tile * row, lanes)
    return slots


def join_products(products: Products, layout: Layout) -> JoinedProducts:
    """Make products over operands that lie next to each other one product, with their depths added."""
    moved: dict[int, tuple[int, int]] = {}  # joined product -> the one that has it, at which depth
    phases = []
    for phase in products.phases:
        joined = list[Product]()
        for q in sorted(phase, key=lambda q: (q.offset, layout.slot[q.operand])):
            if joined and _joins(joined[-1], q, layout):
                last = joined[-1]
                moved[q.index] = last.index, last.depth
                joined[-1] = replace(last, depth=last.depth + q.depth)
            else:
                joined.append(q)
        phases.append(_in_order(joined, layout))
    everything = {q.index: q for phase in products.phases for q in phase}
    everything |= {q.index: q for phase in phases for q in phase}
    weights = tuple(
        PackedMatrix(q.blocks, 0 if index in moved else q.depth)
        for index, q in sorted(everything.items())
    )
    pieces = tuple(
        replace(piece, weights=moved[piece.weights][0], start=moved[piece.weights][1])
        if piece.weights in moved
        else piece
        for piece in products.pieces
    )
    return JoinedProducts(tuple(phases), pieces, weights)


def _joins(last: Product, q: Product, layout: Layout) -> bool:
    """Whether the operand of ``q`` lies behind those of ``last``, for the same columns."""
    next_to = layout.slot[last.operand] + last.depth == layout.slot[q.operand]
    ahead = {last.index, q.index} & layout.ahead_slot.keys()
    return last.offset == q.offset and next_to and not ahead


def _in_order(joined: list[Product], layout: Layout) -> tuple[Product, ...]:
    """What is computed ahead is copied, so it has to be the first of its sum; the others are added."""
    joined = sorted(joined, key=lambda q: (q.offset, q.index not in layout.ahead_slot))
    starts = [q.offset for q in joined]
    return tuple(replace(q, more=q.offset in starts[:k]) for k, q in enumerate(joined))
