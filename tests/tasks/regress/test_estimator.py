"""The regressor from sequences to values with intervals."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from gatewise.errors import InputError
from gatewise.tasks import SequenceRegressor
from gatewise.tasks.sequences.value_figures import half_width, row_of
from tests.tasks.sequences.support import QUICK, long_table, waves

X, _ = waves(60)
Y = np.array([part[:, 0].mean() for part in X])
NEW, _ = waves(40, seed=1)
TRUTH = np.array([part[:, 0].mean() for part in NEW])


def regressor(**options: Any) -> SequenceRegressor:
    quick = {**QUICK, "steps": 80, "dropout": 0.0, "noise": 0.0, "random_state": 0}
    return SequenceRegressor(**{**quick, **options})


@pytest.fixture(scope="module")
def model() -> SequenceRegressor:
    return regressor(folds=5).fit(X, Y)


def test_it_learns_a_mean(model: SequenceRegressor) -> None:
    assert model.score(NEW, TRUTH) > 0.8
    names = [row.name for row in model.evaluation_]
    assert set(names) == {"LSTM", "mean", "ridge on summaries", "1-NN DTW"}
    errors = [row.rmse for row in model.evaluation_]
    assert errors == sorted(errors)


def test_intervals_hold_what_they_promise(model: SequenceRegressor) -> None:
    for level in (50, 90):
        low, high = model.predict_interval(NEW, level).T
        share = ((low <= TRUTH) & (high >= TRUTH)).mean()
        # 40 sequences: four standard errors of a share
        assert share > level / 100 - 4 * (level / 100 * (1 - level / 100) / 40) ** 0.5
    assert np.isinf(model.predict_interval(NEW, 99.9)).all()
    with pytest.raises(InputError, match="level"):
        model.predict_interval(NEW, 100)


def test_the_rank_of_a_conformal_interval() -> None:
    residuals = np.arange(1.0, 10.0)
    assert half_width(residuals, 80) == 8.0 and half_width(residuals, 90) == 9.0
    assert half_width(residuals, 91) == np.inf


def test_figures() -> None:
    row = row_of("x", np.array([0.0, 2.0]), np.array([1.0, 2.0]))
    assert row.rmse == pytest.approx(0.5**0.5) and row.mae == 0.5 and row.r2 == 0.5


def test_a_table_in_a_frame_out() -> None:
    model = regressor(id="id", order="t", label="level", values=["a", "b"]).fit(long_table(60))
    new = long_table(40, seed=1)
    frame = model.predict(new.drop(columns="level"))
    assert list(frame.columns) == ["id", "level"]
    evaluation = model.evaluate(new)
    assert evaluation.seen == 0 and evaluation.row is not None
    assert evaluation.row.rmse < evaluation.mean.rmse


@pytest.mark.parametrize(
    ("y", "message"),
    [
        (None, "requires y"),
        (Y[:-1], "60 sequences and 59 values"),
        (np.where(np.arange(60) == 4, np.nan, Y), "value of sequence 4 is missing"),
        (np.where(np.arange(60) == 4, np.inf, Y), "value of sequence 4 is infinite"),
        (["a"] * 60, "no numbers"),
    ],
)
def test_bad_values_are_refused(y: Any, message: str) -> None:
    with pytest.raises(InputError, match=message):
        regressor().fit(X, y)
