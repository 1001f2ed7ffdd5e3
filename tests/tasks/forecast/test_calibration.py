"""Calibrated intervals cover what they promise, and keep their width when networks are trained on all rows."""

from __future__ import annotations

import numpy as np
import pytest

from gatewise.tasks.forecast.calibration import conformal, narrower, probabilities, widen
from gatewise.tasks.forecast.dataset import DecoderInputs
from gatewise.tasks.forecast.metrics import measure


def inputs(unit: float) -> DecoderInputs:
    nothing = np.zeros((3, 0))
    return DecoderInputs(
        candidates=np.zeros((3, 1, 2)),
        known=np.zeros((3, 2, 0)),
        static=nothing,
        unit=np.full(3, unit),
        continuing=np.full((3, 2, 2), np.nan),
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


def test_probabilities_ascend() -> None:
    assert probabilities([80, 90]) == pytest.approx((0.05, 0.1, 0.5, 0.9, 0.95))


@pytest.mark.parametrize("start", [0.01, 10.0])
def test_calibration_reaches_its_levels_from_either_side(start: float) -> None:
    draw = np.random.default_rng(0)
    offsets = start * np.array([-2.0, -1.0, 0.0, 1.0, 2.0])
    past, future = draw.standard_normal((2, 4000, 2)) * [1.0, 3.0]
    quantiles = np.broadcast_to(offsets, (4000, 2, 5))
    fixed = widen(quantiles, conformal(past, quantiles, (80, 90)))
    row = measure("m", future, fixed, (80, 90), np.ones(4000))
    for level in (80, 90):
        assert row.coverage_by_step[level] == pytest.approx([level / 100] * 2, abs=0.02)
        first, second = row.width_by_step[level]
        assert second == pytest.approx(
            3 * first, rel=0.1
        )  # the second step is three times as noisy
        assert row.width[level] == pytest.approx((first + second) / 2)
    assert np.all(np.diff(fixed, axis=-1) >= 0)


def test_narrowing_never_crosses() -> None:
    quantiles = np.array([[[-2.0, -1.0, 0.0, 1.0, 2.0]]])
    assert np.all(np.diff(widen(quantiles, np.array([[-5.0, -0.5]])), axis=-1) >= 0)
