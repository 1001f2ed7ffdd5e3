"""Estimators of whole sequences for sktime: any number of channels, unequal lengths, missing values.

``pip install sktime``; then ``SktimeClassifier(SequenceClassifier(units=32))`` goes wherever sktime takes a classifier.
"""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
from sklearn.base import clone
from sktime.classification.base import BaseClassifier
from sktime.regression.base import BaseRegressor

from gatewise.arrays import Array, Floats
from gatewise.tasks.classify.estimator import SequenceClassifier
from gatewise.tasks.regress.estimator import SequenceRegressor

TAGS: dict[str, Any] = {
    "X_inner_mtype": "df-list",
    "capability:multivariate": True,
    "capability:unequal_length": True,
    "capability:missing_values": True,
    "capability:random_state": True,
    "python_dependencies": "torch",
}
# of the instance that sktime's own checks make
QUICK: dict[str, Any] = {"units": 4, "steps": 10, "folds": 1, "members": 1, "pooling": "mean"}


class SktimeClassifier(BaseClassifier):  # type: ignore[misc]
    """A ``SequenceClassifier`` with sktime's interface.

    Args:
        estimator: is cloned by ``fit``; None: one with the defaults.
        random_state: an int makes fits repeatable; None: that of the estimator counts.

    Attributes:
        estimator_: the fitted one.

    Examples:
        >>> from gatewise.tasks import SequenceClassifier
        >>> from gatewise.tasks.adapters.sktime import SktimeClassifier
        >>> model = SktimeClassifier(SequenceClassifier(units=32), random_state=0)
        >>> model.get_tag("capability:unequal_length")
        True
    """

    _tags: ClassVar[dict[str, Any]] = TAGS | {"capability:predict_proba": True}

    def __init__(
        self, estimator: SequenceClassifier | None = None, random_state: Any = None
    ) -> None:
        self.estimator = estimator
        self.random_state = random_state
        super().__init__()

    def _fit(self, X: Any, y: Any) -> SktimeClassifier:
        self.estimator_ = _prepared(self.estimator or SequenceClassifier(), self.random_state)
        self.estimator_.fit(_arrays(X), y)
        return self

    def _predict(self, X: Any) -> Array:
        return np.asarray(self.estimator_.predict(_arrays(X)))

    def _predict_proba(self, X: Any) -> Floats:
        return np.asarray(self.estimator_.predict_proba(_arrays(X)))

    @classmethod
    def get_test_params(cls, parameter_set: str = "default") -> list[dict[str, Any]]:
        """Arguments of the instances that sktime's own checks make."""
        return [
            {"estimator": SequenceClassifier(**QUICK)},
            {"estimator": SequenceClassifier(**QUICK, streaming=True), "random_state": 1},
        ]


class SktimeRegressor(BaseRegressor):  # type: ignore[misc]
    """A ``SequenceRegressor`` with sktime's interface; arguments and attributes as ``SktimeClassifier``.

    Examples:
        >>> from gatewise.tasks import SequenceRegressor
        >>> from gatewise.tasks.adapters.sktime import SktimeRegressor
        >>> model = SktimeRegressor(SequenceRegressor(units=32), random_state=0)
        >>> model.get_tag("capability:missing_values")
        True
    """

    _tags: ClassVar[dict[str, Any]] = TAGS

    def __init__(
        self, estimator: SequenceRegressor | None = None, random_state: Any = None
    ) -> None:
        self.estimator = estimator
        self.random_state = random_state
        super().__init__()

    def _fit(self, X: Any, y: Any) -> SktimeRegressor:
        self.estimator_ = _prepared(self.estimator or SequenceRegressor(), self.random_state)
        self.estimator_.fit(_arrays(X), y)
        return self

    def _predict(self, X: Any) -> Floats:
        return np.asarray(self.estimator_.predict(_arrays(X)))

    @classmethod
    def get_test_params(cls, parameter_set: str = "default") -> list[dict[str, Any]]:
        """Arguments of the instances that sktime's own checks make."""
        return [
            {"estimator": SequenceRegressor(**QUICK)},
            {"estimator": SequenceRegressor(**QUICK, streaming=True), "random_state": 1},
        ]


def _prepared(estimator: Any, random_state: Any) -> Any:
    fresh = clone(estimator)
    return fresh if random_state is None else fresh.set_params(random_state=random_state)


def _arrays(X: Any) -> list[Floats]:
    """Sequences [T, C] of sktime's frames."""
    return [np.asarray(part, dtype=np.float64) for part in X]
