"""A call as a walk through its layers, which stops wherever something has to be run.

A walk is a value of one of three kinds:

- ``PendingLayers``: layers to run, each in one direction, that need nothing of each other;
- ``PendingFrames``: the same, prepared as frames of the compiled kernels;
- ``Done``: the result of the call.

Whoever holds a pending walk runs what is in it, and calls ``resume``, which gives the next walk. So the walks of
several calls can be taken in step, and what their layers need is run at the same time. (Functions that resume,
rather than generators that are sent results: torch.compile cannot follow ``generator.send``.)
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Generic, NamedTuple, TypeAlias, TypeVar

from gatewise.nn.plan.layer_call import LayerCall, LayerResult

if TYPE_CHECKING:
    from gatewise.compile import CallFrame

R = TypeVar("R")
S = TypeVar("S")


class Done(NamedTuple, Generic[R]):
    """The end of a walk."""

    result: R

    def then(self, finish: Callable[[R], S]) -> Done[S]:
        """The end of a walk whose result is what ``finish`` makes of this one."""
        return Done(finish(self.result))


class PendingLayers(NamedTuple, Generic[R]):
    """Layers to run; ``resume`` takes what they gave, in the same order."""

    calls: list[LayerCall]
    resume: Callable[[list[LayerResult]], LayerWalk[R]]

    def then(self, finish: Callable[[R], S]) -> PendingLayers[S]:
        """A walk that ends in what ``finish`` makes of the result of this one."""
        return PendingLayers(self.calls, lambda results: self.resume(results).then(finish))


class PendingFrames(NamedTuple, Generic[R]):
    """Frames to run, which write to arrays of the call. ``resume`` may be called once."""

    frames: list[CallFrame]
    resume: Callable[[], FrameWalk[R]]

    def then(self, finish: Callable[[R], S]) -> PendingFrames[S]:
        """A walk that ends in what ``finish`` makes of the result of this one."""
        return PendingFrames(self.frames, lambda: self.resume().then(finish))


LayerWalk: TypeAlias = PendingLayers[R] | Done[R]
FrameWalk: TypeAlias = PendingFrames[R] | Done[R]
Walk: TypeAlias = PendingLayers[R] | PendingFrames[R] | Done[R]


def drive(walk: LayerWalk[R], run: Callable[[list[LayerCall]], list[LayerResult]]) -> R:
    """Take one walk to its end."""
    while isinstance(walk, PendingLayers):
        walk = walk.resume(run(walk.calls))
    return walk.result
