"""``StreamClassifier``: it learns step by step, carries its state, and follows a stream that changes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
import pytest

from gatewise.errors import InputError
from gatewise.tasks.stream.classifier import StreamClassifier


def after(steps: int, flip: int, seed: int = 0) -> Iterator[tuple[dict[str, float], str]]:
    """Whether the sign before was positive: only a state can tell; from step ``flip`` on the labels are swapped."""
    rng = np.random.default_rng(seed)
    before = 1.0
    for k in range(steps):
        value = float(rng.choice([-1.0, 1.0]))
        label = "up" if (before > 0) != (k >= flip) else "down"
        yield {"value": value, "noise": float(rng.standard_normal())}, label
        before = value


def hits(model: StreamClassifier, stream: Iterator[tuple[dict[str, float], str]]) -> np.ndarray:
    out = []
    for x, y in stream:
        out.append(model.predict_one(x) == y)
        model.learn_one(x, y)
    return np.array(out)


def test_it_learns_what_only_a_state_can_tell_and_follows_a_change() -> None:
    right = hits(StreamClassifier(units=8, window=4, learning_rate=0.03), after(400, flip=200))
    assert right[150:200].mean() > 0.9
    assert right[200:215].mean() < 0.7
    assert right[350:].mean() > 0.9


def test_predicting_changes_nothing() -> None:
    model = StreamClassifier(units=4)
    assert model.predict_one({"value": 1.0}) is None and model.predict_proba_one({}) == {}
    for x, y in after(20, flip=99):
        model.learn_one(x, y)
    first = model.predict_proba_one({"value": 1.0})
    model.predict(np.zeros((5, 2)))
    model.predict_one({"value": -1.0, "other": 3.0})
    assert model.predict_proba_one({"value": 1.0}) == first
    assert sum(first.values()) == pytest.approx(1)


def test_features_and_classes_may_come_and_go() -> None:
    model = StreamClassifier(units=4)
    model.learn_one({"a": 1.0}, 0)
    model.learn_one({"b": 2.0, "colour": "red", "gone": None}, 7)
    model.learn_one({"a": float("nan"), "colour": "blue"}, 3)
    assert model.classes_.tolist() == [0, 7, 3]
    assert set(model.predict_proba_one({"colour": "red"})) == {0, 7, 3}


def test_what_was_learned_stays_when_a_feature_comes() -> None:
    model = StreamClassifier(units=4)
    for x, y in after(30, flip=99):
        model.learn_one(x, y)
    network, x = model.learned_.network, {"value": 1.0}
    before = network.probability(model.learned_.features.encode(x))
    network.grow(3, 3)
    longer = np.append(model.learned_.features.encode(x), np.float32(0))
    np.testing.assert_allclose(network.probability(longer)[:2].argmax(), before.argmax())


def test_partial_fit_goes_on_and_fit_begins_anew() -> None:
    steps = list(after(60, flip=99))
    X, y = pd.DataFrame([x for x, _ in steps]), [y for _, y in steps]
    once = StreamClassifier(units=4).fit(X, y)
    twice = StreamClassifier(units=4).partial_fit(X[:30], y[:30]).partial_fit(X[30:], y[30:])
    one_by_one = StreamClassifier(units=4)
    for x, label in steps:
        one_by_one.learn_one(x, label)
    expected = once.predict_proba(X)
    for other in (twice, one_by_one, once.fit(X, y)):
        np.testing.assert_array_equal(other.predict_proba(X), expected)
    assert expected.shape == (60, 2) and once.predict(X).tolist()[0] in ("up", "down")


def test_a_new_sequence_begins_without_the_state_of_the_old_one() -> None:
    model = StreamClassifier(units=4).fit(np.zeros((9, 1)), [0, 1, 0, 1, 0, 1, 0, 1, 0])
    carried = model.predict_proba_one({"0": 0.0})
    model.reset_state()
    assert model.predict_proba_one({"0": 0.0}) != carried


@pytest.mark.parametrize(
    ("x", "match"),
    [({"a": [1]}, "'a' is"), ({"a": float("inf")}, "infinite")],
)
def test_bad_values_are_named(x: dict, match: str) -> None:
    with pytest.raises(InputError, match=match):
        StreamClassifier().learn_one(x, 0)


@pytest.mark.parametrize("label", [None, float("nan")])
def test_a_missing_label_is_no_class(label: Any) -> None:
    online = StreamClassifier()
    with pytest.raises(InputError, match="label of a step is missing"):
        online.learn_one({"a": 1.0}, label)
    assert online.predict_one({"a": 1.0}) is None


def test_bad_options_and_lengths() -> None:
    with pytest.raises(InputError, match="units must be"):
        StreamClassifier(units=0).learn_one({"a": 1}, 0)
    with pytest.raises(InputError, match="3 steps"):
        StreamClassifier().partial_fit(np.zeros((3, 1)), [0, 1])
