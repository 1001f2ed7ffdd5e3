"""Zoneout against the paper's equations, written out in NumPy."""

from __future__ import annotations

import numpy as np
import pytest

import gatewise as gw
from gatewise.cells.combine import zoneout
from gatewise.errors import CellError
from tests.cells.combine.support import (
    Case,
    case,
    check_gradients,
    compiled,
    in_evaluation,
    sigmoid,
)
from tests.tolerances import assert_close

lstm = gw.cells.lstm


def lstm_step(at: Case, x, h, c):
    p = at.params
    a = {k: x @ p[f"W.{k}"].T + h @ p[f"U.{k}"].T + p[f"b.{k}"] for k in "ifzo"}
    new = sigmoid(a["f"]) * c + sigmoid(a["i"]) * np.tanh(a["z"])
    return sigmoid(a["o"]) * np.tanh(new), new


def by_hand(at: Case, mix) -> tuple:
    """``mix(name, t, old, new)`` decides what a state becomes; the output is h that came of it."""
    h, c = at.states
    outputs = []
    for t in range(at.seq.steps):
        new_h, new_c = lstm_step(at, at.x(t), h, c)
        h, c = mix("h", t, h, new_h), mix("c", t, c, new_c)
        outputs.append(h)
    return np.stack(outputs), h, c


def check(at: Case, mix) -> None:
    got, (output, h, c) = at.run(), by_hand(at, mix)
    assert_close(got.output, output, "float64", "forward")
    assert_close(got.states[0], h, "float64", "state")
    assert_close(got.states[1], c, "float64", "state")


def test_zoned_out_units_keep_their_last_value() -> None:
    at = case(zoneout(lstm, h=0.3, c=0.5), steps=6)
    d = {s: at.inputs[f"zoneout.{s}"] for s in "hc"}
    assert 0 < d["h"].mean() < 1
    check(at, lambda s, t, old, new: np.where(d[s][t] == 1, old, new))


def test_a_subset_of_the_states() -> None:
    cell = zoneout(lstm, c=0.5)
    assert [(i.name, i.per, i.rate) for i in cell.program.inputs] == [
        ("x", "step", None),
        ("zoneout.c", "step", 0.5),
    ]
    at = case(cell)
    d = at.inputs["zoneout.c"]
    check(at, lambda s, t, old, new: np.where(d[t] == 1, old, new) if s == "c" else new)


def test_evaluation_is_the_expectation() -> None:
    rates = {"h": 0.05, "c": 0.5}
    at = case(in_evaluation(zoneout(lstm, **rates)))
    assert [i.name for i in at.program.inputs] == ["x"]
    check(at, lambda s, t, old, new: rates[s] * old + (1 - rates[s]) * new)


def test_one_rate_for_all_states_and_exceptions() -> None:
    rates = {i.name: i.rate for i in zoneout(lstm, 0.1, c=0.5).program.inputs[1:]}
    assert rates == {"zoneout.h": 0.1, "zoneout.c": 0.5}
    assert [i.name for i in zoneout(lstm, 0.1, h=0).program.inputs] == ["x", "zoneout.c"]
    assert zoneout(lstm).program.nodes == compiled(lstm.program).nodes


def test_names_say_the_new_value_and_what_it_would_have_been() -> None:
    cell = zoneout(lstm, 0.5)
    assert set(cell.names) == {*lstm.names, "h#1", "c#1"}
    at = case(cell)
    got = at.run("h", "c", "c#1", "h#1", "o")
    assert_close(got.recorded["h"], got.output, "float64", "forward")
    d = at.inputs["zoneout.c"]
    assert_close(
        got.recorded["c"][1:],
        np.where(d == 1, got.before["c"], got.recorded["c#1"])[1:],
        "float64",
        "forward",
    )
    # the output reads the new value of the cell, whether or not that is kept
    h = got.recorded["o"] * np.tanh(got.recorded["c#1"])
    assert_close(got.recorded["h#1"], h, "float64", "forward")


def test_twice_keeps_a_unit_if_either_mask_says_so() -> None:
    cell = zoneout(zoneout(lstm, c=0.5), c=0.2)
    assert [i.name for i in cell.program.inputs] == ["x", "zoneout.c", "zoneout.c_2"]
    at = case(cell, steps=6)
    either = np.maximum(at.inputs["zoneout.c"], at.inputs["zoneout.c_2"])
    check(at, lambda s, t, old, new: np.where(either[t] == 1, old, new) if s == "c" else new)
    check(
        case(in_evaluation(cell)), lambda s, t, old, new: 0.6 * old + 0.4 * new if s == "c" else new
    )


@pytest.mark.parametrize("cell", [lstm, gw.cells.gru, gw.cells.peephole_lstm, gw.cells.sublstm])
def test_gradients(cell: gw.Cell) -> None:
    check_gradients(zoneout(cell, 0.4))
    check_gradients(case(in_evaluation(zoneout(cell, 0.4)), steps=3))


@gw.cell
def counter(x, /, h):
    """Sums its input: what is infinite stays visible, and its derivative is one everywhere."""
    h = h + x
    return h


def test_infinities_that_are_not_selected_leave_no_trace() -> None:
    at = case(zoneout(counter, 0.5), steps=1, batch=1)
    at.states = [np.array([[1.0, np.inf]])]
    at.sizes, at.inputs = (
        {"H": 2},
        {
            "x": np.array([[[np.inf, -np.inf]]]),  # inf - inf would be NaN, and so would 0 * inf
            "zoneout.h": np.array([[[1.0, 1.0]]]),
        },
    )
    np.testing.assert_array_equal(at.run().output, [[[1.0, np.inf]]])
    from gatewise.interp import run_backward
    from gatewise.passes.differentiate import differentiate

    back = differentiate(at.program)
    got = run_backward(
        at.program, back, at.run(), at.inputs, {}, at.sizes, at.seq, seeds={"h": np.ones((1, 1, 2))}
    )
    np.testing.assert_array_equal(got.inputs["x"], np.zeros((1, 1, 2)))
    np.testing.assert_array_equal(got.states[0], [[1.0, 1.0]])


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: zoneout(lstm, cc=0.5), "no state is called 'cc'. Did you mean 'c'?"),
        (lambda: zoneout(lstm, i=0.5), "the states are h, c"),
        (lambda: zoneout(lstm, 1.0), "the rate is 1.0"),
        (lambda: zoneout(lstm, c=-0.1), "the rate of c is -0.1"),
        (lambda: zoneout(lstm, c=float("nan")), "the rate of c is nan"),
        (lambda: zoneout(lstm, c=True), "the rate of c is True"),
        (lambda: zoneout(gw.cells.slstm, 0.1), "the state m starts at -inf"),
        (lambda: zoneout(lstm.program, 0.1), "zoneout takes a cell"),
    ],
)
def test_errors(make, message: str) -> None:
    with pytest.raises(CellError) as error:
        make()
    assert message in str(error.value) and "Fix:" in str(error.value)


def test_the_stabiliser_can_be_left_alone() -> None:
    check_gradients(zoneout(gw.cells.slstm, h=0.5))
