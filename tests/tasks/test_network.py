"""The network by itself: it starts as the baseline, sees the last value everywhere, never crosses."""

from __future__ import annotations

import pytest
import torch

from gatewise import cells
from gatewise.tasks.network import Network, quantile_loss


def network(patch: int) -> Network:
    torch.manual_seed(0)
    return Network(cells.get("lstm"), patch, 8, 6, 3, 1, 2, 0.1).eval()


def data(batch: int = 4) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    torch.manual_seed(1)
    return torch.randn(batch, 24), torch.ones(batch, 24), torch.randn(batch, 3, 6)


def shaken(net: Network) -> Network:
    for layer in (net.correct, net.mix, net.spread):
        torch.nn.init.normal_(layer.weight)
    return net


@pytest.mark.parametrize("patch", [1, 4])
def test_it_starts_as_the_baseline(patch: int) -> None:
    x, seen, candidates = data()
    assert torch.equal(network(patch)(x, seen, candidates)[..., 2], candidates[:, 1])


@pytest.mark.parametrize("patch", [1, 4])
@pytest.mark.parametrize("place", [-1, -2, 0])
def test_every_step_sees_every_value(patch: int, place: int) -> None:
    """Baselines and scale held still: what moves the forecast is the encoder alone."""
    x, seen, candidates = data()
    net = shaken(network(patch))
    before = net(x, seen, candidates)
    x[:, place] += 3.0
    assert torch.all(net(x, seen, candidates) != before)


@pytest.mark.parametrize("patch", [1, 4])
def test_a_missing_value_is_told_from_a_zero(patch: int) -> None:
    x, seen, candidates = data()
    x[:, -1] = 0
    net = shaken(network(patch))
    before = net(x, seen, candidates)
    seen[:, -1] = 0
    assert torch.all(net(x, seen, candidates) != before)


def test_quantiles_never_cross() -> None:
    x, seen, candidates = data(200)
    assert torch.all(shaken(network(4))(x, seen, candidates).diff(dim=-1) >= 0)


def test_the_loss_is_the_pinball_loss_over_what_is_there() -> None:
    quantiles = torch.tensor([[[1.0, 2.0], [0.0, 5.0]]])
    truth = torch.tensor([[3.0, float("nan")]])
    loss = quantile_loss(quantiles, truth, torch.tensor([0.1, 0.5]), torch.tensor([2.0]))
    assert loss.item() == pytest.approx(2 * (0.1 * 2 + 0.5 * 1))
    quantiles.requires_grad_()
    quantile_loss(quantiles, truth, torch.tensor([0.1, 0.5]), torch.ones(1)).backward()
    assert torch.all(quantiles.grad[0, 1] == 0)  # type: ignore[index]
