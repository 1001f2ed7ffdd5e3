"""What matrices make of the part of the input that is the same at every step comes from outside."""

from __future__ import annotations

import numpy as np
import pytest

import gatewise as gw
from gatewise import interp
from gatewise.ir import validate
from gatewise.lang import sigmoid, tanh
from gatewise.passes.context import PREFIX, context
from tests.tolerances import assert_close

S, I, H, T, B = 4, 3, 5, 6, 2
TAKEN = {
    "rnn",
    "lstm",
    "gru",
    "gru_v3",
    "peephole_lstm",
    "mgu",
    "janet",
    "layernorm_lstm",
    "slstm",
    "minlstm",
    "mingru",
    "multiplicative_lstm",
    "fgr",
    "cifg",
    "sru",
}


@pytest.mark.parametrize("name", gw.cells.names())
def test_the_meaning_stays(name: str) -> None:
    program = gw.cells.get(name).program
    rewritten = context(program)
    if rewritten is None:
        assert name not in TAKEN
        return
    changed, names = rewritten
    validate(changed)
    assert changed.sizes == program.sizes
    assert [i.name for i in changed.inputs[len(program.inputs) :]] == [PREFIX + n for n in names]
    rng = np.random.default_rng(1)
    sizes = {"I": S + I, "H": H, "P": 3, "S": 2}
    sizes = {n: sizes[n] for n in program.sizes}
    params = {p.name: rng.standard_normal(p.shape(sizes)) * 0.4 for p in program.params}
    inputs = {}
    for item in program.inputs:
        n = item.size.evaluate(sizes)
        inputs[item.name] = rng.random((T, B, n) if item.per == "step" else (B, n))
    first = program.inputs[0].name
    inputs[first][..., :S] = inputs[first][0, :, :S]
    want = interp.run(program, inputs, params, sizes, interp.Sequences(T, B))
    fewer = params | {n: params[n][:, S:] for n in names}
    fewer_inputs = inputs | {first: inputs[first][..., S:]}
    fewer_inputs |= {PREFIX + n: inputs[first][0, :, :S] @ params[n][:, :S].T for n in names}
    got = interp.run(changed, fewer_inputs, fewer, sizes | {"I": I}, interp.Sequences(T, B))
    assert_close(got.output, want.output, "float64", "forward")


@gw.cell
def concatenating(x, /, h, *, W, b):
    """One matrix over both."""
    h = tanh(W.h @ [h, x] + b.h)
    return h


@gw.cell
def unit_by_unit(x, /, h, *, W, U):
    """The input meets the state."""
    h = sigmoid(W.h @ x + U.h @ h) * x
    return h


@gw.cell
def tied(x, /, h, *, W, U):
    """What the matrix is applied to is not the input itself."""
    h = tanh(W.h @ tanh(x) + U.h @ h)
    return h


@pytest.mark.parametrize("cell", [concatenating, unit_by_unit, tied])
def test_other_ways_to_read_the_input(cell: gw.Cell) -> None:
    assert context(cell.program) is None
