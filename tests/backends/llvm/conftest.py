"""What the tests of kernels share."""

from __future__ import annotations

import pytest

from gatewise.backends.llvm.machine import threads
from gatewise.backends.llvm.run import call_frame


class _Quiet:
    """Stands for ``crowding``: how many threads share the work does not depend on what else runs."""

    @staticmethod
    def crowded() -> bool:
        return False

    @staticmethod
    def judge(took: int, lost: int) -> None:
        pass


@pytest.fixture(autouse=True)
def quiet_machine(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> None:
    """Results are the same on a busy machine; which way they are computed is not."""
    if request.path.name == "test_crowding.py":
        return
    monkeypatch.setattr(threads, "crowding", _Quiet)
    monkeypatch.setattr(call_frame, "crowded", _Quiet.crowded)
