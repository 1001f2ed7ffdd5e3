"""Large arrays that are freed stay with the process, for the next step of a training.

The C library of Linux gives blocks of more than 32 MB back to the system when they are freed, and the system clears
each page anew when it is next written. At a gap of 100,000 steps that took as long as the training itself.
"""

from __future__ import annotations

import ctypes
import sys

# of glibc's malloc.h, and the most that it takes for each
_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3
_MOST_TRIMMED, _MOST_MAPPED = (1 << 31) - 1, 1 << 30


def keep_large_blocks() -> None:
    """Have the C library keep blocks of up to 1 GB that are freed; where it cannot, nothing changes."""
    if sys.platform != "linux":
        return
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)  # glibc has it, musl has not
    if mallopt is not None:
        mallopt(_MMAP_THRESHOLD, _MOST_MAPPED)
        mallopt(_TRIM_THRESHOLD, _MOST_TRIMMED)
