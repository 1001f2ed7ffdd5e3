"""The four spans: one after another in time, and over series where these are many and short."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from gatewise.errors import InputError
from gatewise.tasks import Forecaster
from gatewise.tasks.data.reader import read_table
from gatewise.tasks.forecast.options import Options
from gatewise.tasks.forecast.plan_dataset import store_of
from gatewise.tasks.forecast.planning import plan_of, quick_rows
from gatewise.tasks.forecast.spans import Spans, before_test, spans_of

QUICK: dict[str, Any] = {"units": 8, "steps": 5, "members": 1, "random_state": 0}


def panel(count: int, length: int, seed: int = 0) -> pd.DataFrame:
    draw = np.random.default_rng(seed)
    level = draw.gamma(2, 20, (count, 1))
    y = level * (1 + 0.2 * draw.standard_normal((count, length)))
    weeks = pd.date_range("2024-01-01", periods=length, freq="W-MON")
    return pd.DataFrame(
        {
            "unique_id": np.repeat([f"s{k:03}" for k in range(count)], length),
            "week": np.tile(weeks, count),
            "y": y.ravel(),
        }
    )


def test_long_series_have_one_span_after_another() -> None:
    assert Spans.of(read_table(panel(30, 42)), 8) == Spans(18, 26, 34, 42)
    with pytest.raises(InputError, match="41 steps, and a horizon of 8 needs at least 42"):
        Spans.of(read_table(panel(5, 41)), 8)


@pytest.mark.parametrize(
    ("length", "spans"), [(40, Spans(32, 32, 32, 40, True)), (20, Spans(20, 20, 20, 20, True))]
)
def test_spans_of_many_short_series_go_over_series(length: int, spans: Spans) -> None:
    table = read_table(panel(30, length))
    plan = plan_of(table, Options(horizon=8))
    assert plan.spans == spans
    assert any(line.startswith("spans") for line in plan.describe())
    store = store_of(plan, spans.stop)
    cuts = spans_of(store, plan.table, spans, plan.choices.least)
    owners = [set(c.series.tolist()) for c in cuts]
    # validation, calibration and test share no series
    assert not (owners[1] & owners[2] or owners[2] & owners[3] or owners[1] & owners[3])
    ends = store.position(cuts[0].at, cuts[0].series) + 8
    if length == 40:
        # training sees all series, but not the time of the other spans
        assert len(owners[0]) == 30 and ends.max() <= 32
        assert all(store.position(c.at, c.series).min() >= 32 for c in cuts[1:])
        assert sorted(owners[1] | owners[2] | owners[3]) == list(range(30))
    else:
        assert not owners[0] & (owners[1] | owners[2] | owners[3])
    early = before_test(store, spans, plan.choices.least)
    places = set(zip(cuts[3].at.tolist(), cuts[3].series.tolist(), strict=True))
    assert not places & set(zip(early.at.tolist(), early.series.tolist(), strict=True))
    assert {row.name for row in quick_rows(plan)} >= {"last value", "recent mean"}


def test_few_and_too_short_ones_are_refused() -> None:
    with pytest.raises(InputError, match="too short"):
        Spans.of(read_table(panel(30, 10)), 8)
    with pytest.raises(InputError, match="longest horizon that fits is 3"):
        Spans.of(read_table(panel(4, 20)), 8)


@pytest.fixture(scope="module")
def short() -> Forecaster:
    return Forecaster(8, **QUICK).fit(panel(60, 40))


def test_they_are_fitted_and_measured(short: Forecaster) -> None:
    assert len(short.predict()) == 60 * 8
    mine = next(row for row in short.evaluation_ if row.name == "LSTM")
    assert 0.6 < mine.coverage[80] < 0.95


def test_a_series_of_one_row_gets_an_interval_as_wide_as_those_of_others(short: Forecaster) -> None:
    others = short.predict().groupby("unique_id").first()
    one = pd.DataFrame({"unique_id": ["new"], "week": [pd.Timestamp("2024-10-07")], "y": [60.0]})
    got = short.predict(data=one).iloc[0]
    width = (got["LSTM-hi-80"] - got["LSTM-lo-80"]) / 60
    usual = ((others["LSTM-hi-80"] - others["LSTM-lo-80"]) / others.LSTM).median()
    assert 0.5 * usual < width < 3 * usual
    # rows of one series among longer ones as well
    rows = pd.concat([one, panel(2, 30)])
    again = short.predict(data=rows)
    assert again[again.unique_id == "new"]["LSTM-hi-80"].iloc[0] == pytest.approx(got["LSTM-hi-80"])
