"""Marks of kernels that gave up: told once, to one who looks, in the order of the launches."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace
from typing import Any

import pytest
import torch

from gatewise.backends.triton import watch
from gatewise.errors import BackendError


@pytest.fixture(autouse=True)
def none_before() -> Iterator[None]:
    watch._ON_THEIR_WAY.clear()
    yield
    watch._ON_THEIR_WAY.clear()


def mark(value: int) -> torch.Tensor:
    return torch.tensor([value], dtype=torch.int32)


def test_a_kernel_that_gave_up_is_told_of() -> None:
    watch.remember(mark(0), "well")
    watch.look()
    watch.remember(mark(1), "lstm")
    with pytest.raises(BackendError, match="a kernel of the cell lstm gave up waiting"):
        watch.look()
    watch.look()


def test_nobody_waits_for_a_mark_that_has_not_arrived() -> None:
    here, waited = [False], []
    arrived: Any = SimpleNamespace(query=lambda: here[0], synchronize=lambda: waited.append(True))
    watch._ON_THEIR_WAY.append(watch._Mark(mark(1), arrived, "late"))
    watch.look()
    assert not waited
    here[0] = True
    with pytest.raises(BackendError, match="cell late gave up"):
        watch.look()


def test_there_are_not_too_many_on_their_way() -> None:
    waited: list[int] = []
    for k in range(watch._MOST + 1):
        arrived: Any = SimpleNamespace(
            query=lambda: False, synchronize=lambda k=k: waited.append(k)
        )
        watch._ON_THEIR_WAY.append(watch._Mark(mark(0), arrived, str(k)))
    watch.look()
    assert waited == [0] and len(watch._ON_THEIR_WAY) == watch._MOST


def test_many_threads_look() -> None:
    """Each mark is read once, and one of them is told of the failure."""

    def work(k: int) -> int:
        told = 0
        for step in range(200):
            watch.remember(mark(int(k == 3 and step == 100)), "lstm")
            try:
                watch.look()
            except BackendError:
                told += 1
        return told

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(work, range(8))) == 1


def test_the_last_call_of_a_process_is_told_of() -> None:
    code = "import torch; from gatewise.backends.triton import watch; "
    code += "watch.remember(torch.tensor([{}], dtype=torch.int32), 'lstm')"
    texts = []
    for value in (0, 1):
        command = [sys.executable, "-W", "default", "-c", code.format(value)]
        texts.append(subprocess.run(command, capture_output=True, text=True, check=True).stderr)
    assert "gave up" not in texts[0]
    assert "RuntimeWarning: a kernel of the cell lstm gave up waiting" in texts[1]
