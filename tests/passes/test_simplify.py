"""Simplify keeps what a Program means, for every float."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import gatewise as gw
from gatewise.interp import Run, Sequences, run
from gatewise.ir import Builder, Input, Program, Size, State, validate
from gatewise.lang import tanh, where
from gatewise.passes.differentiate import differentiate
from gatewise.passes.simplify import simplify
from tests.generated import Array, Sample, many, programs, sample

ODD = np.array([np.inf, -np.inf, np.nan, 0.0, -0.0, 1e300, 1e-300])


def with_odd_values(at: Sample, seed: int) -> Sample:
    """The same arrays with infinities, NaN, zeros and extremes here and there."""
    rng = np.random.default_rng(seed)

    def strewn(a: Array) -> Array:
        return np.where(rng.random(a.shape) < 0.15, rng.choice(ODD, a.shape), a)

    masks = {i.name for i in at.program.inputs if i.rate is not None}
    return replace(
        at,
        inputs={n: a if n in masks else strewn(a) for n, a in at.inputs.items()},
        params={n: strewn(a) for n, a in at.params.items()},
        states={n: strewn(a) for n, a in at.states.items()},
    )


def same(one: Run, other: Run, exactly: bool = False) -> None:
    """Everything that two runs give agrees; NaN and infinities in the same places."""
    for name in ("output", "states", "recorded", "results"):
        a, b = getattr(one, name), getattr(other, name)
        keys = list(a) if isinstance(a, dict) else range(len(a))
        assert len(a) == len(b)
        for key in keys:
            if exactly:
                np.testing.assert_array_equal(a[key], b[key], err_msg=f"{name} {key}")
            else:
                np.testing.assert_allclose(
                    a[key], b[key], rtol=1e-9, atol=1e-9, err_msg=f"{name} {key}"
                )


@many(150)
@given(program=programs(), seed=st.integers(0, 1000))
def test_generated_programs_mean_the_same(program: Program, seed: int) -> None:
    simpler = validate(simplify(program))
    names = [n for n, _ in program.names]
    assert [n for n, _ in simpler.names] == names
    assert (simpler.inputs, simpler.states) == (program.inputs, program.states)
    assert set(simpler.params) <= set(program.params)
    assert len(simpler.nodes) <= len(program.nodes)
    assert simplify(simpler) == simpler
    at = sample(program, seed)
    same(at.run(record=names), at.run(simpler, record=names))
    odd = with_odd_values(at, seed)
    same(odd.run(record=names), odd.run(simpler, record=names))


@many(50)
@given(program=programs(derived=False))
def test_derivatives_mean_the_same(program: Program) -> None:
    backward = differentiate(program)
    simpler = validate(simplify(backward))
    rng = np.random.default_rng(0)
    at = sample(backward, 0, steps=2)
    params = {p.name: rng.standard_normal(p.shape(at.sizes)) for p in backward.params}
    states = list(at.states.values())
    runs = [
        run(p, at.inputs, params, at.sizes, Sequences(2, 2), states=states)
        for p in (backward, simpler)
    ]
    same(*runs)


def rules(make: Any) -> tuple[Program, Program]:
    """A Program of one expression over an input v, before and after."""
    b = Builder()
    size = Size.of("H")
    v = b.leaf("input", "v", size)
    h = b.leaf("state", "h", size)
    out = make(b, v, h)
    program = validate(
        Program(
            "rule",
            tuple(b.nodes),
            (Input("v", size),),
            (State("h", size),),
            (),
            (out,),
            names=(("out", out),),
            sizes=("H",),
        )
    )
    return program, simplify(program)


@pytest.mark.parametrize(
    ("make", "ops"),
    [
        (lambda b, v, h: b("add", v, b.const(0)), "input"),
        (lambda b, v, h: b("add", b.zeros(Size.of("H")), v), "input"),
        (lambda b, v, h: b("sub", v, b.const(0)), "input"),
        (lambda b, v, h: b("sub", b.const(0), v), "input neg"),
        (lambda b, v, h: b("mul", b.const(1), v), "input"),
        (lambda b, v, h: b("mul", v, b.const(-1)), "input neg"),
        (lambda b, v, h: b("div", v, b.const(1)), "input"),
        (lambda b, v, h: b("div", v, b.const(4)), "input const mul"),
        (lambda b, v, h: b("div", v, b.const(3)), "input const div"),
        (lambda b, v, h: b("neg", b("neg", v)), "input"),
        (lambda b, v, h: b("neg", b("sub", v, h)), "input state sub"),
        (lambda b, v, h: b("add", v, b("neg", h)), "input state sub"),
        (lambda b, v, h: b("sub", v, b("neg", h)), "input state add"),
        (lambda b, v, h: b("where", b("lt", v, h), v, v), "input"),
        (lambda b, v, h: b("where", b.const(1), v, h), "input"),
        (lambda b, v, h: b("where", b.const(0), v, h), "state"),
        (lambda b, v, h: b("mul", b("mul", v, b.const(0.5)), b.const(2)), "input"),
        (lambda b, v, h: b("mul", v, b("sub", b.const(3), b.const(2))), "input"),
        # what must stay: infinities and NaN would change, or units would be lost
        (lambda b, v, h: b("mul", v, b.const(0)), "input const mul"),
        (lambda b, v, h: b("sub", v, v), "input sub"),
        (lambda b, v, h: b("div", v, v), "input div"),
        (lambda b, v, h: b("div", v, b.const(0)), "input const div"),
        (lambda b, v, h: b("div", v, b.const(2.0**-1074)), "input const div"),
        (
            lambda b, v, h: b("mul", b("mul", v, b.const(1e-200)), b.const(1e-200)),
            "input const mul mul",
        ),
        (
            lambda b, v, h: b("mul", v, b("sub", b.const(np.inf), b.const(np.inf))),
            "input const sub mul",
        ),
        (lambda b, v, h: b("add", b.const(0), b.const(0)), "const"),
    ],
)
def test_rules(make: Any, ops: str) -> None:
    program, simpler = rules(make)
    ops_left = [n.op for n in simpler.nodes if not (n.op == "state" and "state" not in ops)]
    assert sorted(ops_left) == sorted(ops.split())
    v, h = np.array([*ODD, 2.0, -3.0]), np.array([1.0, 2.0, *ODD])
    runs = [
        run(p, {"v": v[None, None]}, {}, {"H": 9}, Sequences(1, 1), states=[h[None]])
        for p in (program, simpler)
    ]
    same(*runs, exactly=True)


def test_a_name_survives_where_its_node_goes() -> None:
    @gw.cell
    def cell(x: Any, /, h: Any) -> Any:
        same_as_x = x * 1.0
        zero = where(x > 0, 0.0, 0.0)
        h = tanh(same_as_x + h) + zero
        return h

    simpler = simplify(cell.program)
    assert [n for n, _ in simpler.names] == list(cell.names)
    assert simpler.nodes[simpler.named("same_as_x")].op == "input"
