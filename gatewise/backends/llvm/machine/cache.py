"""Compiled objects, kept in memory and in a folder of the user's own.

    objects = cache.default()
    data = objects.get(cache.key(text, target), lambda: compile_object(text, target))

A damaged object kills the process that loads it, and a planted one takes it over. So a file is used
only if it, and the folder, belong to the user and nobody else can write there, and if its hash is
right; anything else is compiled anew. A folder that cannot be used costs a warning, no more.
``docs/reliability.md`` says whom that trusts.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import logging
import os
import re
import tempfile
import threading
import time
import weakref
from collections import OrderedDict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from gatewise import settings
from gatewise.backends.llvm.machine.target import Target
from gatewise.files import open_regular
from gatewise.version import __version__

_LOG = logging.getLogger(__name__)
_MAGIC = b"gatewise kernel 1\n"  # then the SHA-256 of the key and the object, then the object
_HEADER = len(_MAGIC) + hashlib.sha256().digest_size
_SUFFIX = ".kernel"
_TEMPORARY = ".part"
_MEMORY = 2 << 20  # bytes of objects kept in memory
_STALE = 3600.0  # seconds after which a temporary file belongs to a process that died
_RESCAN = 32  # files written between two looks at what other processes wrote
_POSIX = hasattr(os, "geteuid")


def key(text: str, target: Target) -> str:
    """The name of an object: a hash of everything that decides its bytes.

    ``text`` is the LLVM IR. The target, the versions of Gatewise, llvmlite and LLVM, and the source of
    what compiles it are added here.
    """
    parts = (text, target.key, _versions())
    return hashlib.sha256("".join(f"{len(p)}:{p}" for p in parts).encode()).hexdigest()


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
        self.folder = folder if limit > 0 else None
        self.limit = limit
        self._memory: OrderedDict[str, bytes] = OrderedDict()
        self._memory_bytes = 0
        self._counts = {"memory": 0, "disk": 0, "compiled": 0}
        self._problem = "" if self.folder else "a size of 0 keeps none" if folder else "no folder"
        self._ready = False  # the folder has been looked at
        self._read_only = False
        self._on_disk = 0  # bytes there, as far as this process knows
        self._writes = 0
        self._after_fork()
        _caches.add(self)

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
        exists = self.folder is None or self._ready or _exists(self.folder)
        folder = self._usable() if exists else self.folder
        sizes = [size for _, _, size in self._files()] if folder else []
        return CacheInfo(
            folder=folder,
            problem=self._problem,
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
            self._memory_bytes = self._on_disk = 0
        if self.folder is None or not _exists(self.folder) or not self._usable():
            return 0
        return sum(_remove(path) for path, _, _ in list(self._files()))

    # --- memory -----------------------------------------------------------------------------------

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
        data = self._read(key)
        if data is not None:
            self._remember(key, data, "disk")
            return data
        data = make()
        self._remember(key, data, "compiled")
        self._write(key, data)
        return data

    def _after_fork(self) -> None:
        """New locks: one that another thread of the parent held would never be opened."""
        self._lock = threading.Lock()
        self._making: dict[str, threading.Lock] = {}

    # --- the folder -------------------------------------------------------------------------------

    def _usable(self) -> Path | None:
        """The folder, made if need be; None, with one warning, where it cannot be used."""
        if self.folder is None or self._problem:
            return None
        if not self._ready:
            try:
                self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
                # the dot: a folder that may not be entered shows here, not at every file
                private = _private(os.stat(os.path.join(self.folder, ".")))
                if not private or not _own(os.lstat(self.folder)):
                    self._give_up(
                        "it does not belong to this user, or others can write there; "
                        "chmod 700 would do, or another GATEWISE_CACHE_DIR"
                    )
                    return None
            except (OSError, ValueError) as error:  # a name with a NUL is a ValueError
                self._give_up(f"{error}; set GATEWISE_CACHE_DIR to a folder of your own")
                return None
            self._ready = True
        return self.folder

    def _give_up(self, problem: str) -> None:
        with self._lock:
            first, self._problem = not self._problem, problem
        if first:
            _LOG.warning("compiled kernels are not kept in %s: %s", self.folder, problem)

    def _read(self, key: str) -> bytes | None:
        """The object in the file of that key, if there is one and it is sound."""
        folder = self._usable()
        if folder is None:
            return None
        path = folder / (key + _SUFFIX)
        try:
            with open(open_regular(path, self.limit, links=False), "rb") as file:
                status = os.fstat(file.fileno())
                if not _private(status):
                    return None
                content = file.read(status.st_size)
        except OSError:  # also for what is no file: a pipe, a device, a link
            return None
        data = content[_HEADER:]
        if content[:_HEADER] != _header(key, data):
            _LOG.info("%s is damaged; it is compiled anew", path)
            _remove(path)
            return None
        with contextlib.suppress(OSError):
            os.utime(path)  # the files used last are the last to be removed
        return data

    def _write(self, key: str, data: bytes) -> None:
        """Write a file under another name, then rename it: nobody ever sees half of one."""
        folder = self._usable()
        size = _HEADER + len(data)
        if folder is None or self._read_only or size > self.limit:
            return
        try:
            handle, part = tempfile.mkstemp(_TEMPORARY, key[:16], folder)  # mode 0600
            try:
                with open(handle, "wb") as file:
                    file.write(_header(key, data) + data)
                os.replace(part, folder / (key + _SUFFIX))
            except BaseException:
                _remove(Path(part))
                raise
        except FileNotFoundError:  # the folder was removed: it is made again next time
            self._ready = False
            return
        except OSError as error:  # full, or not ours to write: what is there can still be read
            if os.path.exists(folder / (key + _SUFFIX)):
                return  # Windows: another process wrote it, and somebody is reading it
            with self._lock:
                first, self._read_only = not self._read_only, True
            if first:
                _LOG.warning("compiled kernels are no longer kept in %s: %s", self.folder, error)
            return
        self._trim(size)

    def _trim(self, added: int) -> None:
        """Remove the files used least recently if there are too many bytes of them."""
        with self._lock:
            self._on_disk += added
            self._writes += 1
            if self._on_disk <= self.limit and self._writes % _RESCAN != 1:
                return
            files = sorted(self._files(), key=lambda file: file[1])
            total = sum(size for _, _, size in files)
            for path, _, size in files:
                if total <= self.limit:
                    break
                _remove(path)
                total -= size
            self._on_disk = total

    def _files(self) -> Iterator[tuple[Path, float, int]]:
        """Path, time of the last use and size of every file; removes what dead processes left."""
        assert self.folder is not None
        try:
            entries = list(os.scandir(self.folder))
        except OSError:
            return
        for entry in entries:
            try:
                stat = entry.stat(follow_symlinks=False)
            except OSError:  # removed by another process
                continue
            if entry.name.endswith(_SUFFIX):
                yield Path(entry.path), stat.st_mtime, stat.st_size
            elif entry.name.endswith(_TEMPORARY) and time.time() - stat.st_mtime > _STALE:
                _remove(Path(entry.path))


def default() -> Cache:
    """The cache of this process, where the settings want it."""
    return _cache_at(settings.CACHE_DIR.get(), settings.CACHE_SIZE.get())


@functools.cache
def _cache_at(folder: Path | None, limit: int) -> Cache:
    root = folder or settings.user_cache_folder()
    if root is None:
        _LOG.warning("compiled kernels are not kept: this user has no home; set GATEWISE_CACHE_DIR")
    return Cache(root / "kernels" if root else None, limit)


def _header(key: str, data: bytes) -> bytes:
    return _MAGIC + hashlib.sha256(key.encode() + data).digest()


def _private(stat: os.stat_result) -> bool:
    """Whether only this user (or root, who can do anything anyway) can have written this."""
    return not _POSIX or (_own(stat) and not stat.st_mode & 0o022)


def _own(stat: os.stat_result) -> bool:
    """Whether it is this user's, or root's. Of a link, only that counts: its mode means nothing."""
    return not _POSIX or stat.st_uid in (os.geteuid(), 0)


def _exists(folder: Path) -> bool:
    """Whether there is a folder, or something else that keeps us from making one."""
    try:
        os.lstat(folder)
    except FileNotFoundError:
        return False
    except (OSError, ValueError):
        return True
    return True


def _remove(path: Path) -> bool:
    try:
        path.unlink()
    except OSError:  # another process was quicker, or (Windows) is reading it
        return False
    return True


@functools.cache
def _versions() -> str:
    """What else decides the bytes."""
    import llvmlite
    import llvmlite.binding as llvm

    return repr((__version__, llvmlite.__version__, llvm.llvm_version_info, _source()))


@functools.cache
def _source() -> str:
    """A hash of the source that turns IR into code: an edit of it needs no new version. What writes the
    IR need not be here: its edits show in the text."""
    source = hashlib.sha256()
    for name in ("jit.py", "target.py"):
        source.update(Path(__file__).with_name(name).read_bytes())
    return source.hexdigest()


_caches: weakref.WeakSet[Cache] = weakref.WeakSet()


def _after_fork() -> None:
    for cache in _caches:
        cache._after_fork()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
