"""The plain cells against PyTorch's own modules, weights converted."""

from __future__ import annotations

import numpy as np
import pytest
import torch

import gatewise as gw
from gatewise import interp
from tests.tolerances import assert_close

I, H, P, T, B = 5, 6, 3, 7, 4


def named(module: torch.nn.RNNBase, gates: str) -> dict[str, np.ndarray]:
    """The weights of a module in the names of the equations; its two biases added up."""
    w, u, b, c = (
        dict(zip(gates, getattr(module, name).detach().chunk(len(gates)), strict=True))
        for name in ("weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0")
    )
    params = {f"W.{k}": w[k] for k in gates} | {f"U.{k}": u[k] for k in gates}
    params |= {f"b.{k}": b[k] + c[k] for k in gates}
    return {name: tensor.numpy() for name, tensor in params.items()}


def compare(
    cell: gw.Cell, module: torch.nn.RNNBase, params: dict[str, np.ndarray], **sizes: int
) -> None:
    """Outputs and final states of both for the same weights, from a random state."""
    rng = np.random.default_rng(0)
    shapes = [(B, s.size.evaluate(sizes)) for s in cell.program.states]
    states = [rng.standard_normal(shape) for shape in shapes]
    x = rng.standard_normal((T, B, I))
    got = interp.run(cell.program, {"x": x}, params, sizes, interp.Sequences(T, B), states=states)
    first = tuple(torch.tensor(s)[None] for s in states)
    with torch.no_grad():
        output, final = module(torch.tensor(x), first if len(first) > 1 else first[0])
    assert_close(got.output, output, "float64", "forward")
    for ours, theirs in zip(got.states, final if len(first) > 1 else (final,), strict=True):
        assert_close(ours, theirs[0], "float64", "state")


@pytest.mark.parametrize("name", ["lstm", "np"])
def test_lstm(name: str) -> None:
    module = torch.nn.LSTM(I, H, dtype=torch.float64)
    compare(gw.cells.get(name), module, named(module, "ifzo"), I=I, H=H)


def test_lstm_with_projection() -> None:
    module = torch.nn.LSTM(I, H, proj_size=P, dtype=torch.float64)
    params = named(module, "ifzo") | {"W.h": module.weight_hr_l0.detach().numpy()}
    compare(gw.cells.lstmp, module, params, I=I, H=H, P=P)


def test_gru() -> None:
    module = torch.nn.GRU(I, H, dtype=torch.float64)
    params = named(module, "rzn")
    inside, outside = (getattr(module, f"bias_{k}_l0").detach().numpy() for k in ("hh", "ih"))
    params |= {"b.n": outside[2 * H :], "b.hn": inside[2 * H :]}
    compare(gw.cells.gru, module, params, I=I, H=H)


@pytest.mark.parametrize("nonlinearity", ["tanh", "relu"])
def test_rnn(nonlinearity: str) -> None:
    module = torch.nn.RNN(I, H, nonlinearity=nonlinearity, dtype=torch.float64)
    params = {name.rstrip(".k"): a for name, a in named(module, "k").items()}
    compare(gw.cells.rnn(nonlinearity=nonlinearity), module, params, I=I, H=H)


@pytest.fixture(autouse=True)
def _seed() -> None:
    torch.manual_seed(0)
