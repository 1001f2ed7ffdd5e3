"""Launches that are recorded once and replayed: CUDA's graphs."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from functools import lru_cache
from typing import Protocol

import torch
from torch import Tensor


class Recorded(Protocol):
    """Launches that can be done again."""

    def replay(self) -> None:
        """Do them again."""


def on(device: torch.device) -> AbstractContextManager[object]:
    """What is launched meanwhile goes to a device: Triton launches on torch's current one, wherever the
    tensors lie."""
    return torch.cuda.device(device) if device.type == "cuda" else nullcontext()


def may_record(device: torch.device) -> bool:
    """Whether launches on a device can be recorded: not while somebody else records."""
    return device.type == "cuda" and not capturing(device)


def capturing(device: torch.device) -> bool:
    """Whether launches on a device are being recorded, by us or by the user."""
    return device.type == "cuda" and torch.cuda.is_current_stream_capturing()


def record(launches: Callable[[], None]) -> Recorded:
    """Record launches without doing them. Kernels must be compiled, and nothing may be allocated that is
    used later."""
    graph = torch.cuda.CUDAGraph()
    side = _stream_of(torch.cuda.current_device(), threading.get_ident())
    with torch.cuda.graph(graph, stream=side, capture_error_mode="thread_local"):
        launches()
    return graph


@lru_cache(maxsize=64)
def _stream_of(device: int, thread: int) -> torch.cuda.Stream:
    """A stream of a thread to record on. Always the same one: cuBLAS keeps memory to work in, up to 32
    MB, for each stream that it has seen."""
    return torch.cuda.Stream(device)


def stream(device: torch.device) -> int:
    """The stream that launches go to."""
    return torch.cuda.current_stream(device).cuda_stream if device.type == "cuda" else 0


def write_numbers(into: Tensor, numbers: Sequence[int]) -> None:
    """Write whole numbers into a tensor on a device. While a graph is captured nothing may come from the
    CPU's memory: each is a constant of a launch then."""
    if capturing(into.device):
        for k, number in enumerate(numbers):
            into[k].fill_(number)
    else:
        into.copy_(torch.tensor(numbers, dtype=into.dtype), non_blocking=False)
