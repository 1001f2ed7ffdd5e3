"""Errors go on from step to step as measured; means, medians and totals follow from them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.signal import lfilter

from gatewise.errors import InputError
from gatewise.tasks import Forecaster, load
from gatewise.tasks.forecast.error_paths import ErrorPaths, measured

QUICK: dict[str, Any] = {"units": 8, "steps": 5, "members": 1, "random_state": 0}
HORIZON, LEVELS = 14, (80, 90)


def windows(count: int, common: float, decay: float, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Errors of windows of known likeness, and quantiles that are too narrow by a half."""
    draw = np.random.default_rng(seed)
    fresh = draw.standard_normal((count, HORIZON + 200))
    faded = lfilter([np.sqrt(1 - decay**2)], [1, -decay], fresh, axis=1)[:, -HORIZON:]
    shared = draw.standard_normal((count, 1))
    errors = np.sqrt(common) * shared + np.sqrt(1 - common) * faded
    point = draw.normal(100, 10, (count, HORIZON))
    quantiles = point[..., None] + np.array([-0.8, -0.6, 0, 0.6, 0.8])
    return point + errors, quantiles


@pytest.mark.parametrize(("common", "decay"), [(0.0, 0.0), (0.5, 0.0), (0.0, 0.8), (0.3, 0.6)])
@pytest.mark.parametrize("count", [25, 1500])
def test_totals_are_covered_as_promised(common: float, decay: float, count: int) -> None:
    truth, quantiles = windows(count, common, decay, 1)
    paths = measured(truth, quantiles, np.arange(count), LEVELS)
    assert paths is not None
    later, their = windows(4000, common, decay, 2)
    totals = paths.total(their)
    for level, low, high in ((80, 1, 3), (90, 0, 4)):
        inside = (totals[:, low] <= later.sum(1)) & (later.sum(1) <= totals[:, high])
        assert abs(100 * inside.mean() - level) < (2.5 if count > 100 else 10)
    if count > 100:
        assert (
            abs(paths.common + (1 - paths.common) * paths.decay - (common + (1 - common) * decay))
            < 0.1
        )


def test_the_mean_and_the_median_of_a_skewed_forecast_differ() -> None:
    draw = np.random.default_rng(3)
    truth = draw.exponential(10, (2000, HORIZON))
    quantiles = np.tile([-5.0, -4.0, 5.0, 14.0, 15.0], (2000, HORIZON, 1))
    paths = measured(truth, quantiles, np.arange(2000), LEVELS)
    assert paths is not None
    assert paths.point(quantiles, "mean").mean() == pytest.approx(10, rel=0.03)
    assert paths.point(quantiles, "median").mean() == pytest.approx(10 * np.log(2), rel=0.03)
    assert paths.total(quantiles)[0, 2] == pytest.approx(10 * HORIZON, rel=0.03)


def test_of_few_windows_little_is_taken_for_known() -> None:
    truth, quantiles = windows(2, 0.0, 0.0, 4)
    paths = measured(truth, quantiles, np.zeros(2, np.int64), LEVELS)
    assert paths is not None
    assert paths.mean == 0 and len(set(paths.size)) == 1
    assert paths.limits[0][1] > 1.2815 and paths.limits[0][0] == -paths.limits[0][1]
    assert measured(np.full((3, 4), np.nan), np.zeros((3, 4, 5)), np.arange(3), LEVELS) is None
    assert measured(truth[:0], quantiles[:0], np.arange(0), LEVELS) is None


def demand(count: int = 40, days: int = 140) -> pd.DataFrame:
    """Shops that sell something on one day of six."""
    draw = np.random.default_rng(6)
    sold = np.where(draw.random((count, days)) < 1 / 6, draw.geometric(0.3, (count, days)), 0)
    return pd.DataFrame(
        {
            "unique_id": np.repeat([f"s{k:02}" for k in range(count)], days),
            "ds": np.tile(pd.date_range("2024-01-01", periods=days), count),
            "sold": sold.ravel(),
        }
    )


@pytest.fixture(scope="module")
def shops() -> Forecaster:
    frame = demand()
    return Forecaster(7, **QUICK).fit(frame[frame.ds < "2024-05-13"])


def test_intermittent_demand_has_a_mean_a_median_and_a_total(
    shops: Forecaster, tmp_path: Any
) -> None:
    median = shops.predict(point="median")
    assert median.LSTM.eq(0).mean() > 0.8
    mean = shops.predict(point="mean")
    truth = demand().query("ds >= '2024-05-13'").groupby("unique_id").sold.sum()
    assert mean.LSTM.mean() == pytest.approx(truth.mean() / 7, rel=0.3)
    assert np.all(mean["LSTM-lo-90"] <= mean.LSTM) and np.all(mean.LSTM <= mean["LSTM-hi-80"])
    total = shops.predict(total=True)
    assert len(total) == 40 and total.ds.eq(pd.Timestamp("2024-05-19")).all()
    np.testing.assert_allclose(
        total.LSTM, mean.groupby("unique_id").LSTM.sum(), rtol=1e-6, atol=0.01
    )
    limits = total[["LSTM-lo-90", "LSTM-lo-80", "LSTM-hi-80", "LSTM-hi-90"]].to_numpy()
    np.testing.assert_array_equal(limits, np.round(limits))
    assert limits.min() == 0 and np.all(np.diff(limits, axis=1) >= 0)
    inside = (total["LSTM-lo-90"].to_numpy() <= truth) & (truth <= total["LSTM-hi-90"].to_numpy())
    assert inside.mean() >= 0.75
    shops.save(tmp_path / "m")
    pd.testing.assert_frame_equal(load(tmp_path / "m").predict(total=True), total)


def test_what_has_no_meaning_is_refused(shops: Forecaster) -> None:
    for options in (
        {"point": "middle"},
        {"point": "mean", "total": True},
        {"total": True, "baseline": "last value"},
    ):
        with pytest.raises(InputError):
            shops.predict(**options)
    assert shops.predict(10, total=True).beyond_horizon.all()


def test_an_older_model_says_that_it_does_not_know(shops: Forecaster) -> None:
    from dataclasses import replace

    older = Forecaster(7, **QUICK)
    older.fitted_ = replace(shops.fitted_, paths=None)
    with pytest.raises(InputError, match=r"saved by an older Gatewise.*fit it again"):
        older.predict(total=True)


def test_numbers_of_errors_are_a_record() -> None:
    assert ErrorPaths((1.0,), 0.0, 0.0, 0.0, 0.0, ((-1.3, 1.3),)).deviation(
        np.ones((2, 4))
    ).tolist() == [2, 2]
