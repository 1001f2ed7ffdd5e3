"""Layer normalisation against the catalogue's LSTM and equations written out in NumPy."""

from __future__ import annotations

import numpy as np
import pytest

import gatewise as gw
from gatewise.cells.combine import layer_norm, project, recurrent_dropout, zoneout
from gatewise.errors import CellError
from gatewise.lang import sigmoid, tanh
from tests.cells.combine.support import case, check_gradients
from tests.cells.combine.support import norm as ln
from tests.cells.combine.support import sigmoid as logistic
from tests.tolerances import assert_close

lstm, gru, gru_v3 = gw.cells.lstm, gw.cells.gru, gw.cells.gru_v3


def test_a_normalised_lstm_is_the_one_of_the_catalogue() -> None:
    cell, catalogue = layer_norm(lstm), gw.cells.layernorm_lstm
    assert cell.parameter_count(I=5, H=7) == catalogue.parameter_count(I=5, H=7)
    at = case(cell)
    gains = {f"g.w{k}": at.params[f"g_W.{k}"] for k in "ifzo"}
    gains |= {f"g.u{k}": at.params[f"g_U.{k}"] for k in "ifzo"}
    gains |= {"g.c": at.params["g_c"], "b.c": at.params["b_c"]}
    other = case(catalogue, inputs=at.inputs, params=at.params | gains)
    other.states = at.states
    got, want = at.run(), other.run()
    assert_close(got.output, want.output, "float64", "forward")
    assert_close(got.states[1], want.states[1], "float64", "state")


def test_against_the_equations_with_another_eps() -> None:
    at = case(layer_norm(lstm, eps=0.1))
    p, (h, c), outputs = at.params, at.states, []
    for t in range(at.seq.steps):
        w = ln(*(at.x(t) @ p[f"W.{k}"].T for k in "ifzo"), eps=0.1)
        u = ln(*(h @ p[f"U.{k}"].T for k in "ifzo"), eps=0.1)
        a = {
            k: p[f"g_W.{k}"] * w[n] + p[f"g_U.{k}"] * u[n] + p[f"b.{k}"]
            for n, k in enumerate("ifzo")
        }
        c = logistic(a["f"]) * c + logistic(a["i"]) * np.tanh(a["z"])
        h = logistic(a["o"]) * np.tanh(p["g_c"] * ln(c, eps=0.1)[0] + p["b_c"])
        outputs.append(h)
    got = at.run()
    assert_close(got.output, np.stack(outputs), "float64", "forward")
    assert_close(got.states[1], c, "float64", "state")  # what is carried is not normalised


def test_gains_start_at_one_and_biases_at_zero() -> None:
    cell = layer_norm(lstm)
    new = {
        p.name: p.init.args
        for p in cell.program.params
        if p.name not in {q.name for q in lstm.program.params}
    }
    assert new == {f"g_{m}.{k}": (1.0,) for m in "WU" for k in "ifzo"} | {
        "g_c": (1.0,),
        "b_c": (0.0,),
    }
    assert cell.program.param("b.f") == lstm.program.param("b.f")


def test_a_gru_has_one_norm_for_each_vector_that_matrices_read() -> None:
    at = case(layer_norm(gru_v3))
    p, (h,), outputs = at.params, at.states, []
    for t in range(at.seq.steps):
        w = dict(zip("zrn", ln(*(at.x(t) @ p[f"W.{k}"].T for k in "zrn")), strict=True))
        u = dict(zip("zr", ln(*(h @ p[f"U.{k}"].T for k in "zr")), strict=True))
        z, r = (logistic(p[f"g_W.{k}"] * w[k] + p[f"g_U.{k}"] * u[k] + p[f"b.{k}"]) for k in "zr")
        v = p["g_U.n"] * ln((r * h) @ p["U.n"].T)[0]  # known only in the second phase
        n = np.tanh(p["g_W.n"] * w["n"] + v + p["b.n"])
        h = z * h + (1 - z) * n
        outputs.append(h)
    assert_close(at.run().output, np.stack(outputs), "float64", "forward")


