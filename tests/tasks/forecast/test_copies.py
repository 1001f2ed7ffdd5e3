"""A forecaster in other processes: it is copied whole, before a fit and after it."""

from __future__ import annotations

import pickle

import numpy as np
import pandas as pd
import pytest
from sklearn.model_selection import GridSearchCV

from gatewise.tasks import Forecaster
from tests.tasks.conftest import long_frame
from tests.tasks.forecast.test_estimator import own

NEW = long_frame(203).groupby("unique_id").tail(3)


def small(**options: object) -> Forecaster:
    settings = {"steps": 4, "units": 4, "members": 1, "random_state": 0} | options
    return Forecaster(3, **settings)  # type: ignore[arg-type]


@pytest.mark.parametrize("cell", ["lstm", own], ids=str)
def test_a_copy_predicts_the_same_and_goes_on(cell: object) -> None:
    rows = long_frame(200)
    model = small(cell=cell).fit(rows)
    copy = pickle.loads(pickle.dumps(model))
    assert copy.get_params() == model.get_params()
    pd.testing.assert_frame_equal(copy.predict(5), model.predict(5))
    pd.testing.assert_frame_equal(copy.predict(data=rows), model.predict(data=rows))
    pd.testing.assert_frame_equal(copy.predict(best=True), model.predict(best=True))
    assert copy.evaluation_ == model.evaluation_ and "The forecast" in copy.report()
    before = model.predict()
    after = copy.update(NEW).predict()
    pd.testing.assert_frame_equal(model.predict(), before)
    pd.testing.assert_frame_equal(model.update(NEW).predict(), after)
    # a copy of what has not been fitted is fitted to the same
    again = pickle.loads(pickle.dumps(small(cell=cell))).fit(rows)
    pd.testing.assert_frame_equal(again.predict(), before)


def score(model: Forecaster, rows: pd.DataFrame) -> float:
    """The less the error on the rows that follow, the better."""
    mine = next(row for row in model.evaluate(rows).rows if row.name == "LSTM")
    return -mine.mae


def test_a_grid_is_searched_by_two_processes() -> None:
    """It takes some seconds, as each process begins with an import of torch."""
    rows = long_frame(220)
    rows = rows[rows.unique_id == "a"].reset_index(drop=True)
    spans = [(np.arange(200), np.arange(200, 220))]
    search = GridSearchCV(
        small(), {"seasons": [(24,), ()]}, scoring=score, cv=spans, n_jobs=2, error_score="raise"
    ).fit(rows)
    here = [score(small(seasons=s).fit(rows[:200]), rows[200:]) for s in ((24,), ())]
    assert here[0] != here[1]
    np.testing.assert_allclose(search.cv_results_["mean_test_score"], here, rtol=1e-4)
    assert search.best_params_ == {"seasons": ((24,), ())[int(np.argmax(here))]}
    assert len(search.best_estimator_.predict()) == 3
