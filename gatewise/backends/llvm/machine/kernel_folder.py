"""The folder of compiled objects: a file for each, hashed, in a place that only its user can write to.

A damaged object kills the process that loads it, and a planted one takes it over. So a file is used
only if it, and the folder, belong to the user and nobody else can write there, and if its hash is
right; anything else counts as missing. A folder that cannot be used costs a warning, no more.
``docs/reliability.md`` says whom that trusts.
"""

from __future__ import annotations

import contextlib
import hashlib
import logging
import os
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from gatewise.files import open_regular

_LOG = logging.getLogger(__name__)
_MAGIC = b"gatewise kernel 1\n"  # then the SHA-256 of the key and the object, then the object
_HEADER = len(_MAGIC) + hashlib.sha256().digest_size
_SUFFIX = ".kernel"
_TEMPORARY = ".part"
_STALE = 3600.0  # seconds after which a temporary file belongs to a process that died
_RESCAN = 32  # files written between two looks at what other processes wrote
_POSIX = hasattr(os, "geteuid")


class KernelFolder:
    """Objects as files, by key.

    Attributes:
        path: of the folder; None: there is none, and nothing is kept.
        limit: bytes of all files together.
        problem: why there is none, or why it cannot be used; "" if it can.
    """

    def __init__(self, path: Path | None, limit: int) -> None:
        self.path = path if limit > 0 else None
        self.limit = limit
        self.problem = "" if self.path else "a size of 0 keeps none" if path else "no folder"
        self._ready = False  # the folder has been looked at
        self._read_only = False
        self._on_disk = 0  # bytes there, as far as this process knows
        self._writes = 0
        self.after_fork()

    def after_fork(self) -> None:
        """A new lock: one that another thread of the parent held would never be opened."""
        self._lock = threading.Lock()

    def sizes(self) -> tuple[Path | None, list[int]]:
        """The folder, None if it cannot be used, and the bytes of every file. Makes no folder."""
        exists = self.path is None or self._ready or _exists(self.path)
        folder = self.usable() if exists else self.path
        return folder, [size for _, _, size in self.files()] if folder else []

    def clear(self) -> int:
        """Remove the files. Returns how many were removed."""
        with self._lock:
            self._on_disk = 0
        if self.path is None or not _exists(self.path) or not self.usable():
            return 0
        return sum(_remove(path) for path, _, _ in list(self.files()))

    def usable(self) -> Path | None:
        """The folder, made if need be; None, with one warning, where it cannot be used."""
        if self.path is None or self.problem:
            return None
        if not self._ready:
            try:
                self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
                # the dot: a folder that may not be entered shows here, not at every file
                private = _private(os.stat(os.path.join(self.path, ".")))
                if not private or not _own(os.lstat(self.path)):
                    self._give_up(
                        "it does not belong to this user, or others can write there; "
                        "chmod 700 would do, or another GATEWISE_CACHE_DIR"
                    )
                    return None
            except (OSError, ValueError) as error:  # a name with a NUL is a ValueError
                self._give_up(f"{error}; set GATEWISE_CACHE_DIR to a folder of your own")
                return None
            self._ready = True
        return self.path

    def _give_up(self, problem: str) -> None:
        with self._lock:
            first, self.problem = not self.problem, problem
        if first:
            _LOG.warning("compiled kernels are not kept in %s: %s", self.path, problem)

    def read(self, key: str) -> bytes | None:
        """The object in the file of that key, if there is one and it is sound."""
        folder = self.usable()
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

    def write(self, key: str, data: bytes) -> None:
        """Write a file under another name, then rename it: nobody ever sees half of one."""
        folder = self.usable()
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
                _LOG.warning("compiled kernels are no longer kept in %s: %s", self.path, error)
            return
        self._trim(size)

    def _trim(self, added: int) -> None:
        """Remove the files used least recently if there are too many bytes of them."""
        with self._lock:
            self._on_disk += added
            self._writes += 1
            if self._on_disk <= self.limit and self._writes % _RESCAN != 1:
                return
            files = sorted(self.files(), key=lambda file: file[1])
            total = sum(size for _, _, size in files)
            for path, _, size in files:
                if total <= self.limit:
                    break
                _remove(path)
                total -= size
            self._on_disk = total

    def files(self) -> Iterator[tuple[Path, float, int]]:
        """Path, time of the last use and size of every file; removes what dead processes left."""
        assert self.path is not None
        try:
            entries = list(os.scandir(self.path))
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
