"""``gw.swap``: every recurrent module of a model, in place; and what it says about it."""

from __future__ import annotations

import copy

import pytest
import torch
from torch import nn

import gatewise as gw
from tests.tolerances import assert_close


class Tuned(nn.LSTM):
    """A subclass that may do anything."""


class Model(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.encoder = nn.LSTM(3, 4, 2, dropout=0.3, batch_first=True, bidirectional=True)
        self.blocks = nn.ModuleDict(
            {"gru": nn.GRU(8, 5, bias=False), "rnn": nn.RNN(5, 4, nonlinearity="relu")}
        )
        self.shared = self.blocks["gru"]
        self.projected = nn.LSTM(4, 6, proj_size=2)
        self.cell = nn.LSTMCell(3, 3)
        self.tuned = Tuned(2, 2)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        h = self.blocks["rnn"](self.shared(self.encoder(x)[0])[0])[0]
        return self.tuned(self.projected(h)[0])[0]


@pytest.mark.filterwarnings("ignore:LSTM with projections is not supported with oneDNN")
def test_a_model_keeps_everything_but_the_classes() -> None:
    torch.manual_seed(0)
    model = Model().double().eval()
    model.blocks["gru"].weight_hh_l0.requires_grad_(False)
    model.encoder.train()
    x = torch.randn(2, 5, 3, dtype=torch.float64)
    torch.manual_seed(1)
    before = model(x)
    calls = []
    model.encoder.register_forward_hook(lambda *_: calls.append("hook"))
    parameters, modules = list(model.parameters()), list(model.modules())
    optimizer = torch.optim.SGD(model.parameters(), 0.1)
    report = gw.swap(model)

    assert report.model is model
    assert [(c.name, c.kind) for c in report.changed] == [
        ("encoder", "LSTM"),
        ("blocks.gru", "GRU"),
        ("blocks.rnn", "RNN"),
        ("projected", "LSTM"),
    ]
    assert {x.name: x.reason.split(":")[0] for x in report.left} == {
        "cell": "it runs one step",
        "tuned": "it is a subclass of LSTM and may do things of its own",
    }
    assert all(a is b for a, b in zip(parameters, model.parameters(), strict=True))
    assert all(a is b for a, b in zip(modules, model.modules(), strict=True))
    assert type(model.encoder) is gw.nn.LSTM and type(model.shared) is gw.nn.GRU
    assert model.encoder.training and not model.shared.training
    assert not model.shared.weight_hh_l0.requires_grad
    torch.manual_seed(1)
    after = model(x)
    assert_close(after, before, "float64", "forward")
    assert calls == ["hook"]
    after.sum().backward()
    optimizer.step()
    assert not torch.equal(model(x), after)
    copied = copy.deepcopy(model)
    torch.manual_seed(2)
    expected = model(x)
    torch.manual_seed(2)
    assert torch.equal(copied(x), expected)


def test_the_report_tells_what_runs_where() -> None:
    report = gw.swap(nn.Sequential(nn.Linear(2, 2), nn.LSTM(2, 2)))
    text = str(report)
    assert text.startswith("swapped 1, left 0")
    for change in report.changed:
        assert change.reason and f"{change.kind} now runs on {change.backend}" in text
        assert change.slower == ("slower" in text)
    again = gw.swap(report.model)
    assert not again.changed and again.left[0].reason == "it is ours already"
    empty = gw.swap(nn.Linear(2, 2))
    assert not empty.changed and not empty.left


def test_the_model_may_be_the_module() -> None:
    module = nn.GRU(2, 3)
    x = torch.randn(4, 1, 2)
    expected = module(x)[0]
    report = gw.swap(module, backend="eager")
    assert isinstance(module, gw.nn.GRU) and report.changed[0].backend == "eager"
    assert "the model itself" in str(report)
    assert_close(module(x)[0], expected, "float32", "forward")


def test_parametrized_and_patched_modules() -> None:
    model = nn.ModuleList([nn.LSTM(3, 4), nn.LSTM(3, 4), nn.LSTM(3, 4)])
    nn.utils.parametrizations.orthogonal(model[0], "weight_hh_l0")
    with pytest.warns(FutureWarning):
        nn.utils.weight_norm(model[1], "weight_hh_l0")
    model[2].forward = lambda x: x  # type: ignore[method-assign]
    x = torch.randn(5, 2, 3)
    expected = [m(x)[0] for m in model[:2]]
    report = gw.swap(model)
    assert [c.name for c in report.changed] == ["0", "1"]
    assert report.left[0].reason == "its forward was replaced on the instance"
    for module, value in zip(model[:2], expected, strict=True):
        assert isinstance(module, gw.nn.LSTM)
        assert_close(module(x)[0], value, "float32", "forward")
    assert_close(copy.deepcopy(model[0])(x)[0], expected[0], "float32", "forward")
    nn.utils.parametrize.remove_parametrizations(model[0], "weight_hh_l0")
    assert type(model[0]) is gw.nn.LSTM
    assert_close(model[0](x)[0], expected[0], "float32", "forward")


def test_what_swap_refuses() -> None:
    with pytest.raises(TypeError, match=r"takes a torch\.nn\.Module"):
        gw.swap([nn.LSTM(2, 2)])  # type: ignore[arg-type]
    with pytest.raises(gw.GatewiseError, match="Did you mean 'eager'"):
        gw.swap(nn.LSTM(2, 2), backend="egaer")
