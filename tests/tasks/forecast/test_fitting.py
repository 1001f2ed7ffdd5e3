"""What is carried over from the networks that were judged to those that were trained on all rows."""

from __future__ import annotations

import numpy as np

from gatewise.tasks.forecast.dataset import DecoderInputs
from gatewise.tasks.forecast.fitting import narrower


def inputs(unit: float) -> DecoderInputs:
    nothing = np.zeros((3, 0))
    return DecoderInputs(
        candidates=np.zeros((3, 1, 2)),
        known=np.zeros((3, 2, 0)),
        static=nothing,
        unit=np.full(3, unit),
        level=np.zeros(3),
        scale=np.ones(3),
        factor=np.ones((3, 2)),
        shift=np.zeros((3, 2)),
    )


def quantiles(inner: float, outer: float, unit: float) -> np.ndarray:
    """[3, 2, 5] around a point of 7; the second step is twice as wide."""
    around = np.array([-outer, -inner, 0, inner, outer]) * unit
    return 7 + np.array([1.0, 2.0])[:, None] * np.tile(around, (3, 1, 1))


def test_intervals_of_the_last_training_are_as_wide_as_those_that_were_calibrated() -> None:
    judged = quantiles(1.0, 2.0, 3.0), inputs(3.0)
    final = quantiles(0.4, 1.5, 5.0), inputs(5.0)
    np.testing.assert_allclose(narrower(judged, final), [[0.6, 0.5], [1.2, 1.0]])
    np.testing.assert_allclose(narrower(judged, judged), 0, atol=1e-12)
