"""The effect of known covariates: recovered from made-up tables, taken off, put back, kept, and said."""

from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from gatewise.errors import InputError, InputWarning
from gatewise.tasks import Forecaster
from gatewise.tasks.data.clock import DAY, Clock
from gatewise.tasks.data.series import Feature, Series
from gatewise.tasks.forecast.effect_fit import fitted_effect
from gatewise.tasks.forecast.known_effect import KnownEffect

DAYS = Clock("step", DAY, 0)
COUNT = 400
WEEK = 1 + 0.3 * np.sin(2 * np.pi * np.arange(COUNT) / 7)


def sold(known: np.ndarray, factor: np.ndarray, name: str = "a", noise: float = 0.05) -> Series:
    draw = np.random.default_rng(len(name) + COUNT)
    y = 50 * WEEK * factor * np.exp(noise * draw.standard_normal(COUNT))
    return Series(name, 0, y, known=known)


def promoted(share: float = 0.2, seed: int = 0) -> np.ndarray:
    return (np.random.default_rng(seed).random(COUNT) < share).astype(float)


def factor_of(effect: KnownEffect, series: Series, row: list[float]) -> float:
    factor, _ = effect.at(series, np.array([row]), DAYS)
    return float(factor[0])


def test_factors_of_numbers_categories_and_closures() -> None:
    draw = np.random.default_rng(1)
    promo, kind = promoted(), draw.choice(3, COUNT, p=[0.6, 0.2, 0.2]).astype(float)
    shut = draw.random(COUNT) < 0.1
    price = draw.uniform(5, 10, COUNT)
    factor = 1.5**promo * np.array([1, 0.7, 1.2])[kind.astype(int)] * (price / 7) ** -1
    known = np.stack([promo, kind, price, np.where(shut, 0.0, 1.0)], axis=1)
    s = sold(known, np.where(shut, 0.0, factor))
    features = (
        Feature("promo", high=1.0),
        Feature("kind", ("plain", "low", "high")),
        Feature("price", low=5.0, high=10.0),
        Feature("open", high=1.0),
    )
    effect = fitted_effect([s], features, DAYS, (7,), COUNT, "factor", ())
    plain = factor_of(effect, s, [0, 0, 7, 1])
    assert factor_of(effect, s, [1, 0, 7, 1]) / plain == pytest.approx(1.5, rel=0.03)
    assert factor_of(effect, s, [0, 1, 7, 1]) / plain == pytest.approx(0.7, rel=0.03)
    assert factor_of(effect, s, [0, 0, 9, 1]) / plain == pytest.approx(7 / 9, rel=0.03)
    assert factor_of(effect, s, [1, 2, 7, 0]) == 0
    # the base is the season, whatever happened
    base = effect.base(s, DAYS)
    assert np.array_equal(np.isnan(base), shut)
    level = base / WEEK
    assert np.nanstd(level) / np.nanmean(level) < 0.08
    # what training has never seen, or is missing, does nothing
    assert factor_of(effect, s, [0, 3, 7, 1]) == pytest.approx(plain)
    assert np.isfinite(factor_of(effect, s, [np.nan] * 4))
    line = effect.describe(features)
    assert line.startswith("zero where open is 0, promo x1.")
    assert "kind 'low' x0." in line


def test_shifts_and_series_of_their_own() -> None:
    """Each series has its own weights, near those that all share; a new series gets these."""
    known = [promoted(seed=k)[:, None] for k in range(6)]
    draw = np.random.default_rng(2)
    series = [
        Series(
            f"s{k}",
            0,
            20 * WEEK + (8 if k else 12) * x[:, 0] + draw.standard_normal(COUNT),
            known=x,
        )
        for k, x in enumerate(known)
    ]
    features = (Feature("promo", high=1.0),)
    effect = fitted_effect(series, features, DAYS, (7,), COUNT, "shift", ())

    def size(s: Series) -> float:
        return float(np.diff(effect.at(s, np.array([[0.0], [1.0]]), DAYS)[1])[0])

    assert size(series[1]) == pytest.approx(8, abs=0.5)
    assert size(series[0]) == pytest.approx(12, abs=1.0)
    assert size(Series("new", 0, np.zeros(0))) == pytest.approx(8.5, abs=1.0)


def test_wild_values_and_shifts_of_the_level_leave_it_alone() -> None:
    promo = promoted()
    s = sold(promo[:, None], 1.5**promo)
    values = s.values.copy()
    values[200:] += 80 * 1.5 ** promo[200:]
    values[[50, 150]] *= 10
    wild = Series("a", 0, values, known=s.known)
    effect = fitted_effect([wild], (Feature("promo", high=1.0),), DAYS, (7,), COUNT, "factor", ())
    ratio = factor_of(effect, wild, [1.0]) / factor_of(effect, wild, [0.0])
    assert ratio == pytest.approx(1.5, rel=0.05)


