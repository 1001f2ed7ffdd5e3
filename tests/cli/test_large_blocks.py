"""Large arrays that are freed stay with the process."""

from __future__ import annotations

import sys

import pytest

from tests.backends.llvm.helpers import child

PAGES = """
import resource
import numpy as np
from gatewise.cli.lab.large_blocks import keep_large_blocks

keep_large_blocks()
faults = []
for _ in range(3):
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    np.empty(100 << 20, np.uint8).fill(1)
    faults.append(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
print(*faults)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere nothing changes")
def test_pages_are_cleared_once() -> None:
    done = child(PAGES)
    assert done.returncode == 0, done.stderr
    first, *others = map(int, done.stdout.split())
    assert all(count < first / 10 for count in others), done.stdout
