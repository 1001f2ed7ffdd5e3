"""Ablations against the catalogue's variants of Greff et al. and against equations written anew."""

from __future__ import annotations

import numpy as np
import pytest

import gatewise as gw
from gatewise.cells.combine import layer_norm, recurrent_dropout, without, zoneout
from gatewise.errors import CellError
from gatewise.lang import sigmoid, tanh
from tests.cells.combine.support import case, check_gradients, compiled
from tests.tolerances import assert_close

lstm, peephole = gw.cells.lstm, gw.cells.peephole_lstm


def same(one: gw.Cell, other: gw.Cell) -> None:
    """Equal parameters by name, and equal values for equal parameters."""
    assert {(p.name, p.rows, p.cols) for p in one.program.params} == {
        (p.name, p.rows, p.cols) for p in other.program.params
    }
    at = case(one)
    like = case(other, inputs=at.inputs, params=at.params)
    like.states = at.states
    got, want = at.run(), like.run()
    assert_close(got.output, want.output, "float64", "forward")
    for a, b in zip(got.states, want.states, strict=True):
        assert_close(a, b, "float64", "state")


@pytest.mark.parametrize(
    ("names", "variant"),
    [
        (("i",), "nig"),
        (("f",), "nfg"),
        (("o",), "nog"),
        (("p",), "np"),
        (("p.i", "p.f", "p.o"), "np"),
    ],
)
def test_the_variants_of_the_search_space_odyssey(names, variant: str) -> None:
    same(without(peephole, *names), getattr(gw.cells, variant))


def test_some_peepholes() -> None:
    same(without(peephole, "p.o"), peephole(peepholes="if"))


def test_what_is_left_can_be_simplified_to_the_plain_equations() -> None:
    cell = without(lstm, "f")
    assert cell.parameter_count(I=3, H=5) == 3 * (5 * 3 + 5 * 5 + 5)
    # the product with 1 is gone, and with it the constant, but for the record of f
    assert sum(n.op == "mul" for n in compiled(cell.program).nodes) == 2
    np.testing.assert_array_equal(case(cell).run("f").recorded["f"], np.ones((4, 3, 4)))


def test_another_value() -> None:
    at = case(without(lstm, "f", value=0.5))
    got = at.run("c", "i", "z")
    r = got.recorded
    assert_close(r["c"], 0.5 * got.before["c"] + r["i"] * r["z"], "float64", "forward")


def test_several_at_once_and_one_by_one() -> None:
    same(without(lstm, "i", "f"), without(without(lstm, "f"), "i"))
    same(without(lstm, "f", "b"), without(without(lstm, "b"), "f"))
    same(without(lstm, "f"), without(without(lstm, "f"), "f"))


@gw.cell(static="s", sizes={"s": "S"})
def terms(x, s, /, h, c, *, W, U, p, q, b):
    """Parameters in every place that a term can have."""
    a = -(p.a * c) + W.a @ x - U.a @ (p.r * h)
    n = b.n - (q.n - p.n) * sigmoid(p.m * x)
    k = tanh(p.k) * (W.k @ x) + gw.lang.where(p.w < 0.5, a, n) + gw.lang.sum(p.s * h) + W.s @ s
    c = a + n * k / (q.d * q.d + 2.0)
    h = tanh(c - p.h)
    return h, c


def terms_by_hand(at) -> np.ndarray:
    """The same cell with zeros in place of the parameters that went."""
    everything = {q.name: np.zeros(q.shape({"H": 4, "S": 2})) for q in terms.program.params}
    p = everything | at.params
    (h, c), outputs = at.states, []
    for t in range(at.seq.steps):
        x = at.x(t)
        a = -(p["p.a"] * c) + x @ p["W.a"].T - (p["p.r"] * h) @ p["U.a"].T
        n = p["b.n"] - (p["q.n"] - p["p.n"]) / (1 + np.exp(-p["p.m"] * x))
        s = at.inputs["s"] @ p["W.s"].T if "s" in at.inputs else 0.0
        k = np.tanh(p["p.k"]) * (x @ p["W.k"].T) + np.where(p["p.w"] < 0.5, a, n)
        k = k + (p["p.s"] * h).sum(-1, keepdims=True) + s
        c = a + n * k / (p["q.d"] ** 2 + 2)
        h = np.tanh(c - p["p.h"])
        outputs.append(h)
    return np.stack(outputs)


LEAVE_OUT = [p.name for p in terms.program.params] + ["p", "q", "W", "U", "b"]


@pytest.mark.parametrize("name", LEAVE_OUT)
def test_a_term_that_goes_is_zero(name: str) -> None:
    cell = without(terms, name)
    gone = {p.name for p in terms.program.params} - {p.name for p in cell.program.params}
    assert gone >= {q.name for q in terms.program.params if name in (q.name, q.name.split(".")[0])}
    at = case(cell)
    assert_close(at.run().output, terms_by_hand(at), "float64", "forward")
    check_gradients(cell)


