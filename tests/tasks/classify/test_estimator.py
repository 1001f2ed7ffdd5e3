"""The classifier from sequences to answers."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

from gatewise.errors import InputError, InputWarning
from gatewise.tasks import SequenceClassifier
from gatewise.tasks.classify.fitting import class_weights
from gatewise.tasks.classify.labels import read_labels
from gatewise.tasks.classify.options import Options
from tests.tasks.sequences.support import QUICK, long_table, waves

X, Y = waves()
NEW, TRUTH = waves(30, seed=1)


def classifier(**options: Any) -> SequenceClassifier:
    return SequenceClassifier(**{**QUICK, "random_state": 0, **options})


@pytest.fixture(scope="module")
def model() -> SequenceClassifier:
    return classifier().fit(X, Y)


def test_it_learns_ragged_sequences(model: SequenceClassifier) -> None:
    assert model.score(NEW, TRUTH) >= 0.9
    assert model.classes_.tolist() == ["fast", "slow"]
    probability = model.predict_proba(NEW)
    np.testing.assert_allclose(probability.sum(1), 1.0, rtol=1e-12)
    np.testing.assert_array_equal(model.classes_[probability.argmax(1)], model.predict(NEW))
    names = {row.name for row in model.evaluation_}
    assert names == {"LSTM", "majority", "1-NN DTW", "logistic regression (summaries)"}


def test_forms_of_the_same_sequences_get_the_same_answers(model: SequenceClassifier) -> None:
    block = np.full((30, 20, 2), np.nan)
    lengths = [len(part) for part in NEW]
    for k, part in enumerate(NEW):
        block[k, : len(part)] = part
    objects = np.empty(30, dtype=object)
    objects[:] = NEW
    expected = model.predict_proba(NEW)
    np.testing.assert_array_equal(model.predict_proba(block, lengths=lengths), expected)
    np.testing.assert_array_equal(model.predict_proba(objects), expected)


def test_a_table_in_a_frame_out() -> None:
    table = long_table()
    model = classifier(id="id", order="t", label="label", values=["a", "b"]).fit(table)
    new = long_table(30, seed=1)
    frame = model.predict(new.drop(columns="label"))
    assert list(frame.columns) == ["id", "label", "probability"]
    assert (frame.label.to_numpy() == TRUTH).mean() >= 0.9
    assert list(model.predict_proba(new).columns) == ["id", "fast", "slow"]
    assert model.evaluate(table).seen == 40 and model.evaluate(new).seen == 0


def test_tokens() -> None:
    rng = np.random.default_rng(0)
    words = [
        "".join(rng.choice(list("ab" if k % 2 else "cd"), rng.integers(2, 9))) for k in range(60)
    ]
    model = classifier(dropout=0.0).fit(words, np.arange(60) % 2)
    assert model.predict(["abab", "cdcc"]).tolist() == [1, 0]
    assert [row.name for row in model.evaluation_ if "DTW" in row.name] == []
    with pytest.warns(InputWarning, match="such as 'z'"):
        model.predict(["zab"])


def test_grid_search_and_pipelines_over_lists() -> None:
    double = FunctionTransformer(lambda parts: [2 * part for part in parts])
    search = GridSearchCV(
        make_pipeline(double, classifier()), {"sequenceclassifier__units": [4, 8]}, cv=2
    )
    search.fit(X, Y)
    assert search.best_score_ >= 0.8 and search.predict(NEW).shape == (30,)


def test_unknown_answers(model: SequenceClassifier) -> None:
    sure = classifier(unknown_below=1.0).fit(X, Y)
    assert set(sure.predict(NEW)) == {"unknown"}
    evaluation = sure.evaluate(NEW, TRUTH)
    assert evaluation.answered == 0.0 and evaluation.answered_accuracy is None
    numbers = classifier(unknown_below=1.0).fit(X, (Y == "fast").astype(int))
    assert set(numbers.predict(NEW)) == {-1}
    with pytest.raises(InputError, match="-1 stands for the unknown"):
        classifier(unknown_below=0.5).fit(X, np.where(Y == "fast", -1, 1))


def test_class_weights_move_the_answers() -> None:
    rng = np.random.default_rng(0)
    parts = [rng.standard_normal((6, 1)) for _ in range(60)]
    labels = np.where(np.arange(60) < 48, "often", "rare")
    plain = classifier().fit(parts, labels).predict_proba(parts)[:, 1].mean()
    balanced = classifier(class_weight={"rare": 50.0}).fit(parts, labels)
    assert balanced.predict_proba(parts)[:, 1].mean() > plain + 0.1
    with pytest.raises(InputError, match="'never', which is no class"):
        classifier(class_weight={"never": 1.0}).fit(parts, labels)


def test_rare_classes_count_a_little_more() -> None:
    labels = read_labels(["a"] * 32 + ["b"] * 2, 34)

    def weights(how: Any) -> np.ndarray:
        return class_weights(Options(class_weight=how), labels)

    np.testing.assert_allclose(weights("equal"), [1, 1])
    np.testing.assert_allclose(weights(None), [1, 1])
    for how, ratio in (("mild", 2.0), ("balanced", 16.0)):
        of_class = weights(how)
        assert of_class[1] / of_class[0] == pytest.approx(ratio)
        assert (of_class * labels.counts).sum() == pytest.approx(34)  # the mean over sequences is 1


def test_missing_values_are_marked() -> None:
    rng = np.random.default_rng(0)
    parts = [
        np.where(rng.random((12, 1)) < (0.1 if k % 2 else 0.6), np.nan, 1.0) for k in range(60)
    ]
    model = classifier(steps=80).fit(parts, np.arange(60) % 2)
    # the values are all the same: the marks alone tell the classes apart
    assert model.score(parts, np.arange(60) % 2) >= 0.85


def test_copies_are_reported() -> None:
    model = classifier().fit([*X, *X[:3]], [*Y, *Y[:2], "fast" if Y[2] == "slow" else "slow"])
    assert (
        "3 sequences are equal to an earlier one, 1 of them with another label" in model.notes_[0]
    )


def test_what_is_planned_is_said() -> None:
    plan = classifier().plan(X, Y)
    text = "\n".join(plan.describe())
    assert "40 sequences of 8 to 19 steps" in text and "fast 20, slow 20" in text


def with_label(place: int, label: Any) -> list[Any]:
    labels: list[Any] = Y.tolist()
    labels[place] = label
    return labels


@pytest.mark.parametrize(
    ("y", "message"),
    [
        (["a"] * 40, "one class only"),
        (with_label(3, None), "label of sequence 3 is missing"),
        (with_label(3, float("nan")), "missing"),
        (Y[:-1], "40 sequences and 39 labels"),
        (with_label(0, 5), "several types"),
        (None, "requires y"),
        (np.stack([Y, Y], 1), "one label for each sequence"),
        (np.linspace(0.1, 0.9, 40), "Unknown label type: continuous"),
        (Y.astype("S4"), "bytes"),
    ],
)
def test_bad_labels_are_refused(y: Any, message: str) -> None:
    with pytest.raises(InputError, match=message):
        classifier().fit(X, y)


def test_a_class_with_one_member_is_warned_about() -> None:
    with pytest.warns(InputWarning, match="1 of 3 classes have a single sequence"):
        model = classifier(steps=5).fit(X, with_label(3, "lonely"))
    assert model.predict_proba(NEW).shape == (30, 3)


def test_other_data_are_refused(model: SequenceClassifier) -> None:
    with pytest.raises(InputError, match="2 channels, and these have 1"):
        model.predict([part[:, :1] for part in NEW])
    with pytest.raises(InputError, match="'medium', which training has not seen"):
        model.evaluate(NEW[:1], ["medium"])


def test_columns_of_a_prediction_are_those_of_training() -> None:
    table = long_table().assign(person=lambda t: t.id.str[-1])
    options = {"id": "id", "order": "t", "label": "label", "values": ["a", "b"], "group": "person"}
    model = classifier(**{**options, "steps": 5}).fit(table)
    new = long_table(6, seed=1)
    said = model.predict_proba(new.drop(columns=["label", "level"]))  # it needs no groups either
    more = model.predict_proba(new.assign(another=1.0)[["another", "b", "t", "a", "id"]])
    pd.testing.assert_frame_equal(said, more)
    with pytest.raises(InputError, match="no column 'a'"):
        model.predict(new.drop(columns="a"))
    with pytest.raises(InputError, match="column 'a', row 1: 'x' is not a number"):
        model.predict(new.assign(a="x"))


def test_thousands_of_classes() -> None:
    rng = np.random.default_rng(0)
    many, labels = [rng.standard_normal((2, 1)) for _ in range(3600)], np.arange(3600) % 1200
    model = classifier(steps=2, units=2).fit(many, labels)
    probability = model.predict_proba(many[:20])
    np.testing.assert_allclose(probability.sum(1), 1.0, rtol=1e-12)
    assert probability.shape == (20, 1200) and probability.min() >= 0
    assert model.evaluate(many[:20], labels[:20]).confusion is None
    assert "taken for" in model.report()


def test_groups_stay_together() -> None:
    plan = classifier(folds=5).plan(X, Y, groups=[k // 4 for k in range(40)])
    for turn in plan.rotations:
        assert not {k // 4 for k in turn.test} & {k // 4 for k in turn.known}


def test_one_seed_one_model(model: SequenceClassifier) -> None:
    again = classifier().fit(X, Y)
    np.testing.assert_array_equal(again.predict_proba(NEW), model.predict_proba(NEW))
    other = classifier(random_state=1).fit(X, Y)
    assert not np.array_equal(other.predict_proba(NEW), model.predict_proba(NEW))


def test_a_frame_of_numbers_is_sequences_of_one_channel() -> None:
    rows = pd.DataFrame(np.random.default_rng(0).standard_normal((40, 6)))
    assert classifier(steps=5).fit(rows, Y).predict(rows).shape == (40,)


def test_grades_are_classes() -> None:
    labels = read_labels([1.5, 2.0, 2.5] * 4, 12)
    assert labels.classes.tolist() == [1.5, 2.0, 2.5] and labels.counts.tolist() == [4, 4, 4]


def test_labels_that_differ_in_capitals_are_named() -> None:
    with pytest.warns(InputWarning, match="'Slow walk' and 'slow  walk' are two classes"):
        assert len(read_labels(["slow  walk", "Slow walk", "run"] * 2, 6).classes) == 3


def test_texts_that_are_values_are_for_a_regressor() -> None:
    """As in a ``.ts`` file of values, whose labels are written as texts."""
    parts, _ = waves(12)
    with pytest.raises(
        InputError, match=r"nearly all differ.*SequenceRegressor \(gatewise fit regress"
    ):
        SequenceClassifier().plan(parts, [f"{k / 7:.3f}" for k in range(12)])
    grades = [("1.5", "2.0", "2.5")[k % 3] for k in range(12)]
    assert SequenceClassifier().plan(parts, grades).labels.counts.tolist() == [4, 4, 4]
