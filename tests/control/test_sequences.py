"""Sequences with resets inside are learned from as the episodes that they consist of."""

from __future__ import annotations

import copy
from itertools import pairwise

import numpy as np
import pytest
import torch
from torch import Tensor

from gatewise.control.actions import ActionCoding
from gatewise.control.network import PolicyNetwork
from gatewise.control.options import Options
from gatewise.control.update import Sequences, losses, make_optimizer, run_network
from gatewise.tasks.options import single_input_cell

CHOICE = ActionCoding("choices", (), (3,), (0,))
NUMBER = ActionCoding("numbers", (2,), low=(-1.0, None), high=(1.0, None))
T, B, I, H = 12, 3, 4, 6


def network_of(cell: str, action: ActionCoding, shared: bool = True) -> PolicyNetwork:
    torch.manual_seed(0)
    deviations = action.parts if action.kind == "numbers" else 0
    chosen = single_input_cell(cell, "")
    return PolicyNetwork(chosen, I, action.outputs, H, shared, deviations).double()


def sequences_of(network: PolicyNetwork, action: ActionCoding) -> Sequences:
    draw = torch.Generator().manual_seed(1)
    starts = torch.rand(T, B, generator=draw) < 0.3
    starts[0] = torch.tensor([True, False, False])
    if action.kind == "choices":
        drawn = torch.randint(3, (T, B, 1), generator=draw)
    else:
        drawn = torch.randn(T, B, action.parts, generator=draw, dtype=torch.float64)

    def noise(*shape: int) -> Tensor:
        return torch.randn(*shape, generator=draw, dtype=torch.float64)

    memory = tuple(noise(B, n) for n in network.widths)
    weights = torch.ones(T, B, dtype=torch.float64)
    weights[5, 1] = 0.0  # a step without an action
    return Sequences(
        noise(T, B, I),
        starts,
        memory,
        0,
        drawn,
        -1 + 0.1 * noise(T, B),
        noise(T, B),
        noise(T, B),
        weights,
    )


def episodes_of(whole: Sequences) -> list[tuple[int, slice, bool]]:
    """Row, steps, and whether it begins with a reset, of every episode of the sequences."""
    pieces = []
    for row in range(B):
        cuts = [0, *(t for t in range(1, T) if whole.starts[t, row]), T]
        for first, last in pairwise(cuts):
            pieces.append((row, slice(first, last), bool(whole.starts[first, row])))
    return pieces


def padded(whole: Sequences) -> Sequences:
    """Every episode as a sequence of its own, from its own state, padded at the end with what must not count."""
    pieces = episodes_of(whole)
    N = len(pieces)

    def pad(values: Tensor, fill: float) -> Tensor:
        rows = torch.full((T, N, *values.shape[2:]), fill, dtype=values.dtype)
        for k, (row, steps, _) in enumerate(pieces):
            rows[: steps.stop - steps.start, k] = values[steps, row]
        return rows

    memory = tuple(
        torch.stack([torch.zeros_like(m[row]) if fresh else m[row] for row, _, fresh in pieces])
        for m in whole.memory
    )
    return Sequences(
        pad(whole.inputs, 99.0),
        torch.zeros(T, N, dtype=torch.bool),
        memory,
        0,
        pad(whole.drawn, 1),
        pad(whole.likelihood, 5.0),
        pad(whole.advantages, 77.0),
        pad(whole.returns, -55.0),
        pad(whole.weights, 0.0),
    )


def gradients(network: PolicyNetwork, loss: Tensor) -> list[Tensor]:
    parameters = list(network.parameters())
    return list(torch.autograd.grad(loss, parameters, allow_unused=True))


@pytest.mark.parametrize("cell", ["lstm", "gru", "peephole_lstm", "minlstm"])
@pytest.mark.parametrize("shared", [True, False])
def test_gradients_with_resets_are_those_of_the_episodes_one_by_one(
    cell: str, shared: bool
) -> None:
    network = network_of(cell, CHOICE, shared)
    whole = sequences_of(network, CHOICE)
    weight = torch.randn(T, B, CHOICE.outputs + 1, dtype=torch.float64)
    said, values = run_network(network, whole)
    loss = (torch.cat([said, values[..., None]], -1) * weight).sum()
    together = gradients(network, loss)

    apart = [torch.zeros_like(p) for p in network.parameters()]
    for row, steps, fresh in episodes_of(whole):
        memory = [torch.zeros_like(m[[row]]) if fresh else m[[row]] for m in whole.memory]
        said, values, _ = network(whole.inputs[steps, [row]], memory, None)
        loss = (torch.cat([said, values[..., None]], -1) * weight[steps, [row]]).sum()
        for total, part in zip(apart, gradients(network, loss), strict=True):
            total += part
    for one, other in zip(together, apart, strict=True):
        torch.testing.assert_close(one, other, rtol=1e-6, atol=1e-9)


