"""Codes and wild spikes are taken as missing and named; promotions, holidays and level shifts are not."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from gatewise.tasks import Forecaster
from gatewise.tasks.data.missing_codes import find_codes
from gatewise.tasks.data.reader import read_table
from gatewise.tasks.data.series import Table
from gatewise.tasks.forecast.options import Options
from gatewise.tasks.forecast.planning import plan_of
from gatewise.tasks.forecast.wrong_values import without_wrong_values

COUNT = 800
WEEK = np.sin(2 * np.pi * np.arange(COUNT) / 7)


def draw(seed: int = 1) -> np.random.Generator:
    return np.random.default_rng(seed)


def week(noise: float = 1.0) -> np.ndarray:
    return 50 + 10 * WEEK + noise * draw().standard_normal(COUNT)


def table(y: np.ndarray, **columns: Any) -> Table:
    days = pd.date_range("2022-01-01", periods=len(y))
    frame = pd.DataFrame({"ds": days, "y": y, **columns})
    return read_table(frame, target="y", known=tuple(columns))


def left_out(y: np.ndarray, **columns: Any) -> list[int]:
    """The numbers of the values that are left out."""
    left, _ = without_wrong_values(table(y, **columns))
    s = left.series[0]
    gone = np.isnan(s.values) & ~np.isnan(y[s.start : s.start + len(s.values)])
    return [int(k) + s.start for k in np.flatnonzero(gone)]


@pytest.mark.parametrize("value", [500.0, -400.0, 5e4, 1e12, 0.0])
@pytest.mark.parametrize("at", [[200], [10, 431], [300, 301]])
def test_single_spikes_are_left_out(value: float, at: list[int]) -> None:
    y = week(0.1)
    y[at] = value
    # to drop to 0 is only a few times as far as the week goes
    assert left_out(y) == ([] if value == 0 else at)


def test_the_notes_name_row_time_and_what_to_do() -> None:
    y = week()
    y[200] = 500
    left, codes = without_wrong_values(table(y))
    assert codes == ()
    (note,) = left.notes
    assert note.startswith("row 201, 2022-07-20: the value 500 is ")
    assert "left out; fit --set outliers=keep" in note
    y[draw().random(COUNT) < 0.02] = -999
    left, codes = without_wrong_values(table(y))
    assert codes == ("-999",)
    places = np.flatnonzero(y == -999)
    assert f"-999 is there {len(places)} times (first at row {places[0] + 1}, " in left.notes[0]
    assert "--missing -999" in left.notes[0]


def test_what_is_in_doubt_is_named_and_stays() -> None:
    y = week(6.0)
    y[200] = 250
    left, _ = without_wrong_values(table(y))
    assert not np.isnan(left.series[0].values).any()
    assert "row 201" in left.notes[0] and "left as it is" in left.notes[0]
    # the last values may be the beginning of something new
    y = week()
    y[-1] = 2000
    left, _ = without_wrong_values(table(y))
    assert left.series[0].values[-1] == 2000 and f"row {COUNT}" in left.notes[0]


def shop() -> np.ndarray:
    return np.asarray((40 + 10 * WEEK) * draw(3).lognormal(0, 0.25, COUNT))


def events(y: np.ndarray, at: Any, factor: float) -> np.ndarray:
    y = y.copy()
    y[at] *= factor
    return y


SPARSE = np.where(draw().random(COUNT) < 0.05, draw(2).geometric(0.2, COUNT), 0.0)


@pytest.mark.parametrize(
    "y",
    [
        events(shop(), draw().random(COUNT) < 0.03, 4),  # promotions
        events(shop(), [330, 695], 15),  # a day of each year
        events(shop(), [90, 120, 150], 15),  # a day of each month
        events(shop(), range(400, 404), 15),  # a strike, a storm
        np.concatenate([shop()[:700], shop()[700:] + 200]),  # a new level
        np.concatenate([week()[:-1], [180.0]]),  # perhaps its first day
        SPARSE,
        np.where(np.arange(COUNT) % 97 == 5, 40.0, 0.0),
        draw().pareto(1.5, COUNT),
        np.cumsum(draw().standard_normal(COUNT)),
        np.where(np.arange(COUNT) % 7 == 6, 0.0, week()),  # closed on Sundays
        np.full(COUNT, 42.0),
    ],
)
def test_what_really_happened_stays(y: np.ndarray) -> None:
    assert left_out(y) == []


def test_a_known_covariate_explains_a_spike() -> None:
    y, promotion = week(), np.zeros(COUNT)
    y[200] = 900
    assert left_out(y, price=draw().random(COUNT)) == [200]
    promotion[200] = 1
    assert left_out(y, promotion=promotion) == []


@pytest.mark.parametrize(
    ("values", "codes"),
    [
        (np.where(draw().random(COUNT) < 0.02, -999, week()), [-999.0]),
        (np.where(draw().random(COUNT) < 0.02, 9999, week()), [9999.0]),
        (np.where(draw().random(COUNT) < 0.1, -99.9, week() / 10), [-99.9]),
        (np.where(np.arange(COUNT) == 7, -9999, week()), [-9999.0]),
        # two instruments
        (
            np.select(
                [np.arange(COUNT) % 50 == 3, np.arange(COUNT) % 70 == 9], [-999, 9999], week()
            ),
            [-999.0, 9999.0],
        ),
        (np.where(draw().random(COUNT) < 0.02, -1234.5, week()), [-1234.5]),
        # values that occur
        (np.where(draw().random(COUNT) < 0.02, 0, 1000 + week()), []),
        (np.round(draw().lognormal(3, 1, COUNT)), []),
        (np.where(np.arange(COUNT) == 7, 99, draw().poisson(8, COUNT)), []),
        (np.minimum(draw().gamma(9, 9, COUNT), 99), []),
        (SPARSE, []),
        (np.where(np.arange(COUNT) % 100 == 0, 999.0, 0.0), []),
    ],
)
def test_codes_are_told_from_values(values: np.ndarray, codes: list[float]) -> None:
    assert sorted(find_codes(np.asarray(values, float))) == codes


def test_a_series_that_ends_with_codes_ends_before_them() -> None:
    y = week()
    y[:4] = y[-2:] = y[100] = -999
    left, _ = without_wrong_values(table(y, promotion=np.zeros(COUNT)))
    s = left.series[0]
    assert (s.start, s.end, len(s.known)) == (4, COUNT - 2, COUNT - 4)


def test_a_fit_keeps_the_codes_for_later_tables_and_keeps_values_if_told(tmp_path: Any) -> None:
    y = week(0.3)
    y[draw().random(COUNT) < 0.02] = -999
    frame = pd.DataFrame({"ds": pd.date_range("2022-01-01", periods=COUNT), "y": y})
    quick: dict[str, Any] = {"units": 8, "steps": 5, "members": 1, "random_state": 0}
    model = Forecaster(7, **quick).fit(frame)
    assert model.choices_.seasons == (7,)
    assert model.options_.reading.missing == ("-999",)
    assert model.predict().LSTM.between(35, 65).all()
    later = pd.DataFrame({"ds": pd.date_range("2024-03-11", periods=3), "y": [50.0, -999.0, 55.0]})
    assert model.update(later).predict().LSTM.between(35, 65).all()
    plan = plan_of(read_table(frame), Options(horizon=7, outliers="keep"))
    assert np.nanmin(plan.table.series[0].values) == -999


def test_a_wrong_value_within_the_season_is_named_and_stays() -> None:
    y = week()
    y[200] = 5.0  # a tenth of what it should be: the week goes from 40 to 60
    left, _ = without_wrong_values(table(y))
    assert left.series[0].values[200] == 5
    (note,) = left.notes
    assert "row 201, 2022-07-20: the value 5 is " in note and "left as it is" in note


@pytest.mark.parametrize("value", [0.0, -1.0])
def test_what_may_stand_for_a_missing_value_is_named_and_stays(value: float) -> None:
    y = week()
    y[[15, 200, 430]] = value
    left, codes = without_wrong_values(table(y))
    assert codes == () and left.series[0].values[200] == value
    assert f"{value:g} is there 3 times (first at row 16" in " ".join(left.notes)
    assert f"--missing {value:g}" in " ".join(left.notes)


def test_closed_days_of_the_week_and_pauses_are_no_missing_values() -> None:
    for places in (slice(3, None, 28), slice(100, 120)):
        y = week()
        y[places] = 0
        assert "--missing" not in " ".join(without_wrong_values(table(y))[0].notes)
