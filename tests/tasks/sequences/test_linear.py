"""What linear baselines read, and what they tell apart."""

from __future__ import annotations

import numpy as np

from gatewise.tasks.sequences import linear
from gatewise.tasks.sequences.ragged import measurements, tokens
from tests.tasks.sequences.support import waves


def test_runs_of_one_to_three_tokens_with_the_ends_marked() -> None:
    assert list(linear.runs(np.array([5, 6]))) == [
        (-1,),
        (5,),
        (6,),
        (-2,),
        (-1, 5),
        (5, 6),
        (6, -2),
        (-1, 5, 6),
        (5, 6, -2),
    ]


def test_it_tells_classes_apart_by_runs_of_tokens() -> None:
    rng = np.random.default_rng(0)
    # the same letters in both classes, in another order
    texts = [
        "".join(rng.permutation(["ab", "ab", "ba"] if k % 2 else ["aab", "b", "bba"]))
        for k in range(80)
    ]
    labels = np.arange(80) % 2
    features = linear.read(tokens(texts))
    answer = linear.classify(features, np.arange(60), np.arange(60, 80), labels)
    assert (answer == labels[60:]).mean() > 0.8


def test_it_tells_classes_apart_by_summaries() -> None:
    parts, names = waves(60)
    labels = (names == "fast").astype(np.int64)
    parts = [part + (name == "fast") for part, name in zip(parts, names, strict=True)]
    features = linear.read(measurements(parts))
    assert features.shape == (60, 13)
    answer = linear.classify(features, np.arange(40), np.arange(40, 60), labels)
    assert (answer == labels[40:]).mean() > 0.9
    one = linear.classify(features, np.arange(0, 40, 2), np.arange(40, 60), labels)
    assert (one == 1).all()  # only one class to learn from
