"""Baselines against their definitions, written out; seasons of made-up series."""

from __future__ import annotations

import numpy as np
import pytest

from gatewise.tasks.baselines import Baseline, family
from gatewise.tasks.seasons import find_seasons

Y = np.array([1.0, 5.0, 2.0, 6.0, 4.0, 9.0, 3.0, 11.0])


def made(kind: str, season: int, y: np.ndarray, horizon: int) -> list[float]:
    padded = np.concatenate([np.full(season, np.nan), y])
    prepared = np.full((2, len(padded)), np.nan)
    baseline = Baseline(kind, season)
    prepared[:, season:] = baseline.prepare(y)
    return baseline.forecast(prepared, np.array([len(padded)]), horizon)[0].tolist()


def test_values() -> None:
    assert made("naive", 1, Y, 3) == [11, 11, 11]
    assert made("naive", 2, Y, 3) == [3, 11, 3]
    assert made("mean", 2, Y, 2) == [(1 + 2 + 4 + 3) / 4, (5 + 6 + 9 + 11) / 4]
    assert made("mean", 1, Y, 2) == [(4 + 9 + 3 + 11) / 4] * 2
    assert made("drift", 1, Y, 2) == pytest.approx([11 + 10 / 7, 11 + 20 / 7])
    change = np.mean(Y[2:] - Y[:-2])
    assert made("drift", 2, Y, 3) == pytest.approx([3 + change, 11 + change, 3 + 2 * change])


def test_missing_values_are_bridged_at_the_same_place_of_the_season() -> None:
    y = Y.copy()
    y[6] = np.nan
    assert made("naive", 2, y, 2) == [4, 11]
    assert made("mean", 2, y, 1) == pytest.approx([(1 + 2 + 4) / 3])
    y[:7:2] = np.nan  # this place was never seen: the last value
    assert made("naive", 2, y, 2) == [9, 11]


@pytest.mark.parametrize("baseline", family((4, 12)), ids=lambda b: b.name)
def test_nothing_after_the_cutoff_is_read(baseline: Baseline) -> None:
    draw = np.random.default_rng(0)
    y = draw.standard_normal(60)
    y[draw.random(60) < 0.1] = np.nan
    later = y.copy()
    later[40:] = 1e6
    cuts = np.array([40])
    one, other = (baseline.forecast(baseline.prepare(v), cuts, 7) for v in (y, later))
    np.testing.assert_array_equal(one, other)


# --- seasons --------------------------------------------------------------------------------------

T = np.arange(700)
DRAW = np.random.default_rng(1)
NOISE = DRAW.standard_normal(700)
DAY = np.sin(2 * np.pi * T / 24)
WEEKEND = (T // 24 % 7 >= 5).astype(float)
CANDIDATES = (4, 7, 12, 24, 48, 52, 96, 168, 365)


@pytest.mark.parametrize(
    ("y", "seasons"),
    [
        (10 * DAY + NOISE, (24,)),
        (10 * DAY + 0.1 * T + NOISE, (24,)),
        (10 * DAY * (1 - 0.8 * WEEKEND) + 0.3 * NOISE, (24, 168)),
        (NOISE, ()),
        (np.cumsum(NOISE), ()),
        (np.zeros(700), ()),
    ],
    ids=["day", "day and trend", "day and week", "noise", "random walk", "constant"],
)
def test_seasons(y: np.ndarray, seasons: tuple[int, ...]) -> None:
    assert find_seasons([y], CANDIDATES) == seasons
    holes = np.where(DRAW.random(700) < 0.1, np.nan, y)
    assert find_seasons([holes], CANDIDATES) == seasons


def test_a_season_needs_history() -> None:
    assert find_seasons([(10 * DAY + NOISE)[:50]], CANDIDATES) == ()
