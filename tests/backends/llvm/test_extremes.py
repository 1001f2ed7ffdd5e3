"""Numbers at the end of their range: they neither overflow on the way nor reach other rows."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from gatewise.compile import layer_for
from gatewise.interp import Sequences
from tests.backends.llvm.helpers import (
    CATALOGUE,
    CELLS,
    Problem,
    Results,
    assert_same,
    by_interpreter,
    by_kernels,
    by_layer,
    draw,
    resets,
    sizes_of,
)
from tests.tolerances import assert_close

Array = np.ndarray[Any, Any]
# What is not squashed grows with its input, and its gradients overflow as they should.
UNBOUNDED = {"indrnn", "niaf", "noaf", "sru", "minlstm", "mingru", "nfg", "nig"}
BOUNDED = [n for n in CATALOGUE if n not in UNBOUNDED]
# What cells multiply stays in float32's range: of an mLSTM a value times a key, of an HGRN the square of a
# gate that is not squashed times a state, which its norm takes.
LARGEST = {"mlstm": 1e12, "hgrn": 1e8}


def problem(name: str, **more: Any) -> Problem:
    program = CELLS[name].program
    seq = more.pop("seq", Sequences(4, 5))
    sizes = sizes_of(name, H=9, I=more.pop("inputs", 3))
    return draw(program, sizes, seq, (program.states[0].name,), **more)


def with_inputs(p: Problem, x: Array) -> Problem:
    x = x.astype(np.float32).astype(np.float64)
    return replace(p, inputs=p.inputs | {"x": x})


@pytest.mark.parametrize("size", [1e4, 1e30])
@pytest.mark.parametrize("name", CATALOGUE)
def test_large_preactivations(name: str, size: float) -> None:
    """Squashed cells stay finite and agree with float64, gradients too; others agree forward.

    A single input, so that hardly any sum of large numbers is a small one; where it is (a unit of 1e4
    is 1e-3 wide), the table is too strict.
    """
    p = problem(name, inputs=1)
    size = min(size, LARGEST.get(name, size))
    p = with_inputs(p, size * p.inputs["x"])
    got, want = by_kernels(p, "float32"), by_interpreter(p)
    if name == "layernorm_lstm" and abs(size) > 1e18:  # the variance is beyond float32
        assert np.isfinite(got["output"]).all()
        return
    for key, expected in want.items():
        if not key.startswith("d."):
            largest = np.abs(expected).max() or 1.0
            assert (np.abs(got[key] - expected) < 1e-4 * largest).all(), key
        elif name in BOUNDED:
            assert np.isfinite(expected).all()
            if np.abs(expected).max() < 1e37:
                assert np.isfinite(got[key]).all(), key


@pytest.mark.parametrize("name", ["lstm", "gru", "slstm", "minlstm", "phased_lstm"])
def test_the_largest_numbers_there_are(name: str) -> None:
    for dtype, most in (("float32", 3e38), ("float64", 1e308)):
        p = problem(name)
        x = np.where(p.inputs["x"] > 0, most, -most) * 1e-2
        got = by_kernels(replace(p, inputs=p.inputs | {"x": x}), dtype)
        assert np.isfinite(got["output"]).all() or name == "minlstm"


@pytest.mark.parametrize("name", CATALOGUE)
def test_tiny_numbers(name: str) -> None:
    """Denormal inputs, states and seeds: nothing but small numbers come of them."""
    p = problem(name, inputs=1)
    tiny = 1e-41
    p = replace(
        p,
        inputs={n: a if n == "t" else tiny * a for n, a in p.inputs.items()},
        states=[
            a if s.name == "n" else tiny * a
            for s, a in zip(p.program.states, p.states or [], strict=True)
        ],
        seeds={n: tiny * a for n, a in p.seeds.items()},
        ends=[tiny * a for a in p.ends],
    )
    got, want = by_kernels(p, "float32"), by_interpreter(p)
    for key, expected in want.items():
        assert np.isfinite(got[key]).all(), key
        if np.abs(expected).max() > 1e-30:
            assert_close(got[key], expected, "float32", "gradient", name=key)
        else:
            assert (np.abs(got[key]) < 1e-30).all(), key


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("where", ["input", "state", "seed", "end"])
@pytest.mark.parametrize("name", ["lstm", "gru_v3", "layernorm_lstm", "slstm-heads", "sru"])
def test_one_bad_row_touches_no_other(name: str, where: str, value: float) -> None:
    p = problem(name, seq=Sequences(4, 7, None, resets(4, 7)))
    clean = by_kernels(p)
    groups: dict[str, list[Array]] = {
        "input": [p.inputs["x"]],
        "state": [*(p.states or []), *(p.restart or [])],
        "seed": list(p.seeds.values()),
        "end": p.ends,
    }
    for array in groups[where]:
        array[..., 3, :] = value
    bad = by_kernels(p)
    others = [0, 1, 2, 4, 5, 6]
    for key, array in clean.items():
        if not key.startswith("d.param"):
            mine = (Ellipsis, others, slice(None))
            assert bad[key][mine].tobytes() == array[mine].tobytes(), key
    if np.isnan(value) and where in ("input", "state"):
        assert np.isnan(bad["output"][:, 3]).any()


@pytest.mark.parametrize("name", ["lstm", "gru", "indrnn", "lstm_1997", "sublstm"])
def test_infinite_states(name: str) -> None:
    """Infinities and NaN come out where the definition has them."""
    p = problem(name, seq=Sequences(2, 3))
    for k, array in enumerate(p.states or []):
        array[0, k] = np.inf
        array[1, 2] = -np.inf
    want = by_interpreter(p, backward=False)
    got = by_layer_forward(p)
    assert_same(got, want, "float64")


def by_layer_forward(p: Problem) -> Results:
    layer = layer_for(p.program, tuple(p.sizes.items()), "float64", p.record)
    return by_layer(layer, p.evaluation(), backward=False)


def test_the_stabiliser_starts_at_minus_infinity() -> None:
    """The states that an sLSTM declares: no NaN, forward or back."""
    for name in ("slstm", "slstm-heads", "zoneout-slstm"):
        p = problem(
            name, seq=Sequences(4, 5, np.array([4, 1, 0, 4, 2]), resets(4, 5)), with_states=False
        )
        got = by_kernels(p, "float32")
        minus = ("state.m", "output", "state.h")
        assert all(np.isfinite(a).all() for k, a in got.items() if k not in minus)
        assert (got["state.m"][2] == -np.inf).all()
        assert_same(got, by_interpreter(p), "float32")
