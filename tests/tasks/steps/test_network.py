"""What a network at every step starts with."""

from __future__ import annotations

import pytest
import torch

from gatewise import cells
from gatewise.tasks.sequences.scaling import MANY
from gatewise.tasks.steps.network import StepNetwork


@pytest.mark.parametrize(("types", "deviation"), [(60, 1.0), (MANY + 1, 0.1)])
def test_few_tokens_start_large_and_many_small(types: int, deviation: float) -> None:
    torch.manual_seed(0)
    network = StepNetwork(cells.gru, 32, types, 1, 4, 2, True, 0.0, 0.0)
    assert network.embedding is not None
    assert float(network.embedding.weight.detach().std()) == pytest.approx(deviation, rel=0.1)
