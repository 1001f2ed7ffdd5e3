"""What is done before the loop, in it and after it, and how many barriers a step has."""

from __future__ import annotations

import pytest

from gatewise.backends.triton.layer import GpuLayer
from gatewise.backends.triton.plan import GpuPlan
from gatewise.compile import PASSES
from gatewise.ir import OPS
from tests.backends.llvm.helpers import CELLS, sizes_of


def plans(name: str, shared: bool = True) -> tuple[GpuPlan, GpuPlan]:
    """Of a forward and a backward step."""
    program = CELLS[name].program
    layer = GpuLayer(PASSES, program, sizes_of(name), (program.states[0].name,), True)
    assert layer.backward is not None
    return layer.forward.plan(shared), layer.backward.plan(shared)


@pytest.mark.parametrize(
    ("name", "forward", "backward"),
    [
        ("lstm", 1, 1),
        ("peephole_lstm", 1, 1),
        ("slstm", 1, 1),
        ("gru", 1, 1),
        ("gru_v3", 2, 2),
        ("lstmp", 2, 2),
        ("minlstm", 0, 0),
        ("indrnn", 0, 0),
    ],
)
def test_barriers(name: str, forward: int, backward: int) -> None:
    assert [p.barriers for p in plans(name)] == [forward, backward]


def test_sums_over_all_units_are_exchanged_where_programs_share_them() -> None:
    alone, shared = plans("layernorm_lstm", False)[0], plans("layernorm_lstm", True)[0]
    assert alone.barriers < shared.barriers


def test_an_lstm() -> None:
    """The input's products come before the loop, those of h in it; of the way back, what no step needs
    comes after it."""
    forward, backward = plans("lstm")
    nodes = forward.program.nodes
    assert len(forward.products) == 4
    assert {
        str(nodes[t.operand].attr) for c in forward.products for t in forward.terms_within(c)
    } == {"h"}
    before = [t for c in forward.products for t in forward.terms_before(c)]
    assert {str(nodes[t.operand].attr) for t in before} == {"x"} and len(before) == 4
    assert {str(nodes[n].attr) for n in forward.exchanged} == {"h"}
    assert not forward.after
    outputs = {o.name: o.node for o in backward.program.outputs}
    late = set(backward.after)
    assert outputs["d.x"] in late
    outer = {n for n, node in enumerate(backward.program.nodes) if node.op == "outer"}
    assert len(outer) == 8 and outer <= late


@pytest.mark.parametrize("shared", [False, True], ids=["one program", "several"])
@pytest.mark.parametrize("name", CELLS)
def test_every_node_is_computed_once_and_after_what_it_reads(name: str, shared: bool) -> None:
    for plan in plans(name, shared):
        nodes = plan.program.nodes
        leaves = {n for n, node in enumerate(nodes) if OPS[node.op].kind == "leaf"}
        for n in plan.loop:
            assert n not in plan.after, f"{n} is in the loop and after it"
            if n in plan.columns and n in plan.inputs_only:
                continue  # a product that was done before the loop
            for a in plan.reads(n):
                term_before = n in plan.columns and a in plan.inputs_only
                assert a in leaves or term_before or a in plan.loop, f"{n} reads {a}"
                assert plan.level.get(a, 0) <= plan.level[n], (
                    f"{n} comes before {a}, which it reads"
                )
        for n in plan.after:
            for a in plan.reads(n):
                known = a in leaves or a in plan.after or a in plan.before
                assert known or a in plan.stored, f"{n}, after the loop, reads {a}"
        assert all(n in plan.loop or n in leaves or n in plan.before for n in plan.program.next)
        assert all(
            o.node in plan.after or o.node in plan.stored or o.node in plan.before
            for o in plan.program.outputs
        )
        assert len(set(plan.loop)) == len(plan.loop)


@pytest.mark.parametrize("name", CELLS)
def test_what_a_product_reads_was_exchanged_a_barrier_ago(name: str) -> None:
    for plan in plans(name):
        nodes = plan.program.nodes
        for n in plan.products:
            for term in plan.terms_within(n):
                a = term.operand
                if a in plan.exchanged:
                    assert nodes[a].op == "state" or plan.level[a] < plan.level[n]
