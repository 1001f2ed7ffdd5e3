"""Sharing common subexpressions changes no value and loses no name."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from gatewise.ir import Builder, Program, validate
from gatewise.ir.builder import needed
from gatewise.passes.cse import cse
from gatewise.passes.differentiate import differentiate
from tests.generated import many, programs, sample
from tests.passes.test_simplify import same, with_odd_values


@many(150)
@given(program=programs(), seed=st.integers(0, 1000))
def test_generated_programs_keep_every_value_exactly(program: Program, seed: int) -> None:
    shared = validate(cse(program))
    names = [n for n, _ in program.names]
    assert [n for n, _ in shared.names] == names
    assert len(set(shared.nodes)) == len(shared.nodes) <= len(program.nodes)
    assert needed(shared) == list(range(len(shared.nodes)))
    assert cse(shared) == shared
    at = sample(program, seed)
    same(at.run(record=names), at.run(shared, record=names), exactly=True)
    odd = with_odd_values(at, seed)
    same(odd.run(record=names), odd.run(shared, record=names), exactly=True)


@many(50)
@given(program=programs())
def test_it_does_not_matter_whether_sharing_comes_before_the_derivative(program: Program) -> None:
    one, other = cse(differentiate(program)), cse(differentiate(cse(program)))
    assert {o.name for o in one.outputs} == {o.name for o in other.outputs}
    assert (one.inputs, one.states) == (other.inputs, other.states)


def test_a_builder_that_shares_gives_one_node_for_equal_ones() -> None:
    for shares, count in ((True, 3), (False, 6)):
        b = Builder(share=shares)
        for _ in range(2):
            b("add", b.const(1.0), b.const(2.0))
        assert len(b.nodes) == count
