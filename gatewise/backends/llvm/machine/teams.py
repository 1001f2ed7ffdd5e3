"""Who runs the threads of a region: OpenMP's, a pool of our own, Python's, or the caller alone.

Where PyTorch is loaded, it is the OpenMP runtime that PyTorch uses, as a second set of threads would
fight with it for the cores; else a pool written in LLVM IR, whose workers spin for a moment and then
sleep. Elsewhere than on POSIX systems they are threads of Python.
"""

from __future__ import annotations

import contextlib
import ctypes
import functools
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

from gatewise import settings
from gatewise.backends.llvm.machine import cache, flushing, jit
from gatewise.backends.llvm.machine.barrier_ir import barrier_ir
from gatewise.backends.llvm.machine.pool_ir import MAX_WORKERS, POOL_BYTES, pool_ir
from gatewise.backends.llvm.machine.regions_ir import ENTER_ONE, ENTER_OPENMP, TIMED_IR
from gatewise.backends.llvm.machine.target import Target
from gatewise.errors import BackendError

# address of the function, address of its arguments, threads wanted -> threads that there were
Team = Callable[[int, int, int], int]

CAN_TIME = sys.platform == "linux"

_chosen: Team | None = None
_with_torch = False  # _chosen was chosen after PyTorch had been loaded
_choosing = threading.Lock()


def current_team() -> Team:
    """The team of this process; chosen once more if PyTorch is loaded later."""
    global _chosen, _with_torch
    if _chosen is None or ("torch" in sys.modules and not _with_torch):
        with _choosing:
            torch = hasattr(sys.modules.get("torch"), "get_num_threads")  # not half imported
            if _chosen is None or torch != _with_torch:
                _chosen = _choose(settings.THREADING.get())
                _with_torch = torch
    return _chosen


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
    return one_thread() if kind == "one" else _python_threads()


@functools.cache
def one_thread() -> Team:
    """The caller alone."""
    return _enter("gw.one", 0)


def _openmp() -> Team | None:
    """The OpenMP runtime that PyTorch uses: it has put its symbols where the process finds them."""
    if "torch" not in sys.modules or os.name != "posix":
        return None
    process = ctypes.CDLL(None)
    try:
        names = ("GOMP_parallel", "omp_get_thread_num", "omp_get_num_threads")
        entries = [ctypes.cast(getattr(process, name), ctypes.c_void_p).value for name in names]
    except AttributeError:
        return None
    table = (ctypes.c_void_p * (len(names) + 1))(*entries, 0)
    _forever.append(table)
    return _enter("gw.openmp", ctypes.addressof(table))


@functools.cache
def _pool() -> Team:
    """Workers written in LLVM IR; more are started when more are asked for."""
    memory = ctypes.create_string_buffer(POOL_BYTES + 64)
    _forever.append(memory)
    pool = (ctypes.addressof(memory) + 63) & ~63
    region = _enter("gw.pool", pool)
    start = code().function("gw.pool.start", ctypes.c_int, ctypes.c_void_p)
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
    call = code().function(flushing.ENTRY, None, address, address, ctypes.c_int, ctypes.c_int)
    crews: dict[int, ThreadPoolExecutor | None] = {}
    busy = threading.Lock()

    def run(function: int, args: int, count: int) -> int:
        if count < 2 or not busy.acquire(blocking=False):
            return one_thread()(function, args, 1)
        try:
            if count not in crews:
                crews[count] = _crew(count - 1)
            crew = crews[count]
            if crew is None:
                return one_thread()(function, args, 1)
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
    call = code().function(name, ctypes.c_int, address, function, args, ctypes.c_int)
    return functools.partial(call, team)


_forever: list[object] = []  # memory that threads may look at until the process ends


@functools.cache
def code() -> jit.Module:
    """The ways into a region. Their code is never freed: the pool's workers never leave it."""
    target = Target.host()
    parts = {flushing.ENTRY: flushing.flush_ir(target)}
    parts |= {"gw.one": ENTER_ONE, "gw.openmp": ENTER_OPENMP}
    if os.name == "posix":
        parts |= {"gw.pool": pool_ir(), "gw.pool.start": ""}
    if CAN_TIME:
        parts["gw.timed"] = TIMED_IR
    text = "\n".join((*parts.values(), barrier_ir(target)))
    data = cache.default().get(cache.key(text, target), lambda: jit.compile_object(text, target))
    module = jit.load(data, list(parts))
    _forever.append(module)
    return module
