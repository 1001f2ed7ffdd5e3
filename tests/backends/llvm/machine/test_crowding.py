"""Regions are left to one thread while others want the cores."""

from __future__ import annotations

import ctypes
import os
import sys
import time

import pytest

from gatewise.backends.llvm.machine import crowding, teams, threads

MS = 1_000_000  # nanoseconds


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> dict[str, float]:
    """Time that only the test moves."""
    now = {"wall": 100.0}
    monkeypatch.setattr(time, "perf_counter", lambda: now["wall"])
    for name, value in (("_until", 0.0), ("_pause", crowding._FIRST), ("_total", 0), ("_lost", 0)):
        monkeypatch.setattr(crowding, name, value)
    return now


def test_regions_that_wait_for_a_core_are_not_repeated_soon(clock: dict[str, float]) -> None:
    crowding.judge(25 * MS, 2 * MS)
    assert not crowding.crowded()
    crowding.judge(25 * MS, 10 * MS)
    assert crowding.crowded()
    # once may be chance
    clock["wall"] += 1.01 * crowding._FIRST
    assert not crowding.crowded()
    crowding.judge(25 * MS, 10 * MS)
    clock["wall"] += 0.98 * crowding._REST * 10e-3
    assert crowding.crowded()
    clock["wall"] += 0.04 * crowding._REST * 10e-3
    assert not crowding.crowded()


def test_short_regions_are_judged_together(clock: dict[str, float]) -> None:
    """One that waited among several that did not is no reason; many that did are."""
    for k in range(400):
        crowding.judge(MS // 5, MS // 5 if k % 10 == 0 else 0)
        assert not crowding.crowded()
    for _ in range(400):
        crowding.judge(MS // 5, MS // 10)
    assert crowding.crowded()


def test_pauses_double_up_to_a_second_and_end_when_it_goes_well(clock: dict[str, float]) -> None:
    for k in range(12):
        crowding.judge(20 * MS, 6 * MS)
        pause = min(crowding._FIRST * 2**k, crowding._LONGEST)
        if k:  # twenty times what was lost
            pause = max(pause, crowding._REST * 6e-3)
        clock["wall"] += 0.99 * pause
        assert crowding.crowded()
        clock["wall"] += 0.02 * pause
        assert not crowding.crowded()
    crowding.judge(25 * MS, 0)
    crowding.judge(20 * MS, 6 * MS)
    clock["wall"] += 1.01 * crowding._FIRST
    assert not crowding.crowded()


def test_what_costs_much_is_tried_seldom(clock: dict[str, float]) -> None:
    crowding.judge(500 * MS, 490 * MS)
    clock["wall"] += 0.98 * crowding._REST * 0.49
    assert crowding.crowded()
    clock["wall"] += 0.04 * crowding._REST * 0.49
    assert not crowding.crowded()


def test_very_short_regions_are_not_judged(clock: dict[str, float]) -> None:
    for _ in range(100):
        crowding.judge(crowding._LEAST // 2, crowding._LEAST // 2)
    assert not crowding.crowded()


@pytest.mark.skipif(sys.platform != "linux", reason="the clocks are Linux's")
def test_a_region_is_timed(monkeypatch: pytest.MonkeyPatch) -> None:
    """A thread that sleeps is not running; one that computes is."""
    judged: list[tuple[int, int]] = []
    monkeypatch.setattr(crowding, "crowded", lambda: False)
    monkeypatch.setattr(crowding, "judge", lambda took, lost: judged.append((took, lost)))
    monkeypatch.setattr(threads, "current_team", teams._pool)

    def sleep(args: int, thread: int, count: int) -> None:
        if thread == 1:
            time.sleep(0.05)

    call = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_int, ctypes.c_int)(sleep)
    address = ctypes.cast(call, ctypes.c_void_p).value
    assert address is not None
    assert threads.parallel(address, 0, 2) == 2
    ((took, lost),) = judged
    assert 0.04e9 < lost <= took < 5e9


def test_no_region_has_several_threads_while_it_is_crowded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(crowding, "_until", time.perf_counter() + 60)
    seen: list[int] = []

    def note(args: int, thread: int, count: int) -> None:
        seen.append(count)

    call = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_int, ctypes.c_int)(note)
    address = ctypes.cast(call, ctypes.c_void_p).value
    assert address is not None
    assert threads.parallel(address, 0, 4) == 1
    assert seen == [1]
    assert threads.worth(4, 1 << 30) == 1
    assert os.name != "posix" or not threads._forked
