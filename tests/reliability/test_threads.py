"""Eight kinds of abuse of threads: no wrong result, no hang, no crash."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.reliability.thread_abuse import KINDS

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(1200),
    pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork"),
]


@pytest.mark.parametrize("kind", KINDS)
def test_abuse(kind: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.reliability.thread_abuse", kind],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        timeout=1000,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
