"""Random Programs through the whole compiler: forward and every gradient against the interpreter."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import gatewise as gw
from gatewise.compile import layer_for
from gatewise.interp import Sequences
from gatewise.ir import ONE, Builder, Input, Param, Program, Size, State, validate
from gatewise.ir.printer import text
from gatewise.lang import mean, sigmoid, tanh
from tests.backends.llvm.helpers import (
    Results,
    assert_same,
    by_interpreter,
    by_kernels,
    by_layer,
    draw,
    poisoned,
    resets,
)
from tests.generated import programs

MANY = settings(max_examples=1000, suppress_health_check=[*HealthCheck])
FEW = settings(max_examples=25, suppress_health_check=[*HealthCheck])


def check(program: Program, seed: int, target: str = "") -> None:
    """A Program with sizes, sequences and recorded names drawn by the seed."""
    program = replace(program, outputs=())  # a cell has no results besides its states
    rng = np.random.default_rng(seed)
    known = {"H": int(rng.choice([4, 8, 12, 20])), "I": int(rng.choice([1, 3, 9])), "S": 2}
    sizes = {n: known[n] for n in program.sizes}
    names = [n for n, _ in program.names if rng.random() < 0.3]
    record = tuple(dict.fromkeys((program.states[0].name, *names)))
    matrices = any(s.axes for s in program.states)
    problem = draw(program, sizes, sequences(rng, matrices), record, seed=seed)
    try:
        layer = layer_for.__wrapped__(program, tuple(sizes.items()), "float64", record, target)
        with poisoned():
            got = by_layer(layer, problem)
        assert_near(got, by_interpreter(problem))
        evaluation = problem.evaluation()
        with poisoned():
            got = by_layer(layer, evaluation, backward=False)
        assert_near(got, by_interpreter(evaluation, backward=False))
    except BaseException as error:
        error.add_note(f"{text(program)}\n{sizes} {problem.seq} record={record}")
        raise


def assert_near(got: Results, want: Results) -> None:
    """The table of tolerances, except for arrays that are nothing but what rounding leaves: the
    norm of equal units, or a difference that cancels."""
    noise = {k for k, a in want.items() if a.size and np.nan_to_num(np.abs(a)).max() < 1e-12}
    assert all((np.abs(got[k]) < 1e-11).all() for k in noise)
    rest = want.keys() - noise
    assert_same({k: got[k] for k in rest}, {k: want[k] for k in rest}, "float64")


def sequences(rng: np.random.Generator, long: bool = False) -> Sequences:
    """Short ones; ``long``: some of several segments, at whose starts alone matrices are saved."""
    steps, batch = int(rng.choice([0, 1, 3, 5])), int(rng.choice([1, 2, 5, 7, 13]))
    if long and rng.random() < 0.5:
        steps = int(rng.choice([8, 9, 17]))
    lengths = rng.integers(0, steps + 1, batch) if rng.random() < 0.5 else None
    reset = rng.random((steps, batch)) < 0.3 if rng.random() < 0.5 else None
    return Sequences(steps, batch, lengths, reset, bool(rng.random() < 0.5))


@FEW
@given(programs(), st.integers(0, 2**16))
def test_random_programs(program: Program, seed: int) -> None:
    check(program, seed)


@pytest.mark.slow
@pytest.mark.timeout(1800)
@MANY
@given(programs(), st.integers(0, 2**16))
def test_many_random_programs(program: Program, seed: int) -> None:
    check(program, seed)


@pytest.mark.slow
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("target", ["avx2", "sse2"])
@settings(MANY, max_examples=300)
@given(program=programs(), seed=st.integers(0, 2**16))
def test_many_random_programs_on_other_levels(program: Program, seed: int, target: str) -> None:
    check(program, seed, target)


# --- what they found ------------------------------------------------------------------------------


@gw.cell
def concatenated(x, /, h, *, W, b):
    """A joined vector that only the gradient of its matrix reads in the backward step."""
    return tanh(W.g @ [x, h] + b.g)


@gw.cell
def delayed(x, /, h, c, d, *, W, U, b):
    """States that take the old values of others."""
    return tanh(W.z @ x + U.z @ d + b.z), h, c


@gw.cell
def exchanged(x, /, h, c, *, W, b):
    """Two states that trade places."""
    return c + W.z @ x + b.z, h


@gw.cell
def turned(x, /, h, c, *, W, v):
    """Two states that trade places as they are."""
    return c, h + 0.0 * (W.z @ x * v.z)


@gw.cell(sizes={"g": 1})
def one_gate(x, /, h, *, W, U, b):
    """A gate of one unit, straight from a matrix, that meets every unit."""
    g = W.g @ x + U.g @ h
    return sigmoid(g) * h + g * tanh(W.z @ x + b.z)


@gw.cell(sizes={"n": 1})
def one_state(x, /, h, n, *, W, U, b):
    """A state of one unit that a matrix gives."""
    z = tanh(W.z @ x + U.z @ h + n * b.z)
    return z, W.n @ z


@gw.cell(blocks={"U": 2}, sizes={"c": "H"})
def averaged(x, /, h, c, *, W, U, b):
    """Means over units of this step and of the last one, in a second phase."""
    z = tanh(W.z @ x + U.z @ h + b.z)
    c = c + mean(z)
    return z * mean(c) + mean(h), c


def transposed() -> Program:
    """A transposed matrix, as in derivatives: its gradient multiplies a vector kept on the left."""
    h, b = Size.of("H"), Builder()
    product = b("matvec_t", b.param(Param("W.t", h, h)), b.leaf("state", "h", h))
    new = b(
        "tanh",
        b("add", product, b("matvec", b.param(Param("W.x", h, ONE)), b.leaf("input", "x", ONE))),
    )
    return validate(
        Program(
            "transposed",
            tuple(b.nodes),
            (Input("x", ONE),),
            (State("h", h),),
            tuple(b.params.values()),
            (new,),
            (),
            (("h", new),),
            ("H",),
        )
    )


FOUND = {
    c.name: c.program
    for c in (concatenated, delayed, exchanged, turned, one_gate, one_state, averaged)
} | {"transposed": transposed()}


@pytest.mark.parametrize("units", [6, 18])
@pytest.mark.parametrize("name", FOUND)
def test_what_once_failed(name: str, units: int) -> None:
    program = FOUND[name]
    sizes = {n: {"H": units, "I": 3}[n] for n in program.sizes}
    record = tuple(n for n, _ in program.names)
    for seq in (
        Sequences(5, 3),
        Sequences(5, 3, np.array([5, 2, 0]), resets(5, 3)),
        Sequences(5, 1, None, resets(5, 1), reverse=True),
    ):
        problem = draw(program, sizes, seq, record)
        with poisoned():
            got = by_kernels(problem)
        assert_same(got, by_interpreter(problem), "float64")
