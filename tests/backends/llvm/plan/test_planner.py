"""Plans: what shares the workspace does not overlap, and products find their operands."""

from __future__ import annotations

import itertools
from dataclasses import FrozenInstanceError

import pytest

from gatewise.backends.llvm.plan.kernel_plan import KernelPlan
from gatewise.backends.llvm.plan.parts import AHEAD, SinkKind
from gatewise.compile import layer_for
from tests.backends.llvm.helpers import CELLS, sizes_of

KINDS = ("inference", "forward", "backward", "static", "lean")
# one phase, two phases, sums over units, runs of units, units that do not meet, a projection
NAMES = ("lstm", "gru", "layernorm_lstm", "slstm-heads", "mingru", "lstmp")


def plan_of(name: str, kind: str, units: int = 20) -> KernelPlan:
    sizes = tuple(sizes_of(name, H=units, I=6).items())
    return layer_for(CELLS[name].program, sizes, "float32", (), "sse2").plan(kind)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", NAMES)
def test_what_is_placed_in_a_row_does_not_overlap(name: str, kind: str) -> None:
    plan, layout = plan_of(name, kind), plan_of(name, kind).layout
    spans = {(at, at + plan.blocks(n) * plan.t.lanes) for n, at in layout.slot.items()}
    for state, at in layout.state_slot.items():
        spans.add((at, at + plan.t.padded(plan.shapes.states[state])))
    for k, at in layout.row_sum_slot.items():
        spans.add((at, at + plan.blocks(plan.program.outputs[k].node) * plan.t.lanes))
    in_order = sorted(spans)
    for (_, end), (start, _) in itertools.pairwise(in_order):
        assert end <= start
    # one vector to spare, as the last one may hang over
    assert in_order[-1][1] + plan.t.lanes <= layout.row
    assert layout.row // plan.t.lanes % 2 == 1


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", NAMES)
def test_products_stay_in_their_columns_and_have_all_weights(name: str, kind: str) -> None:
    plan = plan_of(name, kind)
    products = [q for phase in plan.phases for q in phase.products]
    assert len({q.index for q in products}) == len(products)
    for q in products:
        matrix = plan.weights[q.index]
        assert (matrix.blocks, matrix.depth) == (q.blocks, q.depth)
    for piece in plan.pieces:
        param, matrix = plan.program.param(piece.param), plan.weights[piece.weights]
        rows, columns = param.shape(plan.shapes.sizes)[-2:]
        depth, lanes = (rows, columns) if piece.transposed else (columns, rows)
        assert piece.start + param.blocks * depth <= matrix.depth
        assert piece.lane + param.blocks * lanes <= matrix.blocks * plan.t.lanes
    # the first product over some columns writes them, the others add
    firsts = {q.offset: q for q in reversed(products)}
    assert all(q.more == (firsts[q.offset] is not q) for q in products)


def test_operands_that_lie_next_to_each_other_make_one_product() -> None:
    """The gradient of an LSTM's state is one product over all gates, as deep as all of them."""
    plan = plan_of("lstm", "lean", units=32)
    (product,) = [q for phase in plan.phases for q in phase.products]
    assert product.depth == 4 * 32
    joined = [m for k, m in enumerate(plan.weights) if k != product.index]
    assert joined and all(m.depth == 0 for m in joined)
    assert sorted(p.start for p in plan.pieces) == [0, 32, 64, 96]


def test_an_inputs_product_is_computed_ahead_behind_all_rows() -> None:
    plan = plan_of("lstm", "inference")
    ((index, offset),) = plan.layout.ahead_slot.items()
    (product,) = [q for phase in plan.phases for q in phase.products if q.index == index]
    assert plan.node(product.operand).attr == "x"
    assert offset == plan.spec.tile * plan.layout.row
    assert plan.workspace == offset + AHEAD * product.blocks * plan.t.lanes
    assert not plan_of("lstm", "single").layout.ahead_slot


@pytest.mark.parametrize("name", NAMES)
def test_every_state_is_written_once(name: str) -> None:
    plan = plan_of(name, "inference")
    sinks = [sink for phase in plan.phases for of in phase.sinks.values() for sink in of]
    written = [sink.name for sink in sinks if sink.kind is SinkKind.STATE]
    assert sorted(written + [state for state, _ in plan.copies]) == sorted(plan.shapes.states)


def test_arguments_are_named_once_with_the_callers_arrays_first() -> None:
    table = plan_of("gru", "backward").table
    names = [argument.name for argument in table.arguments]
    assert len(set(names)) == len(names)
    firsts = [name for name in names[: names.index("T")] if ":" not in name]
    assert firsts == [f"{role}.{name}" for role, name in table.roles]


def test_a_plan_cannot_be_changed() -> None:
    with pytest.raises(FrozenInstanceError):
        plan_of("lstm", "inference").layout = None  # type: ignore[misc, assignment]
