"""The estimator: what a forecast sees, that it learns, that it repeats, what it refuses."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest
from sklearn.base import clone
from sklearn.exceptions import NotFittedError

import gatewise as gw
from gatewise.errors import GatewiseError, InputError, InputWarning
from gatewise.lang import sigmoid, tanh
from gatewise.tasks import Forecaster
from gatewise.tasks.forecast.baselines import Blend
from gatewise.tasks.forecast.calibration import calibrated
from gatewise.tasks.forecast.objective import forecast
from gatewise.tasks.forecast.plan_dataset import store_of
from tests.tasks.conftest import long_frame

QUICK: dict[str, Any] = {"units": 8, "steps": 30, "members": 1, "random_state": 0}


@pytest.fixture(scope="module")
def fitted() -> Forecaster:
    """A model of ``hourly``, for tests that leave it as it is."""
    return Forecaster(6, **QUICK).fit(long_frame(400))


@gw.cell
def own(x, /, h, c, *, W, U, p, b):  # type: ignore[no-untyped-def]
    """A peephole cell of a user."""
    f = sigmoid(W.f @ x + U.f @ h + p.f * c + b.f)
    c = f * c + (1 - f) * tanh(W.z @ x + U.z @ h + b.z)
    return tanh(c), c


def awake(model: Forecaster) -> Forecaster:
    """The model with a head that is not zero, so that the state reaches every step."""
    import torch

    with torch.random.fork_rng():
        torch.manual_seed(1)
        for network in model.networks_:
            for layer in (network.correct, network.mix, network.spread):
                torch.nn.init.normal_(layer.weight)
    return model


@pytest.mark.parametrize("options", [{}, {"patch": 1, "context": 30}, {"seasons": ()}])
def test_every_step_sees_the_last_value_and_none_a_later_one(options: dict[str, Any]) -> None:
    frame = long_frame(400)
    model = awake(Forecaster(12, **(QUICK | {"steps": 1} | options)).fit(frame))
    one = frame[frame.unique_id == "a"]
    before = model.predict(data=one)
    touched = one.copy()
    touched.loc[touched.index[-1], "y"] += 0.5
    moved = model.predict(data=touched)
    for column in ("LSTM", "LSTM-lo-80", "LSTM-hi-90"):
        assert np.all(moved[column].to_numpy() != before[column].to_numpy())
    # what is forecast at a cutoff inside the series does not change with what follows it
    later = one.copy()
    later.loc[later.index[-20:], "y"] += 4.0
    a, b = model.backtest(one), model.backtest(later)
    early = a.position <= len(one) - 20
    assert early.sum() > 100
    np.testing.assert_array_equal(a.quantiles[early], b.quantiles[early])
    assert np.all(a.quantiles[~early][1:] != b.quantiles[~early][1:])


def test_training_does_not_see_what_is_reported_on(hourly: pd.DataFrame) -> None:
    model = Forecaster(6, **QUICK)
    spans = model.plan(hourly).spans
    changed = hourly.copy()
    late = changed.groupby("unique_id").cumcount() >= spans.report
    changed.loc[late, "y"] *= 3
    one, other = clone(model).fit(hourly), clone(model).fit(changed)
    assert one.steps_ == other.steps_
    assert one.choices_ == other.choices_
    # the correction itself is that of the last networks, which have seen all rows
    assert one.validation_ == other.validation_
    assert [entry.check for entry in one.history_] == [entry.check for entry in other.history_]
    assert one.evaluation_ != other.evaluation_


def test_it_learns_what_the_baselines_cannot_know() -> None:
    model = Forecaster(12, units=16, steps=200, members=1, random_state=0).fit(long_frame(900))
    rows = {row.name: row for row in model.evaluation_}
    best = min(row.mae for name, row in rows.items() if name != "LSTM")
    assert rows["LSTM"].mae < 0.6 * best
    assert model.evaluation_[0].name == "LSTM"
    assert rows["LSTM"].coverage[80] == pytest.approx(0.8, abs=0.12)
    assert rows["LSTM"].coverage[90] > rows["LSTM"].coverage[80]


def test_noise_leaves_the_baseline_as_it_is() -> None:
    draw = np.random.default_rng(0)
    frame = pd.DataFrame({"t": np.arange(120), "y": draw.standard_normal(120).cumsum()})
    model = Forecaster(10, units=8, steps=100, random_state=0).fit(frame)
    assert model.steps_ == 0
    rows = {row.name: row for row in model.evaluation_}
    base = rows[model.baselines_[model.base_].name]
    assert rows["LSTM"].mae == pytest.approx(base.mae, rel=1e-5)
    plan = replace(model.plan(frame), baselines=model.baselines_)
    store = store_of(plan, model.spans_.stop)
    past = store.cutoffs(None, model.spans_.report, model.choices_.least)
    assert len(past) > 10 * len(store.cutoffs(model.spans_.calibrate, model.spans_.report, 2))
    np.testing.assert_allclose(
        calibrated(*forecast(model.networks_, store, past), store.truth(past), (80, 90)),
        model.correction_,
    )  # on all of the past: nothing was trained on it


def test_forecasts_have_the_right_times_names_and_order(fitted: Forecaster) -> None:
    out = fitted.predict()
    limits = ["LSTM-lo-90", "LSTM-lo-80", "LSTM", "LSTM-hi-80", "LSTM-hi-90"]
    assert set(out.columns) == {"unique_id", "ds", *limits}
    assert list(out.unique_id) == ["a"] * 6 + ["b"] * 6
    assert list(out.ds[:6]) == list(pd.date_range("2024-01-17 16:00", periods=6, freq="h"))
    assert np.all(np.diff(out[limits].to_numpy(), axis=1) >= 0)


def test_seeds(hourly: pd.DataFrame) -> None:
    model = Forecaster(6, **(QUICK | {"patience": 99}))
    first, again = (clone(model).fit(hourly) for _ in range(2))
    other = clone(model).set_params(random_state=1).fit(hourly)
    pd.testing.assert_frame_equal(first.predict(), again.predict())
    assert not np.array_equal(first.ends_.states[0][0], other.ends_.states[0][0])


def test_fitting_leaves_the_callers_random_numbers_alone(hourly: pd.DataFrame) -> None:
    import torch

    before = torch.get_rng_state()
    Forecaster(6, **(QUICK | {"steps": 2})).fit(hourly)
    assert torch.equal(before, torch.get_rng_state())


@pytest.mark.parametrize("cell", ["gru", "peephole_lstm", "minlstm", own], ids=str)
def test_any_cell(hourly: pd.DataFrame, cell: Any) -> None:
    model = Forecaster(6, cell, **QUICK).fit(hourly)
    assert np.isfinite(model.predict().iloc[:, 2:].to_numpy(float)).all()


def test_gaps_of_every_kind(hourly: pd.DataFrame) -> None:
    draw = np.random.default_rng(0)
    holes = hourly[draw.random(len(hourly)) > 0.15].reset_index(drop=True)
    holes.loc[50:90, "y"] = np.nan
    model = Forecaster(6, **QUICK).fit(holes)
    assert model.choices_.seasons == (24,)
    out = model.predict()
    assert np.isfinite(out["LSTM"]).all()
    assert model.evaluation_[0].mae < 5


def test_polars_in_polars_out_and_an_unseen_series(hourly: pd.DataFrame) -> None:
    model = Forecaster(6, **QUICK).fit(pl.from_pandas(hourly))
    assert isinstance(model.predict(), pl.DataFrame)
    unseen = long_frame(100, seed=9).assign(unique_id="new").drop_duplicates("ds")
    out = model.predict(3, data=unseen)
    assert isinstance(out, pd.DataFrame)
    assert list(out.unique_id) == ["new"] * 3


def test_less_than_a_season_to_begin_from_is_said(fitted: Forecaster) -> None:
    unseen = long_frame(23, seed=9)
    words = "series 'a' and 1 more: 23 rows are fewer than a season .24 steps.*`update`"
    with pytest.warns(InputWarning, match=words):
        fitted.predict(3, data=unseen)
    assert len(fitted.predict(3, data=long_frame(24, seed=9))) == 6


def test_a_constant_series_is_forecast_as_it_is() -> None:
    frame = pd.DataFrame({"t": np.arange(200), "y": 7.0})
    out = Forecaster(5, **QUICK).fit(frame).predict()
    np.testing.assert_allclose(out["LSTM"], 7.0, atol=0.05)


def test_logarithms_only_where_spread_grows(hourly: pd.DataFrame) -> None:
    draw = np.random.default_rng(0)
    t = np.arange(400)
    grown = np.exp(0.01 * t + 0.3 * np.sin(t) + 0.1 * draw.standard_normal(400))
    frame = pd.DataFrame({"t": t, "y": grown})
    assert Forecaster(6).plan(frame).choices.log
    assert not Forecaster(6).plan(hourly).choices.log
    model = Forecaster(6, **QUICK).fit(frame)
    assert (model.predict()["LSTM-lo-90"] > 0).all()
    with (
        pytest.warns(InputWarning, match="below the lower bound 0"),
        pytest.raises(InputError, match="above zero"),
    ):
        model.predict(data=frame.assign(y=frame.y - 2))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"horizon": 0}, "horizon must be a whole number of at least 1"),
        ({"units": 2.5}, "units must be a whole number"),
        ({"levels": (80, 80)}, "levels are different"),
        ({"dropout": 2}, "dropout must be a number"),
        ({"levels": 80}, "levels are different"),
        ({"units": 10**6}, "units must be at most 10,000"),
        ({"random_state": -1}, "random_state must be a whole number from 0"),
        ({"levels": ("high",)}, "levels are different"),
        ({"seasons": (1,)}, "seasons are different"),
        ({"seasons": 24}, "seasons are different"),
        ({"cell": "lstmm"}, "Did you mean"),
        ({"cell": "ealstm"}, "several inputs"),
        ({"horizon": 300}, "too short"),
    ],
)
def test_what_it_refuses(hourly: pd.DataFrame, options: dict[str, Any], message: str) -> None:
    model = Forecaster(**({"horizon": 6} | options))
    with pytest.raises(GatewiseError, match=message):
        model.fit(hourly)


def test_prediction_is_checked(fitted: Forecaster) -> None:
    with pytest.raises(NotFittedError):
        Forecaster(6).predict()
    with pytest.raises(InputError, match="at least 1, not 0"):
        fitted.predict(0)
    daily = pd.DataFrame(
        {"ds": pd.date_range("2024-01-01", periods=50), "y": 8 + np.arange(50.0) % 5}
    )
    with pytest.raises(
        InputError, match="every day, the model was trained on one that runs every hour"
    ):
        fitted.predict(data=daily)


def test_the_constructor_only_stores() -> None:
    model = Forecaster(horizon=-3, cell=17, levels="nonsense")  # type: ignore[arg-type]
    assert clone(model).get_params()["levels"] == "nonsense"


def test_any_horizon_at_prediction_and_what_is_beyond_is_marked() -> None:
    frame = long_frame(700)
    model = Forecaster(12, units=16, steps=150, members=1, random_state=0).fit(
        frame.groupby("unique_id").head(660)
    )
    out, short = model.predict(36), model.predict()
    assert list(out.beyond_horizon[:36]) == [False] * 12 + [True] * 24
    assert "beyond_horizon" not in short
    first = out[~out.beyond_horizon].reset_index(drop=True)[short.columns]
    pd.testing.assert_frame_equal(first, short, rtol=1e-5)
    truth = frame.groupby("unique_id").tail(40).groupby("unique_id").head(36)
    error = np.abs(out.LSTM.to_numpy() - truth.y.to_numpy())
    naive = frame.groupby("unique_id").head(660).groupby("unique_id").tail(24)
    repeated = np.concatenate([np.resize(v, 36) for _, v in naive.groupby("unique_id").y])
    assert error.mean() < np.abs(repeated - truth.y.to_numpy()).mean()


def test_several_networks_are_averaged(hourly: pd.DataFrame) -> None:
    model = awake(Forecaster(6, **(QUICK | {"steps": 60, "members": 2})).fit(hourly))
    assert len(model.networks_) == 2
    both = model.predict()
    alone = []
    for k in range(2):
        one = clone(model)
        fitted = replace(model.fitted_, networks=(model.networks_[k],))
        ends = fitted.updater.start(model.plan(hourly).table.series, model.clock_)
        one.fitted_ = replace(fitted, ends=ends)
        alone.append(one.predict().LSTM)
    np.testing.assert_allclose(both.LSTM, (alone[0] + alone[1]) / 2, rtol=1e-6)


def test_every_simple_forecast_is_beside_the_model(fitted: Forecaster) -> None:
    names = {row.name for row in fitted.evaluation_}
    blends = {b.name for b in fitted.baselines_ if isinstance(b, Blend)}
    assert names - blends == {
        "LSTM",
        "last value",
        "seasonal naive 24",
        "seasonal mean 24",
        "seasonal drift 24",
        "seasonal level 24",
        "seasonal trend 24",
        "regression 24",
        "recently best",
        "exponential smoothing 24",
    }
    assert [row.mae for row in fitted.evaluation_] == sorted(r.mae for r in fitted.evaluation_)
    assert len(fitted.evaluation_[0].by_step) == 6
    own = next(row for row in fitted.evaluation_ if row.name == "LSTM")
    assert {len(steps) for steps in own.coverage_by_step.values()} == {6}


def test_evaluation_of_rows_that_training_has_seen(hourly: pd.DataFrame) -> None:
    early = hourly.groupby("unique_id").head(380)
    model = Forecaster(6, **QUICK).fit(early)
    evaluation = model.evaluate(hourly)
    assert (evaluation.values, evaluation.seen) == (800, 760)
    assert evaluation.windows == 2 * (20 - 6 + 1)
    assert evaluation.seen_windows + evaluation.windows == 2 * (400 - 6 - model.choices_.least + 1)
    assert {r.name for r in evaluation.rows} == {r.name for r in evaluation.seen_rows}
    assert model.evaluate(early).rows == []
    other = hourly.assign(unique_id=hourly.unique_id + "x")
    assert model.evaluate(other).seen == 0


def test_precision_of_training(hourly: pd.DataFrame) -> None:
    """Another precision trains, to other weights of the same type; an unknown one is refused."""
    whole, mixed = (
        Forecaster(6, **QUICK, precision=p).fit(hourly) for p in ("32-true", "bf16-mixed")
    )
    pairs = zip(whole.networks_[0].parameters(), mixed.networks_[0].parameters(), strict=True)
    assert all(a.dtype == b.dtype for a, b in pairs)
    assert np.isfinite(mixed.predict().select_dtypes("number")).all(axis=None)
    with pytest.raises(InputError, match="precision is one of 32-true, bf16-mixed"):
        Forecaster(6, precision="half").fit(hourly)
