"""Run a compiled function on several threads at once, in about a microsecond.

A function for a region is ``void f(ptr args, i32 thread, i32 threads)``:

    count = parallel(module["f"], address_of_args, get_num_threads())

It is called once on each of ``count`` threads, all at the same time, so they may wait for each
other (``threads_ir.barrier_ir``). ``count`` can be less than what was asked for, and the function
is told the true one: it must share its work out by that, never by what it expected. Inside,
subnormal numbers count as zero (``flushing.py``).

Who runs the threads: where PyTorch is loaded, the OpenMP runtime that it uses, as a second set of
threads would fight with it for the cores; else a pool written in LLVM IR, whose workers spin for a
moment and then sleep. Elsewhere than on POSIX systems, threads of Python. A forked child (a worker
of a DataLoader) has one thread: those of its parent do not exist there.
"""

from __future__ import annotations

import contextlib
import ctypes
import functools
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from gatewise import settings
from gatewise.backends.llvm.machine import cache, cores, crowding, flushing, jit
from gatewise.backends.llvm.machine.target import Target
from gatewise.backends.llvm.machine.threads_ir import (
    ENTER_ONE,
    ENTER_OPENMP,
    MAX_WORKERS,
    POOL_BYTES,
    TIMED_IR,
    TIMED_THREADS,
    barrier_ir,
    pool_ir,
)
from gatewise.errors import BackendError, InputError

# address of the function, address of its arguments, threads wanted -> threads that there were
Team = Callable[[int, int, int], int]

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
        return _one()(function, args, 1)
    return _timed(function, args, count) if _CAN_TIME else _team()(function, args, count)


_CAN_TIME = sys.platform == "linux"
_tables: list[Any] = []  # for regions that are timed, those that are not in use


def _timed(function: int, args: int, count: int) -> int:
    """A region of several threads, and how long they were kept from running."""
    try:
        table = _tables.pop()
    except IndexError:
        table = (ctypes.c_int64 * (2 + 3 * TIMED_THREADS))()
    table[0], table[1] = function, args
    begin = time.perf_counter_ns()
    count = _team()(_timer(), ctypes.addressof(table), count)
    end = time.perf_counter_ns()
    if count > 1:
        lost = 0
        for k in range(min(count, TIMED_THREADS)):
            began, ended, ran = table[2 + 3 * k : 5 + 3 * k]
            # the calling thread is there from the beginning
            late = ended - (began if k == 0 else begin) - ran
            lost = max(lost, late)
        crowding.judge(end - begin, lost)
    _tables.append(table)
    return count


@functools.cache
def _timer() -> int:
    return _code()["gw.timed"]


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


# --- who runs the threads -------------------------------------------------------------------------

_found: Team | None = None
_with_torch = False  # _found was chosen after PyTorch had been loaded
_choosing = threading.Lock()


def _team() -> Team:
    """The team of this process; chosen once more if PyTorch is loaded later."""
    global _found, _with_torch
    if _found is None or ("torch" in sys.modules and not _with_torch):
        with _choosing:
            torch = hasattr(sys.modules.get("torch"), "get_num_threads")  # not half imported
            if _found is None or torch != _with_torch:
                _found = _choose(settings.THREADING.get())
                _with_torch = torch
    return _found


def _choose(kind: str) -> Team:
    """Raises BackendError if what was asked for by name is not there."""
    if kind in ("auto", "openmp"):
        team = _openmp()
        if team is not None:
            return team
        if kind == "openmp":
            raise BackendError(
                "GATEWISE_THREADING=openmp needs an OpenMP runtime in this process: import torch "
                "first, or leave GATEWISE_THREADING unset"
            )
    if kind in ("auto", "pool") and os.name == "posix":
        return _pool()
    return _one() if kind == "one" else _python_threads()


@functools.cache
def _one() -> Team:
    return _enter("gw.one", 0)