def test_an_infinite_factor_of_a_term_that_goes_does_not_matter() -> None:
    at = case(without(peephole, "p"))
    other = case(gw.cells.np, inputs=at.inputs, params=at.params)
    at.states[1][...], other.states = np.inf, at.states
    got = at.run("i")
    assert np.isfinite(got.recorded["i"]).all()  # p.i * c is gone, not 0 * infinity
    assert_close(got.output, other.run().output, "float64", "forward")


def test_an_input_that_nothing_reads_any_more_goes_too() -> None:
    cell = without(gw.cells.ealstm, "i")
    assert [i.name for i in cell.program.inputs] == ["x"] and cell.program.sizes == ("I", "H")
    assert [i.name for i in without(lstm, "W").program.inputs] == ["x"]  # the first stays
    check_gradients(without(lstm, "W"))


def test_a_mask_that_nothing_reads_any_more_goes_too() -> None:
    cell = without(recurrent_dropout(lstm, 0.5, "gal"), "W")
    assert [i.name for i in cell.program.inputs] == ["x", "dropout.h"]
    cell = without(zoneout(gw.cells.fgr, 0.5), "f")
    assert "zoneout.f" not in [i.name for i in cell.program.inputs]


def test_a_gate_that_is_carried_is_carried_no_longer() -> None:
    cell = without(gw.cells.fgr, "f")
    assert [s.name for s in cell.program.states] == ["h", "c", "i", "o"]
    at = case(cell)
    p = at.params
    assert not [n for n in p if n.endswith(".f") or n == "R.if"]
    got = at.run("i", "f")
    np.testing.assert_array_equal(got.recorded["f"], np.ones((4, 3, 4)))
    x, b = at.x(0), got.before
    a = x @ p["W.i"].T + b["h"][0] @ p["U.i"].T + b["i"][0] @ p["R.ii"].T
    a = a + np.ones((3, 4)) @ p["R.fi"].T + b["o"][0] @ p["R.oi"].T  # f was 1 one step ago too
    want = 1 / (1 + np.exp(-(a + p["p.i"] * b["c"][0] + p["b.i"])))
    assert_close(got.recorded["i"][0], want, "float64", "forward")
    same(
        without(zoneout(gw.cells.fgr, h=0), "f", "R.fi", "R.ff", "R.fo"),
        without(without(gw.cells.fgr, "R.fi", "R.ff", "R.fo"), "f"),
    )


@pytest.mark.parametrize("name", ["f", "i", "U.f", "W", "b", "g_W.o", "U"])
def test_what_goes_leaves_the_joint_norm(name: str) -> None:
    normed = layer_norm(peephole)
    one = without(normed, name)
    if name == "g_W.o":
        assert {"W.o", "g_W.o"} & {p.name for p in one.program.params} == set()
    else:
        same(one, layer_norm(without(peephole, name)))
    check_gradients(one)


def test_a_parameter_that_started_as_the_negative_of_one_that_went() -> None:
    chrono = lstm.with_init({"b.f": ("chrono", 100), "b.i": ("negative", "b.f")})
    cell = without(chrono, "f")
    assert cell.program.param("b.i").init.kind == "uniform_hidden"
    assert without(chrono, "o").program.param("b.i").init.args == ("b.f",)


def test_blocks_of_cells() -> None:
    cell = without(lstm(cells=2), "f", "i")
    assert cell.parameter_count(I=2, H=4) == 4 * 2 + 4 * 4 + 4 + 2 * 2 + 2 * 4 + 2
    check_gradients(cell)


@pytest.mark.parametrize("names", [("i",), ("f",), ("b",), ("U.z", "W.o"), ("p", "o")])
def test_gradients(names) -> None:
    check_gradients(without(peephole, *names))


@gw.cell
def quotient(x, /, h, *, p, q):
    h = x / p.a + q * h
    return h


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: without(lstm, "ff"), "Did you mean 'f'?"),
        (lambda: without(lstm, "b.ff"), "Did you mean 'b.f'?"),
        (lambda: without(lstm, "p"), "no quantity 'p'"),
        (lambda: without(lstm, "x"), "no quantity 'x'"),
        (lambda: without(without(peephole, "p"), "p"), "no quantity 'p'"),
        (lambda: without(lstm, "h"), "h is the output of the cell"),
        (lambda: without(lstm), "say what to leave out"),
        (lambda: without(lstm, 3), "the names are (3,)"),
        (lambda: without(lstm, "f", value="one"), "the value is 'one'"),
        (lambda: without(quotient, "p"), "x / p.a would divide by what is taken away"),
        (lambda: without(gw.cells.mut2(project=False), "v"), "v is the input x itself"),
        (lambda: without(lstm.program, "f"), "without takes a cell"),
    ],
)
def test_errors(make, message: str) -> None:
    with pytest.raises(CellError) as error:
        make()
    assert message in str(error.value) and "Fix:" in str(error.value)
