"""Leave to use the tile unit of Intel's processors (AMX), which Linux gives to a process that asks."""

from __future__ import annotations

import ctypes
import platform
import sys
from collections.abc import Mapping

_FEATURES = ("amx-tile", "amx-bf16")
_ARCH_PRCTL, _REQUEST, _TILE_DATA = 158, 0x1023, 18  # of Linux on x86-64


def usable(features: Mapping[str, bool]) -> bool:
    """Whether the processor has tiles of bfloat16 and this process may use them.

    Threads and forked children of the process may, too. Other systems than Linux have other ways to
    ask; there tiles are not used.
    """
    if not all(features.get(feature) for feature in _FEATURES):
        return False
    if sys.platform != "linux" or platform.machine() != "x86_64":
        return False
    try:
        refused = ctypes.CDLL(None).syscall(_ARCH_PRCTL, _REQUEST, _TILE_DATA)
    except (OSError, AttributeError):
        return False
    return not refused
