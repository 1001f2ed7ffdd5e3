"""Gates, timescales, memory horizon, attribution, selection, pictures, the page."""

from __future__ import annotations

import json
import math
import re
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

import gatewise as gw
from gatewise.errors import CellError, InputError, ProgramError
from gatewise.inspect import pictures
from gatewise.inspect.attribution import attribution
from gatewise.inspect.gradients import gradient_by_lag
from gatewise.inspect.memory import gates, memory_horizon, timescales
from gatewise.inspect.opened import open_layer
from gatewise.inspect.page.page import page
from gatewise.inspect.selection import active_units, select
from gatewise.nn import init

X = torch.randn(20, 3, 4, generator=torch.Generator().manual_seed(0))


class Net(nn.Module):
    """A layer between an embedding of the input and a readout."""

    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Linear(4, 5)
        self.layer = gw.nn.LSTM(5, 6)
        self.drop = nn.Dropout(0.5)
        self.out = nn.Linear(6, 2)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y, _ = self.layer(self.first(x))
        return self.out(self.drop(y[-1]))


def test_gates_are_those_of_the_module() -> None:
    net = gw.nn.LSTM(4, 6)
    recorded = gates(net, X)
    assert set(recorded) == {"i", "f", "z", "o", "c", "h"}
    output, _ = net(X)
    assert np.allclose(recorded["h"], output.detach().numpy(), atol=1e-6)
    assert recorded["f"].dtype == np.float64
    with pytest.raises(ProgramError, match="'g' is not a quantity"):
        gates(net, X, ["g"])


def test_gates_of_every_layer_and_direction() -> None:
    net = gw.nn.LSTM(4, 6, 2, bidirectional=True)
    output, _ = net(X)
    forward, backward = (gates(net, X, ["h"], layer=1, direction=d)["h"] for d in (0, 1))
    assert np.allclose(np.concatenate([forward, backward], -1), output.detach().numpy(), atol=1e-6)


def test_a_network_is_opened_where_its_layer_is() -> None:
    net = Net().train()
    recorded = gates(net, X)
    y, _ = net.layer(net.first(X))
    assert np.allclose(recorded["h"], y.detach().numpy(), atol=1e-6)
    assert net.training


def test_learned_initial_states_and_zoneout_are_as_in_evaluation() -> None:
    net = gw.nn.Recurrent("lstm", 4, 6, zoneout=0.3, learned_initial_state=True)
    with torch.no_grad():
        net.initial_h_l0.normal_()
    output, _ = net.eval()(X)
    assert np.allclose(gates(net.train(), X, ["h"])["h"], output.detach().numpy(), atol=1e-6)


def test_models_without_a_layer() -> None:
    with pytest.raises(InputError, match="no recurrent module"):
        open_layer(nn.Linear(4, 2), X)
    with pytest.raises(InputError, match="takes inputs of sizes 4, not 3"):
        open_layer(gw.nn.LSTM(4, 2), X[..., :3])
    with pytest.raises(InputError, match="tensors of numbers"):
        open_layer(gw.nn.LSTM(4, 2), X.long())


def test_timescales_are_those_of_the_bias() -> None:
    """With weights of zero a gate is sigmoid(b): 1 / ln(1 + e^-b), 149 steps at b = 5."""
    net = gw.nn.LSTM(4, 3)
    with torch.no_grad():
        for p in net.parameters():
            p.zero_()
    init.forget_bias_(net, 5.0)
    assert np.allclose(timescales(net, X)["c"], 1 / math.log1p(math.exp(-5)), rtol=1e-6)
    assert np.isinf(timescales(gw.nn.Recurrent("lstm_1997", 4, 3), X)["c"]).all()
    with pytest.raises(CellError, match="enters matrices only"):
        timescales(gw.nn.RNN(4, 3), X)


def test_memory_horizon() -> None:
    torch.manual_seed(0)
    forgetful = memory_horizon(gw.nn.Recurrent("rnn", 4, 16), (1, 5, 100), noise=0.1)
    assert forgetful.horizon < 100 and forgetful.accuracy[-1] < 0.7
    lasting = memory_horizon(
        init.forget_bias_(gw.nn.Recurrent("lstm", 4, 16), 8.0), (1, 5, 100), noise=0.1
    )
    assert lasting.horizon == 100
    with pytest.raises(InputError, match="bidirectional"):
        memory_horizon(gw.nn.LSTM(4, 3, bidirectional=True))
    with pytest.raises(InputError, match="whole numbers"):
        memory_horizon(gw.nn.LSTM(4, 3), (0,))


def test_attributions_add_up() -> None:
    net = Net()
    result = attribution(net, X, 1)
    assert result.values.shape == X.shape
    assert np.abs(result.error).max() < 1e-9
    direct = net.eval()(X)[:, 1].detach().numpy()
    assert np.allclose(result.answer, direct, atol=1e-6)
    few = attribution(net, X, 1, steps=1)
    assert np.abs(few.error).max() > np.abs(result.error).max()  # what is missed is shown


