"""Exponential smoothing at many cutoffs gives what it gives at one."""

from __future__ import annotations

import numpy as np
import pandas as pd
from statsforecast.models import SeasonalExponentialSmoothingOptimized

from gatewise.tasks import Forecaster
from gatewise.tasks.forecast.exponential_smoothing import SEASONS, smoothing_forecast
from gatewise.tasks.forecast.plan_dataset import store_of


def test_what_cutoffs_share_is_worked_out_once_and_is_the_same(hourly: pd.DataFrame) -> None:
    hourly.loc[200:230, "y"] = np.nan
    plan = Forecaster(30, log=False, patch=24, seasons=[12]).plan(hourly)
    store = store_of(plan, plan.spans.stop)
    cuts = store.cutoffs(None, None, 24)
    name, forecasts = smoothing_forecast(store, cuts)
    assert name == "exponential smoothing 12"
    model = SeasonalExponentialSmoothingOptimized(season_length=12)
    for row, at, series in list(zip(forecasts, cuts.at, cuts.series, strict=True))[::37]:
        history = store.tracks["last 12"][max(store.first[series], at - 12 * SEASONS) : at]
        history = history[~np.isnan(history)]
        if len(history) >= 2 * 12 + 2:
            np.testing.assert_array_equal(row, model.forecast(y=history, h=30)["mean"])
