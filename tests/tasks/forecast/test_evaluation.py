"""A model on new rows alone: it goes on from where it ends, and says what it gives on all rows."""

from __future__ import annotations

import copy

import numpy as np
import pandas as pd
import pytest

from gatewise.errors import InputError
from gatewise.tasks import Forecaster
from tests.tasks.conftest import long_frame

H = 6


def rows(first: int, stop: int) -> pd.DataFrame:
    """Some hours of both series."""
    return long_frame(440).groupby("unique_id").nth(slice(first, stop))


@pytest.fixture(scope="module")
def fitted() -> Forecaster:
    return Forecaster(H, units=8, steps=30, members=2, random_state=0).fit(rows(0, 400))


@pytest.fixture
def model(fitted: Forecaster) -> Forecaster:
    return copy.copy(fitted)  # of which ``update`` replaces parts


def test_new_rows_give_what_all_rows_give(model: Forecaster) -> None:
    assert not model.networks_[0].blind
    whole, new = model.backtest(rows(0, 420)), model.backtest(rows(400, 420))
    here = np.flatnonzero(whole.position >= 400)
    assert len(new.position) == len(here) == 2 * (20 - H + 1)
    np.testing.assert_array_equal(new.position, whole.position[here])
    np.testing.assert_array_equal(new.truth, whole.truth[here])
    np.testing.assert_allclose(new.quantiles, whole.quantiles[here], rtol=1e-5)


def test_the_first_is_the_forecast_from_the_end(model: Forecaster) -> None:
    new = model.backtest(rows(400, 400 + H))
    assert len(new.position) == 2
    expected = model.predict().LSTM.to_numpy().reshape(2, H)
    np.testing.assert_allclose(new.quantiles[..., 2], expected, rtol=1e-6)


def test_evaluation_of_new_rows(model: Forecaster) -> None:
    evaluation = model.evaluate(rows(400, 420))
    assert (evaluation.windows, evaluation.seen_windows, evaluation.values, evaluation.seen) == (
        30,
        0,
        40,
        0,
    )
    assert evaluation.rows and not evaluation.seen_rows
    whole = {row.name: row for row in model.evaluate(rows(0, 420)).rows}
    assert all(row.mae > 0 for row in evaluation.rows)
    # of all rows, windows that reach into what was seen are left out
    assert set(whole) - {row.name for row in evaluation.rows} == {"exponential smoothing 24"}


def test_after_an_update_it_goes_on_from_there(model: Forecaster) -> None:
    model.update(rows(400, 420))
    new = model.backtest(rows(420, 430))
    assert new.position.min() == 420
    assert model.ends_.position.tolist() == [420, 420]  # it has not moved


def test_one_series_may_have_a_gap_or_be_new(model: Forecaster) -> None:
    table = rows(400, 420)
    late = table[(table.unique_id == "a") | (table.ds >= table.ds.max() - pd.Timedelta("9h"))]
    residuals = model.backtest(late)
    assert set(residuals.series.tolist()) == {0, 1} and residuals.position.min() == 400
    other = rows(0, 420).query("unique_id == 'b'").assign(unique_id="c")
    residuals = model.backtest(pd.concat([table, other]))
    first = residuals.position[residuals.series == residuals.ids.index("c")].min()
    assert first == model.choices_.least  # it begins with its rows


def test_what_does_not_follow_is_told_what_it_needs(model: Forecaster) -> None:
    with pytest.raises(InputError, match=r"fewer of them than its horizon of 6 steps: give more"):
        model.evaluate(rows(400, 400 + H - 1))
    expected = (
        r"each needs 48 steps, then 6 to forecast. Give earlier rows too, or at least 6 rows that "
        r"directly follow the last one that the model has seen \(2024-01-17 15:00:00\)"
    )
    for table in (rows(410, 420), rows(390, 420)):  # a gap before them; some were seen
        with pytest.raises(InputError, match=expected):
            model.evaluate(table)
