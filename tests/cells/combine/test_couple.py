"""Coupled gates against the equations of Greff et al., written out in NumPy."""

from __future__ import annotations

import numpy as np
import pytest

import gatewise as gw
from gatewise.cells.combine import couple, layer_norm, without
from gatewise.errors import CellError
from tests.cells.combine.support import Case, case, check_gradients, sigmoid
from tests.tolerances import assert_close

lstm, peephole = gw.cells.lstm, gw.cells.peephole_lstm


def by_hand(at: Case, decides: str) -> np.ndarray:
    """An LSTM in which one of i and f decides about both; peepholes where there are any."""
    p, (h, c), outputs = at.params, at.states, []
    for t in range(at.seq.steps):

        def a(k: str, cell: np.ndarray, h=h, t=t) -> np.ndarray:
            from_cell = p[f"p.{k}"] * cell if f"p.{k}" in p else 0.0
            return at.x(t) @ p[f"W.{k}"].T + h @ p[f"U.{k}"].T + from_cell + p[f"b.{k}"]

        gate = sigmoid(a(decides, c))
        i, f = (1 - gate, gate) if decides == "f" else (gate, 1 - gate)
        z = np.tanh(at.x(t) @ p["W.z"].T + h @ p["U.z"].T + p["b.z"])
        c = f * c + i * z
        h = sigmoid(a("o", c)) * np.tanh(c)
        outputs.append(h)
    return np.stack(outputs)


@pytest.mark.parametrize("cell", [lstm, peephole])
@pytest.mark.parametrize(("gate", "to"), [("i", "f"), ("f", "i")])
def test_one_gate_decides_about_both(cell: gw.Cell, gate: str, to: str) -> None:
    at = case(couple(cell, gate, to))
    assert not [p for p in at.params if p.endswith(f".{gate}")]
    assert_close(at.run().output, by_hand(at, to), "float64", "forward")
    recorded = at.run("i", "f").recorded
    assert_close(recorded["i"], 1 - recorded["f"], "float64", "forward")


def test_with_peepholes_it_is_the_cifg_of_the_catalogue() -> None:
    coupled, cifg = couple(peephole, "f", to="i"), gw.cells.cifg
    assert coupled.parameter_count(I=5, H=7) == cifg.parameter_count(I=5, H=7)
    at = case(coupled)
    other = case(cifg, inputs=at.inputs, params=at.params)
    other.states = at.states
    assert_close(at.run().output, other.run().output, "float64", "forward")


def test_the_size_of_a_coupled_lstm() -> None:
    assert couple(lstm).parameter_count(I=3, H=5) == 3 * (5 * 3 + 5 * 5 + 5)
    assert couple(lstm).program.sizes == ("I", "H")


def test_twice_changes_nothing() -> None:
    once = couple(lstm)
    assert couple(once).program.nodes == once.program.nodes


def test_what_only_the_tied_gate_named_goes() -> None:
    @gw.cell(sizes={"spare": "S"})
    def named(x, /, h, c, *, W, U):
        a_i = W.i @ x + U.i @ h
        i = gw.lang.sigmoid(a_i)
        f = gw.lang.sigmoid(W.f @ x)
        c = f * c + i * x
        spare = W.spare @ x  # noqa: F841 (nothing reads it: it is there to be recorded)
        h = gw.lang.tanh(c)
        return h, c

    cell = couple(named)
    assert set(cell.names) == {"i", "f", "c", "h", "spare"}
    assert [p.name for p in cell.program.params] == ["W.f", "W.spare"]


def test_the_tied_gate_leaves_the_joint_norm() -> None:
    one, other = couple(layer_norm(peephole)), layer_norm(couple(peephole))
    assert {p.name for p in one.program.params} == {p.name for p in other.program.params}
    at = case(one)
    like = case(other, inputs=at.inputs, params=at.params)
    like.states = at.states
    assert_close(at.run().output, like.run().output, "float64", "forward")
    catalogue = couple(gw.cells.layernorm_lstm)
    assert not [p.name for p in catalogue.program.params if p.name in ("W.i", "U.i", "g.wi")]


def test_gates_that_are_carried_as_states() -> None:
    at = case(couple(gw.cells.fgr))
    got = at.run("i", "f")
    assert_close(got.states[2], 1 - got.states[3], "float64", "state")
    check_gradients(couple(gw.cells.fgr))


@pytest.mark.parametrize("cell", [lstm, peephole, layer_norm(lstm), gw.cells.ealstm])
def test_gradients(cell: gw.Cell) -> None:
    check_gradients(couple(cell))


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: couple(gw.cells.gru), "no quantity 'i'"),
        (lambda: couple(lstm, "ii"), "Did you mean 'i'?"),
        (lambda: couple(lstm, "i", "i"), "i is the same quantity"),
        (lambda: couple(couple(lstm), "f", to="i"), "i is computed from f"),
        (lambda: couple(lstm(cells=2), "i", "z"), "i has size H/2, z has size H"),
        (lambda: couple("lstm"), "couple takes a cell"),
    ],
)
def test_errors(make, message: str) -> None:
    with pytest.raises(CellError) as error:
        make()
    assert message in str(error.value) and "Fix:" in str(error.value)


def test_a_gate_that_was_fixed_fixes_the_other() -> None:
    at = case(couple(without(lstm, "f", value=0.25)))
    np.testing.assert_array_equal(at.run("i").recorded["i"], np.full((4, 3, 4), 0.75))
