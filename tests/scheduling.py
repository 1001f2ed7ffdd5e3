"""Which tests one process runs, one after the other, when several processes run them.

The tests of a file share fixtures, programs and kernels in memory: a process that runs them all makes
each once. (Marks of ``xdist_group`` would say the same, but pytest-xdist 3.8 writes them into the names
of tests in a way that pytest 9.2 does not read.)
"""

from __future__ import annotations

from pathlib import PurePosixPath

from xdist.scheduler import LoadScopeScheduling
from xdist.workermanage import WorkerController

# files whose tests start threads or processes that have to meet in time
TOGETHER = {
    "test_threads.py",
    "test_cores.py",
    "test_pace.py",
    "test_ddp.py",
    "test_cache_kernels.py",
}
# files of few tests that take long: run last, they would leave the other processes idle
LONG = {
    "together",
    "test_checkpoint.py",
    "test_collect.py",
    "test_contract.py",
    "test_damaged_models.py",
    "test_differentiate.py",
    "test_examples.py",
    "test_generated.py",
    "test_guard.py",
    "test_resources.py",
    "test_resume.py",
    "test_targets.py",
    "test_two_processes.py",
}
# how many groups of a process can have tests left: a new one is given while two tests are
OPEN = 4


def group_of(nodeid: str) -> str:
    """What all tests have in common that one process runs."""
    file, _, test = nodeid.partition("::")
    folder, name = PurePosixPath(file).parent, PurePosixPath(file).name
    if name in TOGETHER:
        return "together"
    if folder.name == "architecture":
        return str(folder)  # every file of the package is parsed once for all rules
    if name == "test_diagram.py" and "[" in test:
        return f"{file} {test.partition('[')[2]}"  # the layout of each cell is made once, and takes long
    return file


class ByFile(LoadScopeScheduling):
    """Groups go to the processes as these get free: the long ones, then those of the most tests first."""

    def _split_scope(self, nodeid: str) -> str:
        return group_of(nodeid)

    def _assign_work_unit(self, node: WorkerController) -> None:
        long = next((g for g in self.workqueue if PurePosixPath(g).name in LONG), None)
        if long is not None:
            self.workqueue.move_to_end(long, last=False)
        super()._assign_work_unit(node)

    def _pending_of(self, workload: dict[str, dict[str, bool]]) -> int:
        """How many tests a process has left. This is asked after each test: looking through all of them every
        time would take seconds."""
        return super()._pending_of(dict(list(workload.items())[-OPEN:]))
