"""Baselines of a classifier, on the very rotations that judge it.

Majority, logistic regression on summaries or runs of tokens, nearest neighbour, MiniRocket.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from gatewise.arrays import Ints
from gatewise.tasks.sequences import dtw, linear, minirocket
from gatewise.tasks.sequences.class_figures import Row, row_of
from gatewise.tasks.sequences.ragged import Measurements, Sequences
from gatewise.tasks.sequences.scaling import standardised
from gatewise.tasks.sequences.splits import Rotation

MAJORITY, NEAREST, ROCKET = "majority", "1-NN DTW", "MiniRocket"
SUMMARIES, TRIGRAMS = "logistic regression (summaries)", "logistic regression (trigrams)"


def baseline_rows(
    data: Sequences, labels: Ints, classes: int, rotations: Sequence[Rotation], seed: int
) -> tuple[list[Row], list[str]]:
    """Figures over the test parts of all rotations, and why a baseline was left out.

    Each learns from the training and the validation part: it has nothing to stop by.
    """
    truth = np.concatenate([labels[r.test] for r in rotations])
    answers: dict[str, list[Ints]] = {MAJORITY: []}
    notes = []
    for r in rotations:
        most = np.bincount(labels[r.known], minlength=classes).argmax()
        answers[MAJORITY].append(np.full(len(r.test), most))
    name = SUMMARIES if isinstance(data, Measurements) else TRIGRAMS
    reason = linear.obstacle(len(data), classes)
    if reason:
        notes.append(f"{name} left out: {reason}")
    else:
        features = linear.read(data)
        answers[name] = [linear.classify(features, r.known, r.test, labels) for r in rotations]
    reason = dtw.obstacle(data)
    if reason:
        notes.append(f"{NEAREST} left out: {reason}")
    else:
        assert isinstance(data, Measurements)
        apart = dtw.distances(standardised(data))
        size = dtw.size_of_means(data)
        if size > 1:
            notes.append(
                f"{NEAREST} compares means of {size} values: there are many pairs of sequences"
            )
        answers[NEAREST] = [
            labels[r.known][apart[np.ix_(r.test, r.known)].argmin(1)] for r in rotations
        ]
    reason = minirocket.obstacle(data)
    if reason:
        notes.append(f"{ROCKET} left out: {reason}")
    else:
        assert isinstance(data, Measurements)
        answers[ROCKET] = [
            minirocket.classify(data, r.known, r.test, labels, seed) for r in rotations
        ]
    rows = [row_of(name, truth, np.concatenate(of), classes) for name, of in answers.items()]
    return rows, notes
