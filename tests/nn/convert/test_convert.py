"""PyTorch and Keras: there and back. Keras's layers are written out here from its documentation."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

import gatewise as gw
from gatewise.errors import InputError
from tests.tolerances import assert_close

I, H, T, B = 3, 4, 6, 2


# --- PyTorch ----------------------------------------------------------------------------------------


@pytest.mark.filterwarnings("ignore:LSTM with projections is not supported with oneDNN")
@pytest.mark.parametrize(
    "make",
    [
        lambda: gw.nn.LSTM(I, H, 2, bidirectional=True, batch_first=True, dropout=0.2),
        lambda: gw.nn.LSTM(I, H, proj_size=2, bias=False),
        lambda: gw.nn.GRU(I, H, 2, memory=3),
        lambda: gw.nn.RNN(I, H, nonlinearity="relu", bias=False),
        lambda: gw.nn.RNN(I, H),
        lambda: gw.nn.Recurrent("lstm", I, H, 2, bidirectional=True, dropout=0.1),
        lambda: gw.nn.Recurrent("lstmp", I, H, sizes={"P": 3}),
        lambda: gw.nn.Recurrent("gru", I, H, 2),
        lambda: gw.nn.Recurrent("rnn", I, H),
        lambda: gw.nn.Recurrent(gw.cells.rnn(nonlinearity="relu"), I, H),
    ],
)
def test_to_torch_is_the_same_network(make: Any) -> None:
    module = make().double().eval()
    next(module.parameters()).requires_grad_(False)
    state = torch.random.get_rng_state()
    theirs = module.to_torch()
    assert torch.equal(state, torch.random.get_rng_state())
    assert type(theirs).__module__.startswith("torch.nn") and not theirs.training
    x = torch.randn(B, T, I, dtype=torch.float64)
    assert_close(theirs(x)[0], module(x)[0], "float64", "forward")
    if isinstance(module, nn.RNNBase):
        assert all(map(torch.equal, theirs.state_dict().values(), module.state_dict().values()))
        assert [p.requires_grad for p in theirs.parameters()] == [
            p.requires_grad for p in module.parameters()
        ]


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: gw.nn.LSTM(I, H, zoneout=0.1), "no zoneout"),
        (lambda: gw.nn.GRU(I, H, learned_initial_state=True), "no learned_initial_state"),
        (lambda: gw.nn.Recurrent("peephole_lstm", I, H), "not peephole_lstm"),
        (lambda: gw.nn.Recurrent("gru_v3", I, H), "not gru_v3"),
    ],
)
def test_to_torch_refuses_what_pytorch_lacks(make: Any, words: str) -> None:
    with pytest.raises(InputError, match=words):
        make().to_torch()


# --- Keras ------------------------------------------------------------------------------------------

FUNCTIONS = {
    "tanh": np.tanh,
    "sigmoid": lambda v: 1 / (1 + np.exp(-v)),
    "relu": lambda v: np.maximum(v, 0),
    "linear": lambda v: v,
    "hard_sigmoid": lambda v: np.clip(v / 6 + 0.5, 0, 1),
    "softsign": lambda v: v / (1 + np.abs(v)),
    "softplus": lambda v: np.log1p(np.exp(v)),
    "exponential": np.exp,
}


class Layer:
    """As much of a Keras layer as can be seen from outside."""

    def __init__(self, weights: list[np.ndarray], **config: Any) -> None:
        self.weights, self.config = weights, config

    def get_weights(self) -> list[np.ndarray]:
        return self.weights

    def get_config(self) -> dict[str, Any]:
        return self.config


class LSTM(Layer):
    def call(self, x: np.ndarray) -> np.ndarray:
        kernel, recurrent, *bias = self.weights
        act, gate = (FUNCTIONS[self.config[k]] for k in ("activation", "recurrent_activation"))
        h = c = np.zeros((len(x), len(recurrent)))
        outputs = []
        for t in range(x.shape[1]):
            z = x[:, t] @ kernel + h @ recurrent + (bias[0] if bias else 0)
            i, f, g, o = np.split(z, 4, axis=1)
            c = gate(f) * c + gate(i) * act(g)
            h = gate(o) * act(c)
            outputs.append(h)
        return np.stack(outputs, 1)


class GRU(Layer):
    def call(self, x: np.ndarray) -> np.ndarray:
        kernel, recurrent, *bias = self.weights
        act, gate = (FUNCTIONS[self.config[k]] for k in ("activation", "recurrent_activation"))
        after = self.config["reset_after"]
        size = len(recurrent)
        b, rb = (bias[0] if after else (bias[0], 0)) if bias else (0, 0)
        h = np.zeros((len(x), size))
        outputs = []
        for t in range(x.shape[1]):
            xz, xr, xh = np.split(x[:, t] @ kernel + b, 3, axis=1)
            if after:
                hz, hr, hh = np.split(h @ recurrent + rb, 3, axis=1)
                z, r = gate(xz + hz), gate(xr + hr)
                n = act(xh + r * hh)
            else:
                z = gate(xz + h @ recurrent[:, :size])
                r = gate(xr + h @ recurrent[:, size : 2 * size])
                n = act(xh + (r * h) @ recurrent[:, 2 * size :])
            h = z * h + (1 - z) * n
            outputs.append(h)
        return np.stack(outputs, 1)


class SimpleRNN(Layer):
    def call(self, x: np.ndarray) -> np.ndarray:
        kernel, recurrent, *bias = self.weights
        h = np.zeros((len(x), len(recurrent)))
        outputs = []
        for t in range(x.shape[1]):
            z = x[:, t] @ kernel + h @ recurrent + (bias[0] if bias else 0)
            h = FUNCTIONS[self.config["activation"]](z)
            outputs.append(h)
        return np.stack(outputs, 1)


class Bidirectional:
    def __init__(self, forward: Any, backward: Any, merge_mode: str = "concat") -> None:
        self.forward_layer, self.backward_layer, self.merge_mode = forward, backward, merge_mode

    def get_weights(self) -> list[np.ndarray]:
        return self.forward_layer.get_weights() + self.backward_layer.get_weights()

    @property
    def weights(self) -> list[np.ndarray]:
        return self.get_weights()

    @weights.setter
    def weights(self, value: list[np.ndarray]) -> None:
        half = len(value) // 2
        self.forward_layer.weights, self.backward_layer.weights = value[:half], value[half:]

    def call(self, x: np.ndarray) -> np.ndarray:
        back = self.backward_layer.call(x[:, ::-1])[:, ::-1]
        return np.concatenate([self.forward_layer.call(x), back], -1)


def weights(n: int, bias: tuple[int, ...] | None, seed: int = 0) -> list[np.ndarray]:
    g = np.random.default_rng(seed)
    shapes = [(I, n * H), (H, n * H), *([bias] if bias else [])]
    return [g.standard_normal(s) * 0.5 for s in shapes]


def layers() -> list[tuple[str, Any, type]]:
    pairs: list[tuple[str, Any, type]] = []
    for bias in (True, False):
        for act, gate in (
            ("tanh", "sigmoid"),
            ("relu", "hard_sigmoid"),
            ("softsign", "softplus"),
            ("linear", "sigmoid"),
        ):
            config = {"activation": act, "recurrent_activation": gate}
            plain = act == "tanh"
            tag = f"{act}-{gate}-{'bias' if bias else 'none'}"
            pairs.append(
                (
                    f"LSTM-{tag}",
                    LSTM(weights(4, (4 * H,) if bias else None), **config),
                    gw.nn.LSTM if plain else gw.nn.Recurrent,
                )
            )
            for after in (True, False):
                shape = ((2, 3 * H) if after else (3 * H,)) if bias else None
                layer = GRU(weights(3, shape), **config, reset_after=after)
                pairs.append(
                    (f"GRU-{after}-{tag}", layer, gw.nn.GRU if plain and after else gw.nn.Recurrent)
                )
        for act in ("tanh", "relu", "softsign"):
            layer = SimpleRNN(weights(1, (H,) if bias else None), activation=act)
            kind = gw.nn.Recurrent if act == "softsign" else gw.nn.RNN
            pairs.append((f"SimpleRNN-{act}-{bias}", layer, kind))
    config = {"activation": "tanh", "recurrent_activation": "sigmoid"}
    pair = [GRU(weights(3, (2, 3 * H), s), **config, reset_after=True) for s in (1, 2)]
    pairs.append(("Bidirectional", Bidirectional(*pair), gw.nn.GRU))
    return pairs


@pytest.mark.parametrize(("name", "layer", "kind"), layers(), ids=[x[0] for x in layers()])
def test_from_keras_and_back(name: str, layer: Any, kind: type) -> None:
    module = gw.nn.from_keras(layer, dtype=torch.float64)
    assert type(module) is kind
    x = np.random.default_rng(3).standard_normal((B, T, I))
    assert_close(module(torch.from_numpy(x))[0], layer.call(x), "float64", "forward")
    back = module.to_keras_weights()
    assert [w.shape for w in back] == [w.shape for w in layer.get_weights()]
    if not (kind is gw.nn.Recurrent and name.startswith("GRU-True")):  # both biases in one there
        assert all(np.array_equal(a, b) for a, b in zip(back, layer.get_weights(), strict=True))
    layer.weights = back
    assert_close(module(torch.from_numpy(x))[0], layer.call(x), "float64", "forward")
    if "none" not in name and name.split("-")[-1] != "False":  # weights alone tell the rest
        config = getattr(layer, "config", {})
        again = gw.nn.from_keras(
            layer.get_weights(),
            activation=config.get("activation"),
            recurrent_activation=config.get("recurrent_activation"),
            dtype=torch.float64,
        )
        assert torch.equal(again(torch.from_numpy(x))[0], module(torch.from_numpy(x))[0])


def test_drop_ins_of_pytorch_become_keras() -> None:
    theirs = nn.GRU(I, H, batch_first=True, dtype=torch.float64)
    ours = gw.nn.GRU(I, H, batch_first=True, dtype=torch.float64)
    ours.load_state_dict(theirs.state_dict())
    layer = GRU(
        ours.to_keras_weights(), activation="tanh", recurrent_activation="sigmoid", reset_after=True
    )
    x = torch.randn(B, T, I, dtype=torch.float64)
    assert_close(layer.call(x.numpy()), theirs(x)[0], "float64", "forward")
    stacked = gw.nn.LSTM(I, H, 2, bidirectional=True)
    assert [w.shape for w in stacked.to_keras_weights(1)] == [(8, 16), (4, 16), (16,)] * 2


def test_dropouts_of_a_layer_are_kept() -> None:
    layer = LSTM(
        weights(4, (4 * H,)),
        activation="tanh",
        recurrent_activation="sigmoid",
        dropout=0.1,
        recurrent_dropout=0.2,
    )
    module = gw.nn.from_keras(layer, zoneout=0.3)
    extras = module.plan.extras
    assert extras.input_dropout == 0.1 and extras.zoneout == 0.3
    assert [m.name for m in module.plan.masks] == ["dropout.h", "zoneout.h", "zoneout.c"]


TANH = {"activation": "tanh", "recurrent_activation": "sigmoid"}
BAD: list[tuple[str, Any, dict[str, Any], str]] = [
    ("one array", [np.zeros((3, 16))], {}, "kernel, recurrent_kernel"),
    ("no arrays", 3, {}, "get_weights"),
    ("shapes", [np.zeros((3, 20)), np.zeros((4, 20))], {}, "no LSTM, GRU or SimpleRNN"),
    ("bias", [np.zeros((3, 16)), np.zeros((4, 16)), np.zeros(15)], {}, "no LSTM"),
    ("kernels", [np.zeros((3, 16)), np.zeros((4, 12))], {}, "no LSTM"),
    ("GRU without bias", [np.zeros((3, 12)), np.zeros((4, 12))], {}, "reset_after"),
    ("GRU of the other kind", weights(3, (12,)), {"reset_after": True}, "does not fit"),
    ("activation", weights(4, (16,)), {"activation": "tahn"}, "Did you mean 'tanh'"),
    (
        "merge",
        Bidirectional(LSTM(weights(4, (16,)), **TANH), LSTM(weights(4, (16,)), **TANH), "sum"),
        {},
        "merge_mode='sum'",
    ),
    ("backwards", LSTM(weights(4, (16,)), **TANH, go_backwards=True), {}, "go_backwards"),
    ("unbuilt", LSTM([], **TANH), {}, "no weights yet"),
    ("another layer", type("Dense", (Layer,), {})(weights(4, (16,))), {}, "not Dense"),
]


@pytest.mark.parametrize(("what", "source", "keywords", "words"), BAD, ids=[b[0] for b in BAD])
def test_from_keras_refuses(what: str, source: Any, keywords: dict[str, Any], words: str) -> None:
    with pytest.raises(InputError, match=words):
        gw.nn.from_keras(source, **keywords)


def test_to_keras_refuses_what_keras_lacks() -> None:
    for make, words in (
        (lambda: gw.nn.LSTM(I, H, proj_size=2), "not lstmp"),
        (lambda: gw.nn.LSTM(I, H, layer_norm=True), "no layer_norm"),
        (lambda: gw.nn.Recurrent("mgu", I, H), "not mgu"),
    ):
        with pytest.raises(InputError, match=words):
            make().to_keras_weights()
    with pytest.raises(InputError, match="no layer 1"):
        gw.nn.LSTM(I, H).to_keras_weights(1)
