"""Baselines of a classifier, on the very rotations that judge it: majority, nearest neighbour, MiniRocket."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from gatewise.tasks.classify.metrics import Row, row_of
from gatewise.tasks.sequences import dtw, minirocket
from gatewise.tasks.sequences.ragged import Measurements, Sequences
from gatewise.tasks.sequences.scaling import Scaler
from gatewise.tasks.sequences.splits import Rotation

Ints = NDArray[np.int64]
MOST_CELLS = 3e9  # of the tables of time warping
MAJORITY, NEAREST, ROCKET = "majority", "1-NN DTW", "MiniRocket"


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
        most = np.bincount(labels[_known(r)], minlength=classes).argmax()
        answers[MAJORITY].append(np.full(len(r.test), most))
    reason = _obstacle(data)
    if reason:
        notes.append(f"{NEAREST} left out: {reason}")
    else:
        apart = dtw.distances(standardised(data))
        answers[NEAREST] = [
            labels[_known(r)][apart[np.ix_(r.test, _known(r))].argmin(1)] for r in rotations
        ]
    reason = minirocket.obstacle(data)
    if reason:
        notes.append(f"{ROCKET} left out: {reason}")
    else:
        assert isinstance(data, Measurements)
        answers[ROCKET] = [minirocket.classify(data, _known(r), r.test, labels, seed) for r in rotations]
    rows = [row_of(name, truth, np.concatenate(of), classes) for name, of in answers.items()]
    return rows, notes


def standardised(data: Sequences) -> Measurements:
    """Numbers of equal size by channel, without a missing one: what distances are taken of."""
    assert isinstance(data, Measurements)
    scaler = Scaler.of(data)
    values = scaler.encode(data)[:, : len(scaler.channels)].astype(np.float64)
    return Measurements(data.starts, values, data.channels)


def _known(rotation: Rotation) -> Ints:
    return np.sort(np.concatenate([rotation.train, rotation.validation]))


def _obstacle(data: Sequences) -> str:
    if not isinstance(data, Measurements):
        return "it compares numbers"
    return "there are too many pairs of sequences" if dtw.cells(data) > MOST_CELLS else ""
