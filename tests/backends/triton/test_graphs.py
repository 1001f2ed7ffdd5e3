"""Which device launches go to, when they are recorded, and on which stream: asked of a torch that has no GPU."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from typing import Any

import pytest
import torch

from gatewise.backends.triton import graphs

GPU, CPU = torch.device("cuda", 1), torch.device("cpu")


def test_launches_go_to_the_device_of_the_tensors(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[torch.device] = []
    monkeypatch.setattr(torch.cuda, "device", asked.append)
    graphs.on(GPU)
    assert asked == [GPU]
    with graphs.on(CPU):
        assert len(asked) == 1


@pytest.mark.parametrize("busy", [False, True])
def test_nothing_is_recorded_inside_of_a_recording(
    busy: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch.cuda, "is_current_stream_capturing", lambda: busy)
    assert graphs.may_record(GPU) is not busy and graphs.capturing(GPU) is busy
    assert not graphs.may_record(CPU) and not graphs.capturing(CPU)


@pytest.fixture
def streams(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Any]]:
    """The streams that were recorded on."""
    used: list[Any] = []

    def graph(_: object, *, stream: object, capture_error_mode: str) -> Any:
        assert capture_error_mode == "thread_local"  # another thread may go on allocating
        used.append(stream)
        return nullcontext()

    monkeypatch.setattr(torch.cuda, "graph", graph)
    monkeypatch.setattr(torch.cuda, "CUDAGraph", object)
    monkeypatch.setattr(torch.cuda, "Stream", lambda device: (device, object()))
    monkeypatch.setattr(torch.cuda, "current_device", lambda: 1)
    graphs._stream_of.cache_clear()
    yield used
    graphs._stream_of.cache_clear()


def test_a_thread_records_on_one_stream(streams: list[Any]) -> None:
    done: list[int] = []
    graphs.record(lambda: done.append(1))
    graphs.record(lambda: done.append(2))
    with ThreadPoolExecutor(1) as pool:
        pool.submit(graphs.record, lambda: done.append(3)).result()
    assert done == [1, 2, 3]
    first, again, of_another = streams
    assert first is again and first is not of_another and first[0] == 1