def test_the_output_gate_of_a_peephole_lstm_sees_the_cell_as_it_is() -> None:
    at = case(layer_norm(gw.cells.peephole_lstm))
    p, got = at.params, at.run("o", "c", "h")
    r = got.recorded
    t = 2
    w = ln(*(at.x(t) @ p[f"W.{k}"].T for k in "ifzo"))[3]
    u = ln(*(got.before["h"][t] @ p[f"U.{k}"].T for k in "ifzo"))[3]
    a = p["g_W.o"] * w + p["g_U.o"] * u + p["p.o"] * r["c"][t] + p["b.o"]
    assert_close(r["o"][t], logistic(a), "float64", "forward")
    normed = p["g_c"] * ln(r["c"][t])[0] + p["b_c"]
    assert_close(r["h"][t], r["o"][t] * np.tanh(normed), "float64", "forward")


READS = {
    "rnn": [],
    "lstm_1997": ["c"],
    "lstm": ["c"],
    "peephole_lstm": ["c"],
    "cifg": ["c"],
    "nig": ["c"],
    "nfg": ["c"],
    "nog": ["c"],
    "niaf": ["c"],
    "noaf": ["c"],
    "np": ["c"],
    "fgr": ["c"],
    "gru": [],
    "gru_v3": [],
    "mgu": [],
    "janet": [],
    "mut1": [],
    "mut2": [],
    "mut3": [],
    "lstmp": ["c"],
    "slstm": [],
    "mlstm": [],
    "minlstm": [],
    "mingru": [],
    "indrnn": [],
    "sru": ["c"],
    "multiplicative_lstm": ["c"],
    "sublstm": ["c"],
    "phased_lstm": [],
    "ealstm": ["c"],
    "antisymmetric_rnn": [],
    "lmu": [],
    "on_lstm": ["c"],
    "lem": [],
    "lru": [],
    "hgrn": [],
    "rg_lru": [],
}


def test_the_table_has_the_whole_catalogue() -> None:
    assert {*READS, "layernorm_lstm"} == set(gw.cells.names())


@pytest.mark.parametrize("name", READS)
def test_what_is_normalised_in_the_catalogue(name: str) -> None:
    cell = layer_norm(gw.cells.get(name))
    biases = [p.name[2:] for p in cell.program.params if p.name.startswith("b_")]
    assert biases == READS[name]
    products = [p.name for p in gw.cells.get(name).program.trainable if p.cols is not None]
    if name == "lstmp":
        products.remove("W.h")  # its product is the state as it is
    if name == "antisymmetric_rnn":
        products.append("W_2")  # the product with the transpose is another one
    gains = {p.name for p in cell.program.params if p.name.startswith("g_")}
    assert gains == {f"g_{m}" for m in products} | {f"g_{s}" for s in READS[name]}


def test_states_can_be_chosen() -> None:
    names = {p.name for p in layer_norm(lstm, states=()).program.params}
    assert "g_c" not in names and "g_W.i" in names
    assert layer_norm(lstm, states="c").program == layer_norm(lstm).program
    both = {p.name for p in layer_norm(gw.cells.slstm, states=("c", "n")).program.params}
    assert {"g_c", "b_c", "g_n", "b_n"} <= both
    phased = layer_norm(gw.cells.phased_lstm, states="c_open")
    assert {"g_c_open", "b_c_open"} <= {p.name for p in phased.program.params}
    at = case(phased)
    r, p = at.run("o", "c_open", "h_open").recorded, at.params
    normed = p["g_c_open"] * ln(r["c_open"])[0] + p["b_c_open"]
    assert_close(r["h_open"], r["o"] * np.tanh(normed), "float64", "forward")


