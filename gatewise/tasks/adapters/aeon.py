"""Estimators of whole sequences for aeon: any number of channels, unequal lengths, missing values.

``pip install aeon``; then ``AeonClassifier(SequenceClassifier(units=32))`` goes wherever aeon takes a classifier.
"""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
from aeon.classification.base import BaseClassifier
from aeon.regression.base import BaseRegressor
from sklearn.base import clone

from gatewise.arrays import Array, Floats
from gatewise.tasks.classify.estimator import SequenceClassifier
from gatewise.tasks.regress.estimator import SequenceRegressor

TAGS: dict[str, Any] = {
    "X_inner_type": ["np-list", "numpy3D"],
    "capability:multivariate": True,
    "capability:unequal_length": True,
    "capability:missing_values": True,
    "algorithm_type": "deeplearning",
}
# of the instance that aeon's own checks make
QUICK: dict[str, Any] = {"units": 4, "steps": 10, "folds": 1, "members": 1, "pooling": "mean"}


class AeonClassifier(BaseClassifier):  # type: ignore[misc]
    """A ``SequenceClassifier`` with aeon's interface.

    Args:
        estimator: is cloned by ``fit``; None: one with the defaults.
        random_state: an int makes fits repeatable; None: that of the estimator counts.

    Attributes:
        estimator_: the fitted one.
    """

    _tags: ClassVar[dict[str, Any]] = TAGS

    def __init__(
        self, estimator: SequenceClassifier | None = None, random_state: Any = None
    ) -> None:
        self.estimator = estimator
        self.random_state = random_state
        super().__init__()

    def _fit(self, X: Any, y: Any) -> AeonClassifier:
        self.estimator_ = _prepared(self.estimator or SequenceClassifier(), self.random_state)
        self.estimator_.fit(_steps_first(X), y)
        return self

    def _predict(self, X: Any) -> Array:
        return np.asarray(self.estimator_.predict(_steps_first(X)))

    def _predict_proba(self, X: Any) -> Floats:
        return np.asarray(self.estimator_.predict_proba(_steps_first(X)))

    @classmethod
    def _get_test_params(cls, parameter_set: str = "default") -> dict[str, Any]:
        return {"estimator": SequenceClassifier(**QUICK)}


class AeonRegressor(BaseRegressor):  # type: ignore[misc]
    """A ``SequenceRegressor`` with aeon's interface; arguments and attributes as ``AeonClassifier``."""

    _tags: ClassVar[dict[str, Any]] = TAGS

    def __init__(
        self, estimator: SequenceRegressor | None = None, random_state: Any = None
    ) -> None:
        self.estimator = estimator
        self.random_state = random_state
        super().__init__()

    def _fit(self, X: Any, y: Any) -> AeonRegressor:
        self.estimator_ = _prepared(self.estimator or SequenceRegressor(), self.random_state)
        self.estimator_.fit(_steps_first(X), y)
        return self

    def _predict(self, X: Any) -> Floats:
        return np.asarray(self.estimator_.predict(_steps_first(X)))

    @classmethod
    def _get_test_params(cls, parameter_set: str = "default") -> dict[str, Any]:
        return {"estimator": SequenceRegressor(**QUICK)}


def _prepared(estimator: Any, random_state: Any) -> Any:
    fresh = clone(estimator)
    return fresh if random_state is None else fresh.set_params(random_state=random_state)


def _steps_first(X: Any) -> list[Array]:
    """Sequences [T, C] of aeon's [C, T]."""
    return [np.asarray(part).T for part in X]
