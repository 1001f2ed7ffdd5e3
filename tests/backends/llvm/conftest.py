"""What the tests of kernels share."""

from __future__ import annotations

import pytest

from gatewise.backends.llvm.run import call_frame as frame


@pytest.fixture(autouse=True)
def quiet_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether threads share a tile does not depend on what else the machine does."""
    monkeypatch.setattr(frame, "crowded", lambda: False)
