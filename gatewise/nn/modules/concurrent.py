"""Calls of modules that need nothing of each other, at the same time."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from itertools import islice
from typing import Any

import torch
from torch.nn.modules import module as _modules

from gatewise.nn.compiled import autograd, launch
from gatewise.nn.modules.base import CallResult, RecurrentBase
from gatewise.nn.modules.dropin import DropIn
from gatewise.nn.modules.recurrent import Recurrent
from gatewise.nn.plan.walk import Done, PendingFrames, PendingLayers, Walk

_FORWARD = (Recurrent.forward, DropIn.forward)
_HOOKS = (
    "_forward_hooks",
    "_forward_pre_hooks",
    "_backward_hooks",
    "_backward_pre_hooks",
    "_compiled_call_impl",
)


def side_by_side(*calls: Callable[[], Any]) -> list[Any]:
    """Make several calls at the same time: ``[call() for call in calls]``, bit for bit, but quicker
    where one call has too few rows for all threads.

    The first layers of all modules run together, then the second ones, and so on. Cells, sizes and
    lengths may differ. What one call gives, another must not need::

        question, answer = gw.nn.side_by_side(partial(ask, x), partial(reply, y, lengths=[5, 3]))

    Args:
        calls: ``functools.partial`` of a module of ``gatewise.nn`` and its arguments. Whatever else can
            be called is called by itself; so is a module that has hooks, draws random masks, cuts time
            into pieces or does not run in compiled kernels.

    Returns:
        What each call returns, in their order.

    Raises:
        What the calls raise.

    The results of calls that ran together are results of one node of autograd's graph: go back from a
    loss of all of them, or keep the graph (``retain_graph=True``) for the first of several losses.
    """
    if len(calls) < 2 or torch.compiler.is_compiling() or torch._C._is_tracing():
        return [call() for call in calls]
    results: list[Any] = [None] * len(calls)
    walks: dict[int, Walk[CallResult]] = {}
    for k, call in enumerate(calls):
        walk = _walk(call)
        if walk is None:
            results[k] = call()
        else:
            walks[k] = walk
    while walks:
        for k, walk in walks.items():
            if isinstance(walk, Done):
                results[k] = walk.result
        walks = _advance(walks)
    return results


def _walk(call: Callable[[], object]) -> Walk[CallResult] | None:
    """A call as a walk through the layers of its module; None if it is to be called."""
    module = call.func if isinstance(call, partial) else None
    if not isinstance(module, RecurrentBase) or type(module).forward not in _FORWARD:
        return None
    state = module.__dict__
    if "forward" in state or any([state.get(name) for name in _HOOKS]):
        return None
    if _modules._has_any_global_hook():
        return None
    assert isinstance(call, partial)
    try:
        return module.walk(*call.args, **call.keywords)
    except TypeError:  # the call itself is to say what is wrong with it
        return None


def _advance(walks: Mapping[int, Walk[CallResult]]) -> dict[int, Walk[CallResult]]:
    """Run what all walks wait for at the same time. Returns the next walk of each that is not done."""
    frames = [f for w in walks.values() if isinstance(w, PendingFrames) for f in w.frames]
    layers = [c for w in walks.values() if isinstance(w, PendingLayers) for c in w.calls]
    if frames:
        launch.run(frames)
    results = iter(autograd.run(layers) if layers else [])
    advanced: dict[int, Walk[CallResult]] = {}
    for k, walk in walks.items():
        if isinstance(walk, PendingFrames):
            advanced[k] = walk.resume()
        elif isinstance(walk, PendingLayers):
            advanced[k] = walk.resume(list(islice(results, len(walk.calls))))
    return advanced
