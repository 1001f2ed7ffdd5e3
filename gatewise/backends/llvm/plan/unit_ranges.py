"""Cells whose units do not meet: SRU, minLSTM, minGRU, IndRNN and others without a matrix state.

Matrices are applied to inputs only, so each unit goes through time by itself. A tile of the kernel can
then be a range of units as well as some rows: threads share out a sequence of one row without
waiting for each other at any step. Every sum has the same terms in the same order whatever the
ranges are, so they may follow the number of threads and the bits are still the same.
"""

from __future__ import annotations

from gatewise.backends.llvm.plan.kernel_plan import KernelPlan
from gatewise.backends.llvm.plan.parts import SinkKind

GRAIN = 4  # vectors: a range begins where a panel of packed weights begins, on every machine


def fills_panels(plan: KernelPlan) -> bool:
    """Whether units that are apart can be cut into ranges: two of them fill panels at least."""
    return plan.unit_blocks % GRAIN == 0 and plan.unit_blocks >= 2 * GRAIN


def units_are_apart(plan: KernelPlan) -> bool:
    """Whether each unit of this plan goes through time by itself, and units fill whole vectors."""
    sizes = {s.size for s in plan.program.states}
    if len(sizes) != 1 or plan.shapes.has_matrices:
        return False
    if next(iter(plan.shapes.states.values())) % plan.t.lanes or plan.layout.row_sum_slot:
        return False
    (size,) = sizes

    def is_own(node: int) -> bool:
        """Computed for each unit from what the same unit has."""
        return plan.node(node).size == size and not plan.scalar[node]

    for phase in plan.phases:
        if phase.moves or phase.sums or not all(map(is_own, phase.pointwise)):
            return False
        for product in phase.products:
            operand = plan.node(product.operand)
            if operand.op != "input" or str(operand.attr) in plan.spec.reads_saved:
                return False
        for units, sinks in phase.sinks.items():
            for sink in sinks:
                node = sink.node
                # scalars go to the thread's own memory; inputs of any size are copied for the
                # products after the loop
                scalar = units is None and sink.kind is SinkKind.SLOT
                copied = plan.node(node).op == "input" and sink.kind is SinkKind.SAVED
                if not (is_own(node) or scalar or copied):
                    return False
    products = [n for n, node in enumerate(plan.program.nodes) if node.op in ("matvec", "matvec_t")]
    return all(map(is_own, products)) and all(is_own(n) for _, n in plan.spec.results)


def count(plan: KernelPlan, tiles: int, threads: int) -> int:
    """Ranges of units: enough for all threads, a few more so that they end together."""
    if threads == 1 or not 0 < tiles < 2 * threads:
        return 1
    return min(plan.unit_blocks // GRAIN, 2 * threads // tiles)
