"""Reading files that somebody else may have put there.

A name can lead to a pipe, a device, a file without end, or through a link to somewhere else. So files
of saved models and kernels are opened here: regular ones alone, of a bounded size, inside their folder.
"""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

# a pipe without a writer must not make us wait; both flags are missing on Windows, which has neither
_FLAGS = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOFOLLOW", 0)
_FLAGS |= getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)


def open_regular(path: Path, most: int, *, links: bool = True) -> int:
    """A descriptor of a regular file of at most ``most`` bytes, open for reading.

    A link is followed only as far as the folder of ``path``, and not at all with ``links=False``.

    Raises:
        OSError: where the file is missing or cannot be read, is no regular file, is larger, or lies
            behind a link that leads elsewhere. ``strerror`` says which.
    """
    if path.is_symlink():
        try:
            folder, target = path.parent.resolve(), path.resolve()
        except RuntimeError:  # Python before 3.13 raises this for links in a circle
            raise OSError(errno.ELOOP, "is a link that leads to itself", str(path)) from None
        if not links or not target.is_relative_to(folder):
            raise OSError(errno.ELOOP, "is a link that leads elsewhere", str(path))
        path = target
    descriptor = os.open(path, _FLAGS)
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise OSError(errno.EINVAL, "is not a regular file", str(path))
        if status.st_size > most:
            raise OSError(errno.EFBIG, f"has more than {most:,} bytes", str(path))
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor


def read_regular(path: Path, most: int, *, links: bool = True) -> bytes:
    """The content of a regular file of at most ``most`` bytes. Raises OSError as ``open_regular`` does."""
    with open(open_regular(path, most, links=links), "rb") as file:
        # as much memory as there is content, and not more where it grows meanwhile
        size = os.fstat(file.fileno()).st_size
        content = file.read(size + 1)
    if len(content) > min(size, most):
        raise OSError(errno.EBUSY, "is being written", str(path))
    return content
