"""Whether others want the cores. Threads that wait for each other at every step then lose by it.

Where one of several threads is put aside for another process, all of them wait. So regions whose threads
meet often are watched: if the calling thread has run for much less time than has gone by, the next ones
are done by one thread alone. After a pause it is tried again; the pause doubles as long as it fails.
"""

from __future__ import annotations

import time
from collections.abc import Callable

# seconds that a region must take to be judged
_LEAST = 1e-4
# share of its time for which the calling thread of a region did not run
_LOST = 0.25
# seconds of the first pause and of the longest
_FIRST, _LONGEST = 0.01, 1.0

_until = 0.0
_pause = _FIRST


def crowded() -> bool:
    """Whether one thread alone should do what several would have to meet for."""
    return _until > 0 and time.perf_counter() < _until


def watch(region: Callable[[], object]) -> None:
    """Run a region whose threads meet often, and remember how it went."""
    global _until, _pause
    begin, ran = time.perf_counter(), time.thread_time()
    region()
    ran, now = time.thread_time() - ran, time.perf_counter()
    took = now - begin
    if took < _LEAST:
        return
    if ran < (1 - _LOST) * took:
        _until = now + _pause
        _pause = min(2 * _pause, _LONGEST)
    else:
        _until, _pause = 0.0, _FIRST
