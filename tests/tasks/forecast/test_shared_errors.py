"""Short panels whose series rise and fall together: intervals allow for weeks that differ, not for series alone."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from gatewise.tasks import Forecaster
from gatewise.tasks.forecast.calibration import calibrated
from gatewise.tasks.forecast.dataset import DecoderInputs
from gatewise.tasks.forecast.shared_errors import calibrated_over_moments

LEVELS = (80, 90)


def windows(count: int = 400, horizon: int = 2) -> tuple[np.ndarray, DecoderInputs, np.ndarray]:
    """Quantiles that are too narrow by one, the inputs of a decoder, and the truth."""
    draw = np.random.default_rng(0)
    quantiles = np.broadcast_to([-1.0, -0.5, 0.0, 0.5, 1.0], (count, horizon, 5)).copy()
    ones, none = np.ones(count), np.zeros((count, 0))
    ahead = DecoderInputs(
        candidates=np.zeros((count, 1, horizon)),
        known=np.zeros((count, horizon, 0)),
        static=none,
        unit=ones,
        continuing=none,
        level=0 * ones,
        scale=ones,
        factor=np.ones((count, horizon)),
        shift=np.zeros((count, horizon)),
    )
    return quantiles, ahead, draw.standard_normal((count, horizon))


def test_moments_that_do_not_differ_change_nothing_but_the_middle() -> None:
    quantiles, ahead, truth = windows()
    centred = truth - np.median(truth, axis=0)
    expected = calibrated(quantiles, ahead, centred, LEVELS)
    got = calibrated_over_moments((quantiles, ahead), truth, np.zeros((5, 2)), LEVELS)
    np.testing.assert_allclose(got, expected, atol=0.05)


def test_moments_that_differ_make_intervals_wider() -> None:
    quantiles, ahead, truth = windows()
    shared = np.array([[-2.0, 0.0], [2.0, 0.0], [0.0, 0.0]])
    plain = calibrated_over_moments((quantiles, ahead), truth, np.zeros((3, 2)), LEVELS)
    wider = calibrated_over_moments((quantiles, ahead), truth, shared, LEVELS)
    assert np.all(wider[0] > plain[0] + 1)
    np.testing.assert_allclose(wider[1], plain[1], atol=0.05)


def panel(together: float) -> pd.DataFrame:
    """60 series of 40 weeks, all of them up or down in a week by ``together``, in usual errors."""
    draw = np.random.default_rng(1)
    weeks = pd.date_range("2024-01-01", periods=40, freq="W-MON")
    shock = together * draw.standard_normal(40)
    parts = [
        pd.DataFrame(
            {
                "unique_id": f"s{k:02d}",
                "ds": weeks,
                "y": 50 + k + shock + noise,
            }
        )
        for k, noise in enumerate(draw.standard_normal((60, 40)))
    ]
    return pd.concat(parts, ignore_index=True)


@pytest.mark.parametrize("together", [0.0, 2.0])
def test_weeks_that_shake_all_series_are_in_the_intervals(together: float) -> None:
    """In a week to come nobody knows the shock; the interval of 80 % holds most of those that have been."""
    frame = panel(together)
    model = Forecaster(8, steps=40, units=8, members=1, random_state=0).fit(frame)
    forecast = model.predict()
    width = float((forecast["LSTM-hi-80"] - forecast["LSTM-lo-80"]).mean())
    # what a normal distribution of noise and shock together would need
    needed = 2 * 1.28 * np.sqrt(1 + together**2)
    assert 0.75 * needed < width < 1.6 * needed
