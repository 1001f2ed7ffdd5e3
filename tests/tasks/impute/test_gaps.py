"""Gaps and what is read of them, worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest

from gatewise.tasks.impute.gaps import longest_gap, read, removed
from gatewise.tasks.impute.season import profile_of, season_of
from gatewise.tasks.sequences.ragged import measurements

NAN = np.nan


def test_a_stretch_is_read_with_its_distances() -> None:
    values = np.array([[NAN], [1.0], [NAN], [NAN], [4.0], [NAN]])
    stretch = read(values, np.zeros((6, 1)))
    np.testing.assert_allclose(stretch.base[:, 0], [1, 1, 2, 3, 4, 4])
    mark, before, behind = (stretch.inputs[:, k] for k in (1, 2, 3))
    assert mark.tolist() == [1, 0, 1, 1, 0, 1]
    np.testing.assert_allclose(np.expm1(before * 5), [6, 0, 1, 2, 0, 1], rtol=1e-5)
    np.testing.assert_allclose(np.expm1(behind * 5), [1, 0, 2, 1, 0, 6], rtol=1e-5)


def test_the_seasonal_interpolation_follows_the_season() -> None:
    season = np.array([[0.0], [5.0], [0.0], [5.0], [0.0]])
    values = season + 1
    values[1:3] = NAN
    np.testing.assert_allclose(read(values, season).seasonal[:, 0], season[:, 0] + 1)


def test_a_channel_of_which_nothing_is_known_is_its_mean() -> None:
    assert read(np.full((3, 1), NAN), np.zeros((3, 1))).base.tolist() == [[0.0]] * 3


@pytest.mark.parametrize("share", [0.1, 0.5])
def test_about_so_many_values_are_removed_in_blocks(share: float) -> None:
    rng = np.random.default_rng(0)
    shares = [removed((200, 3), 12, rng, share).mean() for _ in range(20)]
    assert abs(np.mean(shares) - share) < 0.02
    hidden = removed((200, 3), 12, rng, share)[:, 0].astype(int)
    assert 1.5 < hidden.sum() / (np.diff(hidden) == 1).sum() < 13


def test_blocks_are_as_long_as_the_gaps_of_the_data() -> None:
    values = np.zeros((200, 2))
    values[10:60, 1] = NAN
    assert longest_gap(values, 100) == 50 and longest_gap(values, 40) == 40
    assert longest_gap(np.zeros((9, 1)), 100) == 24


def test_the_season_is_the_first_high_peak() -> None:
    steps = np.arange(400)
    noise = np.random.default_rng(0).standard_normal(400)
    assert season_of(measurements([np.sin(steps * 2 * np.pi / 12)[:, None]])) == 12
    slow = np.cumsum(noise) + 20 * np.sin(steps / 60) + 3 * np.sin(steps * 2 * np.pi / 24)
    assert season_of(measurements([slow[:, None]])) == 24
    assert season_of(measurements([noise[:, None]])) == 1
    assert season_of(measurements([np.ones((400, 1))])) == 1


def test_the_profile_is_the_mean_at_each_phase() -> None:
    values = np.array([[1.0], [NAN], [3.0], [NAN]])
    profile = profile_of(values, np.array([0, 1, 0, 1]), 2)
    assert profile[:, 0].tolist() == [2.0, 2.0]  # phase 1 has no value: the mean of all
