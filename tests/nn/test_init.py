"""Starts that decide how long a cell remembers: the gate is found in the equations of any cell."""

from __future__ import annotations

import math

import pytest
import torch

import gatewise as gw
from gatewise.errors import CellError, InputError
from gatewise.ir.gates import retentions, why_not, with_retention
from gatewise.lang import sigmoid, tanh
from gatewise.nn import init

# what the papers call the gate that keeps, and the one that writes, of every cell that has one
KEEPS = {
    "lstm": ("+b.f", "b.i"),
    "peephole_lstm": ("+b.f", "b.i"),
    "cifg": ("-b.i", ""),
    "nig": ("+b.f", ""),
    "nog": ("+b.f", "b.i"),
    "niaf": ("+b.f", "b.i"),
    "noaf": ("+b.f", "b.i"),
    "np": ("+b.f", "b.i"),
    "fgr": ("+b.f", "b.i"),
    "gru": ("+b.z", ""),
    "gru_v3": ("+b.z", ""),
    "mgu": ("-b.f", ""),
    "janet": ("+b.f", ""),
    "mut1": ("-b.z", ""),
    "mut2": ("-b.z", ""),
    "mut3": ("-b.z", ""),
    "lstmp": ("+b.f", "b.i"),
    "layernorm_lstm": ("+b.f", "b.i"),
    "slstm": ("+b.f", "b.i"),
    "mlstm": ("+b.f", "b.i"),
    "minlstm": ("+b.f", "b.i"),
    "mingru": ("-b.z", ""),
    "sru": ("+b.f", ""),
    "multiplicative_lstm": ("+b.f", "b.i"),
    "sublstm": ("+b.f", ""),
    "phased_lstm": ("+b.f", "b.i"),
    "ealstm": ("+b.f", "b.i"),
}
NONE = ("rnn", "lstm_1997", "nfg", "indrnn", "antisymmetric_rnn", "lmu", "on_lstm", "lem")
NONE += ("lru", "hgrn", "rg_lru")


def layer_of(name: str, H: int = 16) -> gw.nn.Recurrent:
    program = gw.cells.get(name).program
    widths = tuple(3 if i.size.names else 1 for i in program.inputs)
    more = {"P": H} if name == "lstmp" else {}
    return gw.nn.Recurrent(name, widths if len(widths) > 1 else 3, H, sizes=more)


def test_every_cell_of_the_catalogue_is_known() -> None:
    assert {*KEEPS, *NONE} == set(gw.cells.names())


@pytest.mark.parametrize("name", KEEPS)
def test_the_gate_is_the_one_of_the_paper(name: str) -> None:
    keeps, writes = KEEPS[name]
    (retention, *_) = [r for r in retentions(gw.cells.get(name).program) if r.keeps]
    assert [f"{'+' if b.sign > 0 else '-'}{b.param}" for b in retention.keeps] == [keeps]
    assert [b.param for b in retention.writes] == ([writes] if writes else [])


@pytest.mark.parametrize("name", KEEPS)
def test_chrono_spreads_what_is_kept_over_the_lags(name: str) -> None:
    """At rest the old state is multiplied by 1 - 1/tau, tau between 2 and T."""
    layer = init.chrono_(layer_of(name), 1000.0, generator=torch.Generator().manual_seed(0))
    keeps, writes = KEEPS[name]
    biases = layer.equation_parameters()
    logits = biases[keeps[1:]] * (1 if keeps[0] == "+" else -1)
    taus = 1 + logits.exp()
    assert 2 <= taus.min() <= taus.max() <= 1000
    assert len(taus) == 1 or taus.min() < 500 < taus.max()  # a gate of a whole head has one unit
    if writes:
        first = biases[writes].mean()
        assert first < -3  # closed as far as the other is open


@pytest.mark.parametrize("name", NONE)
@pytest.mark.parametrize(
    "start", [lambda m: init.chrono_(m, 100), lambda m: init.forget_bias_(m, 1)]
)
def test_a_cell_without_the_gate_is_told_why(name: str, start: object) -> None:
    reason = {
        "rnn": "enters matrices only",
        "lstm_1997": "nothing is forgotten",
        "nfg": "nothing is forgotten",
        "indrnn": "parameter u",
        "antisymmetric_rnn": "nothing is forgotten",
        "lmu": "enters matrices only",
    }.get(name, "no bias inside a sigmoid")
    layer = layer_of(name)
    before = {n: p.clone() for n, p in layer.named_parameters()}
    with pytest.raises(CellError, match=reason):
        start(layer)  # type: ignore[operator]
    assert all(torch.equal(p, before[n]) for n, p in layer.named_parameters())


