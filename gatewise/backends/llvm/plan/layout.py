"""The workspace of a thread: which nodes have a place in its rows, and where."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from gatewise.backends.llvm.plan.destinations import DirectArrays, StateWrites
from gatewise.backends.llvm.plan.flow import LEAVES, Flow
from gatewise.backends.llvm.plan.kernel_spec import KernelSpec
from gatewise.backends.llvm.plan.parts import Layout, Sink, SinkKind
from gatewise.backends.llvm.plan.products import Products, look_ahead
from gatewise.backends.llvm.plan.shapes import Shapes, side_by_side
from gatewise.backends.schedule import Schedule
from gatewise.ir import REDUCTIONS
from gatewise.ir.matrices import MAKES


@dataclass(frozen=True)
class Step:
    """What is known of a step before its vectors are placed."""

    spec: KernelSpec
    shapes: Shapes
    schedule: Schedule
    flow: Flow
    states: StateWrites
    direct: DirectArrays


def place_vectors(
    step: Step, products: Products, row_sum_slot: Mapping[int, int], start: int
) -> Layout:
    """Places for what outlives its loop, from ``start`` on, where products and sums over rows end."""
    shapes, lanes = step.shapes, step.shapes.t.lanes
    units = {name: shapes.t.blocks(count) for name, count in step.shapes.states.items()}
    state_slot, end = side_by_side(units, start, lanes)
    slot = dict(products.slot)
    for k, node in enumerate(step.spec.program.nodes):
        if node.op == "state":
            slot[k] = state_slot[str(node.attr)]
    slot |= {k: state_slot[name] for k, name in step.states.in_place.items()}
    together, end = _operands_side_by_side(step, end)
    stored = [k for k in _stored(step) if k not in slot]
    alone = {k: shapes.blocks(k) for k in stored if k not in together}
    offsets, end = side_by_side(alone, end, lanes)
    slot |= {k: together[k] if k in together else offsets[k] for k in stored}
    row = _distance(end, lanes)
    ahead_slot = look_ahead(step.spec, products, row, lanes)
    return Layout(row, slot, state_slot, row_sum_slot, ahead_slot)


def fill_slots(step: Step, products: Products, layout: Layout) -> list[Sink]:
    """The values that loops over units put into the workspace.

    Products and moves write their own results, sums are written when they are closed, and the caller's
    inputs are copied at the start of a step.
    """
    nodes, spec = step.spec.program.nodes, step.spec
    elsewhere = products.slot.keys() | step.states.in_place.keys()
    sinks = []
    for k in _stored(step):
        node = nodes[k]
        copied = node.op == "input" and str(node.attr) not in spec.reads_saved
        moved = node.op in REDUCTIONS or step.shapes.sums_entries(k) or step.shapes.is_move(k)
        if not (k in elsewhere or node.op == "state" or copied or moved):
            sinks.append(Sink(k, SinkKind.SLOT, offset=layout.slot[k]))
    return sinks


def _stored(step: Step) -> list[int]:
    """Nodes that somebody reads after the loop that computes or loads them."""
    spec, shapes, flow = step.spec, step.shapes, step.flow
    results = {n for name, n in spec.results if name not in step.direct.results}
    whole = flow.whole | results | {n for _, n in step.states.copies}
    stored = []
    for k, node in enumerate(spec.program.nodes):
        if k not in flow.ready or node.cols is not None:
            continue
        if node.op == "input":
            in_array = str(node.attr) in spec.reads_saved or k in step.direct.inputs
            needed = k in whole or not in_array
        elif node.op in LEAVES:
            needed = k in whole
        else:
            by_itself = shapes.scalar[k] or shapes.is_move(k) or shapes.sums_runs(k)
            by_itself |= shapes.sums_entries(k)
            if node.op in MAKES and k not in whole:
                continue  # matrices read the vector that it is made of
            needed = k in whole or by_itself or flow.read_later(k, flow.ready[k])
        if needed:
            stored.append(k)
    return stored


def _operands_side_by_side(step: Step, start: int) -> tuple[dict[int, int], int]:
    """Places next to each other for operands of one product that are computed unit by unit.

    Operands that end within a vector have lanes behind them that hold anything, so they can only come
    last. The products with most operands choose first.
    """
    shapes, offsets = step.shapes, dict[int, int]()
    free = step.flow.pointwise - step.states.in_place.keys()
    products = [q.operands for phase in step.schedule.phases for q in phase.products]
    for operands in sorted(products, key=len, reverse=True):
        chosen = [n for n in operands if n in free and n not in offsets and not shapes.scalar[n]]
        chosen.sort(key=lambda n: (shapes.units[n] % shapes.t.lanes != 0, n))
        if len(chosen) > 1:
            blocks = {n: shapes.blocks(n) for n in chosen}
            places, start = side_by_side(blocks, start, shapes.t.lanes)
            offsets |= places
    return offsets, start


def _distance(end: int, lanes: int) -> int:
    """Of rows: a vector to spare for overhang, and an odd number of them, for different cache sets."""
    blocks = end // lanes + 1
    return (blocks + 1 - blocks % 2) * lanes
