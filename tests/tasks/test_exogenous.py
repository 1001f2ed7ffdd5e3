"""Covariates and several targets: what they tell is used, and only what is known at the cutoff."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from gatewise.errors import InputError, InputWarning
from gatewise.tasks import Forecaster
from tests.tasks.conftest import long_frame
from tests.tasks.forecast.test_estimator import QUICK, awake

AHEAD = 6
NAMES: dict[str, Any] = {"known": ["open", "temperature"], "past": "visits", "static": "region"}


def shop(count: int = 300, seed: int = 0) -> pd.DataFrame:
    """Two shops that sell on open days, by weather; the last rows have no sales yet."""
    draw = np.random.default_rng(seed)
    pieces = []
    for name in ("a", "b"):
        frame = pd.DataFrame(
            {
                "unique_id": name,
                "ds": pd.date_range("2024-01-01", periods=count, freq="D"),
                "open": np.where(draw.random(count) < 0.3, "closed", "open"),
                "temperature": draw.standard_normal(count),
                "visits": draw.standard_normal(count),
                "region": f"region of {name}",
            }
        )
        frame["y"] = 10 + 5 * (frame.open == "open") + 2 * frame.temperature
        frame["y"] += 0.3 * draw.standard_normal(count)
        frame.loc[count - AHEAD :, "y"] = np.nan
        pieces.append(frame)
    return pd.concat(pieces, ignore_index=True)


def fitted(**options: Any) -> Forecaster:
    return awake(Forecaster(AHEAD, **(QUICK | {"steps": 1} | NAMES | options)).fit(shop()))


def test_known_covariates_are_worth_something() -> None:
    frame = shop(500)
    model = Forecaster(AHEAD, units=16, steps=250, batch=8, members=1, random_state=0, **NAMES).fit(
        frame
    )
    mine = next(row for row in model.evaluation_ if row.name == "LSTM")
    # the baselines know the covariates too, and one of them is all that there is to know
    assert mine.mae < 1.05 * model.evaluation_[0].mae
    assert mine.mae < 0.25 * frame.y.std()
    out = model.predict().LSTM.to_numpy()
    ahead = frame[frame.y.isna()]
    told = 10 + 5 * (ahead.open == "open") + 2 * ahead.temperature
    assert np.abs(out - told.to_numpy()).mean() < 1.0


def test_past_covariates_end_at_the_cutoff_and_known_ones_do_not() -> None:
    model, frame = fitted(), shop()
    before = model.predict(data=frame)
    for column, first, moves in (
        ("visits", AHEAD, False),  # after the cutoff
        ("visits", AHEAD + 1, True),  # at the last row that was seen
        ("temperature", AHEAD, True),
    ):
        changed = frame.copy()
        place = changed.groupby("unique_id").cumcount()
        changed.loc[place >= 300 - first, column] += 0.5
        after = model.predict(data=changed)
        differs = after.LSTM.to_numpy() != before.LSTM.to_numpy()
        assert differs.all() if moves else not differs.any(), column


def test_static_covariates_reach_every_step() -> None:
    model, frame = fitted(), shop()
    before = model.predict(data=frame)
    other = model.predict(data=frame.assign(region="region of a"))
    differs = (before.LSTM != other.LSTM).to_numpy()
    assert not differs[:AHEAD].any()
    assert differs[AHEAD:].all()


def test_a_category_that_is_new_counts_as_unknown() -> None:
    model, frame = fitted(), shop()
    with pytest.warns(UserWarning, match="did not occur in training and count as unknown"):
        new = model.predict(data=frame.assign(region="the moon"))
    with pytest.warns(UserWarning, match="did not occur in training"):
        other = model.predict(data=frame.assign(region="the sun"))
    np.testing.assert_array_equal(new.LSTM, other.LSTM)


def test_the_future_is_told_in_any_of_three_ways() -> None:
    model, frame = fitted(), shop()
    inside = model.predict(data=frame)
    past, ahead = frame[frame.y.notna()], frame[frame.y.isna()].drop(columns="y")
    pd.testing.assert_frame_equal(inside, model.predict(data=past, future=ahead))
    pd.testing.assert_frame_equal(inside, model.predict())
    pd.testing.assert_frame_equal(inside, model.predict(future=ahead))
    alone = awake(Forecaster(AHEAD, **(QUICK | {"steps": 1} | NAMES)).fit(past))
    with pytest.raises(InputError, match="'open' is needed for each of the 6 steps"):
        alone.predict()
    with pytest.raises(InputError, match="no value at 2024-10-26"):
        alone.predict(future=ahead[ahead.ds < "2024-10-26"])
    assert np.isfinite(alone.predict(future=ahead).LSTM).all()


def test_covariates_are_carried_along_by_update() -> None:
    frame = shop()
    place = frame.groupby("unique_id").cumcount()
    early = frame[place < 250]
    model = awake(Forecaster(AHEAD, **(QUICK | {"steps": 1} | NAMES)).fit(early))
    for low, high in ((250, 253), (253, 290), (290, 300)):
        model.update(frame[(place >= low) & (place < high)])
    whole = model.predict(data=frame)
    on = model.predict()
    assert list(on.ds) == list(whole.ds)
    for column in on.columns[2:]:
        np.testing.assert_allclose(on[column], whole[column], rtol=1e-5)


def test_missing_values_of_covariates_are_told_from_zeros() -> None:
    frame = shop()
    frame.loc[np.random.default_rng(0).random(len(frame)) < 0.1, "visits"] = np.nan
    model = awake(Forecaster(AHEAD, **(QUICK | {"steps": 1} | NAMES)).fit(frame))
    mean = model.encoder_.past[0].mean
    last = frame.index[frame.unique_id == "a"][-AHEAD - 1]
    forecasts = []
    for value in (np.nan, mean):
        changed = frame.copy()
        changed.loc[last, "visits"] = value
        forecasts.append(model.predict(data=changed).LSTM.to_numpy()[:AHEAD])
    assert np.all(forecasts[0] != forecasts[1])


def test_what_is_suspicious_is_said_before_training() -> None:
    frame = shop().dropna()
    frame["sold"] = 2 * frame.y
    with pytest.warns(
        InputWarning, match="'sold' moves with the target .* known when the forecast"
    ):
        Forecaster(AHEAD, known="sold", target="y").plan(frame)


def test_several_targets_have_columns_of_their_own() -> None:
    frame = long_frame(300).rename(columns={"y": "load"})
    frame["heat"] = 30 - 2 * frame.load + np.random.default_rng(0).standard_normal(len(frame))
    model = Forecaster(5, target=["load", "heat"], **QUICK).fit(frame)
    out = model.predict()
    expected = ["unique_id", "ds"]
    expected += [
        f"{t}-LSTM{end}"
        for t in ("load", "heat")
        for end in ("", "-lo-80", "-hi-80", "-lo-90", "-hi-90")
    ]
    assert list(out.columns) == expected
    assert len(out) == 10
    assert np.isfinite(out.iloc[:, 2:].to_numpy(float)).all()
    ids = list(model.ends_.ids)
    one = model.fitted_.predictor.forecast(model.ends_, model.clock_, 5)[ids.index("b/heat"), :, 2]
    np.testing.assert_allclose(out[out.unique_id == "b"]["heat-LSTM"], one)
    short = frame.copy()  # one target ends earlier than the other
    short.loc[short.index[-1], "heat"] = np.nan
    late = model.predict(data=short)
    late = late[late.unique_id == "b"]
    assert len(late) == 6
    assert late["load-LSTM"].isna().tolist() == [True] + [False] * 5
    assert late["heat-LSTM"].isna().tolist() == [False] * 5 + [True]
