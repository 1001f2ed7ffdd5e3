"""Dropout inside the recurrence against both papers' equations, written out in NumPy."""

from __future__ import annotations

import numpy as np
import pytest

import gatewise as gw
from gatewise.cells.combine import recurrent_dropout, zoneout
from gatewise.errors import CellError
from gatewise.interp import run_backward
from gatewise.ir.equations import equations
from gatewise.passes.differentiate import differentiate
from tests.cells.combine.support import (
    Case,
    case,
    check_gradients,
    compiled,
    in_evaluation,
    sigmoid,
)
from tests.tolerances import assert_close

lstm, gru, gru_v3 = gw.cells.lstm, gw.cells.gru, gw.cells.gru_v3


def lstm_by_hand(at: Case, on_x=lambda v: v, on_h=lambda v: v, on_z=lambda v, t: v) -> np.ndarray:
    p, (h, c), outputs = at.params, at.states, []
    for t in range(at.seq.steps):
        x, r = on_x(at.x(t)), on_h(h)
        a = {k: x @ p[f"W.{k}"].T + r @ p[f"U.{k}"].T + p[f"b.{k}"] for k in "ifzo"}
        c = sigmoid(a["f"]) * c + sigmoid(a["i"]) * on_z(np.tanh(a["z"]), t)
        h = sigmoid(a["o"]) * np.tanh(c)
        outputs.append(h)
    return np.stack(outputs)


def test_semeniuta_drops_the_candidate_of_an_lstm() -> None:
    cell = recurrent_dropout(lstm, 0.4)
    assert [(i.name, i.per, i.rate) for i in cell.program.inputs[1:]] == [
        ("dropout.z", "step", 0.6)
    ]
    at = case(cell, steps=6)
    keep = at.inputs["dropout.z"]
    want = lstm_by_hand(at, on_z=lambda z, t: np.where(keep[t] == 1, z / 0.6, 0))
    assert_close(at.run().output, want, "float64", "forward")


def test_semeniuta_with_one_mask_a_sequence() -> None:
    at = case(recurrent_dropout(lstm, 0.4, per="sequence"), batch=8)
    keep = at.inputs["dropout.z"]
    assert keep.shape == (8, 4) and 0 < keep.mean() < 1
    want = lstm_by_hand(at, on_z=lambda z, t: np.where(keep == 1, z / 0.6, 0))
    assert_close(at.run().output, want, "float64", "forward")


def test_a_name_keeps_to_its_equation() -> None:
    at = case(recurrent_dropout(lstm, 0.9))
    z = at.run("z").recorded["z"]
    assert np.all(z != 0) and np.all(np.abs(z) < 1)


def test_the_candidate_of_a_gru_is_n() -> None:
    at = case(recurrent_dropout(gru, 0.4), steps=5)
    p, (h,), keep = at.params, at.states, at.inputs["dropout.n"]
    outputs = []
    for t in range(at.seq.steps):
        a = {k: at.x(t) @ p[f"W.{k}"].T for k in "zrn"}
        b = {k: h @ p[f"U.{k}"].T for k in "zrn"}
        z, r = (sigmoid(a[k] + b[k] + p[f"b.{k}"]) for k in "zr")
        n = np.tanh(a["n"] + p["b.n"] + r * (b["n"] + p["b.hn"]))
        h = z * h + (1 - z) * np.where(keep[t] == 1, n / 0.6, 0)
        outputs.append(h)
    assert_close(at.run().output, np.stack(outputs), "float64", "forward")


def test_gal_drops_what_enters_matrices_once_a_sequence() -> None:
    cell = recurrent_dropout(lstm, 0.4, "gal")
    masks = [(i.name, i.per, i.rate) for i in cell.program.inputs[1:]]
    assert masks == [("dropout.x", "sequence", 0.6), ("dropout.h", "sequence", 0.6)]
    at = case(cell, batch=8)
    x, h = (at.inputs[f"dropout.{k}"] for k in "xh")
    want = lstm_by_hand(
        at, lambda v: np.where(x == 1, v / 0.6, 0), lambda v: np.where(h == 1, v / 0.6, 0)
    )
    assert_close(at.run().output, want, "float64", "forward")


