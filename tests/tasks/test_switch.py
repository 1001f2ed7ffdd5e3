"""The benchmark's switch to ``torch.nn.LSTM`` trains the same model."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import torch

from benchmarks.tasks.torch_lstm import TorchLSTM, on_torch
from gatewise import cells
from gatewise.nn import Recurrent
from gatewise.tasks import Forecaster
from gatewise.tasks.forecast import network


def test_the_same_layer() -> None:
    torch.manual_seed(0)
    ours = Recurrent(cells.get("lstm"), 5, 7)
    torch.manual_seed(0)
    theirs = TorchLSTM(cells.get("lstm"), 5, 7)
    x, states = torch.randn(4, 3, 5), [torch.randn(1, 3, 7) for _ in range(2)]
    lengths = torch.tensor([4, 0, 2])
    for how in ({}, {"lengths": lengths}):
        for start in (None, states):
            a, b = ours(x, start, **how), theirs(x, start, **how)
            torch.testing.assert_close(a[0], b[0])
            for s, t in zip(a[1], b[1], strict=True):
                torch.testing.assert_close(s, t)


def test_the_same_forecasts(hourly: pd.DataFrame) -> None:
    model = Forecaster(6, units=8, steps=8, members=1, patience=99, random_state=0)
    one = model.fit(hourly).predict()
    history = model.history_
    with on_torch():
        other = model.fit(hourly).predict()
        assert isinstance(model.network_.encoder, TorchLSTM)
    assert network.Recurrent is Recurrent
    np.testing.assert_allclose(one.LSTM, other.LSTM, rtol=2e-3)  # Adam enlarges rounding
    for a, b in zip(history, model.history_, strict=True):
        assert a.check == pytest.approx(b.check, rel=1e-3)
