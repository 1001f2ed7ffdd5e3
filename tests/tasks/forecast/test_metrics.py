"""Figures against their formulas; calibrated intervals cover what they promise."""

from __future__ import annotations

import numpy as np
import pytest

from gatewise.tasks.forecast.metrics import (
    conformal,
    format_table,
    measure,
    naive_error,
    probabilities,
    widen,
)


def test_figures() -> None:
    truth = np.array([[1.0, 2.0], [4.0, np.nan]])
    point = np.array([[2.0, 2.0], [1.0, 9.0]])
    row = measure("m", truth, point[..., None], (), np.array([2.0, np.nan]))
    assert row.mae == pytest.approx((1 + 0 + 3) / 3)
    assert row.rmse == pytest.approx(np.sqrt((1 + 0 + 9) / 3))
    assert row.smape == pytest.approx((200 / 3 + 0 + 600 / 5) / 3)
    assert row.mase == pytest.approx((0.5 + 0) / 2)
    assert row.by_step == [2.0, 0.0]
    assert row.coverage == {}


def test_zeros_and_series_without_change() -> None:
    row = measure("m", np.zeros((2, 3)), np.zeros((2, 3, 1)), (), np.full(2, np.nan))
    assert (row.smape, row.mase) == (0.0, None)
    assert "-" in format_table([row])[1]
    assert np.isnan(naive_error(np.ones(3), 5))


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
