"""What is carried along a series: against its definitions, and in pieces."""

from __future__ import annotations

import numpy as np
import pytest

from gatewise.tasks.forecast.running_stats import OnlineStats

RUNNING = OnlineStats((4, 12), 4, 4, 30, False)


def values(count: int, holes: float = 0.1, seed: int = 0) -> np.ndarray:
    draw = np.random.default_rng(seed)
    y = 5 + draw.standard_normal(count).cumsum()
    y[draw.random(count) < holes] = np.nan
    return y


def test_definitions_written_out() -> None:
    y = values(60)
    out, _ = RUNNING.advance(RUNNING.empty(), y)
    away = count = 0.0
    for t, value in enumerate(y):
        recent = y[max(0, t - 3) : t + 1]
        seen = y[: t + 1][~np.isnan(y[: t + 1])]
        if not len(seen):
            continue
        level = np.nanmean(recent) if not np.isnan(recent).all() else seen[-1]
        assert out["level"][t] == pytest.approx(level)
        away, count = away * (1 - 1 / 30), count * (1 - 1 / 30)
        if not np.isnan(value):
            away, count = away + abs(value - level), count + 1
        assert out["scale"][t] >= away / count - 1e-12
        assert out["last 1"][t] == seen[-1]
        place = y[t % 4 : t + 1 : 4]
        place = place[~np.isnan(place)]
        if len(place):
            assert out["last 4"][t] == place[-1]
        assert out["age"][t] == t - np.flatnonzero(~np.isnan(y[: t + 1]))[-1]


@pytest.mark.parametrize("holes", [0.0, 0.3])
@pytest.mark.parametrize("log", [False, True])
@pytest.mark.parametrize("forget", [0.0, 0.25])
def test_pieces_give_what_the_whole_gives(holes: float, log: bool, forget: float) -> None:
    running = OnlineStats((4, 12), 4, 4, 30, log, levels=True, trend=4, forget=forget)
    y = values(200, holes)
    whole, end = running.advance(running.empty(), y)
    carry, parts, at = running.empty(), [], 0
    for size in (1, 2, 0, 3, 50, 1, 7, 100, 36):
        statistics, carry = running.advance(carry, y[at : at + size])
        parts.append(statistics)
        at += size
    assert at == len(y)
    np.testing.assert_allclose(carry, end, rtol=1e-9, atol=1e-12)
    for name, expected in whole.items():
        joined = np.concatenate([p[name] for p in parts if name in p])
        np.testing.assert_allclose(joined, expected, rtol=1e-9, atol=1e-12, err_msg=name)


def test_what_is_carried_ends_what_came_before() -> None:
    y = values(40)
    whole, carry = RUNNING.advance(RUNNING.empty(), y)
    before = RUNNING.before(carry)
    np.testing.assert_array_equal(before.pop("tail"), y[-RUNNING.tail :])
    assert set(before) == set(whole)
    for name, latest in before.items():
        np.testing.assert_allclose(latest, whole[name][-len(latest) :], err_msg=name)
    assert len(before["level"]) == 5
    assert len(before["mean 12"]) == 12


def test_nothing_later_is_read() -> None:
    y = values(60)
    later = y.copy()
    later[40:] += 100
    one, other = (RUNNING.advance(RUNNING.empty(), v)[0] for v in (y, later))
    for name in one:
        np.testing.assert_array_equal(one[name][:40], other[name][:40])


def test_a_quiet_stretch_does_not_make_the_next_values_enormous() -> None:
    draw = np.random.default_rng(0)
    y = np.concatenate([10 * draw.standard_normal(200), np.zeros(60)])
    out, _ = RUNNING.advance(RUNNING.empty(), y)
    assert 10 / out["scale"][-1] < 20
    constant, _ = RUNNING.advance(RUNNING.empty(), np.full(30, 1e6))
    assert np.all(constant["scale"] > 0)


def test_the_carry_does_not_grow_with_the_history() -> None:
    carries = [RUNNING.advance(RUNNING.empty(), values(n))[1] for n in (10, 1000)]
    assert len(carries[0]) == len(carries[1]) == RUNNING.width


def test_levels_beside_the_season() -> None:
    """Without gaps and shifts: the profile is that of the season, and the levels are means of what it leaves."""
    draw = np.random.default_rng(5)
    season = np.array([3.0, -1.0, 0.0, -2.0])
    y = 10 + np.tile(season, 100) + 0.1 * draw.standard_normal(400)
    out, _ = OnlineStats((4,), 4, 4, 30, False, levels=True).advance(
        OnlineStats((4,), 4, 4, 30, False, levels=True).empty(), y
    )
    np.testing.assert_allclose(out["profile"][-4:], season, atol=0.1)
    assert out["slow"][-1] == pytest.approx(10, abs=0.05)
    assert abs(out["fast"][-1] - 10) < 0.15


def test_a_long_smooth_season_is_kept_whole() -> None:
    """It is far from its mean, measured by how much neighbouring values differ."""
    season = 10 * np.sin(2 * np.pi * np.arange(100) / 100)
    y = np.tile(season, 8)
    running = OnlineStats((100,), 1, 8, 112, False, levels=True, forget=0.03)
    out, _ = running.advance(running.empty(), y)
    np.testing.assert_allclose(out["profile"][-100:], season, atol=1.0)


def test_a_season_that_moves_on_is_followed() -> None:
    """A year has 52.18 weeks: a profile of thirty years is that of another week."""
    t = np.arange(52 * 20)
    y = 5 * np.sin(2 * np.pi * t / 52.18)
    errors = []
    for forget in (0.03, 0.25):
        running = OnlineStats((52,), 52, 52, 728, False, levels=True, forget=forget)
        out, _ = running.advance(running.empty(), y)
        errors.append(np.abs(out["profile"][-52:] - y[-52:]).max())
    assert errors[1] < 0.5 * errors[0]


@pytest.mark.parametrize("forget", [0.0, 0.03])
def test_a_shift_is_soon_forgotten(forget: float) -> None:
    """Of the profile it takes nothing, of the fast level a season, and the usual error is what it was."""
    season = np.array([3.0, -1.0, 0.0, -2.0])
    y = 10 + np.tile(season, 60) + 0.1 * np.random.default_rng(6).standard_normal(240)
    y[200:] += 50
    carried = OnlineStats((4,), 4, 4, 56, False, levels=True, forget=forget)
    out, _ = carried.advance(carried.empty(), y)
    np.testing.assert_allclose(out["profile"][-4:], season, atol=1.0)
    assert out["fast"][-1] == pytest.approx(60, abs=1.0)
    assert out["error 4"][-1] < 2.5 * out["error 4"][199]
    assert out["slow"][-1] < 50
