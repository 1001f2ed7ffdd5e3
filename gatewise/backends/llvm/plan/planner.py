"""From a program and its schedule to the plan of a step kernel."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from gatewise.backends.llvm.ir_text import Lanes
from gatewise.backends.llvm.plan.alone import defer_products
from gatewise.backends.llvm.plan.arguments import argument_table
from gatewise.backends.llvm.plan.destinations import (
    find_direct,
    place_row_sums,
    save_and_sum,
    write_states,
)
from gatewise.backends.llvm.plan.flow import Flow, trace
from gatewise.backends.llvm.plan.kernel_plan import KernelPlan
from gatewise.backends.llvm.plan.kernel_spec import KernelSpec
from gatewise.backends.llvm.plan.layout import Step, fill_slots, place_vectors
from gatewise.backends.llvm.plan.parts import BatchSums, Phase, Sink, SinkKind
from gatewise.backends.llvm.plan.products import JoinedProducts, join_products, place_products
from gatewise.backends.llvm.plan.saved import plan_outers, share_arrays
from gatewise.backends.llvm.plan.shapes import Loop, Shapes, measure
from gatewise.backends.llvm.plan.strategy import choose_strategy
from gatewise.backends.schedule import Schedule
from gatewise.ir import REDUCTIONS


def make_plan(
    spec: KernelSpec,
    schedule: Schedule,
    sizes: Mapping[str, int],
    t: Lanes,
    replay: KernelPlan | None = None,
) -> KernelPlan:
    """Place everything that the schedule's phases compute, for given sizes and vectors; ``replay`` is the
    plan of what a kernel that runs back computes again.

    A row of the workspace holds columns of products first, then what is summed over time, then the
    states, then all other nodes that outlive their loop.
    """
    shapes = measure(spec.program, sizes, t)
    flow = trace(schedule, shapes)
    products = place_products(schedule, shapes)
    row_sum_slot, end = place_row_sums(spec, shapes, products.end)
    outers = plan_outers(schedule, spec)
    states = write_states(spec, shapes, flow)
    direct = find_direct(spec, shapes, flow, states)
    step = Step(spec, shapes, schedule, flow, states, direct)
    layout = place_vectors(step, products, row_sum_slot, end)
    joined = join_products(products, layout)
    sinks = [
        *save_and_sum(spec, outers, row_sum_slot),
        *states.sinks,
        *direct.sinks,
        *fill_slots(step, products, layout),
    ]
    phases = assemble(flow, joined, sinks, shapes, states.in_place)
    plan = KernelPlan(
        spec,
        shapes,
        phases,
        layout,
        copies=states.copies,
        direct_inputs=direct.inputs,
        direct_results=direct.results,
        weights=joined.weights,
        pieces=joined.pieces,
        outers=outers,
        saved_places=share_arrays(spec, shapes, outers),
        batch_sums=place_batch_sums(phases, shapes),
        deferred=defer_products(spec, shapes, flow, products, joined),
        replay=replay,
    )
    plan = replace(plan, strategy=choose_strategy(plan, schedule))
    return replace(plan, table=argument_table(plan))


def can_replay(plan: KernelPlan) -> bool:
    """Whether the states of a replay can go from matrix to matrix of a segment: each is overwritten by the
    loop that reads it, and nothing else reads it."""
    nodes, states = plan.program.nodes, {s.name for s in plan.program.states}
    sinks = (s for phase in plan.phases for of in phase.sinks.values() for s in of)
    written = {s.name for s in sinks if s.kind is SinkKind.STATE}
    moved = {nodes[a].op for phase in plan.phases for n in phase.moves for a in nodes[n].args}
    return not plan.copies and written == states and "state" not in moved


def assemble(
    flow: Flow,
    products: JoinedProducts,
    sinks: Iterable[Sink],
    shapes: Shapes,
    in_place: Mapping[int, str],
) -> tuple[Phase, ...]:
    """The phases: nodes, products, and each sink in the loop that computes its node. The old value of a
    matrix goes where it is saved in the loop that overwrites it, which reads it anyway."""
    nodes = shapes.program.nodes
    overwritten = {name: n for n, name in in_place.items() if isinstance(shapes.loop(n), tuple)}
    by_phase: list[dict[Loop, list[Sink]]] = [{} for _ in flow.phases]
    for sink in sinks:
        phase, old = flow.ready[sink.node], nodes[sink.node]
        if old.op == "state" and old.attr in overwritten and sink.kind is SinkKind.SAVED:
            new = overwritten[str(old.attr)]
            by_phase[flow.ready[new]].setdefault(shapes.loop(new), []).append(sink)
            continue
        # what is summed over entries is a vector, in the phase after its loop
        summed = shapes.sums_entries(sink.node) or shapes.program.nodes[sink.node].op in REDUCTIONS
        units = None if shapes.scalar[sink.node] else shapes.units[sink.node]
        loop = units if summed else shapes.loop(sink.node)
        by_phase[phase].setdefault(loop, []).append(sink)
    # no product stands in the first phase or in the last one
    products_of = ((), *products.phases, ())
    return tuple(
        Phase(
            moves=nodes.moves,
            products=products_of[k],
            pointwise=nodes.pointwise,
            sums=nodes.sums,
            sinks={loop: tuple(values) for loop, values in by_phase[k].items()},
        )
        for k, nodes in enumerate(flow.phases)
    )


def place_batch_sums(phases: Iterable[Phase], shapes: Shapes) -> BatchSums:
    """Sums over the batch, of each tile: side by side in one row."""
    offset, width = dict[str, int](), 0
    for sink in (sink for phase in phases for of in phase.sinks.values() for sink in of):
        if sink.kind is SinkKind.BATCH and sink.name not in offset:
            offset[sink.name] = width
            width += shapes.blocks(sink.node) * shapes.t.lanes
    return BatchSums(offset, width)
