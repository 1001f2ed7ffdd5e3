"""Forecasts of clocks with a calendar: open steps alone, after updates, loading, and on another table."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from gatewise.errors import InputError, InputWarning
from gatewise.tasks import Forecaster, load

QUICK = {"steps": 4, "units": 4, "members": 1, "random_state": 0}
US_HOLIDAYS = ["2024-01-01", "2024-01-15", "2024-02-19", "2024-05-27", "2024-06-19"]


def series_of(days: pd.DatetimeIndex, name: str = "") -> pd.DataFrame:
    y = 20 + 5 * (days.dayofweek == 0) + np.random.default_rng(0).standard_normal(len(days))
    frame = pd.DataFrame({"ds": days, "y": y.round(2)})
    return frame.assign(shop=name) if name else frame


@pytest.fixture(scope="module")
def office() -> pd.DataFrame:
    return series_of(pd.bdate_range("2024-01-01", "2024-06-28").drop(US_HOLIDAYS))


@pytest.fixture(scope="module")
def model(office: pd.DataFrame) -> Forecaster:
    return Forecaster(5, calendar="US", **QUICK).fit(office)


def days(frame: pd.DataFrame) -> list[str]:
    return [f"{day:%a %d}" for day in frame.ds]


NEXT = ["Mon 01", "Tue 02", "Wed 03", "Fri 05", "Mon 08"]


def test_five_steps_are_five_open_days(
    model: Forecaster, office: pd.DataFrame, tmp_path: Path
) -> None:
    forecast = model.predict()
    assert days(forecast) == NEXT
    assert forecast.LSTM.notna().all()
    assert days(model.predict(baseline="last value")) == NEXT
    assert days(model.predict(data=office)) == NEXT
    model.save(tmp_path / "model")
    pd.testing.assert_frame_equal(load(tmp_path / "model").predict(), forecast)


def test_steps_beyond_the_horizon_are_counted_in_open_days(model: Forecaster) -> None:
    assert model.predict(6).beyond_horizon.tolist() == [False] * 5 + [True]


def test_an_update_goes_on_over_a_holiday(
    model: Forecaster, office: pd.DataFrame, tmp_path: Path
) -> None:
    later = series_of(pd.to_datetime(["2024-07-01", "2024-07-02", "2024-07-03"]))
    model.save(tmp_path / "model")
    updated = load(tmp_path / "model").update(later)
    assert days(updated.predict(2)) == ["Fri 05", "Mon 08"]
    whole = model.predict(2, data=pd.concat([office, later]))
    np.testing.assert_allclose(updated.predict(2).LSTM, whole.LSTM, rtol=1e-5)
    with pytest.warns(
        InputWarning, match=r"1 row lies outside the calendar and is left out \(row 2"
    ):
        load(tmp_path / "model").update(series_of(pd.to_datetime(["2024-07-01", "2024-07-06"])))


def test_cross_validation_has_open_days_with_values(
    model: Forecaster, office: pd.DataFrame
) -> None:
    folds = model.cross_validation(office, 2)
    assert len(folds) == 10
    assert folds.y.notna().all()


def test_each_series_has_its_own_days() -> None:
    every = pd.date_range("2024-01-01", "2024-06-28")
    frame = pd.concat([series_of(every[every.dayofweek < 5], "bank"), series_of(every, "kiosk")])
    forecast = Forecaster(3, id="shop", **QUICK).fit(frame).predict()
    assert days(forecast[forecast["shop"] == "bank"]) == ["Mon 01", "Tue 02", "Wed 03"]
    assert days(forecast[forecast["shop"] == "kiosk"]) == ["Sat 29", "Sun 30", "Mon 01"]


def test_a_column_of_closed_days_goes_on_into_the_future(tmp_path: Path) -> None:
    every = pd.date_range("2024-01-01", periods=130)
    open_ = np.random.default_rng(3).random(130) > 0.2
    open_[[119, 120, 121, 122]] = True, False, True, True
    frame = series_of(every).assign(open=open_.astype(int))
    frame.y = frame.y.where(open_, 0.0)
    frame.loc[120:, "y"] = np.nan
    model = Forecaster(5, target="y", calendar="open", **QUICK).fit(frame)
    model.save(tmp_path / "model")
    expected = every[120:][open_[120:]][:5]
    assert load(tmp_path / "model").predict().ds.tolist() == expected.tolist()
    rows = frame.loc[120:, ["ds", "open"]]
    assert model.predict(data=frame[:120], future=rows).ds.tolist() == expected.tolist()
    assert len(model.predict(20)) == 20  # days that nobody has said to be closed are open


def test_future_rows_of_closed_days_are_ignored_with_a_note() -> None:
    frame = series_of(pd.bdate_range("2024-01-01", "2024-06-28")).assign(promo=0.5)
    frame.loc[::3, "promo"] = 1.0
    model = Forecaster(3, target="y", known="promo", **QUICK).fit(frame)
    future = pd.DataFrame({"ds": pd.date_range("2024-06-29", periods=7), "promo": 1.0})
    with pytest.warns(
        InputWarning, match=r"2 of the future rows lie outside the calendar \(Monday to Friday\)"
    ):
        assert days(model.predict(future=future)) == NEXT[:3]
    with pytest.raises(InputError, match=r"'promo' is needed for each of the 3 steps.*2024-07-03"):
        model.predict(future=future[2:4])


def test_a_saved_calendar_is_checked(model: Forecaster, tmp_path: Path) -> None:
    model.save(tmp_path / "model")
    config = tmp_path / "model" / "config.json"
    for good, bad, problem in (
        ('"week":[0,1,2,3,4]', '"week":[0,1,2,3,9]', "slots that the week does not have"),
        ('"holidays":["US"]', '"holidays":["QQ"]', "no holidays of 'QQ'"),
    ):
        text = config.read_text()
        squeezed = text.replace("\n", "").replace(" ", "")
        assert good in squeezed
        config.write_text(squeezed.replace(good, bad))
        with pytest.raises(InputError, match=problem):
            load(tmp_path / "model")
        config.write_text(text)
