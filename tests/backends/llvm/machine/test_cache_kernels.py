"""Real kernels through the cache, in processes of their own: whatever happened to the files, the
numbers are the same and nobody dies."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.backends.llvm.helpers import ROOT

CHILD = """
import numpy as np
import gatewise as gw
from gatewise.backends.llvm.run import numpy_api
from gatewise.backends.llvm.machine import cache
from gatewise.compile import layer_for

sizes = {"I": 3, "H": 5}
program = gw.cells.gru.program
rng = np.random.default_rng(0)
params = {p.name: rng.standard_normal(p.shape(sizes)).astype(np.float32) for p in program.params}
x = rng.standard_normal((4, 2, 3)).astype(np.float32)
run = numpy_api.run(layer_for(program, tuple(sizes.items())), {"x": x}, params, 4, 2)
info = cache.default().info()
print(info.compiled, info.hits_disk, info.files, run.output.tobytes().hex())
"""


def start(folder: Path, **more: str) -> subprocess.Popen[str]:
    env = {**os.environ, "GATEWISE_CACHE_DIR": str(folder), **more}
    return subprocess.Popen(
        [sys.executable, "-c", CHILD],
        cwd=ROOT,
        env=env,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def end(child: subprocess.Popen[str]) -> tuple[int, int, int, str]:
    """How many kernels were compiled, read from disk, and are there; and the numbers."""
    out, err = child.communicate(timeout=120)
    assert child.returncode == 0, err
    compiled, read, files, numbers = out.split()
    return int(compiled), int(read), int(files), numbers


@pytest.fixture(scope="module")
def cold(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, tuple[int, int, int, str]]:
    """A folder that one process has filled, and what that process said."""
    folder = tmp_path_factory.mktemp("cache")
    return folder, end(start(folder))


def test_a_second_process_compiles_nothing(cold: tuple[Path, tuple[int, int, int, str]]) -> None:
    folder, (compiled, read, files, numbers) = cold
    assert compiled == files > 0 and read == 0
    assert end(start(folder)) == (0, compiled, files, numbers)


def _flip(data: bytes) -> bytes:
    middle = len(data) // 2
    return data[:middle] + bytes([data[middle] ^ 8]) + data[middle + 1 :]


DAMAGE: list[Callable[[bytes], bytes]] = [_flip, lambda data: data[:-9], lambda data: b""]


def test_damaged_kernels_never_reach_the_loader(
    cold: tuple[Path, tuple[int, int, int, str]],
) -> None:
    folder, (compiled, _, files, numbers) = cold
    for n, path in enumerate(sorted((folder / "kernels").glob("*.kernel"))):
        path.write_bytes(DAMAGE[n % len(DAMAGE)](path.read_bytes()))
    assert end(start(folder)) == (compiled, 0, files, numbers)
    assert end(start(folder)) == (0, compiled, files, numbers)  # and they are whole again


def test_processes_that_start_together(
    cold: tuple[Path, tuple[int, int, int, str]], tmp_path: Path
) -> None:
    files, numbers = cold[1][2:]
    crew = [start(tmp_path) for _ in range(3)]
    for child in crew:
        compiled, read, _, results = end(child)
        assert results == numbers and compiled + read == files


def test_no_folder_to_write_to(
    cold: tuple[Path, tuple[int, int, int, str]], tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("in the way")
    compiled, _, files, numbers = end(start(tmp_path / "file"))
    assert (files, numbers) == (0, cold[1][3]) and compiled == cold[1][0]
    assert end(start(tmp_path, GATEWISE_CACHE_SIZE="0"))[3] == numbers
