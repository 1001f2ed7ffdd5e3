"""What a fit keeps for its report: windows of the test span as they are in the table."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from gatewise.errors import InputError
from gatewise.tasks import Forecaster
from gatewise.tasks.forecast.report.collect import facts
from tests.tasks.forecast.report.test_page import parsed

pytestmark = pytest.mark.usefixtures("outlines")


@pytest.mark.parametrize("log", [False, True])
def test_windows_are_those_of_the_table(hourly: pd.DataFrame, tmp_path: Path, log: bool) -> None:
    hourly.loc[395, "y"] = np.nan
    model = Forecaster(6, steps=40, units=8, random_state=0, log=log).fit(hourly)
    shown, table = model.shown_, hourly.set_index(["unique_id", "ds"]).y
    assert {w.place for w in shown.windows} and 1 <= len(shown.windows) <= 4
    for window in shown.windows:
        known = len(window.past)
        values = np.concatenate([window.past, window.truth])
        wanted = table[window.series][pd.DatetimeIndex(window.times)]
        np.testing.assert_allclose(values, wanted, rtol=1e-9)
        since = str(window.times[known])[:16].replace("T", " ")
        assert since.removesuffix(" 00:00") == window.since
        error = np.nanmean(np.abs(window.truth - window.point))
        assert window.error == pytest.approx(error)
        for limits in window.limits.values():
            assert np.all(limits[:, 0] <= window.point) and np.all(window.point <= limits[:, 1])
        day = table[window.series][pd.DatetimeIndex(window.times[known:]) - pd.Timedelta("24h")]
        best = model.evaluation_[0 if model.evaluation_[0].name != "LSTM" else 1].name
        if best == "seasonal naive 24":
            np.testing.assert_allclose(window.baseline, day, rtol=1e-9)
    assert shown.gates is not None and shown.gates.series == shown.windows[0].series
    assert set(shown.gates.quantities) == {"i", "f", "o", "c", "h"}
    assert len(shown.gates.values) == model.choices_.context

    text = model.report("the <command>")
    root = parsed(text)
    errors = shown.errors
    assert [e.series for e in errors] == sorted(
        table.index.unique(0), key=lambda n: -next(e.mase or 0 for e in errors if e.series == n)
    )
    mean = np.mean([e.mae for e in errors])
    mine = next(row for row in model.evaluation_ if row.name == "LSTM")
    assert mean == pytest.approx(mine.mae, rel=0.05)  # as many windows of each series
    following = facts(model.fitted_, "").outlooks
    frame = model.predict().set_index(["unique_id", "ds"])
    for outlook in following:
        values, series = frame.loc[outlook.series], table[outlook.series]
        np.testing.assert_allclose(outlook.point, values.LSTM)
        np.testing.assert_allclose(outlook.limits[80], values[["LSTM-lo-80", "LSTM-hi-80"]])
        np.testing.assert_allclose(outlook.past, series[-len(outlook.past) :])
        assert list(outlook.steps) == [str(t)[:16] for t in values.index]
        assert list(pd.DatetimeIndex(outlook.times)) == [
            *series.index[-len(outlook.past) :],
            *values.index,
        ]
    assert "".join(next(root.iter("pre")).itertext()) == "the <command>"
    model.save(tmp_path / "model")  # not asked for a report: no rows in it
    assert "report.html" not in {p.name for p in (tmp_path / "model").iterdir()}
    with pytest.raises(InputError, match="fit again"):
        Forecaster.load(tmp_path / "model").report()


@pytest.mark.parametrize("cell", ["gru", "indrnn", "slstm"])
def test_other_cells_show_what_they_have(hourly: pd.DataFrame, cell: str) -> None:
    model = Forecaster(3, cell, steps=10, units=8, members=1, random_state=0).fit(hourly)
    assert model.shown_.gates is not None and model.shown_.gates.quantities
    parsed(model.report())


def test_a_wide_table_is_titled_by_its_series() -> None:
    draw = np.random.default_rng(0)
    days = pd.date_range("2024-01-01", periods=80)
    wide = pd.DataFrame({n: draw.normal(10, 1, 80) for n in "abcde"}).assign(day=days)
    model = Forecaster(2, steps=4, units=4, random_state=0).fit(wide)
    assert "".join(parsed(model.report()).find(".//h1").itertext()) == "a, b, c and 2 more"  # type: ignore[union-attr]


def test_after_an_update_the_report_shows_the_forecast_from_there(hourly: pd.DataFrame) -> None:
    model = Forecaster(3, steps=4, units=4, members=1, random_state=0).fit(hourly)
    last = hourly.groupby("unique_id").tail(2)
    model.update(last.assign(ds=last.ds + pd.Timedelta("2h"), y=7.5))
    for outlook in facts(model.fitted_, "").outlooks:
        assert outlook.past[-2:].tolist() == pytest.approx([7.5, 7.5])
        assert outlook.times[-3] == last.ds.max() + pd.Timedelta("3h")


def test_known_covariates_that_are_missing_are_named_instead(hourly: pd.DataFrame) -> None:
    table = hourly.assign(price=np.arange(len(hourly)) % 5)
    model = Forecaster(3, known="price", steps=4, units=4, members=1, random_state=0).fit(table)
    text = "".join(parsed(model.report()).itertext())
    assert "There is none yet:" in text and "price" in text
