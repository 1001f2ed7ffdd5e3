"""Threads that work on one tile together: who does which part of a step.

Where there are fewer tiles than threads (one sequence alone, above all), a tile is shared: every thread
goes through all steps, takes its share of the panels of each product and of the vectors of each loop,
and waits for the others where one part reads what another has written. What a thread does alone is the
same code with a share of everything.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from gatewise.backends.llvm.ir_text import Function


class Team:
    """Emits shares and barriers into a kernel. ``me`` of ``of`` threads; 0 of 1 where one is alone."""

    def __init__(self, f: Function, shared: str, barrier: str) -> None:
        self.f, self._barrier = f, barrier
        thread, threads = f.let("sext i32 %thread to i64"), f.let("sext i32 %threads to i64")
        self.shared = f.let(f"icmp ne i64 {shared}, 0")
        self.me = f.let(f"select i1 {self.shared}, i64 {thread}, i64 0")
        self.of = f.let(f"select i1 {self.shared}, i64 {threads}, i64 1")
        self.lead = f.let(f"icmp eq i64 {self.me}, 0")
        self.many = f.let(f"icmp sgt i64 {self.of}, 1")
        # whose workspace: that of the first thread if it is shared
        self.room = f.let(f"select i1 {self.shared}, i64 0, i64 {thread}")
        self.thread = thread
        self._shares: dict[int, tuple[str, str]] = {}

    def prepare(self, counts: set[int]) -> None:
        """Compute the shares of so many things, in the entry block: divisions are slow."""
        for count in sorted(counts):
            self._shares[count] = self._ends(count)

    def _ends(self, count: int) -> tuple[str, str]:
        f = self.f
        start = f.let(f"udiv i64 {f.mul(self.me, count)}, {self.of}")
        stop = f.let(f"udiv i64 {f.mul(f.add(self.me, 1), count)}, {self.of}")
        return start, stop

    def share(self, count: int) -> tuple[str, str]:
        """From where to where this thread works, of 0 .. count - 1."""
        return self._shares[count]

    @contextmanager
    def loop(self, count: int) -> Iterator[str]:
        """A loop over this thread's share."""
        start, stop = self.share(count)
        with self.f.loop(self.f.sub(stop, start)) as k:
            yield self.f.add(start, k)

    @contextmanager
    def alone(self) -> Iterator[None]:
        """What only the first thread does."""
        with self.f.when(self.lead):
            yield

    def wait(self) -> None:
        """Go on when all threads are here."""
        with self.f.when(self.many):
            self.f.do(f"call void @gw.barrier(ptr {self._barrier}, i32 %threads)")
