"""Which number of threads a training takes, on machines whose clock the test moves."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
import torch

from gatewise.tasks.training import pace
from gatewise.tasks.training.pace import HOLD, SKIPPED, TRIAL, WARM_UP, Pace


class Machine:
    """``seconds(threads)`` that a step takes, and the share of them for which the caller runs."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.wall = self.ran = 0.0
        self.seconds: Callable[[int], float] = lambda threads: 1 / threads
        self.share = 1.0
        monkeypatch.setattr(time, "perf_counter", lambda: self.wall)
        monkeypatch.setattr(time, "thread_time", lambda: self.ran)
        monkeypatch.setattr(torch, "set_num_threads", lambda n: None)

    def steps(self, pace: Pace, count: int) -> list[int]:
        """The threads of so many steps."""
        used = []

        def step() -> None:
            used.append(pace.now)
            took = self.seconds(pace.now)
            self.wall += took
            self.ran += self.share * took

        for _ in range(count):
            pace.step(step)
        return used


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> Machine:
    return Machine(monkeypatch)


def test_on_a_quiet_machine_one_thread_is_tried_once(machine: Machine) -> None:
    used = machine.steps(Pace(2), 1000)
    assert used.count(1) == SKIPPED + TRIAL
    assert used[WARM_UP] == 1 and used[:WARM_UP] == [2] * WARM_UP


def test_where_one_thread_is_quicker_it_is_taken(machine: Machine) -> None:
    machine.seconds = lambda threads: 1.0 * threads
    used = machine.steps(Pace(4), 30)
    assert used[WARM_UP:10] == [1] * (10 - WARM_UP)


def test_a_machine_that_becomes_busy_and_quiet_again(machine: Machine) -> None:
    trained = Pace(2)
    machine.steps(trained, 50)
    assert trained.now == 2
    machine.seconds, machine.share = lambda threads: 0.6 * threads**2, 0.5
    used = machine.steps(trained, 20)
    assert used[:10] == [2] * TRIAL + [1] * (10 - TRIAL)
    machine.seconds, machine.share = lambda threads: 1 / threads, 1.0
    used = machine.steps(trained, int(HOLD) + 30)
    assert used[-1] == 2


def test_a_busy_machine_on_which_several_are_still_quicker(machine: Machine) -> None:
    machine.seconds, machine.share = lambda threads: 1 / threads, 0.5
    used = machine.steps(Pace(2), 1000)
    assert used.count(1) < 0.4 * len(used)


def test_threads_are_given_back(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    numbers: list[int] = []
    monkeypatch.setattr(torch, "set_num_threads", numbers.append)
    trained = Pace(3)
    machine.steps(trained, WARM_UP)
    trained.end()
    assert numbers == [1, 3]
    machine.steps(alone := Pace(1), 100)
    alone.end()
    assert numbers == [1, 3]


def test_what_a_step_returns_and_raises(machine: Machine) -> None:
    assert Pace(2).step(lambda: 7) == 7
    with pytest.raises(ZeroDivisionError):
        Pace(2).step(lambda: 1 / 0)
    assert pace.CLEARLY < 1
