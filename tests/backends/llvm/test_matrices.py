"""Cells whose states are matrices: kernels against the interpreter, over several segments of steps."""

from __future__ import annotations

import numpy as np
import pytest

import gatewise as gw
from gatewise.backends.llvm.plan.kernel_spec import LONGEST, SEGMENT, KernelKind
from gatewise.compile import layer_for, training_for
from gatewise.interp import Sequences
from gatewise.ir import Axes, Builder, Input, Param, Program, Size, State
from gatewise.lang import (
    columns,
    dot,
    exp,
    max,
    mean,
    min,
    norm,
    outer,
    rows,
    sigmoid,
    sin,
    softmax,
    sum,
    tanh,
    transpose,
    where,
)
from tests.backends.llvm.helpers import assert_same, by_interpreter, by_layer, draw, poisoned


@gw.cell(sizes={"k": "K", "beta": 1})
def gated_delta(x, /, h, S, *, W, b):
    q, k, v = W.q @ x, W.k @ x, W.v @ x
    k = k / (dot(k, k) + 0.1) ** 0.5
    beta = sigmoid(W.beta @ x + b.beta)
    S = sigmoid(W.alpha @ x + b.alpha) * S
    S = S + outer(beta * (v - S @ k), k)
    return S @ q, S


@gw.cell
def fast_weights(x, /, h, A, *, W, U, b):
    A = 0.9 * A + 0.5 * outer(h, h)
    return tanh(W @ x + U @ h + b + A @ h), A


@gw.cell(sizes={"k": "K", "w": "H"})
def everything(x, /, h, S, D, *, W):
    """Two matrices, sums over rows, columns and all entries, a transpose, selects, a norm."""
    q, k, v, w = W.q @ x, W.k @ x, W.v @ x, W.w @ x
    S = 0.5 * S + tanh(outer(v, k)) - D
    top = mean(S * S)
    P = exp(tanh(S))
    D = where(S > 0.1 * top, P / sum(P), 0.3 * sin(D))
    h = D @ (q + transpose(S) @ w) + sum(norm(D) * S) * h + mean(columns(k) * rows(w))
    return h, S, D


@gw.cell(blocks={"S": "heads"}, sizes={"W.k": "K"})
def attended(x, /, h, S, *, W, heads=2):
    """The softmax of each row, the largest and the smallest entry."""
    S = 0.5 * S + outer(W.v @ x, W.k @ x)
    return softmax(S) @ (W.q @ x) + max(S) * h - min(tanh(S)), S


@gw.cell(sizes={"k": "K"})
def trading_places(x, /, h, S, Q, *, W):
    """No loop overwrites the matrix that it reads: both are saved at every step."""
    k, v = W.k @ x, W.v @ x
    return S @ k, Q, 0.9 * S + outer(v, k)


CELLS = {c.name: c for c in (gated_delta, fast_weights, everything, attended, trading_places)}
CELLS["mlstm"], CELLS["mlstm-heads"] = gw.cells.mlstm, gw.cells.mlstm(heads=2)
LONG = LONGEST + SEGMENT + 1  # more than two segments, whichever they are
H = Size.of("H")


@pytest.mark.parametrize("reverse", [False, True])
@pytest.mark.parametrize("ragged", [False, True])
@pytest.mark.parametrize("name", CELLS)
def test_over_several_segments(name: str, ragged: bool, reverse: bool) -> None:
    program = CELLS[name].program
    rng = np.random.default_rng(len(name))
    lengths = rng.integers(0, LONG + 1, 7) if ragged else None
    reset = rng.random((LONG, 7)) < 0.15 if ragged else None
    seq = Sequences(LONG, 7, lengths, reset, reverse)
    sizes = {n: {"I": 3, "H": 20, "K": 6}[n] for n in program.sizes}
    problem = draw(program, sizes, seq, (program.states[0].name, program.states[1].name))
    layer = layer_for(program, tuple(sizes.items()), "float64", problem.record)
    with poisoned():
        got = by_layer(layer, problem)
    assert_same(got, by_interpreter(problem), "float64")


@pytest.mark.parametrize("units", [2, 16, 24, 66])
def test_sizes_that_fill_vectors_and_strips_or_do_not(units: int) -> None:
    program = gw.cells.mlstm(heads=2).program
    sizes = {"I": 3, "H": units}
    problem = draw(program, sizes, Sequences(5, 3), (program.states[0].name,))
    want = by_interpreter(problem)
    for dtype, target in (("float64", ""), ("float64", "avx2"), ("float32", "sse2")):
        layer = layer_for(program, tuple(sizes.items()), dtype, problem.record, target)
        assert_same(by_layer(layer, problem), want, dtype)


def test_a_matrix_is_saved_once_in_a_segment() -> None:
    sizes = {"I": 8, "H": 64}
    layer = layer_for(gw.cells.mlstm.program, tuple(sizes.items()))
    steps, batch, entries = 64, 2, 64 * 64
    saved = layer.saved_size(steps, batch, steps * batch)
    assert saved < steps * batch * entries / 3
    assert saved > steps // SEGMENT * batch * entries
    assert layer.plan(KernelKind.BACKWARD).replay is not None


def test_what_cannot_be_replayed_is_saved_at_every_step() -> None:
    sizes = {"I": 3, "H": 4, "K": 6}
    layer = layer_for(trading_places.program, tuple(sizes.items()))
    assert layer.plan(KernelKind.BACKWARD).replay is None
    assert training_for(trading_places.program).replay is not None


def test_an_entering_matrix_may_meet_a_matrix_of_weights() -> None:
    """The product after the loop reads it at every step, so it is kept there."""
    size = Axes(H, H)
    b = Builder()
    x, h, C = b.leaf("input", "x", H), b.leaf("state", "h", H), b.leaf("state", "C", size.entries)
    weights = b.param(Param("W", H, size.entries))
    new = b("add", b("mul", C, b.const(0.5)), b("row_repeat", x, attr=size))
    output = b("tanh", b("add", b("matvec", weights, C), h))
    program = Program(
        "whole",
        tuple(b.nodes),
        (Input("x", H),),
        (State("h", H), State("C", size.entries, 0.0, size)),
        tuple(b.params.values()),
        (output, new),
        names=(("h", output), ("C", new)),
        sizes=("H",),
    )
    problem = draw(program, {"H": 6}, Sequences(LONG, 3), ("h",))
    layer = layer_for(program, (("H", 6),), "float64", ("h",))
    assert layer.plan(KernelKind.BACKWARD).replay is not None
    assert_same(by_layer(layer, problem), by_interpreter(problem), "float64")
