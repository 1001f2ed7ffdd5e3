"""``SequenceTagger``: what it learns, and its answers for whole sequences, tables and streams."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from gatewise.errors import InputError
from gatewise.tasks import SequenceTagger
from tests.tasks.tag.support import QUICK, recording, recordings


@pytest.fixture(scope="module")
def tagger() -> SequenceTagger:
    X, y = recordings()
    return SequenceTagger(random_state=0, **QUICK).fit(X, y)


@pytest.fixture(scope="module")
def causal() -> SequenceTagger:
    X, y = recordings()
    return SequenceTagger(lookahead=3, random_state=0, **QUICK).fit(X, y)


def test_it_finds_what_is_shaken(tagger: SequenceTagger) -> None:
    X, y = recordings(3, 200)
    row = tagger.evaluate(X, y).row
    assert row is not None and row.accuracy > 0.9
    assert tagger.evaluation_[-1].macro_f1 < 0.7  # a step alone says nothing
    events = tagger.evaluate(X, y).events
    assert events is not None and events.recall > 0.8


def test_answers_have_the_shape_of_the_sequences(tagger: SequenceTagger) -> None:
    X, _ = recordings(3)
    assert [len(a) for a in tagger.predict(X)] == [len(x) for x in X]
    for probability in tagger.predict_proba(X):
        np.testing.assert_allclose(probability.sum(1), 1)
    alone = [tagger.predict_proba([x])[0] for x in X]
    np.testing.assert_allclose(
        np.concatenate(alone), np.concatenate(tagger.predict_proba(X)), atol=1e-5
    )


def test_a_stream_says_what_the_whole_sequence_says(causal: SequenceTagger) -> None:
    X, _ = recordings(2)
    stream = causal.stream()
    for x in X:  # finish begins anew
        answers = [stream.step(values) for values in x]
        assert answers[:3] == [None] * 3
        due = [a for a in answers if a is not None] + stream.finish()
        assert [a.step for a in due] == list(range(len(x)))
        np.testing.assert_allclose([a.said for a in due], causal.predict_proba([x])[0], atol=1e-5)
        assert [a.answer for a in due] == causal.predict([x])[0].tolist()
    assert stream.finish() == []


def test_a_stream_shorter_than_the_look_ahead(causal: SequenceTagger) -> None:
    X = [recordings(1)[0][0][:2]]
    stream = causal.stream()
    assert [stream.step(values) for values in X[0]] == [None, None]
    said = np.array([a.said for a in stream.finish()])
    np.testing.assert_allclose(said, causal.predict_proba(X)[0], atol=1e-5)


def test_nothing_behind_the_look_ahead_is_read(causal: SequenceTagger) -> None:
    x = recordings(1)[0][0]
    other = x.copy()
    other[64:] = 9.0
    first, second = (causal.predict_proba([one])[0] for one in (x, other))
    np.testing.assert_array_equal(first[:61], second[:61])
    assert not np.allclose(first[61], second[61])


def test_one_that_reads_to_the_end_has_no_stream(tagger: SequenceTagger) -> None:
    with pytest.raises(InputError, match="lookahead=0"):
        tagger.stream()


def test_steps_without_a_label_count_nowhere() -> None:
    X, y = recordings(6)
    rng = np.random.default_rng(0)
    partly = [np.where(rng.random(len(one)) < 0.5, one, None) for one in y]
    model = SequenceTagger(random_state=0, **QUICK).fit(X, partly)
    assert sum(model.counts_) == sum(int((one != None).sum()) for one in partly)  # noqa: E711
    wrong = [np.where(one == None, "shaken", one) for one in partly]  # noqa: E711
    assert model.evaluate(X, partly).all.accuracy > model.evaluate(X, wrong).all.accuracy + 0.1


def test_one_long_recording_is_cut_in_time() -> None:
    x, shaken = recording(900, 1)
    model = SequenceTagger(random_state=0, **QUICK).fit([x], [shaken])
    assert "cut in time" in " ".join(model.plan([x], [shaken]).describe())
    assert next(r for r in model.evaluation_ if r.name == "LSTM").accuracy > 0.85
    assert model.classes_.dtype == bool


def test_several_labels_at_once() -> None:
    X, y = recordings(6)
    both = [np.stack([one == "shaken", np.arange(len(one)) % 40 < 20], 1) * 1.0 for one in y]
    model = SequenceTagger(random_state=0, **QUICK).fit(X, both)
    assert model.what_ == "several" and model.predict(X)[0].shape == both[0].shape
    assert set(np.unique(model.predict(X)[0])) <= {0, 1}
    assert model.evaluate(X, both).all.accuracy > 0.6


def test_values_at_every_step() -> None:
    X, _ = recordings(6)
    sums = [np.convolve(x[:, 0], np.ones(3) / 3, "full")[: len(x)] * 50 + 7 for x in X]
    model = SequenceTagger(lookahead=0, random_state=0, **QUICK).fit(X, sums)
    assert model.what_ == "value" and model.score(X, sums) > 0.8
    assert model.evaluation_[0].name == "LSTM"


def test_a_table_in_a_frame_out_in_its_own_order() -> None:
    X, y = recordings(5)
    table = pd.concat(
        pd.DataFrame({"who": f"r{k}", "t": np.arange(len(x)), "x": x[:, 0], "label": y[k]})
        for k, x in enumerate(X)
    ).sample(frac=1, random_state=0)
    names = {"id": "who", "order": "t", "label": "label"}
    model = SequenceTagger(random_state=0, **QUICK, **names).fit(table)
    frame = model.predict(table)
    assert list(frame.columns) == ["who", "t", "label", "probability"]
    assert frame.who.tolist() == table.who.tolist() and frame.t.tolist() == table.t.tolist()
    in_order = frame[frame.who == "r1"].sort_values("t").label
    assert in_order.tolist() == model.predict([X[1]])[0].tolist()
    events = model.events(table)
    assert list(events.columns) == ["who", "label", "begin", "end", "peak", "probability"]
    assert set(events.label) <= {"shaken"}


@pytest.mark.parametrize(
    ("options", "y", "match"),
    [
        ({}, [["calm"] * 120], "8 sequences and 1 arrays"),
        ({}, [["calm"]] * 8, "has 120 steps"),
        ({}, "calm", "8 sequences"),
        ({}, [["calm"] * (120 + 7 * k) for k in range(8)], "one class only"),
        ({}, [[None] * (120 + 7 * k) for k in range(8)], "all of them are missing"),
        ({"background": "blue"}, None, "background is one of the classes"),
        ({"lookahead": -1}, None, "at least 0"),
        ({"sounds": 8}, None, "sounds must be a whole number of at least 100"),
        ({}, [[1e250] * (120 + 7 * k) for k in range(8)], "label of step 0 is too large"),
        ({}, [[np.inf] * (120 + 7 * k) for k in range(8)], "label of step 0 is infinite"),
        ({"lookahead": 2, "patch": 4}, None, "lookahead=None"),
        ({"on": 0.2, "off": 0.4}, None, "lower one"),
        ({"what": "several"}, None, "several labels or values are numbers"),
    ],
)
def test_bad_input(options: dict, y: object, match: str) -> None:
    X, labels = recordings()
    with pytest.raises(InputError, match=match):
        SequenceTagger(**{**QUICK, **options}).fit(X, labels if y is None else y)


def test_labels_that_training_has_not_seen(tagger: SequenceTagger) -> None:
    X, y = recordings(1)
    with pytest.raises(InputError, match="'wild'"):
        tagger.evaluate(X, [np.where(y[0] == "calm", "wild", y[0])])


def test_a_table_without_the_label_column_is_named() -> None:
    table = pd.DataFrame({"x": np.arange(60.0) ** 0.5})
    with pytest.raises(InputError, match="no column 'state'"):
        SequenceTagger(label="state", **QUICK).fit(table)


def test_texts_are_tagged_character_by_character_and_in_a_stream() -> None:
    texts = ["ab  cd e fgh" * 2, "a bc def", "xx yy zz aa", "one two three", "four five", "six x"]
    spaces = [["space" if c == " " else "letter" for c in text] for text in texts]
    model = SequenceTagger(lookahead=0, random_state=0, **QUICK).fit(texts, spaces)
    assert model.predict(["a b"])[0].tolist() == ["letter", "space", "letter"]
    stream = model.stream()
    answers = [stream.step(c) for c in "a b"]
    assert [a.answer for a in answers if a] == ["letter", "space", "letter"]
