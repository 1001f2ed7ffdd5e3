"""Quantiles and their loss: the formulas, and derivatives against finite differences."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor
from torch.nn import functional as F

from gatewise.tasks.forecast.quantile_loss import FAR, quantile_sums, spread_out

PROBABILITIES = torch.tensor([0.05, 0.1, 0.5, 0.9, 0.95], dtype=torch.float64)


def mean_loss(*arguments: torch.Tensor) -> torch.Tensor:
    """The mean loss over the values that are not missing."""
    total, count = quantile_sums(*arguments)
    return total / count.clamp(min=1)


def draw(levels: int = 2, dtype: torch.dtype = torch.float64) -> list[Tensor]:
    torch.manual_seed(0)
    raw, center = torch.randn(1 + 2 * levels, 3, 4), torch.randn(3, 4)
    return [t.to(dtype) for t in (raw, center, torch.rand(3) + 0.5)]


@pytest.mark.parametrize("levels", [1, 2, 3])
def test_quantiles_lie_outward_from_the_point(levels: int) -> None:
    raw, center, unit = draw(levels)
    quantiles = spread_out(raw, center, unit)
    point = center + raw[0] * unit[:, None]
    torch.testing.assert_close(quantiles[..., levels], point)
    widths = F.softplus(raw[1:]) * unit[:, None]
    for k in range(levels):
        torch.testing.assert_close(quantiles[..., levels - k - 1], point - widths[: k + 1].sum(0))
        above = widths[levels : levels + k + 1].sum(0)
        torch.testing.assert_close(quantiles[..., levels + k + 1], point + above)


@pytest.mark.parametrize("levels", [1, 2, 3])
def test_the_derivative_of_the_quantiles(levels: int) -> None:
    raw, center, unit = draw(levels)
    torch.autograd.gradcheck(
        lambda a, b: spread_out(a, b, unit), (raw.requires_grad_(), center.requires_grad_())
    )


def plain(quantiles: Tensor, truth: Tensor, probabilities: Tensor, weight: Tensor) -> Tensor:
    observed = ~torch.isnan(truth)
    error = torch.where(observed, truth, 0.0)[..., None] - quantiles
    loss = torch.maximum(probabilities * error, (probabilities - 1) * error).sum(-1)
    point = error[..., quantiles.shape[-1] // 2]
    loss = loss + F.huber_loss(point, torch.zeros_like(point), reduction="none", delta=FAR)
    return (torch.where(observed, loss, 0.0) * weight[:, None]).sum()


@pytest.mark.parametrize("missing", [False, True])
def test_the_loss_and_its_derivative(missing: bool) -> None:
    """Near and far errors, one that is zero, values that are missing."""
    torch.manual_seed(1)
    quantiles = torch.randn(3, 4, 5, dtype=torch.float64).sort(-1).values
    truth = 4 * torch.randn(3, 4, dtype=torch.float64)
    truth[1, 1] = quantiles[1, 1, 2]  # a series that repeats itself to the last digit
    if missing:
        truth[0, 1] = truth[2] = float("nan")
    weight = torch.rand(3, dtype=torch.float64)
    grads, sums = [], []
    for loss in (plain, lambda *tensors: quantile_sums(*tensors)[0]):
        here = quantiles.clone().requires_grad_()
        sums.append(loss(here, truth, PROBABILITIES, weight))
        (2 * sums[-1]).backward()
        grads.append(here.grad)
    torch.testing.assert_close(sums[1], sums[0])
    torch.testing.assert_close(grads[1], grads[0])
    assert quantile_sums(quantiles, truth, PROBABILITIES, weight)[1] == 12 - 5 * missing
    truth[1, 1] = 0.3
    torch.autograd.gradcheck(
        lambda q: quantile_sums(q, truth, PROBABILITIES, weight)[0], (quantiles.requires_grad_(),)
    )


def test_quantiles_that_are_no_numbers_are_not_passed_over() -> None:
    quantiles, truth = torch.zeros(1, 2, 5), torch.tensor([[1.0, float("nan")]])
    quantiles[0, 0, 3] = float("nan")
    assert torch.isnan(mean_loss(quantiles, truth, PROBABILITIES.float(), torch.ones(1)))


def test_the_loss_over_what_is_there() -> None:
    quantiles = torch.tensor([[[1.0, 2.0], [0.0, 5.0]]])
    truth = torch.tensor([[3.0, float("nan")]])
    loss = mean_loss(quantiles, truth, torch.tensor([0.1, 0.5]), torch.tensor([2.0]))
    assert loss.item() == pytest.approx(2 * (0.1 * 2 + 0.5 * 1 + 0.5 * 1**2))
    far = mean_loss(quantiles, torch.tensor([[12.0, 5.0]]), torch.zeros(2), torch.ones(1))
    # with probabilities 0 the pinball loss is that of values below: 0 here but for the second step
    assert far.item() == pytest.approx((3 * (10 - 1.5)) / 2)
    quantiles.requires_grad_()
    mean_loss(quantiles, truth, torch.tensor([0.1, 0.5]), torch.ones(1)).backward()
    assert torch.all(quantiles.grad[0, 1] == 0)  # type: ignore[index]
