"""``StreamClassifier``: tells the class of each step of a stream, and learns from it as soon as it is known."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Self

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin

from gatewise.arrays import Array, Floats
from gatewise.errors import InputError
from gatewise.lang.cell import Cell
from gatewise.tasks.options import count, number
from gatewise.tasks.sequences.options import cell_of
from gatewise.tasks.stream.features import Features, numbers_of
from gatewise.tasks.stream.network import StreamNetwork

RULES = {
    "units": count(10_000, optional=False),
    "window": count(10_000, optional=False),
    "learning_rate": number(0, 1),
}


@dataclass
class Learned:
    """What was learned from a stream so far; it changes with every step.

    Attributes:
        network: with its state.
        features: that have come in, and how they are standardised.
        codes: label -> number of its class, in the order in which they came.
        steps: that were learned from.
    """

    network: StreamNetwork
    features: Features = field(default_factory=Features)
    codes: dict[Any, int] = field(default_factory=dict)
    steps: int = 0

    def learn(self, values: dict[str, float], label: Any) -> None:
        """Take up a step and its label."""
        self.features.learn(values)
        code = self.codes.setdefault(label, len(self.codes))
        self.network.grow(len(self.features), len(self.codes))
        self.network.learn(self.features.encode(values), code)
        self.steps += 1


class StreamClassifier(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """Learns one step at a time with a recurrent network whose state is carried along the stream.

    The names are those of river: ``predict_one`` says what the next step is, ``learn_one`` takes up the truth and goes
    on. Features are given by name; they are standardised as they come in, new ones may come and others may
    be missing, and so it is with classes. At each step the network learns from the last ``window`` steps, with a rate
    that stays the same: so it follows a stream that changes. ``gatewise.tasks.stream.river`` has the same as
    an estimator of river.

    Args:
        cell: a name of the catalogue or a cell; it has one input.
        units: of the recurrence.
        window: steps that are learned from at each step.
        learning_rate: of AdamW.
        seed: of the first weights.

    Attributes:
        learned_: all that was learned so far, a ``Learned``.
        classes_: labels in the order in which they came.
        steps_: that were learned from.
    """

    learned_: Learned

    def __init__(
        self,
        cell: str | Cell = "lstm",
        units: int = 32,
        window: int = 8,
        learning_rate: float = 5e-3,
        seed: int = 0,
    ) -> None:
        self.cell = cell
        self.units = units
        self.window = window
        self.learning_rate = learning_rate
        self.seed = seed

    # --- one step -------------------------------------------------------------------------------

    def learn_one(self, x: Mapping[Any, Any], y: Hashable) -> None:
        """Learn from a step and its label, and advance to it.

        Raises InputError for values that are no numbers, truth values or texts, for a label that is missing, and for
        an option out of range.
        """
        self._begun().learn(numbers_of(x), _plain(y))

    def predict_proba_one(self, x: Mapping[Any, Any]) -> dict[Any, float]:
        """The probability of each class for the next step; nothing changes. Empty before the first ``learn_one``."""
        if not self.steps_:
            return {}
        learned = self.learned_
        probability = learned.network.probability(learned.features.encode(numbers_of(x)))
        return dict(zip(learned.codes, map(float, probability / probability.sum()), strict=True))

    def predict_one(self, x: Mapping[Any, Any]) -> Any:
        """The most likely class of the next step; None before the first ``learn_one``."""
        probability = self.predict_proba_one(x)
        return max(probability, key=probability.__getitem__) if probability else None

    @property
    def classes_(self) -> Array:
        """[K] labels, in the order in which they came."""
        if not self.steps_:
            raise AttributeError("classes_ are known once a step was learned from")
        return np.array(list(self.learned_.codes))

    @property
    def steps_(self) -> int:
        """The steps that were learned from."""
        return self.learned_.steps if self.__sklearn_is_fitted__() else 0

    def __sklearn_is_fitted__(self) -> bool:
        return "learned_" in vars(self)

    # --- several steps --------------------------------------------------------------------------

    def partial_fit(self, X: Any, y: Any, classes: Sequence[Any] | None = None) -> Self:
        """Learn from consecutive steps.

        Args:
            X: [T, C] an array or a frame.
            y: [T] labels.
            classes: labels that may come; they need not be named.

        Raises InputError where lengths differ, and as ``learn_one`` does.
        """
        rows = _rows(X)
        labels = np.asarray(y)
        if labels.shape != (len(rows),):
            raise InputError(f"there are {len(rows)} steps, and labels of the shape {labels.shape}")
        codes = self._begun().codes
        for label in () if classes is None else classes:
            codes.setdefault(_plain(label), len(codes))
        for row, label in zip(rows, labels.tolist(), strict=True):
            self.learn_one(row, label)
        return self

    def fit(self, X: Any, y: Any) -> Self:
        """Begin anew, and go through consecutive steps once."""
        self.__dict__.pop("learned_", None)
        return self.partial_fit(X, y)

    def predict(self, X: Any) -> Array:
        """[T] labels of the steps that follow, from inputs alone; nothing changes."""
        return np.asarray(self.classes_[self.predict_proba(X).argmax(1)])

    def predict_proba(self, X: Any) -> Floats:
        """[T, K] probabilities of the steps that follow, from inputs alone; nothing changes."""
        learned = self.learned_
        network, rows = learned.network, []
        state = network.state
        try:
            for row in _rows(X):
                inputs = learned.features.encode(numbers_of(row))
                rows.append(network.probability(inputs))
                network.advance(inputs)
        finally:
            network.state = state
        return np.array(rows)

    def reset_state(self) -> None:
        """Begin another sequence: its first step is not taken for the next one of the last sequence.

        What was learned stays.
        """
        self._begun().network.reset_state()

    def _begun(self) -> Learned:
        """What was learned so far; before the first step, an empty record. Raises InputError for a bad option."""
        if not self.__sklearn_is_fitted__():
            for name, rule in RULES.items():
                problem = rule(getattr(self, name))
                if problem:
                    raise InputError(f"{name} {problem}")
            self.learned_ = Learned(
                StreamNetwork(
                    cell_of(self.cell), self.units, self.window, self.learning_rate, self.seed or 0
                )
            )
        return self.learned_


def _plain(label: Any) -> Any:
    """A label as Python has it. Raises InputError for one that is missing."""
    if label is None or label != label:
        raise InputError("the label of a step is missing: leave the step out")
    return label.item() if isinstance(label, np.generic) else label


def _rows(X: Any) -> list[dict[str, Any]]:
    """The steps of an array or a frame as dicts."""
    if hasattr(X, "columns"):
        names = [str(name) for name in X.columns]
        columns = [np.asarray(X[name]).tolist() for name in X.columns]
        return [dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True)]
    values = np.asarray(X)
    if values.ndim == 1:
        values = values[:, None]
    if values.ndim != 2:
        raise InputError(f"consecutive steps are an array [T, C], not of the shape {values.shape}")
    names = [str(k) for k in range(values.shape[1])]
    return [dict(zip(names, row, strict=True)) for row in values.tolist()]
