"""Streams of classifiers and regressors: the answers are those of the sequence so far."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gatewise.errors import InputError
from gatewise.tasks import SequenceClassifier, SequenceRegressor, load
from tests.tasks.audio.sounds import tone
from tests.tasks.sequences.support import QUICK, waves
from tests.tolerances import assert_close

X, Y = waves(20)
FEW: dict[str, Any] = QUICK | {"units": 5, "steps": 8, "streaming": True, "random_state": 0}


def answered(model: Any, sequence: Any) -> Any:
    stream = model.stream()
    return [stream.step(values) for values in sequence]


@pytest.mark.parametrize("options", [{"pooling": "all"}, {"pooling": "max", "patch": 3}])
@pytest.mark.parametrize("cell", ["lstm", "mingru"])
def test_every_answer_is_that_of_the_sequence_so_far(cell: str, options: dict[str, Any]) -> None:
    model = SequenceClassifier(cell, **(FEW | options | {"members": 2})).fit(X, Y)
    answers = answered(model, X[1])
    prefixes = [X[1][: k + 1] for k in range(len(X[1]))]
    expected = model.predict_proba(prefixes)
    assert_close(np.array([a.said for a in answers]), expected, "float32", "forward")
    assert [a.answer for a in answers] == model.predict(prefixes).tolist()
    assert [a.steps for a in answers] == [*range(1, len(X[1]) + 1)]


def test_it_begins_again_and_a_loaded_model_says_the_same(tmp_path: Path) -> None:
    model = SequenceClassifier(**(FEW | {"pooling": "last"})).fit(X, Y)
    model.save(tmp_path / "model")
    stream = load(tmp_path / "model").stream()
    assert stream.finish() is None
    first = [stream.step(values).said.tolist() for values in X[0]]
    end = stream.finish()
    assert end is not None and end.said.tolist() == first[-1] and end.steps == len(X[0])
    assert [stream.step(values).said.tolist() for values in X[0]] == first
    with pytest.raises(InputError, match="2 channels, and these have 1"):
        stream.step(1.0)
    with pytest.raises(InputError, match="infinite"):
        stream.step([1.0, np.inf])


def test_missing_values_and_tokens() -> None:
    gaps = [part.copy() for part in X]
    for part in gaps:
        part[::4, 0] = np.nan
    model = SequenceClassifier(**FEW).fit(gaps, Y)
    expected = model.predict_proba([gaps[3]])[0]
    assert_close(answered(model, gaps[3])[-1].said, expected, "float32", "forward")
    texts = [("Good and nice" if k % 2 else "bad and worse") + f" {k}" for k in range(20)]
    words = SequenceClassifier(**FEW, text="words").fit(texts, np.arange(20) % 2)
    answers = answered(words, ["Good", "and"])
    assert_close(answers[-1].said, words.predict_proba(["Good and"])[0], "float32", "forward")


def test_values_and_the_unknown() -> None:
    levels = np.array([part.mean() for part in X])
    model = SequenceRegressor(**FEW).fit(X, levels)
    prefixes = [X[2][: k + 1] for k in range(len(X[2]))]
    answers = [a.answer for a in answered(model, X[2])]
    assert_close(np.array(answers), model.predict(prefixes), "float32", "forward")
    careful = SequenceClassifier(**FEW, unknown_below=1.0).fit(X, Y)
    assert {a.answer for a in answered(careful, X[0])} == {"unknown"}


@pytest.mark.parametrize("features", ["log-mel", "mfcc"])
def test_a_sound_goes_in_piece_by_piece(features: str) -> None:
    sounds = [tone(2200 if k % 2 else 400, 0.15, seed=k) for k in range(10)]
    model = SequenceClassifier(**FEW, rate=8000, features=features)
    model.fit(sounds, np.arange(10) % 2)
    stream, sound = model.stream(), tone(2200, 0.4, seed=50)
    answers = [a for begin in range(0, len(sound), 300) for a in stream.sound(sound[begin:][:300])]
    hop = model.reading_.features.hop
    prefixes = [sound[: (k + 1) * hop] for k in range(len(answers))]
    assert_close(
        np.array([a.said for a in answers]), model.predict_proba(prefixes), "float32", "forward"
    )
    with pytest.raises(InputError, match="one channel"):
        stream.sound(np.zeros((5, 2)))


def test_what_reads_both_ways_or_hears_nothing_says_so() -> None:
    model = SequenceClassifier(**(FEW | {"streaming": False})).fit(X, Y)
    with pytest.raises(InputError, match="streaming=True"):
        model.stream()
    with pytest.raises(InputError, match="not fitted on sounds"):
        SequenceClassifier(**FEW).fit(X, Y).stream().sound(np.zeros(5))
