"""How many cores this process may use: what the machine has, the affinity mask and a container allow.

The answer may change while a process runs (``taskset``, a job scheduler), so it is looked up again, at
most once a second.
"""

from __future__ import annotations

import functools
import os
import time
from pathlib import Path

_EVERY = 1.0  # seconds
_TOPOLOGY = "/sys/devices/system/cpu/cpu{}/topology/thread_siblings_list"
_GROUPS = Path("/sys/fs/cgroup")
_OWN_GROUPS = Path("/proc/self/cgroup")

_count = 1
_next_look = 0.0


def available() -> int:
    """Cores that this process may use, at least 1."""
    global _count, _next_look
    now = time.perf_counter()
    if now >= _next_look:
        _count = max(1, min(_allowed(), _share()))
        _next_look = now + _EVERY
    return _count


def _allowed() -> int:
    """Cores of the affinity mask."""
    if not hasattr(os, "sched_getaffinity"):
        return os.cpu_count() or 1
    return _cores(frozenset(os.sched_getaffinity(0)))


@functools.lru_cache(maxsize=8)
def _cores(processors: frozenset[int]) -> int:
    """How many cores have these processors: hardware threads of one core share its arithmetic."""
    try:
        return len({Path(_TOPOLOGY.format(p)).read_text() for p in processors})
    except OSError:
        return len(processors)


def _share() -> int:
    """Cores that the control groups of this process give it time for: a container may see more."""
    shares = []
    try:
        lines = _OWN_GROUPS.read_text().splitlines()
    except OSError:
        lines = ["0::/"]
    for line in lines:
        number, controllers, group = line.split(":", 2)
        if number == "0":
            shares += [_quota(folder / "cpu.max") for folder in _upwards(_GROUPS, group)]
        elif "cpu" in controllers.split(","):
            root = _GROUPS / controllers
            shares += [
                _quota(folder / "cpu.cfs_quota_us", folder / "cpu.cfs_period_us")
                for folder in _upwards(root if root.exists() else _GROUPS / "cpu", group)
            ]
    return min((share for share in shares if share), default=1 << 16)


def _upwards(root: Path, group: str) -> list[Path]:
    """The folders of a group and of those around it; inside of a container only the root is there."""
    folder = root / group.lstrip("/")
    return [folder, *(p for p in folder.parents if p.is_relative_to(root))]


def _quota(*files: Path) -> int:
    """Cores for the quota in one file ("max 100000") or two; 0 where there is none."""
    try:
        quota, period = " ".join(file.read_text().strip() for file in files).split()
        return max(0, -(-int(quota) // int(period)))
    except (OSError, ValueError, ZeroDivisionError):
        return 0
