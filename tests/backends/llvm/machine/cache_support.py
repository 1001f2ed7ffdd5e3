"""What the tests of the cache share."""

import hashlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from gatewise.backends.llvm.machine.cache import Cache

LIMIT = 1 << 20
A, B = (hashlib.sha256(name).hexdigest() for name in (b"a", b"b"))
POSIX = pytest.mark.skipif(not hasattr(os, "geteuid"), reason="owners and modes are POSIX's")


def never() -> bytes:
    raise AssertionError("it should have been in the cache")


def fresh(folder: Path, limit: int = LIMIT) -> Cache:
    """A cache that remembers nothing, as in a new process."""
    return Cache(folder, limit)


def files(folder: Path) -> list[Path]:
    return sorted(folder.iterdir())


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "user" / "kernels"


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that every user can enter; those of pytest are private."""
    with tempfile.TemporaryDirectory(prefix="gatewise-tests-") as name:
        os.chmod(name, 0o755)
        yield Path(name)