@pytest.mark.parametrize("action", [CHOICE, NUMBER], ids=["choices", "numbers"])
def test_padded_episodes_take_the_same_step(action: ActionCoding) -> None:
    options = Options(ent_coef=0.01, max_grad_norm=0.5)
    steps = []
    for split in (False, True):
        network = network_of("lstm", action)
        whole = sequences_of(network, action)
        batch = padded(whole) if split else whole
        loss, figures = losses(network, action, batch, options)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), options.max_grad_norm)
        make_optimizer(network, 1e-2).step()
        steps.append((loss, figures, copy.deepcopy(network.state_dict())))
    (loss, figures, weights), (loss_, figures_, weights_) = steps
    torch.testing.assert_close(loss, loss_, rtol=1e-10, atol=1e-12)
    torch.testing.assert_close(figures, figures_, rtol=1e-6, atol=1e-7)
    for name, one in weights.items():
        torch.testing.assert_close(one, weights_[name], rtol=1e-6, atol=1e-9, msg=name)


def test_what_does_not_count_changes_nothing() -> None:
    """Values at a step of weight 0 leave no trace in the loss."""
    network = network_of("lstm", CHOICE)
    whole = sequences_of(network, CHOICE)
    loss, _ = losses(network, CHOICE, whole, Options())
    for values in (whole.advantages, whole.returns, whole.likelihood):
        values[5, 1] += 1000.0
    again, _ = losses(network, CHOICE, whole, Options())
    assert loss.item() == pytest.approx(again.item(), rel=1e-12)


def test_inputs_that_are_zero_throughout_need_not_be_multiplied() -> None:
    """Of many symbols most never occur: what is learned from the others alone is the same."""
    inputs = 300
    torch.manual_seed(0)
    network = PolicyNetwork(single_input_cell("lstm", "it has one"), inputs, 3, 8, True, 0).double()
    draw = torch.Generator().manual_seed(1)
    rows = torch.zeros(6, 2, inputs, dtype=torch.float64)
    used = torch.arange(3, inputs, 7)
    rows[..., used] = torch.randn(6, 2, len(used), generator=draw, dtype=torch.float64)
    columns = network.columns_of(rows)
    assert columns is not None
    assert columns.tolist() == used.tolist()
    assert network.columns_of(torch.ones(6, 2, inputs)) is None
    memory = [torch.zeros(2, n, dtype=torch.float64) for n in network.widths]
    gradients = []
    for read, which in ((rows, None), (rows[..., columns], columns)):
        network.zero_grad()
        said, values, _ = network(read, memory, None, which)
        (said.square().sum() + values.square().sum()).backward()
        gradients.append([p.grad.clone() for p in network.parameters() if p.grad is not None])
    for one, other in zip(*gradients, strict=True):
        torch.testing.assert_close(one, other, rtol=1e-10, atol=1e-14)


def test_a_burn_in_warms_the_memory_up_without_a_gradient() -> None:
    network = network_of("lstm", CHOICE)
    whole = sequences_of(network, CHOICE)
    k = 4
    behind = (whole.drawn, whole.likelihood, whole.advantages, whole.returns, whole.weights)
    short = Sequences(whole.inputs, whole.starts, whole.memory, k, *(of[k:] for of in behind))
    said, values = run_network(network, short)
    all_said, all_values, _ = network(whole.inputs, whole.memory, whole.starts)
    torch.testing.assert_close(said, all_said[k:])
    torch.testing.assert_close(values, all_values[k:])
    with torch.no_grad():
        _, _, memory = network(whole.inputs[:k], whole.memory, whole.starts[:k])
    cut, _, _ = network(whole.inputs[k:], memory, whole.starts[k:])
    for one, other in zip(
        gradients(network, said.sum()), gradients(network, cut.sum()), strict=True
    ):
        assert (one is None) == (other is None)
        if one is not None:
            torch.testing.assert_close(one, other)


def test_likelihood_of_choices_is_their_softmax() -> None:
    outputs = torch.log(torch.tensor([[0.2, 0.5, 0.3]], dtype=torch.float64))
    likelihood, entropy = CHOICE.log_likelihood(outputs, None, torch.tensor([[1]]))
    assert likelihood.exp().item() == pytest.approx(0.5)
    expected = -sum(p * np.log(p) for p in (0.2, 0.5, 0.3))
    assert entropy.item() == pytest.approx(expected)
