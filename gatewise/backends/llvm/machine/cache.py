"""Compiled objects, kept in memory and in a folder of the user's own.

objects = cache.default()
data = objects.get(cache.key(text, target), lambda: compile_object(text, target))
"""

from __future__ import annotations

import functools
import logging
import os
import re
import threading
import weakref
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from gatewise import settings
from gatewise.backends.llvm.machine.cache_key import key as key
from gatewise.backends.llvm.machine.kernel_folder import KernelFolder

_LOG = logging.getLogger(__name__)
_MEMORY = 2 << 20  # bytes of objects kept in memory


@dataclass(frozen=True)
class CacheInfo:
    """What a cache holds: its folder (None if it uses none, and why), files and bytes there."""

    folder: Path | None
    problem: str
    files: int
    bytes: int
    limit: int
    memory_objects: int
    memory_bytes: int
    hits_memory: int
    hits_disk: int
    compiled: int


class Cache:
    """Objects by key. ``folder=None`` or a limit of 0 keeps them in memory only."""

    def __init__(self, folder: Path | None, limit: int) -> None:
        self.disk = KernelFolder(folder, limit)
        self._memory: OrderedDict[str, bytes] = OrderedDict()
        self._memory_bytes = 0
        self._counts = {"memory": 0, "disk": 0, "compiled": 0}
        self._after_fork()
        _caches.add(self)

    @property
    def folder(self) -> Path | None:
        """Where the files are; None if there are none."""
        return self.disk.path

    @property
    def limit(self) -> int:
        """Bytes of all files together."""
        return self.disk.limit

    def get(self, key: str, make: Callable[[], bytes]) -> bytes:
        """The object of that key: from memory, from the folder, or what ``make`` returns.

        Threads that ask for the same key at once wait for one of them to make it. What ``make``
        raises is passed on, and nothing is kept.
        """
        if not re.fullmatch("[0-9a-f]{64}", key):
            raise ValueError(f"not a key of this cache: {key!r}; make one with key()")
        with self._lock:
            data = self._remembered(key)
            making = self._making.setdefault(key, threading.Lock())
        if data is not None:
            return data
        with making:
            try:
                with self._lock:
                    data = self._remembered(key)  # another thread may have been quicker
                return self._find(key, make) if data is None else data
            finally:
                with self._lock:
                    self._making.pop(key, None)

    def info(self) -> CacheInfo:
        """What is there now. A folder that is not there yet is not made."""
        folder, sizes = self.disk.sizes()
        return CacheInfo(
            folder=folder,
            problem=self.disk.problem,
            files=len(sizes),
            bytes=sum(sizes),
            limit=self.limit,
            memory_objects=len(self._memory),
            memory_bytes=self._memory_bytes,
            hits_memory=self._counts["memory"],
            hits_disk=self._counts["disk"],
            compiled=self._counts["compiled"],
        )

    def clear(self) -> int:
        """Forget everything, and remove the files. Returns how many files were removed."""
        with self._lock:
            self._memory.clear()
            self._memory_bytes = 0
        return self.disk.clear()

    def _remembered(self, key: str) -> bytes | None:
        data = self._memory.get(key)
        if data is not None:
            self._memory.move_to_end(key)
            self._counts["memory"] += 1
        return data

    def _remember(self, key: str, data: bytes, where: str) -> None:
        with self._lock:
            self._counts[where] += 1
            if key not in self._memory:
                self._memory[key] = data
                self._memory_bytes += len(data)
            while self._memory_bytes > _MEMORY and len(self._memory) > 1:
                self._memory_bytes -= len(self._memory.popitem(last=False)[1])

    def _find(self, key: str, make: Callable[[], bytes]) -> bytes:
        data = self.disk.read(key)
        if data is not None:
            self._remember(key, data, "disk")
            return data
        data = make()
        self._remember(key, data, "compiled")
        self.disk.write(key, data)
        return data

    def _after_fork(self) -> None:
        """New locks: one that another thread of the parent held would never be opened."""
        self._lock = threading.Lock()
        self._making: dict[str, threading.Lock] = {}
        self.disk.after_fork()


def default() -> Cache:
    """The cache of this process, where the settings want it."""
    return _cache_at(settings.CACHE_DIR.get(), settings.CACHE_SIZE.get())


@functools.cache
def _cache_at(folder: Path | None, limit: int) -> Cache:
    root = folder or settings.user_cache_folder()
    if root is None:
        _LOG.warning("compiled kernels are not kept: this user has no home; set GATEWISE_CACHE_DIR")
    return Cache(root / "kernels" if root else None, limit)


_caches: weakref.WeakSet[Cache] = weakref.WeakSet()


def _after_fork() -> None:
    for cache in _caches:
        cache._after_fork()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
