"""Marks that kernels leave where they waited for each other in vain, looked at when the work is done.

Looking at once would make the CPU wait for the GPU at every call. So a mark is copied behind its kernel, and
the next call looks at all copies that have arrived; when the process ends, somebody looks at the rest.
"""

from __future__ import annotations

import atexit
import threading
import warnings
from collections import deque
from typing import NamedTuple

import torch
from torch import Tensor

from gatewise.backends.triton.graphs import capturing
from gatewise.errors import BackendError

_MOST = 64  # marks on their way at a time


class _Mark(NamedTuple):
    copy: Tensor
    arrived: torch.cuda.Event | None
    cell: str


_ON_THEIR_WAY: deque[_Mark] = deque()
_LOCK = threading.Lock()  # of those who look: each mark is for one of them


def remember(mark: Tensor, cell: str) -> None:
    """Look at a mark (a whole number on the device, 0 if all is well) when it is there. What a graph
    captures runs later, and again and again: it is not remembered."""
    if mark.device.type != "cuda":
        _ON_THEIR_WAY.append(_Mark(mark, None, cell))
        return
    if capturing(mark.device):
        return
    copy = torch.empty(mark.shape, dtype=mark.dtype, pin_memory=True)
    copy.copy_(mark, non_blocking=True)
    arrived = torch.cuda.Event()
    arrived.record()
    _ON_THEIR_WAY.append(_Mark(copy, arrived, cell))


def look() -> None:
    """Look at the marks that have arrived.

    Raises BackendError if a kernel gave up, whose results are wrong then.
    """
    if torch.cuda.is_available() and torch.cuda.is_current_stream_capturing():
        return
    with _LOCK:
        failed = _failed(_MOST)
        if failed:
            _ON_THEIR_WAY.clear()
    if failed:
        raise BackendError(_text(failed))


def _text(cell: str) -> str:
    return (
        f"a kernel of the cell {cell} gave up waiting for its other programs, so an earlier result is "
        "wrong: something else holds the GPU's processors. Set GATEWISE_TRITON_WAY=steps, which waits "
        "for nothing"
    )


@atexit.register
def _look_at_the_rest() -> None:
    """There is no next call. An exception would be lost here, so it is a warning."""
    failed = _failed(0)
    if failed:
        warnings.warn(_text(failed), RuntimeWarning, stacklevel=1)


def _failed(most: int) -> str:
    """The cell of the first mark that says so, of those that have arrived; where more than so many are on
    their way, the first ones are waited for."""
    while _ON_THEIR_WAY:
        copy, arrived, cell = _ON_THEIR_WAY[0]
        if arrived is not None and not arrived.query():
            if len(_ON_THEIR_WAY) <= most:
                return ""
            arrived.synchronize()
        _ON_THEIR_WAY.popleft()
        if int(copy):
            return cell
    return ""
