"""Whether others want the cores: then one thread alone is quicker than several.

Where one of several threads is put aside for another process, those that finish before it wait. So regions
are timed: how long each thread was not running, though it was asked for. If that is much of a few
milliseconds of regions, the next ones are done by the calling thread alone. After a pause several threads are
tried again; the pause doubles as long as that fails.
"""

from __future__ import annotations

import time

# nanoseconds: a shorter region is not judged, for waking a thread takes part of it
_LEAST = 100_000
# nanoseconds of regions that are judged together
_WINDOW = 20_000_000
# share of them that a thread was kept waiting for a core
_LOST = 0.25
# seconds of the first pause and of the longest that doubling leads to
_FIRST, _LONGEST = 0.02, 1.0
# times that a pause is longer than what was lost before it: threads that meet at every step of a recurrence can
# lose a time slice at each, and trying again must not cost more than it can gain
_REST = 20

_until = 0.0
_pause = _FIRST
_total = _lost = 0


def crowded() -> bool:
    """Whether one thread alone should do what several would share."""
    return _until > 0 and time.perf_counter() < _until


def judge(took: int, lost: int) -> None:
    """Remember how a region of several threads went.

    Args:
        took: nanoseconds from its begin to its end.
        lost: of these, the most that one of its threads was not running, before it was done.
    """
    global _until, _pause, _total, _lost
    if took < _LEAST:
        return
    _total, _lost = _total + took, _lost + min(lost, took)
    if _total < _WINDOW:
        return
    if _lost > _LOST * _total:
        # once may be chance: on a quiet machine, too, a thread now and then waits for a time slice
        chance = _pause == _FIRST and _lost < _WINDOW
        _until = time.perf_counter() + (_pause if chance else max(_pause, _REST * _lost * 1e-9))
        _pause = min(2 * _pause, _LONGEST)
    else:
        _until, _pause = 0.0, _FIRST
    _total = _lost = 0
