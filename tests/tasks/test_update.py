"""New rows: in pieces they give what all rows give at once, whatever the cell, the phase and the gaps."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest

from gatewise.errors import InputError
from gatewise.tasks import Forecaster
from tests.tasks.conftest import long_frame
from tests.tasks.forecast.test_estimator import QUICK, awake

START = 330


def rows(frame: pd.DataFrame, low: int, high: int) -> pd.DataFrame:
    place = frame.groupby("unique_id").cumcount()
    return frame[(place >= low) & (place < high)]


def same(one: pd.DataFrame, other: pd.DataFrame) -> None:
    assert list(one.columns) == list(other.columns)
    assert list(one.ds) == list(other.ds)
    for column in one.columns[2:]:
        np.testing.assert_allclose(one[column], other[column], rtol=1e-5, atol=1e-5)


def positive(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.assign(y=np.exp(frame.y / 4))


@pytest.mark.parametrize(
    ("options", "cell"),
    [
        ({}, "lstm"),
        ({"patch": 5, "members": 2}, "lstm"),
        ({"patch": 1, "context": 30}, "gru"),
        ({"seasons": ()}, "slstm"),
        ({"log": True}, "minlstm"),
    ],
)
@pytest.mark.parametrize("holes", [False, True])
def test_in_pieces_as_at_once(options: dict[str, Any], cell: str, holes: bool) -> None:
    frame = positive(long_frame(400))
    if holes:  # rows that are not there, also where one piece ends and the next begins
        keep = np.random.default_rng(0).random(len(frame)) > 0.2
        keep[[330, 331, 332, 730]] = False
        frame = frame[keep]
    early = frame[frame.ds < frame.ds.min() + pd.Timedelta(hours=START)]
    model = awake(Forecaster(7, cell, **(QUICK | {"steps": 2} | options)).fit(early))
    whole = model.predict(data=frame)
    later = frame[frame.ds >= frame.ds.min() + pd.Timedelta(hours=START)]
    cuts = [START, START + 1, START + 3, START + 4, START + 30, 400]
    hours = (later.ds - frame.ds.min()) / pd.Timedelta(hours=1)
    for low, high in pairwise(cuts):
        piece = later[(hours >= low) & (hours < high)]
        if len(piece):
            model.update(piece)
    same(model.predict(), whole)


def test_a_file_applied_twice_changes_nothing() -> None:
    frame = long_frame(400)
    model = Forecaster(6, **QUICK).fit(rows(frame, 0, 390))
    later = rows(frame, 390, 400)
    after = model.update(later).predict()
    with pytest.raises(
        InputError, match="series 'a' has a row at 2024-01-17 06:00:00, and the model"
    ):
        model.update(later)
    with pytest.raises(InputError, match="give later rows only"):
        model.update(rows(frame, 395, 400))
    pd.testing.assert_frame_equal(model.predict(), after)


def test_one_row_of_one_series_and_a_series_that_is_new() -> None:
    frame = long_frame(400)
    model = awake(Forecaster(6, **(QUICK | {"steps": 1})).fit(rows(frame, 0, 390)))
    one = rows(frame, 390, 391).iloc[:1]
    new = rows(frame, 200, 300).assign(unique_id="new").drop_duplicates("ds")
    before = model.predict()
    model.update(one).update(new)
    out = model.predict()
    assert list(out.unique_id.unique()) == ["a", "b", "new"]
    unmoved = out[out.unique_id == "b"].reset_index(drop=True)
    pd.testing.assert_frame_equal(unmoved, before[before.unique_id == "b"].reset_index(drop=True))
    assert (out[out.unique_id == "a"].ds.iloc[0] - before.ds.iloc[0]) == pd.Timedelta(hours=1)
    fresh = out[out.unique_id == "new"].reset_index(drop=True)
    same(fresh, model.predict(data=new))


def test_work_does_not_grow_with_the_history(monkeypatch: pytest.MonkeyPatch) -> None:
    from gatewise.tasks.forecast.network import Network

    steps = []
    encode = Network.encode

    def counted(self: Network, x: Any, *rest: Any) -> Any:
        steps.append(x.shape[0] * x.shape[1])
        return encode(self, x, *rest)

    monkeypatch.setattr(Network, "encode", counted)
    counts = []
    for count in (300, 1200):
        frame = long_frame(count + 10)
        model = Forecaster(6, **(QUICK | {"steps": 1})).fit(rows(frame, 0, count))
        steps.clear()
        model.update(rows(frame, count, count + 10))
        counts.append(sum(steps))
    assert counts == [20, 20]  # ten rows of two series: a step of one state for each


def test_a_table_without_times_cannot_update() -> None:
    draw = np.random.default_rng(0)
    wide = pd.DataFrame([[f"S{k}", *draw.standard_normal(120).cumsum()] for k in range(3)])
    wide.columns = [f"V{k}" for k in range(121)]
    model = Forecaster(4, **(QUICK | {"steps": 1})).fit(wide)
    with pytest.raises(InputError, match="there is no column 'ds'"):
        model.update(wide)
    out = model.predict()
    assert list(out.ds[:4]) == [0, 1, 2, 3]
    later = pd.DataFrame({"unique_id": ["S0", "S1"], "ds": [0, 0], "y": [1.0, 2.0]})
    assert list(model.update(pl.from_pandas(later)).predict().ds[:4]) == [1, 2, 3, 4]


def daily(**columns: Any) -> pd.DataFrame:
    count = len(next(iter(columns.values())))
    return pd.DataFrame({"date": pd.date_range("2024-01-01", periods=count), **columns})


def test_a_table_without_the_target_is_refused() -> None:
    """A column under another name is not taken for the one that the model forecasts."""
    y = np.sin(np.arange(80) / 3)
    table = daily(y=y)
    model = awake(Forecaster(2, **QUICK).fit(table[:60]))
    forecast = model.predict()
    for wrong in (daily(sales=y)[60:], daily(sales=y, cost=y)[60:]):
        for call in (model.update, lambda data: model.predict(data=data), model.evaluate):
            with pytest.raises(InputError, match="no column 'y', which the model forecasts"):
                call(wrong)
    pd.testing.assert_frame_equal(model.predict(), forecast)
    model.update(daily(cost=y, y=y)[60:])
    assert model.predict().iloc[0, 0] == table.date.iloc[-1] + pd.Timedelta(days=1)


def test_a_wide_table_may_have_some_of_the_targets() -> None:
    """A column keeps its place among the targets: one that comes alone is not taken for the first."""
    a, b = np.sin(np.arange(80) / 3), 100 + np.cos(np.arange(80) / 3)
    model = awake(Forecaster(2, **QUICK).fit(daily(a=a, b=b)[:60]))
    model.update(daily(b=b)[60:])
    positions = dict(zip(model.fitted_.ends.ids, model.fitted_.ends.position, strict=True))
    assert positions["b"] - positions["a"] == 20
    assert dict(zip(model.fitted_.ends.ids, model.fitted_.ends.targets, strict=True)) == {
        "a": 0,
        "b": 1,
    }
