"""How a step kernel goes through units and time: which of two orders."""

from __future__ import annotations

from gatewise.backends.llvm.plan.kernel_plan import KernelPlan
from gatewise.backends.llvm.plan.parts import Strategy
from gatewise.backends.llvm.plan.unit_ranges import fills_panels, units_are_apart
from gatewise.backends.schedule import Schedule
from gatewise.ir import OPS

# of many instructions, one after the other
LONG = frozenset(op.name for op in OPS.values() if op.kind == "unary" and op.cost >= 12)


def choose_strategy(plan: KernelPlan, schedule: Schedule) -> Strategy:
    """Which orders a kernel may take; ``plan`` is finished but for this and its arguments."""
    matrix_state = any(kind == "matrix" for _, kind in schedule.states)
    own_way = not matrix_state and units_are_apart(plan)
    apart = own_way and not plan.spec.single and fills_panels(plan)
    return Strategy(own_way, apart, innermost=own_way and can_run_time_inner(plan))


def can_run_time_inner(plan: KernelPlan) -> bool:
    """Whether all that a step computes can be taken unit by unit, from and to where it belongs.

    ``plan`` is one whose units go through time by themselves.
    """
    if plan.spec.single or plan.copies or plan.layout.row_sum_slot:
        return False
    if any(name not in plan.direct_results for name, _ in plan.spec.results) or _chained(plan):
        return False
    for phase in plan.phases:
        if (
            any(q.index not in plan.layout.ahead_slot for q in phase.products)
            or None in phase.sinks
        ):
            return False
        if any(plan.scalar[k] for k in phase.pointwise):
            return False
        for units, sinks in phase.sinks.items():
            other = units != plan.own_units  # copies of inputs, for the products after the loop
            if other and any(sink.node not in plan.direct_inputs for sink in sinks):
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
