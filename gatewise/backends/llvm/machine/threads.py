"""Run a compiled function on several threads at once, in about a microsecond.

A function for a region is ``void f(ptr args, i32 thread, i32 threads)``:

    count = parallel(module["f"], address_of_args, get_num_threads())

It is called once on each of ``count`` threads, all at the same time, so they may wait for each
other (``barrier_ir.py``). ``count`` can be less than what was asked for, and the function is told
the true one: it must share its work out by that, never by what it expected. Inside, subnormal numbers
count as zero (``flushing.py``).

``teams.py`` says who runs the threads. A forked child (a worker of a DataLoader) has one thread: those
of its parent do not exist there.
"""

from __future__ import annotations

import ctypes
import functools
import os
import sys
import time

from gatewise import settings
from gatewise.backends.llvm.machine import cores, crowding
from gatewise.backends.llvm.machine.regions_ir import TIMED_THREADS
from gatewise.backends.llvm.machine.teams import CAN_TIME, code, current_team, one_thread
from gatewise.errors import InputError

_chosen: int | None = None  # by set_num_threads
_forked = False

WORTH_A_THREAD = 1 << 20  # multiply-adds: about ten microseconds


def worth(threads: int, work: int) -> int:
    """How many threads so many multiply-adds are worth: waking one takes a while, and on a machine that
    others use several wait for each other."""
    return threads if work > WORTH_A_THREAD and not crowding.crowded() else 1


def parallel(function: int, args: int, threads: int | None = None) -> int:
    """Call ``function(args, thread, count)`` on ``count`` threads at once; return ``count``.

    ``function`` and ``args`` are addresses. ``threads`` is how many are wanted (default:
    ``get_num_threads()``); there are fewer where the runtime has no more, in a forked child, while
    another thread of this process is inside a region of the pool, or while others want the cores
    (``crowding.py``).
    """
    count = get_num_threads() if threads is None else threads
    if count <= 1 or _forked or crowding.crowded():
        return one_thread()(function, args, 1)
    return _timed(function, args, count) if CAN_TIME else current_team()(function, args, count)


# for regions that are timed, those that are not in use
_tables: list[ctypes.Array[ctypes.c_int64]] = []


def _timed(function: int, args: int, count: int) -> int:
    """A region of several threads, and how long they were kept from running."""
    try:
        table = _tables.pop()
    except IndexError:
        table = (ctypes.c_int64 * (2 + 3 * TIMED_THREADS))()
    table[0], table[1] = function, args
    begin = time.perf_counter_ns()
    count = current_team()(_timer(), ctypes.addressof(table), count)
    end = time.perf_counter_ns()
    if count > 1:
        lost = 0
        for k in range(min(count, TIMED_THREADS)):
            started, ended, busy = table[2 + 3 * k : 5 + 3 * k]
            # the calling thread is there from the beginning
            late = ended - (started if k == 0 else begin) - busy
            lost = max(lost, late)
        crowding.judge(end - begin, lost)
    _tables.append(table)
    return count


@functools.cache
def _timer() -> int:
    return code()["gw.timed"]


def get_num_threads() -> int:
    """How many threads a region has by default.

    What ``set_num_threads`` was given, else GATEWISE_NUM_THREADS, else the cores that this process may
    use, or fewer if PyTorch, where it is loaded, or OMP_NUM_THREADS says so. In a forked child: 1.
    """
    if _forked:
        return 1
    if _chosen is not None:
        return _chosen
    explicit = _explicit()
    if explicit is not None:
        return explicit
    ask = getattr(sys.modules.get("torch"), "get_num_threads", None)
    wanted = ask() if ask is not None else settings.OMP_NUM_THREADS.get()
    return cores.available() if wanted is None else min(int(wanted), cores.available())


def set_num_threads(count: int | None) -> None:
    """Set how many threads a region has by default; None takes the setting back.

    Raises InputError if the count is not a whole number of at least 1.
    """
    global _chosen
    if count is not None and (not isinstance(count, int) or isinstance(count, bool) or count < 1):
        raise InputError(f"the number of threads must be a whole number of at least 1: {count!r}")
    _chosen = count


@functools.cache
def _explicit() -> int | None:
    return settings.NUM_THREADS.get()


def _mark_forked() -> None:
    global _forked
    _forked = True


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_mark_forked)
