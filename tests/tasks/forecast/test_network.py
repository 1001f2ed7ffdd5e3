"""The network by itself: it starts as the baseline, sees the last value everywhere, never crosses."""

from __future__ import annotations

import pytest
import torch

from gatewise import cells
from gatewise.tasks.forecast.network import Network

Inputs = tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]


def network(block: int = 3) -> Network:
    torch.manual_seed(0)
    return Network(cells.get("lstm"), 10, 8, block, 2, 1, 3, 1, 2, 0.1).eval()


def data(batch: int = 4, horizon: int = 12) -> tuple[torch.Tensor, Inputs]:
    torch.manual_seed(1)
    inputs = (
        torch.randn(batch, 3, horizon),
        torch.randn(batch, horizon, 2),
        torch.randn(batch, 1),
        torch.rand(batch) + 0.5,
    )
    return torch.randn(5, batch, 10), inputs


def shaken(net: Network) -> Network:
    for layer in (net.correct, net.mix, net.spread):
        torch.nn.init.normal_(layer.weight)
    return net


def run(net: Network, steps: torch.Tensor, inputs: Inputs) -> torch.Tensor:
    with torch.no_grad():
        return net.decode(net.encode(steps)[0][-1], *inputs)


@pytest.mark.parametrize("block", [1, 3, 4])
def test_it_starts_as_the_baseline(block: int) -> None:
    steps, inputs = data()
    assert torch.equal(run(network(block), steps, inputs)[..., 2], inputs[0][:, 1])


@pytest.mark.parametrize("block", [1, 3, 4])
@pytest.mark.parametrize("step", [-1, -2, 0])
def test_every_step_of_the_horizon_sees_every_step_of_the_history(block: int, step: int) -> None:
    """Baselines and scale held still: what moves the forecast is the state alone."""
    steps, inputs = data()
    net = shaken(network(block))
    before = run(net, steps, inputs)
    steps[step, :, 3] += 3.0
    assert torch.all(run(net, steps, inputs) != before)


def test_a_longer_horizon_leaves_the_steps_before_as_they_are() -> None:
    steps, inputs = data(horizon=18)
    net = shaken(network())
    long = run(net, steps, inputs)
    short = run(net, steps, (inputs[0][..., :6], inputs[1][:, :6], inputs[2], inputs[3]))
    torch.testing.assert_close(long[:, :6], short)


def test_known_covariates_reach_their_own_step() -> None:
    steps, inputs = data()
    net = shaken(network())
    before = run(net, steps, inputs)
    inputs[1][:, 4] += 1
    moved = run(net, steps, inputs) != before
    assert moved[:, 3:].all()
    assert not moved[:, :3].any()  # the block before it knows nothing of it


def test_what_depends_on_no_state_says_so() -> None:
    """A network that has not learned anything: its states need not be worked out."""
    steps, inputs = data()
    net = network()
    assert net.blind
    assert torch.equal(run(net, steps, inputs), run(net, steps + 1, inputs))
    for name in ("correct", "mix", "spread"):
        net = network()
        torch.nn.init.normal_(getattr(net, name).weight)
        assert not net.blind


def test_quantiles_never_cross() -> None:
    steps, inputs = data(200)
    assert torch.all(run(shaken(network()), steps, inputs).diff(dim=-1) >= 0)


def test_corrections_and_widths_are_multiples_of_the_unit() -> None:
    steps, inputs = data()
    net = shaken(network())
    torch.nn.init.zeros_(net.mix.weight)
    one = run(net, steps, inputs)
    twice = run(net, steps, (*inputs[:3], 2 * inputs[3]))
    base = inputs[0][:, 1, :, None]
    torch.testing.assert_close(twice - base, 2 * (one - base))


def test_the_encoder_goes_on_from_where_it_was() -> None:
    steps, _ = data()
    net = network()
    with torch.no_grad():
        whole, end = net.encode(steps)
        _, middle = net.encode(steps[:2])
        rest, last = net.encode(steps[2:], middle)
    torch.testing.assert_close(rest, whole[2:])
    torch.testing.assert_close(last[0], end[0])