def _openmp() -> Team | None:
    """The OpenMP runtime that PyTorch uses: it has put its symbols where the process finds them."""
    if "torch" not in sys.modules or os.name != "posix":
        return None
    process = ctypes.CDLL(None)
    try:
        names = ("GOMP_parallel", "omp_get_thread_num", "omp_get_num_threads")
        found = [ctypes.cast(getattr(process, name), ctypes.c_void_p).value for name in names]
    except AttributeError:
        return None
    table = (ctypes.c_void_p * (len(names) + 1))(*found, 0)
    _forever.append(table)
    return _enter("gw.openmp", ctypes.addressof(table))


@functools.cache
def _pool() -> Team:
    """Workers written in LLVM IR; more are started when more are asked for."""
    memory = ctypes.create_string_buffer(POOL_BYTES + 64)
    _forever.append(memory)
    pool = (ctypes.addressof(memory) + 63) & ~63
    region = _enter("gw.pool", pool)
    start = _code().function("gw.pool.start", ctypes.c_int, ctypes.c_void_p)
    workers, most = 0, MAX_WORKERS
    starting = threading.Lock()

    def run(function: int, args: int, count: int) -> int:
        nonlocal workers, most
        if workers < min(count - 1, most):
            with starting, _signals_blocked():
                while workers < min(count - 1, most):
                    if start(pool) == 0:
                        workers += 1
                    else:  # the system gives no more threads: done without
                        most = workers
        return region(function, args, count)

    return run


@contextlib.contextmanager
def _signals_blocked() -> Iterator[None]:
    """Threads started here leave signals to Python's: one taken by them would wake nobody.

    Faults stay where they happen, for ``faulthandler``.
    """
    faults = {signal.SIGSEGV, signal.SIGBUS, signal.SIGFPE, signal.SIGILL, signal.SIGABRT}
    before = signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals() - faults)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


@functools.cache
def _python_threads() -> Team:
    """Threads of Python, which run outside of the GIL: 20 to 50 us a region."""
    address = ctypes.c_void_p
    call = _code().function(flushing.ENTRY, None, address, address, ctypes.c_int, ctypes.c_int)
    crews: dict[int, ThreadPoolExecutor | None] = {}
    busy = threading.Lock()

    def run(function: int, args: int, count: int) -> int:
        if count < 2 or not busy.acquire(blocking=False):
            return _one()(function, args, 1)
        try:
            if count not in crews:
                crews[count] = _crew(count - 1)
            crew = crews[count]
            if crew is None:
                return _one()(function, args, 1)
            others = [
                crew.submit(call, function, args, thread, count) for thread in range(1, count)
            ]
            call(function, args, 0, count)
            for other in others:
                other.result()
        finally:
            busy.release()
        return count

    return run


def _crew(workers: int) -> ThreadPoolExecutor | None:
    """An executor all of whose threads exist (they have met); None if they cannot be started."""
    crew = ThreadPoolExecutor(workers, "gatewise")
    meeting = threading.Barrier(workers + 1)
    try:
        for _ in range(workers):
            crew.submit(meeting.wait)
    except RuntimeError:
        meeting.abort()
        return None
    meeting.wait()
    return crew


def _enter(name: str, team: int) -> Team:
    """A way into a region as a Team; they all take the same arguments."""
    address, function, args = (ctypes.c_void_p,) * 3
    call = _code().function(name, ctypes.c_int, address, function, args, ctypes.c_int)
    return functools.partial(call, team)


_forever: list[Any] = []  # memory that threads may look at until the process ends


@functools.cache
def _code() -> jit.Module:
    """The ways into a region. Their code is never freed: the pool's workers never leave it."""
    target = Target.host()
    parts = {flushing.ENTRY: flushing.flush_ir(target)}
    parts |= {"gw.one": ENTER_ONE, "gw.openmp": ENTER_OPENMP}
    if os.name == "posix":
        parts |= {"gw.pool": pool_ir(), "gw.pool.start": ""}
    if _CAN_TIME:
        parts["gw.timed"] = TIMED_IR
    text = "\n".join((*parts.values(), barrier_ir(target)))
    data = cache.default().get(cache.key(text, target), lambda: jit.compile_object(text, target))
    module = jit.load(data, list(parts))
    _forever.append(module)
    return module


def _mark_forked() -> None:
    global _forked
    _forked = True


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_mark_forked)
