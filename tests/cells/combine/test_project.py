"""The projection against the LSTMP, of the catalogue and written out, and what it refuses."""

from __future__ import annotations

import numpy as np
import pytest

import gatewise as gw
from gatewise.cells.combine import layer_norm, project, recurrent_dropout, zoneout
from gatewise.errors import CellError
from gatewise.lang import norm, sigmoid, tanh
from tests.cells.combine.support import case, check_gradients
from tests.cells.combine.support import norm as layer
from tests.cells.combine.support import sigmoid as logistic
from tests.tolerances import assert_close

lstm = gw.cells.lstm


def test_a_projected_lstm_is_the_lstmp() -> None:
    cell, lstmp = project(lstm), gw.cells.lstmp
    assert cell.program.sizes == lstmp.program.sizes == ("I", "P", "H")
    assert set(cell.program.params) == set(lstmp.program.params)
    at = case(cell)
    other = case(lstmp, inputs=at.inputs, params=at.params)
    other.states = at.states
    got, want = at.run("h#1"), other.run("m")
    assert got.output.shape == (4, 3, 3) and got.states[1].shape == (3, 4)
    assert_close(got.output, want.output, "float64", "forward")
    assert_close(got.recorded["h#1"], want.recorded["m"], "float64", "forward")


def test_the_projection_recurs_and_comes_out() -> None:
    at = case(project(lstm))
    p, (h, c), outputs = at.params, at.states, []
    for t in range(at.seq.steps):
        a = {k: at.x(t) @ p[f"W.{k}"].T + h @ p[f"U.{k}"].T + p[f"b.{k}"] for k in "ifzo"}
        c = logistic(a["f"]) * c + logistic(a["i"]) * np.tanh(a["z"])
        h = (logistic(a["o"]) * np.tanh(c)) @ p["W.h"].T
        outputs.append(h)
    got = at.run()
    assert_close(got.output, np.stack(outputs), "float64", "forward")
    assert_close(got.states[1], c, "float64", "state")


def test_a_name_of_its_own_for_the_size() -> None:
    assert project(lstm, "Q").program.sizes == ("I", "Q", "H")


def test_twice_is_a_product_of_two_matrices() -> None:
    once, twice = project(lstm), project(project(lstm), "Q")
    assert twice.program.sizes == ("I", "Q", "H", "P")
    assert twice.program.param("W.h_2").rows.names == {"Q"}
    at = case(twice, steps=1)
    widened = {f"U.{k}": np.zeros((4, 3)) for k in "ifzo"}  # one step from a state of zeros
    other = case(once, steps=1, inputs=at.inputs, params=at.params | widened)
    at.states[0][...], other.states[0][...] = 0, 0
    other.states[1] = at.states[1]
    want = other.run().output @ at.params["W.h_2"].T
    assert_close(at.run().output, want, "float64", "forward")


@pytest.mark.parametrize(
    "more",
    [
        lambda cell: zoneout(cell, h=0.4, c=0.4),
        lambda cell: zoneout(zoneout(cell, h=0.4), h=0.4),
        lambda cell: recurrent_dropout(cell, 0.4, "gal"),
        layer_norm,
    ],
)
def test_the_order_of_composition_does_not_matter(more) -> None:
    one, other = project(more(lstm)), more(project(lstm))
    assert set(one.program.inputs) == set(other.program.inputs)
    assert set(one.program.params) == set(other.program.params)
    at = case(one)
    like = case(other, inputs=at.inputs, params=at.params)
    like.states = at.states
    assert_close(at.run().output, like.run().output, "float64", "forward")
    check_gradients(one)


@gw.cell(init={"p": 1.0})
def through(x, /, h, c, *, W, U, V, p):
    """Its output enters matrices directly, scaled, squashed, normalised and in a concatenation."""
    i = sigmoid(W.i @ x + U.i @ h + U.p @ (p.h * tanh(h)))
    n, w = norm(h, W.n @ x)
    z = tanh(V @ [x, h] + U.n @ n + w)
    c = (1 - i) * c + i * z
    h = tanh(c)
    return h, c


def test_everything_that_the_output_goes_through_becomes_narrow() -> None:
    cell = project(through)
    shapes = {p.name: p.shape({"I": 2, "H": 4, "P": 3}) for p in cell.program.params}
    assert shapes == {
        "W.i": (4, 2),
        "U.i": (4, 3),
        "p.h": (3,),
        "U.p": (4, 3),
        "V": (4, 5),
        "U.n": (4, 3),
        "W.n": (4, 2),
        "W.h": (3, 4),
    }
    at = case(cell)
    p, (h, c), outputs = at.params, at.states, []
    for t in range(at.seq.steps):
        x = at.x(t)
        i = logistic(x @ p["W.i"].T + h @ p["U.i"].T + (p["p.h"] * np.tanh(h)) @ p["U.p"].T)
        n, w = layer(h, x @ p["W.n"].T)
        z = np.tanh(np.concatenate([x, h], -1) @ p["V"].T + n @ p["U.n"].T + w)
        c = (1 - i) * c + i * z
        h = np.tanh(c) @ p["W.h"].T
        outputs.append(h)
    assert_close(at.run().output, np.stack(outputs), "float64", "forward")
    check_gradients(cell)


@pytest.mark.parametrize(
    "cell",
    [
        gw.cells.rnn,
        gw.cells.fgr,
        gw.cells.ealstm,
        gw.cells.sru,
        gw.cells.multiplicative_lstm,
        gw.cells.lstm_1997,
    ],
)
def test_gradients(cell: gw.Cell) -> None:
    check_gradients(project(cell))


@gw.cell
def summed(x, /, h, *, W):
    h = W @ x + gw.lang.sum(h)
    return h


@gw.cell
def one_matrix(x, /, h, c, *, W, U):
    c = c + U @ tanh(W @ x) + U @ h
    h = tanh(c)
    return h, c


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: project(gw.cells.gru), "z * h uses h unit by unit"),
        (lambda: project(gw.cells.gru), "h would have the size P, z has H"),
        (lambda: project(gw.cells.gru_v3), "r * h uses h unit by unit"),
        (lambda: project(gw.cells.mingru), "uses h unit by unit"),
        (lambda: project(gw.cells.indrnn), "unit by unit"),
        (lambda: project(gw.cells.phased_lstm), "unit by unit"),
        (lambda: project(summed), "sum"),
        (lambda: project(one_matrix), "U is applied to vectors of size"),
        (lambda: project(lstm, "H"), "the cell has a size H already"),
        (lambda: project(project(lstm)), "the cell has a size P already"),
        (lambda: project(lstm, "H/2"), "the size is 'H/2'"),
        (lambda: project(lstm, 3), "the size is 3"),
        (lambda: project(None), "project takes a cell"),
    ],
)
def test_errors(make, message: str) -> None:
    with pytest.raises(CellError) as error:
        make()
    assert message in str(error.value) and "Fix:" in str(error.value)
