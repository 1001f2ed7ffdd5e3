"""What the benchmark says of a model: its error beside those of the simple forecasts, by name."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from benchmarks.tasks.scores import absolute, against, relative
from gatewise.tasks import Forecaster


def test_against_the_simple_forecasts(hourly: pd.DataFrame) -> None:
    model = Forecaster(6, units=8, steps=4, members=1, random_state=0).fit(hourly)
    out = against(model, hourly, 5, absolute)
    assert out["windows"] == 5 * hourly.unique_id.nunique()
    assert len(out["baselines"]) > 2
    assert out["its error"] == min(out["baselines"].values())
    assert out["ratio"] == pytest.approx(out["error"] / out["its error"])


def test_measures() -> None:
    truth, forecast = np.array([2.0, np.nan, 4.0]), np.array([1.0, 7.0, 5.0])
    assert absolute(truth, forecast) == 1.0
    assert relative(truth, forecast) == pytest.approx(37.5)
