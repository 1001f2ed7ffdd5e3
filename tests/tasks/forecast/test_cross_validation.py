"""Rolling origins: the right rows, and a carried state that gives what a fit up to there would see."""

from __future__ import annotations

import numpy as np
import pandas as pd
import polars as pl
import pytest
from sklearn.base import clone

from gatewise.errors import InputError
from gatewise.tasks import Forecaster
from gatewise.tasks.forecast.cross_validation import before
from tests.tasks.conftest import long_frame
from tests.tasks.forecast.test_estimator import QUICK


def test_origins_truth_and_cutoffs() -> None:
    frame = long_frame(400)
    model = Forecaster(6, **QUICK)
    out = model.cross_validation(frame, windows=3)
    assert list(out.columns[:4]) == ["unique_id", "ds", "cutoff", "y"]
    assert len(out) == 3 * 2 * 6
    last = frame.ds.max()
    assert sorted(out.cutoff.unique()) == [last - pd.Timedelta(hours=6 * k) for k in (3, 2, 1)]
    joined = out.merge(frame, on=["unique_id", "ds"], suffixes=("", "_table"))
    np.testing.assert_array_equal(joined.y, joined.y_table)
    assert (out.ds > out.cutoff).all()
    assert not hasattr(model, "ends_")


@pytest.mark.parametrize("refit", [False, True])
def test_each_origin_knows_what_lies_before_it_and_no_more(refit: bool) -> None:
    frame, model = long_frame(400), Forecaster(6, **QUICK)
    out = model.cross_validation(frame, windows=2, step=4, refit=refit)
    hours = (frame.ds - frame.ds.min()) / pd.Timedelta(hours=1)
    first, second = 400 - 6 - 4, 400 - 6
    one = clone(model).fit(frame[hours < first])
    pd.testing.assert_frame_equal(
        out[out.cutoff == out.cutoff.min()][one.predict().columns].reset_index(drop=True),
        one.predict(),
        rtol=1e-5,
    )
    other = clone(model).fit(frame[hours < second]) if refit else one
    expected = other.predict(data=frame[hours < second])
    forecasts = out[out.cutoff == out.cutoff.max()][expected.columns].reset_index(drop=True)
    pd.testing.assert_frame_equal(forecasts, expected, rtol=1e-5)


def test_polars_and_what_is_refused() -> None:
    frame = pl.from_pandas(long_frame(300))
    out = Forecaster(6, **QUICK).cross_validation(frame, windows=1)
    assert isinstance(out, pl.DataFrame)
    with pytest.raises(InputError, match="windows must be a whole number"):
        Forecaster(6).cross_validation(frame, windows=0)
    with pytest.raises(InputError, match="too short"):
        Forecaster(6).cross_validation(frame, windows=60)


def test_known_rows_of_the_future_stay() -> None:
    frame = long_frame(300)
    frame["hour"] = frame.ds.dt.hour
    table = Forecaster(6, known="hour").plan(frame).table
    cut = before(table, None, 200)
    for s in cut.series:
        assert (len(s.values), len(s.known)) == (200, 300)
    middle = before(table, 200, 250)
    for s, whole in zip(middle.series, table.series, strict=True):
        assert s.start == 200
        np.testing.assert_array_equal(s.values, whole.values[200:250])
        np.testing.assert_array_equal(s.known, whole.known[200:])


def test_several_targets_from_several_origins() -> None:
    frame = long_frame(300).rename(columns={"y": "load"})
    frame["heat"] = 30 - 2 * frame.load
    out = Forecaster(6, target=["load", "heat"], **QUICK).cross_validation(frame, 2, step=3)
    assert len(out) == 2 * 2 * 6  # origins overlap, and each has rows of its own
    assert list(out.columns[:4]) == ["unique_id", "ds", "cutoff", "load"]
    joined = out.merge(frame, on=["unique_id", "ds"], suffixes=("", "_table"))
    for target in ("load", "heat"):
        np.testing.assert_allclose(joined[target], joined[f"{target}_table"])
        assert np.isfinite(out[f"{target}-LSTM"]).all()
