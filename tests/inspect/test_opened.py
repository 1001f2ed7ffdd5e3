"""Opened layers: sequences of different lengths, several recurrent modules, values that are no numbers."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence

import gatewise as gw
from gatewise.errors import InputError
from gatewise.inspect.attribution import attribution
from gatewise.inspect.gradients import gradient_by_lag
from gatewise.inspect.memory import gates, memory_horizon, timescales
from gatewise.inspect.page.page import page

X = torch.randn(9, 3, 4, generator=torch.Generator().manual_seed(0))
LENGTHS = [9, 6, 2]


class Told(nn.Module):
    """A network that tells its layers how long the sequences are, by a tensor or by packing them."""

    def __init__(self, packed: bool) -> None:
        super().__init__()
        self.layer, self.packed = gw.nn.LSTM(4, 5, 2, bidirectional=True), packed

    def forward(self, x: Tensor, lengths: Tensor) -> Any:
        if self.packed:
            return self.layer(pack_padded_sequence(x, lengths))
        return self.layer(x, lengths=lengths)


class Two(nn.Module):
    """A network with two recurrent modules."""

    def __init__(self) -> None:
        super().__init__()
        self.below, self.above = gw.nn.GRU(4, 5), gw.nn.LSTM(5, 6)

    def forward(self, x: Tensor) -> Any:
        return self.above(self.below(x)[0])


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("direction", [0, 1])
def test_lengths_are_those_of_the_network(packed: bool, direction: int) -> None:
    net, lengths = Told(packed), torch.tensor(LENGTHS)
    output, _ = net.layer(X, lengths=lengths)
    recorded = gates(net, (X, lengths), ["h"], layer=1, direction=direction)["h"]
    expected = output[..., 5 * direction : 5 * direction + 5].detach().numpy()
    assert np.allclose(recorded, expected, atol=1e-6)
    padded = X.clone()
    padded[6:, 1] = torch.nan
    assert timescales(net, (padded, lengths), direction=direction)["c"] == pytest.approx(
        timescales(net, (X, lengths), direction=direction)["c"]
    )


def test_the_page_shows_a_backward_layer_from_the_end_of_each_sequence() -> None:
    net = Told(False)
    told = page(net, (X, torch.tensor(LENGTHS)), direction=1)
    assert told == page(net.layer, X, lengths=LENGTHS, direction=1)
    padded = X.clone()
    padded[2:, 2] = 5.0
    assert told == page(net.layer, padded, lengths=LENGTHS, direction=1)
    with pytest.raises(InputError, match="lengths must be 3 numbers from 1 to 9"):
        page(net.layer, X, lengths=[9, 0, 1])


def test_a_gradient_by_lag_is_of_sequences_of_one_length() -> None:
    with pytest.raises(InputError, match="from 2 to 9 steps: measure those of one length"):
        gradient_by_lag(Told(False), (X, torch.tensor(LENGTHS)))
    assert gradient_by_lag(Told(False), (X, torch.tensor([9, 9, 9]))).lags == (1, 2, 5)
    with pytest.raises(InputError, match="at least 2 steps, and these have 1"):
        gradient_by_lag(gw.nn.GRU(4, 5), X[:1])


def test_one_of_several_modules_is_named() -> None:
    net = Two()
    with pytest.raises(InputError, match=r"which recurrent module.*below, above"):
        gates(net, X)
    assert gradient_by_lag(net, X, [2], name="above").cell == "lstm"
    assert set(timescales(net, X, name="below")) == {"h"}
    assert gates(net, X, "h", name="above")["h"].shape == (9, 3, 6)
    assert memory_horizon(net, (1,), name="below").gaps == (1,)


@pytest.mark.parametrize("value", [torch.nan, torch.inf])
def test_values_that_are_no_numbers_are_refused(value: float) -> None:
    net, x = gw.nn.LSTM(4, 5, bidirectional=True), X.clone()
    x[3, 1, 0] = x[7, 2, 2] = value
    where = "not finite .* at step 3 of sequence 1, the first of 2 places"
    for direction in (0, 1):
        with pytest.raises(InputError, match=where):
            gradient_by_lag(net, x, direction=direction)
    with pytest.raises(InputError, match=where):
        timescales(net, x)
    with pytest.raises(InputError, match="finite"):
        attribution(net, x, 0)
    with pytest.raises(InputError, match="finite"):
        attribution(net, X, 0, baseline=value)


def test_what_is_no_sequence_is_refused() -> None:
    with pytest.raises(InputError, match=r"at least one step and one sequence.*9, 0, 4"):
        gates(gw.nn.LSTM(4, 5), X[:, :0])
    with pytest.raises(InputError, match="model must be a torch module, not str"):
        attribution("lstm", X, 0)  # type: ignore[arg-type]
    with pytest.raises(InputError, match="there is no output 'h'"):
        attribution(gw.nn.LSTM(4, 5), X, "h")  # type: ignore[arg-type]
    with pytest.raises(InputError, match="baseline must be a number"):
        attribution(gw.nn.LSTM(4, 5), X, 0, baseline="zero")  # type: ignore[arg-type]
