"""scikit-learn's own checks. What is expected to fail is listed with its reason."""

from __future__ import annotations

from typing import Any

import pytest
from sklearn.utils.estimator_checks import parametrize_with_checks

from gatewise.tasks import SequenceClassifier, SequenceRegressor

QUICK = {
    "units": 8,
    "steps": 60,
    "folds": 1,
    "members": 1,
    "pooling": "last",
    "noise": 0.0,
    "dropout": 0.0,
    "learning_rate": 0.03,
    "random_state": 0,
}
OTHER_LENGTH = (
    "a row is a sequence of one channel, and sequences may have any length: nothing counts features"
)


def expected_failures(estimator: Any) -> dict[str, str]:
    """Names of checks with the reason why they do not hold."""
    failures = {
        "check_n_features_in": OTHER_LENGTH,
        "check_n_features_in_after_fitting": OTHER_LENGTH,
    }
    if isinstance(estimator, SequenceClassifier):
        failures["check_classifiers_train"] = OTHER_LENGTH
    return failures


# each check fits a few networks, and the machine may be busy
@pytest.mark.slow
@parametrize_with_checks(
    [SequenceClassifier(**QUICK), SequenceRegressor(**QUICK)],
    expected_failed_checks=expected_failures,
)
@pytest.mark.filterwarnings("ignore")
def test_checks(estimator: Any, check: Any) -> None:
    check(estimator)
