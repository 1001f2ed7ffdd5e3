"""Regions whose threads meet often are left to one thread while others want the cores."""

from __future__ import annotations

import time

import pytest

from gatewise.backends.llvm.machine import crowding


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> dict[str, float]:
    """Time that only regions move."""
    now = {"wall": 100.0, "ran": 0.0}
    monkeypatch.setattr(time, "perf_counter", lambda: now["wall"])
    monkeypatch.setattr(time, "thread_time", lambda: now["ran"])
    monkeypatch.setattr(crowding, "_until", 0.0)
    monkeypatch.setattr(crowding, "_pause", crowding._FIRST)
    return now


def region(clock: dict[str, float], took: float, ran: float) -> None:
    def run() -> None:
        clock["wall"] += took
        clock["ran"] += ran

    crowding.watch(run)


def test_a_region_that_hardly_ran_is_not_repeated_soon(clock: dict[str, float]) -> None:
    region(clock, 1.0, 0.99)
    assert not crowding.crowded()
    region(clock, 1.0, 0.5)
    assert crowding.crowded()
    clock["wall"] += 1.5 * crowding._FIRST
    assert not crowding.crowded()


def test_pauses_double_up_to_a_second_and_end_when_it_goes_well(clock: dict[str, float]) -> None:
    for k in range(12):
        region(clock, 1.0, 0.1)
        pause = min(crowding._FIRST * 2**k, crowding._LONGEST)
        clock["wall"] += 0.99 * pause
        assert crowding.crowded()
        clock["wall"] += 0.02 * pause
        assert not crowding.crowded()
    region(clock, 1.0, 1.0)
    region(clock, 1.0, 0.1)
    clock["wall"] += 1.01 * crowding._FIRST
    assert not crowding.crowded()


def test_short_regions_are_not_judged(clock: dict[str, float]) -> None:
    region(clock, crowding._LEAST / 2, 0.0)
    assert not crowding.crowded()


def test_an_error_passes(clock: dict[str, float]) -> None:
    with pytest.raises(ZeroDivisionError):
        crowding.watch(lambda: 1 / 0)
    assert not crowding.crowded()