def test_attribution_of_a_linear_model_is_weight_times_input() -> None:
    @gw.cell
    def total(x, /, h, *, W):  # type: ignore[no-untyped-def]
        h = h + W @ x
        return h

    net = gw.nn.Recurrent(total, 4, 2)
    result = attribution(net, X, 0, baseline=0.5, steps=1)
    weight = net.equation_parameters()["W"][0].detach().double().numpy()
    assert np.allclose(result.values, (X.double().numpy() - 0.5) * weight, atol=1e-6)
    with pytest.raises(InputError, match="there is no output 2"):
        attribution(net, X, 2)
    with pytest.raises(InputError, match="one number a sequence"):
        attribution(net, X, lambda r: r[0])
    with pytest.raises(InputError, match="give their vectors"):
        attribution(net, X[..., 0].long(), 0)


def test_select_spans() -> None:
    values = np.zeros((10, 2, 3))
    values[2:6, 0, 1] = 0.9
    values[3:9, 0, 2] = 0.8
    values[7:9, 1, 1:] = 0.7
    (longest, second) = select(values, [1, 2])
    assert (longest.sequence, longest.start, longest.stop) == (0, 3, 6)
    assert longest.strength == pytest.approx(0.85)
    assert (second.sequence, second.start, second.stop) == (1, 7, 9)
    assert len(select(values, [1, 2], shortest=3)) == 1
    assert active_units(values, 0, 3, 6) == []  # unit 1 begins before, unit 2 ends after
    assert active_units(values, 0, 3, 6, only=False) == [1, 2]
    assert active_units(values, 1, 7, 9) == [1, 2]
    with pytest.raises(InputError, match="from 0 to 2"):
        select(values, [3])
    with pytest.raises(InputError, match="no span"):
        active_units(values, 0, 6, 3)


def test_pictures(tmp_path: Path) -> None:
    net = gw.nn.LSTM(4, 6)
    lags = gradient_by_lag(net, X, (1, 5))
    figures = [
        pictures.plot_gates(gates(net, X), X.numpy(), 1),
        pictures.plot_gradients({"lstm": lags, "rnn": gradient_by_lag(gw.nn.RNN(4, 6), X, (1, 5))}),
        pictures.plot_timescales({"lstm": timescales(net, X)["c"], "1997": np.full(6, np.inf)}),
        pictures.plot_curves({"seed 0": [(10, 0.5), (20, 0.1)]}, below=0.2),
    ]
    for k, figure in enumerate(figures):
        figure.savefig(tmp_path / f"{k}.svg")
    assert len(figures[0].axes) == 1 + 6 + 6  # input, six quantities, their scales
    with pytest.raises(InputError, match="no sequence 7"):
        pictures.plot_gates(gates(net, X), X.numpy(), 7)
    with pytest.raises(InputError, match="nothing to draw"):
        pictures.plot_gradients({})


def data_of(text: str) -> dict[str, object]:
    match = re.search(r'<script id="data" type="application/json">(.*?)</script>', text, re.DOTALL)
    assert match is not None
    data: dict[str, object] = json.loads(match[1])
    return data


def test_the_page_holds_what_was_recorded() -> None:
    import base64

    net = gw.nn.Recurrent("gru", 4, 6)
    text = page(net, X, title="</script><b>", labels=["a", "b", "c"], lengths=[20, 5, 7])
    data = data_of(text)
    assert data["title"] == "</script><b>"
    assert "http" not in re.sub(r"http-equiv", "", text)  # offline
    assert data["lengths"] == [20, 5, 7] and data["offsets"] == [0, 20, 25]
    by_name = {q["name"]: q for q in data["quantities"]}  # type: ignore[attr-defined]
    assert set(by_name) == {"input", "z", "r", "n", "h"}
    z = by_name["z"]
    read = np.frombuffer(base64.b64decode(z["data"]), np.uint8).reshape(32, 6)
    expected = gates(net, X, ["z"])["z"]
    assert np.abs(read[20:25] / 255 - expected[:5, 1]).max() < 1 / 255
    assert len(data["times"]) == 6  # type: ignore[arg-type]


def test_the_page_of_a_cell_without_gates_says_why() -> None:
    data = data_of(page(gw.nn.RNN(4, 6), X))
    assert data["times"] is None and "enters matrices only" in str(data["reason"])
    with pytest.raises(InputError, match="lengths"):
        page(gw.nn.RNN(4, 6), X, lengths=[0, 1, 2])


@pytest.mark.parametrize("name", gw.cells.names())
def test_every_cell_is_shown(name: str) -> None:
    program = gw.cells.get(name).program
    widths = [4, *(1 if i.per == "step" else 2 for i in program.inputs[1:])]
    net = gw.nn.Recurrent(
        name, tuple(widths) if len(widths) > 1 else 4, 3, sizes={"P": 3} if name == "lstmp" else {}
    )
    x = [
        X[:6],
        *(
            torch.rand(6, 3, 1) if i.per == "step" else torch.randn(3, 2)
            for i in program.inputs[1:]
        ),
    ]
    data = data_of(page(net, tuple(x) if len(x) > 1 else x[0]))
    assert len(data["quantities"]) == len(program.names) + 1  # type: ignore[arg-type]
