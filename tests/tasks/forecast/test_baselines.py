"""Baselines against their definitions, written out; seasons of made-up series."""

from __future__ import annotations

import numpy as np
import pytest

from gatewise.tasks.forecast.baselines import Baseline, family
from gatewise.tasks.forecast.running_stats import OnlineStats
from gatewise.tasks.forecast.seasons import find_seasons

Y = np.array([1.0, 5.0, 2.0, 6.0, 4.0, 9.0, 3.0, 11.0])


def made(baseline: Baseline, y: np.ndarray, horizon: int, cut: int | None = None) -> list[float]:
    seasons = (4, 12) if baseline.season == 1 else (baseline.season,)
    if baseline == Baseline("regression", 1):
        seasons = ()
    running = OnlineStats(seasons, 1, 1, 10, False, levels=True, trend=4)
    tracks, _ = running.advance(running.empty(), y)
    room = running.tail
    padded = {n: np.concatenate([np.full(room, np.nan), v]) for n, v in tracks.items()}
    cuts = np.array([room + (len(y) if cut is None else cut)])
    return baseline.at(padded, cuts, horizon)[0].tolist()


def forgetting(*values: float) -> float:
    """A mean in which a value counts 3/4 of the one after it."""
    weights = 0.75 ** np.arange(len(values))[::-1]
    return float(weights @ values / weights.sum())


def test_values() -> None:
    assert made(Baseline("naive", 1), Y, 3) == [11, 11, 11]
    assert made(Baseline("naive", 2), Y, 3) == [3, 11, 3]
    means = [forgetting(1, 2, 4, 3), forgetting(5, 6, 9, 11)]
    assert made(Baseline("mean", 2), Y, 3) == pytest.approx([*means, means[0]])
    assert made(Baseline("mean", 1), Y, 2) == pytest.approx([forgetting(*Y)] * 2)
    assert made(Baseline("drift", 1), Y, 2) == pytest.approx([11 + 10 / 7, 11 + 20 / 7])
    change = np.mean(Y[2:] - Y[:-2])
    expected = [3 + change, 11 + change, 3 + 2 * change]
    assert made(Baseline("drift", 2), Y, 3) == pytest.approx(expected)


def test_missing_values_are_bridged_at_the_same_place_of_the_season() -> None:
    y = Y.copy()
    y[6] = np.nan
    assert made(Baseline("naive", 2), y, 2) == [4, 11]
    # a season without a value counts for nothing; those before it are as old as they are
    weights = np.array([0.75**3, 0.75**2, 0.75])
    assert made(Baseline("mean", 2), y, 1) == pytest.approx([weights @ [1, 2, 4] / weights.sum()])
    y[:7:2] = np.nan  # this place was never seen: the last value
    assert made(Baseline("naive", 2), y, 2) == [11, 11]


@pytest.mark.parametrize("baseline", [*family((4, 12)), *family(())], ids=lambda b: b.name)
def test_nothing_after_the_cutoff_is_read(baseline: Baseline) -> None:
    draw = np.random.default_rng(0)
    y = draw.standard_normal(60)
    y[draw.random(60) < 0.1] = np.nan
    later = y.copy()
    later[40:] = 1e6
    assert made(baseline, y, 7, 40) == made(baseline, later, 7, 40)


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


def test_half_hours_of_a_smooth_day_have_no_season_of_an_hour() -> None:
    half_hours = np.sin(2 * np.pi * np.arange(48 * 20) / 48) + 0.05 * DRAW.standard_normal(960)
    assert find_seasons([half_hours], (2, 48, 336)) == (48,)
    to_and_fro = np.resize([1.0, -1.0], 200) + 0.3 * DRAW.standard_normal(200)
    assert find_seasons([to_and_fro], (2, 48)) == (2,)


def test_a_season_needs_history() -> None:
    assert find_seasons([(10 * DAY + NOISE)[:50]], CANDIDATES) == ()


@pytest.mark.parametrize("baseline", [*family((4, 12)), *family(())], ids=lambda b: b.name)
def test_a_single_step_is_that_of_the_whole_horizon(baseline: Baseline) -> None:
    seasons = () if baseline in family(()) else (4, 12)
    running = OnlineStats(seasons, 1, 1, 10, False, levels=True, trend=4)
    y = np.random.default_rng(1).standard_normal(60)
    tracks, _ = running.advance(running.empty(), y)
    room = running.tail
    padded = {n: np.concatenate([np.full(room, np.nan), v]) for n, v in tracks.items()}
    cuts = room + np.arange(30, 61)
    whole = baseline.at(padded, cuts, 9)
    for step in (1, 4, 5, 9):
        np.testing.assert_allclose(baseline.lead(padded, cuts, step), whole[:, step - 1])
