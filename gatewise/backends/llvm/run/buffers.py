"""Memory that is used again from one call to the next."""

from __future__ import annotations

import ctypes
import os
import threading
import weakref
from collections import deque

import numpy as np
import numpy.typing as npt

from gatewise.arrays import Array

_WORTH_A_TRIM = 1 << 22  # bytes of weights: some milliseconds of work

# Looked up once, with the module: a prediction opens no library.
_malloc_trim = getattr(ctypes.CDLL(None), "malloc_trim", None) if os.name == "posix" else None


def address(array: Array) -> int:
    """Where an array's first value lies."""
    return int(array.__array_interface__["data"][0])


def _trim() -> None:
    """Have the C library return free memory to the system, where it can (glibc)."""
    if _malloc_trim is not None:
        _malloc_trim(0)


class Buffers:
    """Memory that is used again: large arrays cost a page fault for every 4 KB when they are new.

    ``take`` gives an array that begins on a cache line, ``give`` brings it back. Contents are left
    over from before unless ``zeroed``. What ``lend`` gives comes back by itself. When a user of memory
    is gone for good, ``forget`` gives back to the system what nobody uses.
    """

    def __init__(self, limit: int = 1 << 30) -> None:
        self._free: dict[int, list[Array]] = {}
        self._held, self._limit = 0, limit
        self._lock = threading.Lock()
        self._returned: deque[Array] = deque()  # by finalizers, which may run at any moment
        self._forgotten = 0  # how often; what was lent before is not kept when it comes back
        self._pending = False
        self._gone = 0  # bytes of weights, since the C library was asked

    def take(self, count: int, dtype: npt.DTypeLike, zeroed: bool = False) -> Array:
        """``count`` values of a type."""
        size = np.dtype(dtype).itemsize
        total = 1 << max(10, (count * size + 64).bit_length())
        if total > 1 << 22:  # large ones: steps of an eighth, not of two
            step = total >> 4
            total = -(-(count * size + 64) // step) * step
        if self._pending:
            self.forget()
        while self._returned:
            self.give(self._returned.popleft())
        with self._lock:
            waiting = self._free.get(total)
            raw = waiting.pop() if waiting else None
            if raw is not None:
                self._held -= total
        if raw is None:
            raw = np.zeros(total, np.uint8) if zeroed else np.empty(total, np.uint8)
        elif zeroed:
            raw[:] = 0
        start = -address(raw) % 64
        return raw[start : start + count * size].view(dtype)

    def give(self, array: Array) -> None:
        """Return what ``take`` gave; it must not be used afterwards."""
        raw = array
        while raw.base is not None and isinstance(raw.base, np.ndarray):
            raw = raw.base
        with self._lock:
            if self._held + raw.nbytes <= self._limit:
                self._held += raw.nbytes
                self._free.setdefault(raw.nbytes, []).append(raw)

    def lend(self, count: int, dtype: npt.DTypeLike) -> Array:
        """Like ``take``, for a holder who does not say when he is done.

        The memory comes back when the array itself is gone: hold it, not a view of it.
        """
        array = self.take(count, dtype)
        assert array.base is not None
        weakref.finalize(array, self._back, array.base, self._forgotten).atexit = False
        return array

    def _back(self, raw: Array, forgotten: int) -> None:
        if forgotten == self._forgotten:
            self._returned.append(raw)

    def forget(self, weights: int = 0) -> None:
        """Free all memory that waits to be used again. May be called by a finalizer, so at any moment.

        ``weights``: bytes of those that are gone. From time to time the C library is asked to return what
        it holds free: pieces between others, of which it gives back nothing by itself.
        """
        self._forgotten += 1
        self._gone += weights
        if self._gone >= _WORTH_A_TRIM:
            self._gone = 0
            _trim()
        self._returned.clear()
        # perhaps this very thread holds the lock
        if not self._lock.acquire(blocking=False):
            self._pending = True
            return
        try:
            self._pending = False
            self._free.clear()
            self._held = 0
        finally:
            self._lock.release()


BUFFERS = Buffers()
