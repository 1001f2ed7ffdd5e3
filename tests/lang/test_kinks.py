"""Gradients at ties, kinks and infinities are torch's; a select never multiplies."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from torch.nn import functional

import gatewise as gw
from gatewise import lang
from gatewise.interp import Array, Sequences, run, run_backward
from gatewise.lang import exp, log_sigmoid, maximum, minimum, sigmoid, tanh, where
from gatewise.passes.differentiate import differentiate
from gatewise.passes.simplify import simplify
from tests.tolerances import assert_close

INF = float("inf")
V = np.array([-INF, -4.0, -3.0, -1.0, -0.0, 0.0, 0.5, 1.0, 2.0, 3.0, 4.0, INF])
W = np.array([-INF, -3.0, -4.0, -1.0, 0.0, -0.0, 0.5, 2.0, 1.0, 3.0, INF, INF])
ONE = torch.ones((), dtype=torch.float64)
ZERO = torch.zeros((), dtype=torch.float64)

Both = tuple[Callable[..., Any], Callable[..., Any]]
KINKS: dict[str, Both] = {
    "abs": (lambda v, w: lang.abs(v), lambda v, w: v.abs()),
    "relu": (lambda v, w: lang.relu(v), lambda v, w: torch.relu(v)),
    # torch's own hardsigmoid multiplies by a float32 sixth in its backward
    "hard_sigmoid": (lambda v, w: lang.hard_sigmoid(v), lambda v, w: functional.relu6(v + 3) / 6),
    "clip": (lambda v, w: lang.clip(v, -1, 1), lambda v, w: v.clamp(-1, 1)),
    "floor": (lambda v, w: lang.floor(v), lambda v, w: v.floor()),
    "maximum": (lambda v, w: maximum(v, w), lambda v, w: torch.maximum(v, w)),
    "minimum": (lambda v, w: minimum(v, w), lambda v, w: torch.minimum(v, w)),
    "maximum of itself": (lambda v, w: maximum(v, v), lambda v, w: torch.maximum(v, v)),
    "maximum with a number": (lambda v, w: maximum(v, 0.0), lambda v, w: torch.maximum(v, ZERO)),
    "minimum with a number": (lambda v, w: minimum(1.0, v), lambda v, w: torch.minimum(ONE, v)),
    "where": (lambda v, w: where(v < w, v, w), lambda v, w: torch.where(v < w, v, w)),
    "where equal": (
        lambda v, w: where(v == w, 2 * v, w),
        lambda v, w: torch.where(v == w, 2 * v, w),
    ),
    "where and": (
        lambda v, w: where((v > 0) & (w > 0), v, 0.0),
        lambda v, w: torch.where((v > 0) & (w > 0), v, 0.0),
    ),
    "where quantity": (lambda v, w: where(v, w, 0.0), lambda v, w: torch.where(v != 0, w, 0.0)),
    "sigmoid": (lambda v, w: sigmoid(v), lambda v, w: torch.sigmoid(v)),
    "tanh": (lambda v, w: tanh(v), lambda v, w: torch.tanh(v)),
    "exp": (lambda v, w: exp(minimum(v, 1.0)), lambda v, w: torch.minimum(v, ONE).exp()),
    "softplus": (lambda v, w: lang.softplus(v), lambda v, w: functional.softplus(v, threshold=1e9)),
    "log_sigmoid": (lambda v, w: log_sigmoid(v), lambda v, w: functional.logsigmoid(v)),
    "sqrt": (lambda v, w: lang.sqrt(lang.abs(w) + 1), lambda v, w: (w.abs() + 1).sqrt()),
}


def gradients(cell: gw.Cell, inputs: dict[str, Array], states: list[Array], seed: Array) -> Any:
    """Gradients of one step, by the derivative as it is and simplified; they must agree."""
    program, sizes = cell.program, {"H": seed.shape[-1]}
    seq = Sequences(1, len(seed))
    forward = run(program, inputs, {}, sizes, seq, states=states)
    plain = differentiate(program)
    by_backend = [
        run_backward(
            program,
            backward,
            forward,
            inputs,
            {},
            sizes,
            seq,
            seeds={program.states[0].name: seed[None]},
        )
        for backward in (plain, simplify(plain))
    ]
    for name, array in by_backend[0].inputs.items():
        assert np.array_equal(array, by_backend[1].inputs[name], equal_nan=True), name
    return forward, by_backend[0]


@pytest.mark.parametrize("name", KINKS)
def test_gradients_at_kinks_are_torchs(name: str) -> None:
    ours, theirs = KINKS[name]
    seed = np.linspace(1, 2, V.size)[None]
    inputs = {"x": V[None, None], "y": W[None, None]}
    cell = gw.cell(lambda x, y, /, h: ours(x, y) + where(x == 7, h, where(y == 7, h, 0.0)))
    forward, derived = gradients(cell, inputs, [np.zeros((1, V.size))], seed)
    v = torch.tensor(V, requires_grad=True)
    w = torch.tensor(W, requires_grad=True)
    out = theirs(v, w)
    if out.requires_grad:
        out.backward(torch.from_numpy(seed[0]))
    assert_close(forward.output[0, 0], out, "float64", "forward", name=name)
    for got, leaf in ((derived.inputs["x"], v), (derived.inputs["y"], w)):
        expected = torch.zeros_like(leaf) if leaf.grad is None else leaf.grad
        assert_close(got[0, 0], expected, "float64", "gradient", name=name)


def test_a_select_passes_no_infinity() -> None:
    """Where a condition is false, an infinite branch is not multiplied by zero."""

    @gw.cell
    def cell(x: Any, /, h: Any) -> Any:
        masked_x = where(x > 0, INF, x)
        masked = where(x < 0, -INF, h)
        safe = where(masked_x == INF, 0.0, masked_x) + where(masked == -INF, 0.0, masked)
        return where(x == 0, INF, safe)

    x = np.array([[[-1.0, 0.0, 2.0]]])
    forward, derived = gradients(cell, {"x": x}, [np.array([[INF, -INF, 5.0]])], np.ones((1, 3)))
    assert forward.output.ravel().tolist() == [-1.0, INF, 5.0]
    assert derived.inputs["x"].ravel().tolist() == [1.0, 0.0, 0.0]
    assert derived.states[0].ravel().tolist() == [0.0, 0.0, 1.0]


@gw.cell(initial={"m": -INF})
def stabilised(x: Any, y: Any, /, h: Any, c: Any, n: Any, m: Any) -> Any:
    """The exponential gating of an sLSTM, with a stabiliser that starts at minus infinity."""
    fresh = maximum(log_sigmoid(y) + m, x)
    i = exp(x - fresh)
    f = exp(log_sigmoid(y) + m - fresh)
    c = f * c + i * tanh(x)
    n = f * n + i
    m = fresh
    return c / n, c, n, m


@pytest.mark.parametrize("extreme", [1.0, 50.0, 800.0])
def test_minus_infinity_in_a_state_leaves_no_nan(extreme: float) -> None:
    rng = np.random.default_rng(5)
    steps, batch, sizes = 5, 3, {"H": 4}
    inputs = {n: extreme * rng.standard_normal((steps, batch, 4)) for n in "xy"}
    reset = np.zeros((steps, batch), bool)
    reset[2, 1] = reset[3, 2] = True
    for reverse in (False, True):
        seq = Sequences(steps, batch, np.array([5, 4, 5]), reset, reverse)
        forward = run(stabilised.program, inputs, {}, sizes, seq)
        assert np.isfinite(forward.output).all()
        backward = simplify(differentiate(stabilised.program))
        derived = run_backward(
            stabilised.program,
            backward,
            forward,
            inputs,
            {},
            sizes,
            seq,
            seeds={"h": np.ones((steps, batch, 4))},
        )
        for name, array in derived.inputs.items():
            assert np.isfinite(array).all(), name
        for name, array in zip("hcnm", (*derived.states,), strict=True):
            assert np.isfinite(array).all(), name
        assert all(np.isfinite(a).all() for a in derived.restart)


def test_float32_agrees_with_torch_at_large_arguments() -> None:
    values = np.array([-1e4, -200, -104, -90, -20, 0, 20, 90, 104, 200, 1e4], np.float32)
    for ours, theirs in (
        (lambda v: sigmoid(v), torch.sigmoid),
        (lambda v: log_sigmoid(v), functional.logsigmoid),
        (lambda v: tanh(v), torch.tanh),
    ):
        cell = _plain(ours)
        got = run(
            cell.program,
            {"x": values[None, None]},
            {},
            {"H": values.size},
            Sequences(1, 1),
            dtype=np.float32,
        )
        assert got.output.dtype == np.float32
        assert_close(got.output[0, 0], theirs(torch.from_numpy(values)), "float32", "forward")


def _plain(f: Callable[[Any], Any]) -> gw.Cell:
    return gw.cell(lambda x, /, h: f(x) + where(x == 7, h, 0.0))
