"""In evaluation, what a random mask selects becomes its expectation."""

from __future__ import annotations

import itertools
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given

from gatewise.errors import ProgramError
from gatewise.interp import Sequences, run
from gatewise.ir import ONE, Builder, Input, Program, Size, State, validate
from gatewise.passes.expectation import expectation
from gatewise.passes.simplify import simplify
from tests.generated import Array, many, programs, sample
from tests.passes.test_simplify import same, with_odd_values

H = Size.of("H")


def masked(make: Any, rate: float, size: Size = H) -> Program:
    """A Program whose state becomes ``make(builder, mask, h, x)``."""
    b = Builder()
    x, h = b.leaf("input", "x", H), b.leaf("state", "h", H)
    m = b.leaf("input", "m", size)
    out = make(b, m, h, x)
    inputs = (Input("x", H), Input("m", size, rate=rate))
    return validate(
        Program(
            "masked",
            tuple(b.nodes),
            inputs,
            (State("h", H),),
            (),
            (out,),
            names=(("out", out),),
            sizes=("H",),
        )
    )


def step(program: Program, h: Array, x: Array, m: Array | None = None) -> Array:
    inputs = {"x": x[None, None]} | ({} if m is None else {"m": m[None, None]})
    return run(program, inputs, {}, {"H": h.size}, Sequences(1, 1), states=[h[None]]).output[0, 0]


RNG = np.random.default_rng(0)
OLD, NEW = RNG.standard_normal((2, 3))


def test_zoneout_becomes_the_interpolation_of_its_paper() -> None:
    program = masked(lambda b, m, h, x: b("where", m, h, x), 0.3)
    evaluated = validate(expectation(program))
    assert [i.name for i in evaluated.inputs] == ["x"]
    np.testing.assert_allclose(step(evaluated, OLD, NEW), 0.3 * OLD + 0.7 * NEW, rtol=1e-15)


def test_dropout_that_scales_what_it_keeps_becomes_the_identity() -> None:
    program = masked(
        lambda b, m, h, x: b("where", m, b("mul", x, b.const(1 / 0.8)), b.const(0.0)), 0.8
    )
    evaluated = simplify(expectation(program))
    assert [n.op for n in evaluated.nodes] == ["input"]
    for x in (NEW, np.array([np.inf, -np.inf, np.nan])):
        np.testing.assert_array_equal(step(evaluated, OLD, x), x)


@pytest.mark.parametrize("rate", [0.0, 0.25, 0.5, 1.0])
def test_it_is_the_mean_over_all_masks(rate: float) -> None:
    def two_selects(b: Builder, m: int, h: int, x: int) -> int:
        masked = b("where", m, h, b.const(2.0))
        return b("add", masked, b("where", m, b.const(-1.0), x))

    for make in (two_selects, lambda b, m, h, x: b("where", m, b.const(3.0), b.const(0.0))):
        program = masked(make, rate)
        total = np.zeros(3)
        for bits in itertools.product((0.0, 1.0), repeat=3):
            m = np.array(bits)
            chance = float(np.prod(np.where(m == 1, rate, 1 - rate)))
            total += chance * step(program, OLD, NEW, m)
        evaluated = validate(expectation(program))
        np.testing.assert_allclose(step(evaluated, OLD, NEW), total, rtol=1e-14)
        assert evaluated.nodes[evaluated.named("out")].size == H


def test_what_never_happens_is_not_multiplied_by_zero() -> None:
    for rate, expected in ((0.0, NEW), (1.0, OLD)):
        program = expectation(masked(lambda b, m, h, x: b("where", m, h, x), rate))
        h, x = (np.full(3, np.inf), NEW) if rate == 0 else (OLD, np.full(3, np.inf))
        np.testing.assert_array_equal(step(program, h, x), expected)


def test_a_mask_with_one_value_for_all_units() -> None:
    program = masked(lambda b, m, h, x: b("where", m, h, x), 0.5, ONE)
    np.testing.assert_allclose(step(expectation(program), OLD, NEW), (OLD + NEW) / 2)


def test_a_program_without_masks_stays_as_it_is() -> None:
    program = masked(lambda b, m, h, x: b("add", h, x), 0.5)
    program = replace(
        program,
        inputs=program.inputs[:1],
        nodes=tuple(n for n in program.nodes if n.attr != "m"),
        next=(2,),
        names=(("out", 2),),
    )
    assert expectation(validate(program)) is program


def test_a_mask_outside_of_a_select_is_refused() -> None:
    for make in (
        lambda b, m, h, x: b("mul", m, h),
        lambda b, m, h, x: b("where", h, m, x),
        lambda b, m, h, x: b("where", b("neg", m), h, x),
        lambda b, m, h, x: m,
    ):
        with pytest.raises(ProgramError, match="the random mask m is"):
            expectation(masked(make, 0.5))


@many(100)
@given(program=programs())
def test_generated_programs(program: Program) -> None:
    """Legal, the names kept; with a rate of 0 or 1 nothing is random and nothing may change."""
    rates = [i.rate for i in program.inputs if i.rate is not None]
    assume(rates)
    evaluated = validate(expectation(program))
    assert all(i.rate is None for i in evaluated.inputs)
    assert evaluated.names == tuple((n, evaluated.named(n)) for n, _ in program.names)
    names = [n for n, _ in program.names]
    for name in names:
        sizes = {p.nodes[p.named(name)].size for p in (program, evaluated)}
        assert len(sizes) == 1
    at = with_odd_values(sample(program, 0), 1)
    if rates[0] in (0.0, 1.0):
        same(at.run(record=names), at.run(evaluated, record=names))
