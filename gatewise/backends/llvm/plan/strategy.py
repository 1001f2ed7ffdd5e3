"""How a step kernel goes through units and time: which of two orders."""

from __future__ import annotations

from gatewise.backends.llvm.plan.kernel_plan import KernelPlan
from gatewise.ir import OPS

# of many instructions, one after the other
LONG = frozenset(op.name for op in OPS.values() if op.kind == "unary" and op.cost >= 12)


def can_run_time_inner(plan: KernelPlan) -> bool:
    """Whether all that a step computes can be taken unit by unit, from and to where it belongs."""
    if plan.spec.single or plan.copies or plan.row_sum_slot or not plan.own_way:
        return False
    if any(name not in plan.direct_out for name, _ in plan.spec.results) or _chained(plan):
        return False
    for phase in plan.phases:
        if any(q.index not in plan.ahead_slot for q in phase.products) or None in phase.sinks:
            return False
        if any(plan.scalar[k] for k in phase.pointwise):
            return False
        for units, sinks in phase.sinks.items():
            other = units != plan.own_units  # copies of inputs, for the products after the loop
            if other and any(sink.node not in plan.direct for sink in sinks):
                return False
    return True


def _chained(plan: KernelPlan) -> bool:
    """Whether a state passes through a function on its way to the next step, as in an SRU: one step
    would then wait for the other, where the next unit has work to do meanwhile."""
    late: set[int] = set()
    for k, node in enumerate(plan.program.nodes):  # operands come before what reads them
        if node.op == "state" or any(a in late for a in node.args):
            late.add(k)
            if node.op in LONG:
                return True
    return False