def test_gal_in_a_gru_whose_state_enters_a_matrix_as_a_product() -> None:
    at = case(recurrent_dropout(gru_v3, 0.4, "gal"), batch=8)
    drop_x, drop_h = (
        lambda v, m=at.inputs[f"dropout.{k}"]: np.where(m == 1, v / 0.6, 0) for k in "xh"
    )
    p, (h,), outputs = at.params, at.states, []
    for t in range(at.seq.steps):
        x, d = drop_x(at.x(t)), drop_h(h)
        z, r = (sigmoid(x @ p[f"W.{k}"].T + d @ p[f"U.{k}"].T + p[f"b.{k}"]) for k in "zr")
        n = np.tanh(x @ p["W.n"].T + (r * d) @ p["U.n"].T + p["b.n"])
        h = z * h + (1 - z) * n  # what is carried is not dropped
        outputs.append(h)
    assert_close(at.run().output, np.stack(outputs), "float64", "forward")


def test_gal_on_a_concatenation_and_on_gates_that_are_carried() -> None:
    names = [i.name for i in recurrent_dropout(gw.cells.lstm_1997, 0.2, "gal").program.inputs]
    assert names == ["x", "dropout.x", "dropout.h", "dropout.i", "dropout.o"]
    names = [i.name for i in recurrent_dropout(gw.cells.lstmp, 0.2, "gal").program.inputs]
    assert names == ["x", "dropout.x", "dropout.h"]  # what the projection reads is no state
    names = [i.name for i in recurrent_dropout(gw.cells.mut3, 0.2, "gal").program.inputs]
    assert names == ["x", "dropout.x", "dropout.h"]  # tanh(h) and r * h are entries of h
    names = [i.name for i in recurrent_dropout(gw.cells.ealstm, 0.2, "gal").program.inputs]
    assert names == ["x", "s", "dropout.s", "dropout.x", "dropout.h"]


def test_different_rates_by_composition() -> None:
    cell = recurrent_dropout(recurrent_dropout(lstm, 0.1, "gal", on="x"), 0.25, "gal", on="h")
    assert {i.name: i.rate for i in cell.program.inputs[1:]} == {
        "dropout.x": 0.9,
        "dropout.h": 0.75,
    }


@pytest.mark.parametrize("form", ["semeniuta", "gal"])
@pytest.mark.parametrize("rate", [0.0, 0.05, 0.25, 0.3, 0.5, 0.9])
def test_evaluation_drops_nothing(form, rate: float) -> None:
    for cell in (lstm, gru_v3):
        program = in_evaluation(recurrent_dropout(cell, rate, form))
        assert [i.name for i in program.inputs] == ["x"]
        plain = case(cell)
        at = case(program, inputs=plain.inputs, params=plain.params)
        at.states = plain.states
        assert_close(at.run().output, plain.run().output, "float64", "forward")
        if rate in (0.0, 0.25, 0.5):
            assert equations(program) == equations(compiled(cell.program))


@pytest.mark.parametrize("form", ["semeniuta", "gal"])
def test_twice_multiplies_the_probabilities(form) -> None:
    cell = recurrent_dropout(recurrent_dropout(lstm, 0.5, form), 0.2, form)
    names = [i.name for i in cell.program.inputs]
    assert len(set(names)) == len(names)
    inside = {"semeniuta": ["z"], "gal": ["x", "h"]}[form]
    assert names[1:] == [f"dropout.{k}{n}" for n in ("", "_2") for k in inside]
    at = case(cell, batch=8)
    m = {k: at.inputs[f"dropout.{k}"] * at.inputs[f"dropout.{k}_2"] for k in inside}
    keep = {k: lambda v, k=k: np.where(m[k] == 1, v / 0.4, 0) for k in inside}
    if form == "gal":
        want = lstm_by_hand(at, keep["x"], keep["h"])
    else:
        want = lstm_by_hand(at, on_z=lambda v, t: np.where(m["z"][t] == 1, v / 0.4, 0))
    assert_close(at.run().output, want, "float64", "forward")
    assert equations(in_evaluation(cell)) == equations(compiled(lstm.program))


