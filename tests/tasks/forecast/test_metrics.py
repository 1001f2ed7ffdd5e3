"""Figures against their formulas."""

from __future__ import annotations

import numpy as np
import pytest

from gatewise.tasks.forecast.metrics import format_table, measure, naive_error


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
