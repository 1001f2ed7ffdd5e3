"""Recurrences against loops written out, and pieces against the whole."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from gatewise.arrays import Floats
from gatewise.tasks.forecast.recurrences import (
    decayed,
    latest_of_season,
    mean_or,
    moving_mean,
    steps_since,
    trended_mean,
)

S = 3


@pytest.fixture
def y() -> Floats:
    values = np.random.default_rng(0).normal(size=20)
    values[[0, 4, 7, 10, 13]] = np.nan
    return values


def test_sums_decay_by_season() -> None:
    x, before = np.random.default_rng(1).normal(size=20), np.array([1.0, -2.0, 3.0])
    sums = [*before]
    for value in x:
        sums.append(0.75 * sums[-S] + value)
    np.testing.assert_allclose(decayed(x, before, 0.75), sums[S:], rtol=1e-12)


def test_the_latest_value_of_a_place_of_the_season(y: Floats) -> None:
    latest = [5.0, np.nan, 7.0]
    for value in y:
        latest.append(latest[-S] if np.isnan(value) else value)
    np.testing.assert_array_equal(latest_of_season(y, np.array(latest[:S])), latest[S:])


@pytest.mark.parametrize(
    ("recurrence", "fill"),
    [(lambda y, b: decayed(np.nan_to_num(y), b, 0.9), 0.0), (latest_of_season, np.nan)],
    ids=["decayed", "latest_of_season"],
)
def test_pieces_give_what_the_whole_gives(
    y: Floats, recurrence: Callable[[Floats, Floats], Floats], fill: float
) -> None:
    whole, before, pieces = recurrence(y, np.full(S, fill)), np.full(S, fill), []
    for piece in np.split(y, [1, 3, 10]):
        pieces.append(recurrence(piece, before))
        before = np.concatenate([before, pieces[-1]])[-S:]
    np.testing.assert_allclose(np.concatenate(pieces), whole, rtol=1e-12)


def test_steps_since_a_value_was_seen() -> None:
    seen = np.array([False, False, True, False, True, True, False])
    np.testing.assert_array_equal(steps_since(seen, 4), [5, 6, 0, 1, 0, 0, 1])


def test_a_moving_mean_leaves_missing_values_out() -> None:
    values = np.array([1.0, np.nan, 3.0, np.nan, np.nan])
    np.testing.assert_array_equal(moving_mean(values, 2, np.full(4, 9.0)), [1, 3, 3, 9])


def test_a_mean_of_nothing_is_the_other_value() -> None:
    total, count = np.array([6.0, 0.0]), np.array([2.0, 0.0])
    np.testing.assert_array_equal(mean_or(total, count, np.array([1.0, 7.0])), [3, 7])


def test_a_mean_is_moved_along_the_slope_by_its_age() -> None:
    # values 10 and 12, that are three steps and one step old, on a line that rises by 1
    mean = trended_mean(np.array([22.0]), np.array([2.0]), np.array([4.0]), np.array([1.0]))
    np.testing.assert_array_equal(mean, [13])
