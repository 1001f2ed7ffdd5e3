"""``module.weights = "bfloat16"``: what inference reads, and what stays as it is."""

from __future__ import annotations

import copy
import pickle

import pytest
import torch
from torch import Tensor

import gatewise as gw
from gatewise import nn

T, B, I, H = 6, 3, 5, 19


def rounded(t: Tensor) -> Tensor:
    return t.bfloat16().float()


def by_hand(module: nn.LSTM, x: Tensor, h: Tensor, c: Tensor) -> tuple[Tensor, Tensor]:
    """One step of an LSTM with matrices, and what they are applied to, in bfloat16."""
    w, u = rounded(module.weight_ih_l0), rounded(module.weight_hh_l0)
    gates = rounded(x) @ w.T + rounded(h) @ u.T + module.bias_ih_l0 + module.bias_hh_l0
    i, f, g, o = gates.chunk(4, -1)
    c = f.sigmoid() * c + i.sigmoid() * g.tanh()
    return o.sigmoid() * c.tanh(), c


@pytest.fixture
def module() -> nn.LSTM:
    torch.manual_seed(0)
    return nn.LSTM(I, H)


def test_one_step_is_the_definition(module: nn.LSTM) -> None:
    x, h, c = torch.randn(1, B, I), torch.randn(1, B, H), torch.randn(1, B, H)
    module.weights = "bfloat16"
    with torch.no_grad():
        output, (_, cell) = module(x, (h, c))
        expected, cell_expected = by_hand(module, x[0], h[0], c[0])
    torch.testing.assert_close(output[0], expected, rtol=1e-5, atol=1e-6)
    torch.testing.assert_close(cell[0], cell_expected, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("grad", [False, True])
def test_it_can_be_set_and_unset_between_calls(module: nn.LSTM, grad: bool) -> None:
    """The quick way of calls whose shapes were met before must notice, too."""
    x = torch.randn(T, B, I)
    with torch.set_grad_enabled(grad):
        plain = [module(x)[0] for _ in range(2)]
        module.weights = "bfloat16"
        narrow = [module(x)[0] for _ in range(2)]
        module.weights = None
        again = module(x)[0]
    assert torch.equal(plain[0], plain[1])
    assert torch.equal(plain[0], again)
    assert torch.equal(narrow[0], narrow[1])
    assert torch.equal(narrow[0], plain[0]) == grad, (
        "with gradients parameters are read as they are"
    )
    torch.testing.assert_close(narrow[0], plain[0], rtol=0, atol=0.02)


def test_gradients_and_parameters_do_not_change(module: nn.LSTM) -> None:
    x, gradients = torch.randn(T, B, I), []
    names = list(module.state_dict())
    for weights in (None, "bfloat16"):
        module.weights = weights
        module.zero_grad()
        module(x)[0].square().sum().backward()
        gradients.append([p.grad.clone() for p in module.parameters() if p.grad is not None])
    assert len(gradients[0]) == 4
    assert all(torch.equal(a, b) for a, b in zip(*gradients, strict=True))
    assert list(module.state_dict()) == names
    assert all(p.dtype == torch.float32 for p in module.parameters())


@pytest.mark.parametrize("cell", ["gru_v3", "sru", "layernorm_lstm"])
def test_layers_and_directions_of_any_cell(cell: str) -> None:
    torch.manual_seed(0)
    module = nn.Recurrent(cell, I, H, num_layers=2, bidirectional=True).eval()
    x, lengths = torch.randn(T, B, I), torch.tensor([T, 1, 4])
    with torch.no_grad():
        plain, _ = module(x, lengths=lengths)
        module.weights = "bfloat16"
        narrow, _ = module(x, lengths=lengths)
    error = (plain - narrow).abs().max() / plain.abs().max()
    assert 1e-5 < error < 0.05
    assert not narrow[1:, 1].any(), "padding"


def test_copies_keep_it(module: nn.LSTM) -> None:
    x = torch.randn(T, B, I)
    module.weights = "bfloat16"
    copied, saved = copy.deepcopy(module), pickle.loads(pickle.dumps(module))
    with torch.no_grad():
        for other in (copied, saved):
            assert other.weights == "bfloat16"
            assert torch.equal(other(x)[0], module(x)[0])


def test_what_there_is_not(module: nn.LSTM) -> None:
    assert module.weights is None
    with pytest.raises(gw.GatewiseError, match="None or \"bfloat16\", not 'int8'"):
        module.weights = "int8"
    assert module.weights is None
    wide = nn.LSTM(I, H, dtype=torch.float64)
    wide.weights = "bfloat16"
    with torch.no_grad(), pytest.raises(gw.GatewiseError, match="bfloat16 with float32"):
        wide(torch.randn(T, B, I, dtype=torch.float64))
