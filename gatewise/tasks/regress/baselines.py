"""Baselines of a regressor, on the very rotations that judge it: mean, ridge on summaries, nearest neighbour."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from sklearn.linear_model import RidgeCV

from gatewise.arrays import Floats
from gatewise.tasks.sequences import dtw
from gatewise.tasks.sequences.linear import summaries
from gatewise.tasks.sequences.ragged import Measurements, Sequences
from gatewise.tasks.sequences.scaling import standardised
from gatewise.tasks.sequences.splits import Rotation
from gatewise.tasks.sequences.value_figures import Row, row_of

MEAN, RIDGE, NEAREST = "mean", "ridge on summaries", "1-NN DTW"


def baseline_rows(
    data: Sequences, values: Floats, rotations: Sequence[Rotation]
) -> tuple[list[Row], list[str]]:
    """Figures over the test parts of all rotations, and why a baseline was left out; values are [N, K]."""
    truth = np.concatenate([values[r.test] for r in rotations])
    answers = {MEAN: [np.repeat(values[r.known].mean(0)[None], len(r.test), 0) for r in rotations]}
    notes = []
    if isinstance(data, Measurements):
        features = summaries(standardised(data))
        answers[RIDGE] = [
            RidgeCV(np.logspace(-2, 4, 13))
            .fit(features[r.known], values[r.known])
            .predict(features[r.test])
            .reshape(-1, values.shape[1])
            for r in rotations
        ]
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
            values[r.known][apart[np.ix_(r.test, r.known)].argmin(1)] for r in rotations
        ]
    return [row_of(name, truth, np.concatenate(of)) for name, of in answers.items()], notes