def test_the_output_may_be_the_cell_state_itself() -> None:
    @gw.cell
    def bare(x, /, h, c, *, W, U):
        f = sigmoid(W.f @ x + U.f @ h)
        c = f * c + (1 - f) * tanh(W.z @ x)
        return c, c

    at = case(layer_norm(bare))
    got, p = at.run("c"), at.params
    assert_close(got.output, p["g_c"] * ln(got.recorded["c"])[0] + p["b_c"], "float64", "forward")
    assert_close(got.states[1], got.recorded["c"][-1], "float64", "state")
    other = case(layer_norm(zoneout(bare, 0.5)))
    r = other.run("h", "c#1").recorded
    mask = other.inputs["zoneout.h"]
    normed = other.params["g_c"] * ln(r["c#1"])[0] + other.params["b_c"]
    want = np.where(mask == 1, other.run().before["h"], normed)
    assert_close(r["h"], want, "float64", "forward")
    check_gradients(layer_norm(zoneout(bare, 0.5)))


def test_one_matrix_with_two_operands_has_two_gains() -> None:
    @gw.cell
    def twice(x, /, h, *, W, U):
        h = tanh(W @ x + U @ h + U @ sigmoid(h))
        return h

    at = case(layer_norm(twice))
    p, (h,) = at.params, at.states
    assert list(p) == ["W", "U", "g_W", "g_U", "g_U_2"]
    a = p["g_W"] * ln(at.x(0) @ p["W"].T)[0] + p["g_U"] * ln(h @ p["U"].T)[0]
    a = a + p["g_U_2"] * ln(logistic(h) @ p["U"].T)[0]
    assert_close(at.run().output[0], np.tanh(a), "float64", "forward")


@pytest.mark.parametrize(
    "more",
    [
        lambda cell: zoneout(cell, 0.4),
        lambda cell: recurrent_dropout(cell, 0.4, "gal"),
        lambda cell: recurrent_dropout(cell, 0.4),
        project,
    ],
)
def test_the_order_of_composition_does_not_matter(more) -> None:
    one, other = layer_norm(more(lstm)), more(layer_norm(lstm))
    assert set(one.program.params) == set(other.program.params)
    at = case(one)
    like = case(other, inputs=at.inputs, params=at.params)
    like.states = at.states
    assert_close(at.run().output, like.run().output, "float64", "forward")


@pytest.mark.parametrize(
    "cell",
    [
        lstm,
        gru,
        gw.cells.slstm(heads=2),
        gw.cells.lstm_1997(cells=2),
        gw.cells.sru,
        gw.cells.multiplicative_lstm,
    ],
)
def test_gradients(cell: gw.Cell) -> None:
    check_gradients(layer_norm(cell))


@gw.cell
def pointwise(x, /, h, *, u):
    h = tanh(x + u * h)
    return h


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: layer_norm(layer_norm(lstm)), "nothing is left to normalise"),
        (lambda: layer_norm(gw.cells.layernorm_lstm), "nothing is left to normalise"),
        (lambda: layer_norm(layer_norm(gru)), "nothing is left to normalise"),
        (lambda: layer_norm(layer_norm(lstm), states="c"), "c is normalised already"),
        (lambda: layer_norm(pointwise), "the cell has nothing to normalise"),
        (lambda: layer_norm(lstm, states="cc"), "Did you mean 'c'?"),
        (lambda: layer_norm(lstm, states="f"), "the output h does not read f"),
        (lambda: layer_norm(lstm, states=("c", "h")), "the output h does not read h"),
        (lambda: layer_norm(gw.cells.phased_lstm, states="c"), "the output h does not read c"),
        (lambda: layer_norm(lstm, eps=0), "eps is 0"),
        (lambda: layer_norm([lstm]), "layer_norm takes a cell"),
    ],
)
def test_errors(make, message: str) -> None:
    with pytest.raises(CellError) as error:
        make()
    assert message in str(error.value) and "Fix:" in str(error.value)


def test_what_was_left_out_can_be_normalised_later() -> None:
    later = layer_norm(layer_norm(lstm, states=()))
    assert {p.name for p in later.program.params} == {
        p.name for p in layer_norm(lstm).program.params
    }
