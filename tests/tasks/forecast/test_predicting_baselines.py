"""Forecasts of baselines after a fit: those of the leaderboard, from the end of the series."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from statsforecast.models import SeasonalExponentialSmoothingOptimized

from gatewise.errors import InputError
from gatewise.tasks import Forecaster
from gatewise.tasks.forecast.exponential_smoothing import smoothing_after, smoothing_forecast
from gatewise.tasks.forecast.plan_dataset import store_of
from tests.tasks.conftest import long_frame


@pytest.fixture(scope="module")
def model() -> Forecaster:
    return Forecaster(6, units=8, steps=20, members=1, random_state=0, log=False).fit(
        long_frame(300)
    )


def test_each_name_of_the_leaderboard_forecasts(model: Forecaster) -> None:
    rows = long_frame(300)
    series = {name: part.y.to_numpy() for name, part in rows.groupby("unique_id")}
    for row in model.evaluation_:
        if row.name == "LSTM":
            continue
        frame = model.predict(30, baseline=row.name)
        assert list(frame.columns) == ["unique_id", "ds", row.name, "beyond_horizon"]
        from_rows = model.predict(30, rows, baseline=row.name)
        np.testing.assert_allclose(frame[row.name], from_rows[row.name])
        for name, part in frame.groupby("unique_id"):
            y, values = series[name], part[row.name].to_numpy()
            if row.name == "last value":
                np.testing.assert_allclose(values, y[-1])
            if row.name == "seasonal naive 24":
                np.testing.assert_allclose(values, np.resize(y[-24:], 30))
            if row.name == "exponential smoothing 24":
                seasonal = SeasonalExponentialSmoothingOptimized(season_length=24)
                np.testing.assert_allclose(values, seasonal.forecast(y=y, h=30)["mean"])


def test_what_does_not_exist_is_refused_with_the_names(model: Forecaster) -> None:
    with pytest.raises(
        InputError, match=r"no baseline 'naive': name one of last value, .*smoothing"
    ):
        model.predict(baseline="naive")
    with pytest.raises(InputError, match="not both"):
        model.predict(baseline="last value", best=True)


def test_smoothing_goes_on_with_new_rows_and_through_a_file(
    model: Forecaster, tmp_path: Path
) -> None:
    name = "exponential smoothing 24"
    model.save(tmp_path / "model")
    again = Forecaster.load(tmp_path / "model")
    pd.testing.assert_frame_equal(again.predict(baseline=name), model.predict(baseline=name))
    pd.testing.assert_frame_equal(again.predict(best=True), model.predict(best=True))
    before = again.predict(48, baseline=name)
    later = long_frame(303).groupby("unique_id").tail(3)
    after = again.update(later).predict(24, baseline=name)
    for (series, new), (_, old) in zip(
        after.groupby("unique_id"), before.groupby("unique_id"), strict=True
    ):
        old_values, new_values = old[name].to_numpy(), new[name].to_numpy()
        # the places without a new value stay; the others move towards it by their factor
        np.testing.assert_allclose(new_values[:21], old_values[3:24])
        seen = later[later.unique_id == series].y.to_numpy()
        factor = (new_values[21:] - old_values[:3]) / (seen - old_values[:3])
        assert np.all((factor >= 0) & (factor <= 1))
        assert np.ptp(new_values[21:] - old_values[:3]) > 0


@pytest.mark.parametrize("seasons", [(12,), ()], ids=["season", "none"])
def test_the_state_is_the_forecast_of_the_leaderboard(seasons: tuple[int, ...]) -> None:
    """At the end of all rows, and row by row as far as the factors are those of the end."""
    plan = Forecaster(30, log=False, seasons=seasons).plan(long_frame(500))
    store = store_of(plan, plan.spans.stop)
    season = (seasons or (1,))[0]
    state = smoothing_after(np.full((2, season, 2), np.nan), store)
    _, forecast = smoothing_forecast(store, store.ends())
    places = (500 + np.arange(30)) % season
    np.testing.assert_allclose(state[:, places, 0], forecast, rtol=1e-12)
    # each factor is one that the recurrence of the levels keeps to
    history = store.tracks[f"last {season}"][: store.first[0] + 500]
    y = history[-20 * season if season > 1 else -100 :].reshape(-1, season)
    for place in range(season):
        level, factor = y[0, place], state[0, (500 + place) % season, 1]
        for value in y[1:, place]:
            level += factor * (value - level)
        assert level == pytest.approx(state[0, (500 + place) % season, 0], rel=1e-6)


def test_the_best_is_chosen_on_the_validation_span_alone() -> None:
    draw = np.random.default_rng(0)
    days = pd.date_range("2024-01-01", periods=200)
    # a random walk: the last value cannot be beaten, and the test span ends in a jump
    walk = pd.DataFrame({"ds": days, "y": np.cumsum(draw.standard_normal(200))})
    model = Forecaster(4, units=4, steps=30, members=1, random_state=0).fit(walk)
    assert set(model.validation_) == {row.name for row in model.evaluation_}
    least = min(model.validation_.values())
    assert model.validation_[model.best_] <= least * (1 + 1e-5)
    jumped = walk.assign(y=np.where(np.arange(200) >= 182, 50 + 3 * np.arange(200), walk.y))
    other = Forecaster(4, units=4, steps=30, members=1, random_state=0).fit(jumped)
    assert other.best_ == model.best_
    assert [r.name for r in other.evaluation_] != [r.name for r in model.evaluation_]
    column = other.predict(best=True).columns[1]
    assert column == other.best_
