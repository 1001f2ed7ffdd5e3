"""Covariates and the calendar as numbers: fitted on what training may see, and what is suspicious."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from gatewise.tasks.data.encoding import Column, Encoder, cycles, suspicious
from gatewise.tasks.data.reader import Table, read_table
from gatewise.tasks.data.series import Feature


def table(count: int = 60) -> Table:
    draw = np.random.default_rng(0)
    frame = pd.DataFrame(
        {
            "ds": pd.date_range("2024-01-01", periods=count, freq="D"),
            "y": draw.standard_normal(count),
            "price": np.arange(count, dtype=float),
            "kind": ["a", "b"] * (count // 4) + ["c", "a"] * (count // 4),
        }
    )
    frame["copy"] = 3 * frame.y + 0.01 * draw.standard_normal(count)
    return read_table(frame, target="y", known=["price", "kind"], past=["copy"])


def test_numbers_are_scaled_by_what_training_may_see() -> None:
    data = table()
    encoder = Encoder.fitted(data.series, data.features, data.clock, 30)
    price = encoder.known[0]
    assert (price.mean, price.scale) == (pytest.approx(14.5), pytest.approx(np.arange(30).std()))
    encoded = encoder.encode("known", data.series[0].known)
    np.testing.assert_allclose(encoded[:30, 0].mean(), 0, atol=1e-12)
    assert encoded.max() <= 5


def test_a_category_that_training_has_not_seen_is_unknown() -> None:
    data = table()
    codes = {name: k for k, name in enumerate(data.features.known[1].categories or ())}
    encoder = Encoder.fitted(data.series, data.features, data.clock, 30)
    kind = encoder.known[1]
    assert kind.codes == (codes["a"], codes["b"])
    known = kind.encode(np.array([codes["a"], codes["b"], codes["c"], len(codes), np.nan]))
    expected = [[0, 1, 0], [0, 0, 1], [1, 0, 0], [1, 0, 0], [0, 0, 0]]
    np.testing.assert_array_equal(known, expected)


def test_missing_numbers_are_told_where_training_had_some() -> None:
    feature = Feature("x")
    assert Column.fitted(feature, np.array([1.0, 2.0])).width == 1
    gappy = Column.fitted(feature, np.array([1.0, np.nan, 3.0]))
    np.testing.assert_array_equal(gappy.encode(np.array([2.0, np.nan])), [[0, 0], [0, 1]])
    # nothing was learned of what never changed, so no later value may move a forecast
    constant = Column.fitted(feature, np.full(3, 7.0))
    np.testing.assert_allclose(constant.encode(np.array([7.0, 8.0])), [[0], [0]], atol=1e-9)


def test_the_calendar_runs_on_the_clock_on_the_wall() -> None:
    times = pd.date_range("2024-03-25", periods=24 * 14, freq="h", tz="Europe/Berlin")
    data = read_table(pd.DataFrame({"ds": times, "y": np.arange(len(times)) % 5.0}))
    encoder = Encoder.fitted(data.series, data.features, data.clock, len(times))
    assert encoder.calendar == ("day", "week")
    encoded = encoder.times(data.clock, np.arange(len(times)))
    hours = np.array([t.hour for t in times])
    np.testing.assert_allclose(encoded[:, 0], np.sin(2 * np.pi * hours / 24), atol=1e-9)
    days = np.array([(t.dayofweek - 3) % 7 + t.hour / 24 for t in times])
    np.testing.assert_allclose(encoded[:, 3], np.cos(2 * np.pi * days / 7), atol=1e-9)


def test_cycles_that_history_does_not_show_are_left_out() -> None:
    clock = table().clock
    assert cycles(clock, 60) == ("week",)
    assert cycles(clock, 13) == ()
    assert cycles(clock, 1000) == ("week", "year")


def test_a_covariate_that_is_the_target_is_suspicious() -> None:
    data = table()
    assert suspicious(data.series, data.features, 60) == []
    frame = pd.DataFrame({"ds": pd.date_range("2024-01-01", periods=40, freq="D")})
    frame["y"] = np.random.default_rng(1).standard_normal(40).cumsum()
    frame["sold"] = 2 * frame.y + 100
    leaking = read_table(frame, target="y", known=["sold"])
    (warning,) = suspicious(leaking.series, leaking.features, 30)
    assert "'sold' moves with the target (correlation of the changes 1.000)" in warning
