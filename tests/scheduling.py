"""Which tests one process runs, one after the other, when several processes run them.

The tests of a file share fixtures, programs and kernels in memory: a process that runs them all makes
each once. (Marks of ``xdist_group`` would say the same, but pytest-xdist 3.8 writes them into the names
of tests in a way that pytest 9.2 does not read.)
"""

from __future__ import annotations

from pathlib import PurePosixPath

from xdist.scheduler import LoadScopeScheduling

# files whose tests start threads or processes that have to meet in time
TOGETHER = {
    "test_threads.py",
    "test_cores.py",
    "test_pace.py",
    "test_ddp.py",
    "test_cache_kernels.py",
}


def group_of(nodeid: str) -> str:
    """What all tests have in common that one process runs."""
    file, _, test = nodeid.partition("::")
    name = PurePosixPath(file).name
    if name in TOGETHER:
        return "together"
    if name == "test_diagram.py" and "[" in test:
        return f"{file} {test.partition('[')[2]}"  # the layout of each cell is made once, and takes long
    return file


class ByFile(LoadScopeScheduling):
    """Groups go to the processes as these get free, those of the most tests first."""

    def _split_scope(self, nodeid: str) -> str:
        return group_of(nodeid)