def test_forget_bias_of_coupled_gates_makes_them_remember() -> None:
    for name, view, value in (("gru", "b.z", 3.0), ("mgu", "b.f", -3.0), ("cifg", "b.i", -3.0)):
        layer = init.forget_bias_(layer_of(name), 3.0)
        assert torch.equal(layer.equation_parameters()[view], torch.full((16,), value))


def test_an_exponential_gate_gets_the_logarithm() -> None:
    layer = gw.nn.Recurrent(gw.cells.slstm(forget="exp"), 3, 4)
    init.forget_bias_(layer, 2.0)
    retention = layer.equation_parameters()["b.f"].exp()
    assert torch.allclose(retention, torch.full((4,), 1 / (1 + math.exp(-2.0))))


@pytest.mark.parametrize("kind", [gw.nn.LSTM, gw.nn.GRU])
def test_drop_ins_start_as_in_pytorch_until_they_are_asked(kind: type) -> None:
    torch.manual_seed(0)
    ours = kind(3, 5, 2, bidirectional=True)
    torch.manual_seed(0)
    theirs = getattr(torch.nn, kind.__name__)(3, 5, 2, bidirectional=True)
    for name, value in theirs.state_dict().items():
        assert torch.equal(ours.state_dict()[name], value)
    init.forget_bias_(ours, 4.0)
    view = "b.f" if kind is gw.nn.LSTM else "b.z"
    for layer in (0, 1):
        for direction in (0, 1):
            views = ours.equation_parameters(layer, direction)
            assert torch.equal(views[view] + views[f"b.h{view[2:]}"], torch.full((5,), 4.0))


def test_a_cell_of_ones_own_is_read_as_well() -> None:
    @gw.cell
    def mine(x, /, h, m, *, W, U, b):  # type: ignore[no-untyped-def]
        u = sigmoid(W.u @ x + U.u @ h + b.u)
        m = (1 - u) * m + u * tanh(W.n @ x)
        h = tanh(m)
        return h, m

    assert why_not(mine.program) == ""
    layer = init.forget_bias_(gw.nn.Recurrent(mine, 3, 4), 2.0)
    assert torch.equal(layer.equation_parameters()["b.u"], torch.full((4,), -2.0))


def test_orthogonal() -> None:
    layer = init.orthogonal_(layer_of("lstm"), 1.5, generator=torch.Generator().manual_seed(0))
    for gate in "ifzo":
        U = layer.equation_parameters()[f"U.{gate}"]
        assert torch.allclose(U @ U.T, 2.25 * torch.eye(16), atol=1e-5)
    blocks = gw.nn.Recurrent(gw.cells.slstm(heads=2), 3, 8)
    init.orthogonal_(blocks)
    R = blocks.equation_parameters()["R.f"]
    assert R.shape == (2, 4, 4)
    assert torch.allclose(R @ R.transpose(1, 2), torch.eye(4).expand(2, 4, 4), atol=1e-5)


def test_matrices_that_are_not_trained_stay() -> None:
    """The memory of an LMU is moved by a matrix that its equations fix."""
    layer = init.orthogonal_(layer_of("lmu"))
    U = layer.equation_parameters()["W.h"].detach()
    assert torch.allclose(U @ U.T, torch.eye(len(U)), atol=1e-5)
    assert "A_bar" not in init.recurrent_matrices(gw.cells.get("lmu").program)


def test_orthogonal_without_a_matrix_over_the_state() -> None:
    with pytest.raises(CellError, match="no matrix of it reads a state"):
        init.orthogonal_(layer_of("mingru"))


@pytest.mark.parametrize(
    "call",
    [
        lambda m: init.chrono_(m, 2),
        lambda m: init.chrono_(m, math.nan),
        lambda m: init.chrono_(m, "1000"),
        lambda m: init.forget_bias_(m, math.inf),
        lambda m: init.forget_bias_(torch.nn.LSTM(3, 4), 1.0),
        lambda m: init.orthogonal_(m, math.nan),
    ],
)
def test_bad_arguments(call: object) -> None:
    with pytest.raises(InputError):
        call(layer_of("lstm"))  # type: ignore[operator]


def test_what_multiplies_the_state_can_be_recorded() -> None:
    program, names = with_retention(gw.cells.gru.program)
    layer = gw.nn.Recurrent(gw.Cell(program), 3, 4)
    x = torch.randn(5, 2, 3)
    _, _, recorded = layer(x, record=(names["h"], "z"))
    assert torch.equal(recorded[names["h"]][0], recorded["z"][0])
