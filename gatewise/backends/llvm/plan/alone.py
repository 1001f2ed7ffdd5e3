"""Cells whose rows go through time one by one: those with matrices that no product of a step waits for.

A row's matrices fill a good part of a cache; those of several rows side by side would push each other out
at every step. Where matrices of weights meet inputs alone (mLSTM, linear attention), nothing is lost by taking
one row at a time: its products are computed for many steps at once, ahead of the loop over units, and the
gradients of its inputs afterwards, from operands that were kept.
"""

from __future__ import annotations

from gatewise.backends.llvm.plan.flow import Flow
from gatewise.backends.llvm.plan.kernel_plan import KernelPlan
from gatewise.backends.llvm.plan.kernel_spec import KernelSpec
from gatewise.backends.llvm.plan.parts import AHEAD, NONE_DEFERRED, Deferred, Product
from gatewise.backends.llvm.plan.products import JoinedProducts, Products
from gatewise.backends.llvm.plan.shapes import Shapes, side_by_side


def defer_products(
    spec: KernelSpec, shapes: Shapes, flow: Flow, products: Products, joined: JoinedProducts
) -> Deferred:
    """The products of a kernel that runs back whose columns only the caller reads."""
    if not (spec.backward and shapes.has_matrices):
        return NONE_DEFERRED
    lanes = shapes.t.lanes
    results = {n for _, n in spec.results}
    read = {n for n, readers in flow.readers.items() if readers} | set(spec.program.next)
    late = [
        q
        for phase in joined.phases
        for q in phase
        if all(n in results and n not in read for n in _columns(q, products, lanes))
    ]
    blocks = {("operands", q.index): AHEAD * shapes.t.blocks(q.depth) for q in late}
    blocks |= {("results", q.offset): AHEAD * q.blocks for q in late}
    places, size = side_by_side(blocks, 0, lanes)
    operands = {k: at for (what, k), at in places.items() if what == "operands"}
    staged = {k: at for (what, k), at in places.items() if what == "results"}
    return Deferred(operands, staged, size)


def _columns(q: Product, products: Products, lanes: int) -> list[int]:
    end = q.offset + q.blocks * lanes
    return [n for n, at in products.slot.items() if q.offset <= at < end]


def goes_alone(plan: KernelPlan) -> bool:
    """Whether one row at a time loses nothing: there are matrices, and all products are ahead or deferred."""
    if not any(state.axes for state in plan.program.states):
        return False
    elsewhere = plan.layout.ahead_slot.keys() | plan.deferred.operands.keys()
    return all(q.index in elsewhere for phase in plan.phases for q in phase.products)