@pytest.mark.parametrize("kind", ["factor", "shift"])
def test_columns_that_cannot_be_told_apart(kind: str) -> None:
    """Constant, twice the same, and with gaps: finite weights, and the sum is right."""
    promo = promoted()
    gaps = np.where(np.arange(COUNT) % 9 == 0, np.nan, promo)
    known = np.stack([np.ones(COUNT), promo, promo, 1 - promo, gaps], axis=1)
    s = sold(known, 1 + 0.5 * promo)
    features = tuple(Feature(name, high=1.0) for name in "abcde")
    effect = fitted_effect([s], features, DAYS, (7,), COUNT, kind, ())  # type: ignore[arg-type]
    base = effect.base(s, DAYS)
    assert np.std(base / WEEK) / np.mean(base / WEEK) < 0.12


def table(horizon: int = 14, seed: int = 0) -> pd.DataFrame:
    draw = np.random.default_rng(seed)
    days = pd.date_range("2023-01-02", periods=300 + horizon)
    is_open = np.where(draw.random(len(days)) < 0.1, "shut", "open")
    promo = (draw.random(len(days)) < 0.2).astype(int)
    week = 100 + 25 * np.sin(2 * np.pi * np.arange(len(days)) / 7)
    y = (is_open == "open") * week * 1.4**promo * np.exp(0.05 * draw.standard_normal(len(days)))
    frame = pd.DataFrame({"day": days, "shop": is_open, "promo": promo, "sold": y.round(1)})
    return frame


@pytest.fixture(scope="module")
def seller() -> tuple[Forecaster, pd.DataFrame]:
    frame = table()
    known = frame.assign(sold=frame.sold.where(frame.index < 300))
    model = Forecaster(
        14, target="sold", known=["shop", "promo"], steps=30, units=4, members=1, random_state=0
    )
    return model.fit(known), frame


def test_the_forecast_is_worth_a_regression(seller: tuple[Forecaster, pd.DataFrame]) -> None:
    model, frame = seller
    truth = frame.sold.to_numpy()[300:]
    forecast = model.predict()
    error = np.abs(forecast.LSTM.to_numpy() - truth).mean()
    # the noise alone makes about 4.5 of it
    assert error < 6
    shut = frame["shop"].to_numpy()[300:] == "shut"
    assert shut.any()
    assert np.all(forecast.loc[shut].drop(columns="day") == 0)
    for name in ("seasonal mean 7", "exponential smoothing 7"):
        simple = model.predict(baseline=name)[name].to_numpy()
        assert np.all(simple[shut] == 0)
        assert np.abs(simple - truth).mean() < 12
    # the errors are those of what is sold, closed days included
    assert model.evaluation_[0].mae < 6
    assert any("zero where shop is 'shut'" in line for line in model.plan(frame).describe())


def test_it_is_saved_and_goes_on(seller: tuple[Forecaster, pd.DataFrame], tmp_path: Path) -> None:
    model, frame = seller
    again = Forecaster.load(model.save(tmp_path / "model") or tmp_path / "model")
    pd.testing.assert_frame_equal(again.predict(), model.predict())
    future = frame.iloc[303:].drop(columns="sold")
    later = again.update(frame.iloc[300:303]).predict(11, future=future)
    whole = model.predict(11, data=frame.assign(sold=frame.sold.where(frame.index < 303)))
    np.testing.assert_allclose(later.LSTM, whole.LSTM, rtol=1e-4, atol=1e-6)
    backtest = model.backtest(frame, 1)
    np.testing.assert_array_equal(backtest.truth[0], frame.sold.to_numpy()[300:])
    row = again.evaluate(frame).seen_rows[0]
    assert row.mae < 12


def test_a_baseline_needs_the_rows_that_it_reads(seller: tuple[Forecaster, pd.DataFrame]) -> None:
    model, _ = seller
    with pytest.raises(InputError, match="'shop' is needed for each of the 15 steps"):
        model.predict(15, baseline="seasonal mean 7")


def test_covariates_that_do_nothing_have_no_effect() -> None:
    draw = np.random.default_rng(3)
    frame = pd.DataFrame(
        {
            "day": pd.date_range("2023-01-02", periods=200),
            "x": draw.standard_normal(200),
            "word": draw.choice(["a", "b", "c"], 200),
            "y": draw.standard_normal(200).cumsum(),
        }
    )
    assert Forecaster(7, target="y", known=["x", "word"]).plan(frame).effect is None


def test_what_history_never_shows_is_said() -> None:
    frame = table().assign(strike=0)
    frame.loc[300:, "sold"] = np.nan
    frame.loc[305:, "strike"] = 1
    model = Forecaster(14, target="sold", known=["shop", "promo", "strike"])
    with pytest.warns(
        InputWarning, match="'strike' is 0 throughout the history, and 1 in the future"
    ):
        model.plan(frame)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        model.plan(frame.assign(strike=0))


def test_a_week_that_is_no_season_is_in_the_calendar() -> None:
    """Autocorrelation does not show a week in noise; a regression does."""
    draw = np.random.default_rng(4)
    days = pd.date_range("2023-01-02", periods=500)
    promo = (draw.random(500) < 0.2).astype(int)
    mean = np.exp(0.6 + np.array([0, 0.05, 0, 0.1, 0.25, 0.45, -0.4])[days.dayofweek] + promo)
    frame = pd.DataFrame({"day": days, "promo": promo, "sold": draw.poisson(mean)})
    plan = Forecaster(14, target="sold", known="promo").plan(frame)
    assert plan.effect is not None
    assert plan.choices.seasons == (7,) or "week" in plan.effect.cycles
