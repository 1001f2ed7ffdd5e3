"""Room for arrays that may be larger than memory: a large one lies in a file that nobody sees.

The file has no name and goes with the array. Where files lie is for the environment to say (TMPDIR).
"""

from __future__ import annotations

import errno
import math
import os
import tempfile
from collections.abc import Sequence
from typing import IO, Any

import numpy as np

from gatewise import settings
from gatewise.arrays import Floats, Ints
from gatewise.errors import InputError

LARGE = 8  # an array that is more than this part of the memory given to tables lies in a file


def allocate(shape: Sequence[int], fill: float | None = np.nan) -> Floats:
    """An array of float64, filled; with None what it holds at first does not matter.

    Raises InputError if the disk for temporary files has no room for it.
    """
    size = 8 * math.prod(shape)
    if size <= settings.TABLE_MEMORY.get() // LARGE:
        return np.empty(shape) if fill is None else np.full(shape, fill)
    with temporary() as file, explain_full_disk(size):
        reserve(file, size)
        array = np.memmap(file, dtype=np.float64, mode="r+", shape=tuple(shape))
    if fill is not None:
        array[...] = fill
    return array.view(np.ndarray)


def temporary() -> IO[bytes]:
    """A file without a name. Raises InputError where there is no place for one."""
    try:
        return tempfile.TemporaryFile()
    except OSError as error:
        raise InputError(f"there is no place for temporary files: {error.strerror}") from None


def map_file(file: IO[bytes]) -> Ints:
    """What was written to a file, as an array [n]. It outlives the file's being closed."""
    file.flush()
    if not file.tell():
        return np.empty(0, np.int64)
    return np.memmap(file, dtype=np.int64, mode="r+").view(np.ndarray)


def reserve(file: IO[bytes], size: int) -> None:
    """Make a file so long. Raises OSError if the disk is full, which a map would crash on."""
    if hasattr(os, "posix_fallocate"):
        os.posix_fallocate(file.fileno(), 0, size)
    else:
        file.truncate(size)


class explain_full_disk:
    """Turns a full disk into an InputError that says what to do."""

    def __init__(self, size: int) -> None:
        self.size = size

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: Any, error: BaseException | None, trace: Any) -> None:
        if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EFBIG, errno.EDQUOT):
            raise InputError(
                f"the table is larger than memory and needs {self.size / 2**20:.0f} MB for temporary "
                f"files, which {tempfile.gettempdir()} does not have: let TMPDIR name a folder with "
                "more room"
            ) from None
