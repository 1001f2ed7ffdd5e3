"""Rows with matrices that go through time one by one: products ahead of the loop, and after it."""

from __future__ import annotations

import numpy as np
import pytest

import gatewise as gw
from gatewise.backends.llvm.plan.parts import AHEAD
from gatewise.backends.llvm.run.carried_rows import ALONE
from gatewise.backends.llvm.run.compiled_layer import CompiledLayer
from gatewise.compile import layer_for
from gatewise.interp import Sequences
from gatewise.lang import outer, sigmoid
from tests.backends.llvm.helpers import (
    assert_same,
    by_interpreter,
    by_layer,
    draw,
    poisoned,
    resets,
)
from tests.backends.llvm.test_matrices import fast_weights


@gw.cell(sizes={"k": "K", "r": "K", "b.f": 1})
def two_inputs(x, y, /, h, S, *, W, V, b):
    """Gradients of one input are products alone; the other one meets a vector as well."""
    k, r, v = W.k @ x, W.r @ x, V.v @ y + b.v
    S = sigmoid(b.f) * S + outer(v, k)
    return (S @ r) * sigmoid(y), S


@gw.cell(sizes={"k": "K", "r": "K"})
def added(x, z, /, h, S, *, W, V):
    """Products over two inputs that are added up: only the first is there ahead of the loop."""
    k, r, v = W.k @ x, W.r @ x, W.v @ x + V.v @ z
    return S @ r, 0.5 * S + outer(v, k)


def layer_of(cell: gw.Cell, dtype: str = "float64", weights: str = "") -> CompiledLayer:
    sizes = {n: {"I": 5, "I_y": 20, "I_z": 2, "H": 20, "K": 6}[n] for n in cell.program.sizes}
    return layer_for(cell.program, tuple(sizes.items()), dtype, ("h",), "", weights)


@pytest.mark.parametrize(
    ("cell", "training", "inference"),
    [
        (gw.cells.mlstm, True, True),
        (gw.cells.lstm, False, False),  # no matrix
        (fast_weights, False, False),  # weights meet the state
        (two_inputs, False, True),
        (added, False, False),
    ],
    ids=lambda v: getattr(v, "name", None),
)
def test_which_cells_do(cell: gw.Cell, training: bool, inference: bool) -> None:
    layer = layer_of(cell)
    for steps in (ALONE - 1, ALONE, 100):
        assert (layer.tile_for(steps, 7, True) == 1) == (training and steps >= ALONE)
        assert (layer.tile_for(steps, 7, False) == 1) == (inference and steps >= ALONE)


@pytest.mark.parametrize("threads", [1, 3])
@pytest.mark.parametrize("batch", [1, 4])
@pytest.mark.parametrize("steps", [AHEAD, 2 * AHEAD + 5])
@pytest.mark.parametrize("cell", [gw.cells.mlstm(heads=2), two_inputs], ids=lambda c: c.name)
def test_products_ahead_and_after(cell: gw.Cell, steps: int, batch: int, threads: int) -> None:
    layer = layer_of(cell)
    for reverse in (False, True):
        rng = np.random.default_rng(steps)
        ragged = batch > 1 and reverse
        lengths = rng.integers(0, steps + 1, batch) if ragged else None
        marks = resets(steps, batch) if reverse else None
        seq = Sequences(steps, batch, lengths, marks, reverse)
        problem = draw(cell.program, layer.sizes, seq, ("h",))
        with poisoned():
            got = by_layer(layer, problem, threads=threads)
        assert_same(got, by_interpreter(problem), "float64")


def test_matrices_of_weights_in_bfloat16() -> None:
    cell = gw.cells.mlstm
    narrow, whole = layer_of(cell, "float32", "bfloat16"), layer_of(cell, "float32")
    problem = draw(cell.program, whole.sizes, Sequences(2 * AHEAD + 1, 3), ("h",)).evaluation()
    with poisoned():
        got, want = (by_layer(layer, problem, backward=False) for layer in (narrow, whole))
    for name, values in want.items():
        assert np.abs(got[name] - values).max() < 0.03 * np.abs(values).max(), name
