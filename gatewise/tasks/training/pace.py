"""All threads or one: a training takes what is quicker on the machine as it is now.

On a busy machine several threads can be many times slower than one, as all wait for the one that was put
aside. So the steps are timed: one thread is tried early on, and again when the calling thread has run for
much less time than has gone by. On a quiet machine that costs a few steps in all. The numbers of a
training do not depend on it.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

import torch

# steps before one thread is tried, steps of a trial that count, and the first of it, which does not
WARM_UP, TRIAL, SKIPPED = 5, 3, 1
# share of its time for which the calling thread did not run that makes a new trial worth it
LOST = 0.15
# by how much the other number of threads must be quicker
CLEARLY = 0.95
# seconds between two trials at least
HOLD = 5.0

T = TypeVar("T")


class Pace:
    """Runs the steps of a training, each on ``threads`` threads or on one."""

    def __init__(self, threads: int) -> None:
        self.threads = threads
        self.now = threads
        self._set = torch.set_num_threads
        self._steps = 0
        # seconds of the last steps, and the time for which this thread ran in them
        self._took: list[float] = []
        self._ran: list[float] = []
        self._before: float | None = None  # of a step before the trial that is under way
        self._next_trial = 0.0

    def step(self, run: Callable[[], T]) -> T:
        """Run one step and return what it returns."""
        if self.threads == 1:
            return run()
        begin, ran = time.perf_counter(), time.thread_time()
        result = run()
        ran, now = time.thread_time() - ran, time.perf_counter()
        self._took = [*self._took[-SKIPPED - TRIAL :], now - begin]
        self._ran = [*self._ran[-SKIPPED - TRIAL :], ran]
        self._steps += 1
        if self._before is not None:
            self._judge(now)
        elif self._doubtful(now):
            self._before = min(self._took[-TRIAL:])
            self._switch()
        return result

    def end(self) -> None:
        """Give back the threads."""
        if self.now != self.threads:
            self._switch()

    def _doubtful(self, now: float) -> bool:
        """Whether the other number of threads is worth a trial."""
        if self._steps == WARM_UP:
            return True
        if self._steps < WARM_UP or now < self._next_trial:
            return False
        if self.now == 1:
            return True
        last = list(zip(self._took, self._ran, strict=True))[-TRIAL:]
        return len(last) == TRIAL and all(ran < (1 - LOST) * took for took, ran in last)

    def _judge(self, now: float) -> None:
        """At the end of a trial, keep the number of threads that is quicker."""
        if len(self._took) < SKIPPED + TRIAL:
            return
        assert self._before is not None
        quicker = min(self._took[SKIPPED:]) < CLEARLY * self._before
        self._before, self._next_trial = None, now + HOLD
        if not quicker:
            self._switch()

    def _switch(self) -> None:
        self.now = 1 if self.now == self.threads else self.threads
        self._set(self.now)
        self._took, self._ran = [], []