@pytest.mark.parametrize("cell", [lstm, gru, gru_v3, gw.cells.mingru, gw.cells.slstm])
def test_gradients(cell: gw.Cell) -> None:
    check_gradients(recurrent_dropout(cell, 0.4))
    check_gradients(recurrent_dropout(cell, 0.4, "gal"))
    check_gradients(case(in_evaluation(recurrent_dropout(cell, 0.4)), steps=3))


@gw.cell
def linear(x, /, h, *, U, b):
    """Writes its input into the state without a matrix: infinities come through."""
    z = x + b
    h = U @ h + z
    return h


@pytest.mark.parametrize("form", ["semeniuta", "gal"])
def test_what_is_dropped_is_gone_even_if_it_is_infinite(form) -> None:
    at = case(recurrent_dropout(linear, 0.5, form), steps=1, batch=1)
    where = {"semeniuta": "dropout.z", "gal": "dropout.h"}[form]
    at.inputs = {"x": np.zeros((1, 1, 4)), where: at.inputs[where]}
    at.inputs[where][...] = np.array([0.0, 1.0, 0.0, 1.0])  # kept: units 1 and 3
    target = at.inputs["x"][0, 0] if form == "semeniuta" else at.states[0][0]
    target[...] = [np.inf, 1.0, -np.inf, 2.0]
    got = at.run()
    assert np.isfinite(got.output).all()
    back = run_backward(
        at.program,
        differentiate(at.program),
        got,
        at.inputs,
        at.params,
        at.sizes,
        at.seq,
        seeds={"h": np.ones((1, 1, 4))},
    )
    everything = [*back.inputs.values(), *back.params.values(), *back.states]
    assert all(np.isfinite(a).all() for a in everything)
    dropped = back.inputs["x"][0, 0] if form == "semeniuta" else back.states[0][0]
    assert np.all(dropped[[0, 2]] == 0) and np.all(dropped[[1, 3]] != 0)


def test_zoneout_and_dropout_compose() -> None:
    cell = zoneout(recurrent_dropout(recurrent_dropout(lstm, 0.3), 0.3, "gal"), 0.3)
    masks = ["dropout.z", "dropout.x", "dropout.h", "zoneout.h", "zoneout.c"]
    assert [i.name for i in cell.program.inputs] == ["x", *masks]
    check_gradients(cell)


@gw.cell
def no_matrix(x, /, h, *, u):
    z = x + u * h
    h = abs(z)
    return h


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: recurrent_dropout(lstm, 1.0), "the rate is 1.0"),
        (lambda: recurrent_dropout(lstm, "0.5"), "the rate is '0.5'"),
        (lambda: recurrent_dropout(lstm, 0.5, "gall"), "there is no form 'gall'"),
        (lambda: recurrent_dropout(lstm, 0.5, per="batch"), "per is 'batch'"),
        (lambda: recurrent_dropout(lstm, 0.5, "gal", per="step"), "one mask for a sequence"),
        (lambda: recurrent_dropout(lstm, 0.5, on="zz"), "Did you mean 'z'?"),
        (lambda: recurrent_dropout(lstm, 0.5, on="c"), "c is a state"),
        (lambda: recurrent_dropout(gw.cells.rnn, 0.5), "no quantity named n or z"),
        (lambda: recurrent_dropout(gw.cells.sublstm, 0.5), "looks like a gate"),
        (lambda: recurrent_dropout(lstm, 0.5, "gal", on="y"), "no input or state is called 'y'"),
        (lambda: recurrent_dropout(lstm, 0.5, "gal", on="c"), "c enters no matrix"),
        (lambda: recurrent_dropout(no_matrix, 0.5, "gal"), "enters no matrix"),
        (lambda: recurrent_dropout(abs, 0.5), "recurrent_dropout takes a cell"),
    ],
)
def test_errors(make, message: str) -> None:
    with pytest.raises(CellError) as error:
        make()
    assert message in str(error.value) and "Fix:" in str(error.value)


def test_a_gate_can_be_dropped_on_purpose() -> None:
    cell = recurrent_dropout(gw.cells.sublstm, 0.5, on=("z", "i"))
    assert {i.name for i in cell.program.inputs} == {"x", "dropout.z", "dropout.i"}
    check_gradients(cell)
