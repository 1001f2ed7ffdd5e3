"""MiniRocket of aeon as a baseline, where it is installed (Dempster, Schmidt & Webb 2021)."""

from __future__ import annotations

import numpy as np

from gatewise.arrays import Array, Ints
from gatewise.extras import installed
from gatewise.tasks.sequences.ragged import Measurements, Sequences

LEAST_STEPS = 9  # the length of its kernels


def obstacle(data: Sequences) -> str:
    """Why it cannot be run on sequences; "" if it can."""
    if not installed("aeon"):
        return "aeon is not installed"
    if not isinstance(data, Measurements):
        return "it reads numbers"
    if data.lengths.min() < data.lengths.max():
        return "it needs sequences of equal length"
    if data.longest < LEAST_STEPS:
        return f"it needs at least {LEAST_STEPS} steps"
    return "it cannot read missing values" if np.isnan(data.values).any() else ""


def classify(data: Measurements, train: Ints, test: Ints, labels: Ints, seed: int) -> Array:
    """Predicted labels of the test sequences."""
    from aeon.classification.convolution_based import MiniRocketClassifier

    block = data.values.reshape(len(data), data.longest, -1).transpose(0, 2, 1)
    model = MiniRocketClassifier(random_state=seed).fit(block[train], labels[train])
    return np.asarray(model.predict(block[test]))
