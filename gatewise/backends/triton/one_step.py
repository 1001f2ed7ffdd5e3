"""A single step without gradients, as a policy or a stream takes it: one recorded graph, replayed.

What a call of few units costs is the launches and the Python between them. So all of it is recorded with
tensors of its own; a call copies its input and states there, replays, and copies the results.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import torch
from torch import Tensor

from gatewise.backends.triton import graphs

_MOST = 32  # recorded steps that are remembered
Run = Callable[[Sequence[Tensor]], list[Tensor]]


@dataclass
class _Recorded:
    """``tensors`` are those that the graph reads and that change from call to call; ``owner`` lives as
    long, so that its number is not another's."""

    owner: object
    tensors: list[Tensor]
    results: list[Tensor] = field(default_factory=list)
    graph: graphs.Recorded | None = None
    lock: threading.Lock = field(default_factory=threading.Lock)


_STEPS: OrderedDict[tuple[object, ...], _Recorded] = OrderedDict()
_LOCK = threading.Lock()


def run(
    owner: object, run: Run, moving: Sequence[Tensor], resting: Sequence[Tensor]
) -> list[Tensor]:
    """What ``run`` gives for ``moving``.

    Args:
        owner: what the call belongs to; with the shapes and addresses it says which graph serves.
        run: a function of tensors like ``moving`` that launches kernels and waits for nothing. The first
            call runs it as it is, so that kernels are compiled before anything is recorded.
        moving: tensors that lie elsewhere at the next call: inputs and states.
        resting: tensors that stay where they are, such as parameters; their values may change.
    """
    first = moving[0]
    shapes = tuple((t.shape, t.dtype) for t in moving)
    addresses = tuple(t.data_ptr() for t in resting)
    key = (id(owner), first.device, graphs.stream(first.device), shapes, addresses)
    with _LOCK:
        step = _STEPS.get(key)
        if step is None:
            with torch.inference_mode(False):  # later calls of any mode write to them
                tensors = [
                    torch.empty_like(t, memory_format=torch.contiguous_format) for t in moving
                ]
            _STEPS[key] = _Recorded(owner, tensors)
            while len(_STEPS) > _MOST:
                _STEPS.popitem(last=False)
        else:
            _STEPS.move_to_end(key)
    if step is None:
        return run(moving)
    with step.lock, graphs.on(first.device):
        if step.graph is None:

            def launches() -> None:
                step.results[:] = run(step.tensors)

            step.graph = graphs.record(launches)
        torch._foreach_copy_(step.tensors, list(moving))
        step.graph.replay()
        return [t.clone() for t in step.results]


def forget() -> None:
    """Let go of all recorded steps."""
    with _LOCK:
        _STEPS.clear()
