"""What linear baselines read of whole sequences: summaries of channels, counts of short runs of tokens."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np
from sklearn.exceptions import ConvergenceWarning
from sklearn.feature_extraction.text import CountVectorizer, TfidfTransformer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from gatewise.arrays import Floats, Ints
from gatewise.tasks.sequences.ragged import Measurements, Sequences, Tokens
from gatewise.tasks.sequences.scaling import standardised

RUN = 3  # tokens of the longest run that is counted
STEPS = 300  # of the solver
MOST_ANSWERS = 5_000_000  # rows times classes, above which the solver takes too long


def summaries(data: Measurements) -> Floats:
    """[N, 6 C + 1]: mean, deviation, least, largest, first and last value of each channel, and the length."""
    rows = []
    for k in range(len(data)):
        x = data.one(k)
        parts = (x.mean(0), x.std(0), x.min(0), x.max(0), x[0], x[-1], [np.log(len(x))])
        rows.append(np.concatenate(parts))
    return np.stack(rows)


def runs(codes: Ints) -> Iterator[tuple[int, ...]]:
    """Every run of 1 to ``RUN`` tokens; -1 and -2 stand for the beginning and the end."""
    marked = (-1, *codes.tolist(), -2)
    for size in range(1, RUN + 1):
        for k in range(len(marked) - size + 1):
            yield marked[k : k + size]


def obstacle(rows: int, classes: int) -> str:
    """Why a logistic regression is left out; "" if it is not."""
    if rows * classes <= MOST_ANSWERS:
        return ""
    return f"{rows:,} sequences of {classes:,} classes are too many for it"


def read(data: Sequences) -> Any:
    """[N, features] of all sequences: dense summaries of numbers, or sparse counts of runs of tokens."""
    if isinstance(data, Measurements):
        return summaries(standardised(data))
    assert isinstance(data, Tokens)
    several = CountVectorizer(analyzer=runs, min_df=1 if len(data) < 100 else 2)
    return several.fit_transform([data.one(k) for k in range(len(data))])


def classify(features: Any, train: Ints, test: Ints, labels: Ints) -> Ints:
    """Predicted labels of the test rows by a logistic regression; weights of counts are those of tf-idf."""
    if len(np.unique(labels[train])) < 2:
        return np.full(len(test), labels[train][0])
    sparse = hasattr(features, "toarray")
    model = make_pipeline(
        TfidfTransformer(sublinear_tf=True) if sparse else StandardScaler(),
        LogisticRegression(C=10.0 if sparse else 1.0, max_iter=STEPS),
    )
    with warnings.catch_warnings():
        # a few steps of the solver more would change nothing that matters
        warnings.simplefilter("ignore", ConvergenceWarning)
        model.fit(features[train], labels[train])
    return np.asarray(model.predict(features[test]))
