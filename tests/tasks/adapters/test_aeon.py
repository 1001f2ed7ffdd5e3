"""The adapters for aeon, by its own checks and on ragged sequences; skipped where it is not installed."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

pytest.importorskip("aeon")

from gatewise.tasks import SequenceClassifier, SequenceRegressor
from gatewise.tasks.adapters.aeon import AeonClassifier, AeonRegressor
from tests.tasks.sequences.support import QUICK, waves


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("adapter", [AeonClassifier, AeonRegressor])
def test_it_passes_the_library_s_own_checks(adapter: Any) -> None:
    from aeon.testing.estimator_checking import check_estimator

    outcomes = check_estimator(adapter, raise_exceptions=False, verbose=False)
    assert len(outcomes) > 20
    assert {name: str(said) for name, said in outcomes.items() if said != "PASSED"} == {}


@pytest.mark.filterwarnings("ignore")
def test_sequences_of_unequal_length_with_gaps() -> None:
    X, y = waves(24)
    X[3][1, 0] = np.nan
    model = AeonClassifier(SequenceClassifier(**QUICK), random_state=0)
    data = [part.T for part in X]
    model.fit(data, y)
    assert (model.predict(data) == y).mean() > 0.8
    assert model.predict_proba(data).shape == (24, 2)
    values = np.array([np.nanmean(part) for part in X])
    assert AeonRegressor(SequenceRegressor(**QUICK)).fit(data, values).predict(data).shape == (24,)
