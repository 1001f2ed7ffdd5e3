"""Inference calls that are kept ready: everything that follows from the shapes is settled at the first call.

Later calls of the same shape only set the addresses of their arrays and run.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple, TypeAlias
from weakref import WeakKeyDictionary

import torch
from torch import Tensor

from gatewise.compile import llvm_runtime
from gatewise.nn.compiled.float_types import CPU, LOW
from gatewise.nn.compiled.kernels import Kernels, kernels
from gatewise.nn.compiled.low_types import WideCopies
from gatewise.nn.plan.module_plan import ModulePlan

if TYPE_CHECKING:
    from gatewise.compile import CallFrame, KernelKind, Traversal

MAX_SHAPES = 64  # for which calls are kept ready, for each plan
MAX_COPIES = 4  # of a module, for which packed weights are kept


# Where a sequence [T, B, n] lies: its address, and how far apart steps and rows are, in values.
# A plain tuple: a call makes two of them, and a named one takes several times as long to make.
SequenceView: TypeAlias = tuple[int, int, int]


class PackedFrames(NamedTuple):
    """Frames of all layers and directions, and whose weights they have packed.

    ``weights``: the addresses of the parameters of the first layer and direction. ``copies``: room for
    the parameters in float32, for a module of a low type.
    """

    weights: tuple[int, ...]
    frames: list[CallFrame]
    copies: WideCopies


# float type, threads, and the kind of kernel of each layer and direction
FramesKey: TypeAlias = tuple[torch.dtype, int, tuple["KernelKind", ...]]


@dataclass
class PlanCache:
    """What is kept for a plan while it lives.

    Attributes:
        calls: prepared calls that nobody is using, by (steps, batch, type, threads).
        frames: frames that nobody is using, by (type, threads, kinds of kernels).
    """

    calls: dict[tuple[int, int, torch.dtype, int], list[PreparedCall]] = field(default_factory=dict)
    frames: dict[FramesKey, list[PackedFrames]] = field(default_factory=dict)


_CACHES: WeakKeyDictionary[ModulePlan, PlanCache] = WeakKeyDictionary()


def cache_of(plan: ModulePlan) -> PlanCache:
    """What is kept for a plan."""
    record = _CACHES.get(plan)
    return _CACHES.setdefault(plan, PlanCache()) if record is None else record


class _LayerSlot(NamedTuple):
    """One layer in one direction: its kernels, its way through time, what it reads and writes.

    ``below`` is the output of the layer below (None: the caller's input), ``above`` the room for its
    own (None: the caller's output, from ``shift`` bytes after the start of a row on), ``zeros`` the numbers of
    states that are zero.
    """

    kernels: Kernels
    traversal: Traversal
    below: SequenceView | None
    above: SequenceView | None
    shift: int
    zeros: tuple[int, ...]


class PreparedCall:
    """All layers for one shape. One call at a time: it goes back to where it waits when all frames have run.

    Frames, which hold packed weights, are the plan's for all shapes: sequences come in many lengths.
    """

    def __init__(
        self, plan: ModulePlan, steps: int, batch: int, dtype: torch.dtype, threads: int
    ) -> None:
        self.steps, self.batch = steps, batch
        self.widths, self.directions = plan.widths, plan.directions
        # where it waits while nobody is using it; None while it waits
        self.home: list[PreparedCall] | None = None
        self.threads = threads
        self.value_bytes = torch.finfo(dtype).bits // 8
        self.width = plan.directions * plan.widths[0]
        self._between: list[Tensor] = []  # outputs of the layers but the last
        self.slots: list[_LayerSlot] = []
        below: SequenceView | None = None
        for k, layer in enumerate(plan.layers):
            room: SequenceView | None = None
            if k < len(plan.layers) - 1:
                output = torch.empty(steps, batch, self.width, dtype=dtype, device=CPU)
                self._between.append(output)
                room = output.data_ptr(), batch * self.width, self.width
            for d in range(plan.directions):
                compiled = kernels(plan.keys[0], tuple(layer.numbers), dtype, "")
                traversal = compiled.traversal(steps, batch, None, None, d == 1, False)
                shift = d * plan.widths[0] * self.value_bytes
                above = None if room is None else (room[0] + shift, *room[1:])
                zeros = (compiled.nothing, 0) * len(plan.widths)
                self.slots.append(_LayerSlot(compiled, traversal, below, above, shift, zeros))
            below = room
        # one step of a few rows has kernels of its own
        kinds = tuple(s.kernels.layer.inference(s.traversal.rows) for s in self.slots)
        self.frames = cache_of(plan).frames.setdefault((dtype, threads, kinds), [])

    def _take_frames(self, weights: tuple[int, ...]) -> PackedFrames:
        """Frames that nobody is using, with those that packed the weights at these addresses first.

        Copies of a module share its plan, and each is to find its own.
        """
        for waiting in tuple(self.frames):
            if waiting.weights == weights:
                try:
                    self.frames.remove(waiting)
                except ValueError:  # another thread has taken them
                    continue
                return waiting
        if len(self.frames) >= MAX_COPIES:
            try:
                return PackedFrames(weights, self.frames.pop(0).frames, WideCopies())
            except IndexError:  # other threads have taken all
                pass
        frames = [s.kernels.layer.frame(s.traversal.rows, self.threads) for s in self.slots]
        return PackedFrames(weights, frames, WideCopies())

    def bind(
        self,
        params: list[list[Tensor]],
        x: SequenceView,
        first: Sequence[int] | None,
        output: SequenceView,
        last: Sequence[int],
    ) -> Iterator[list[CallFrame]]:
        """The frames to run, one layer after the other; what one list holds may run at the same time.

        ``first`` (None: zeros) and ``last`` are the addresses of the contiguous initial and final states of
        all layers. When the last frames have run, ask once more: then others may use this prepared call.
        """
        widths, batch, directions = self.widths, self.batch, self.directions
        row_bytes = batch * self.value_bytes
        addresses = [tuple(map(Tensor.data_ptr, stacks)) for stacks in params]
        packed = self._take_frames(addresses[0])
        frames = packed.frames
        if params[0] and params[0][0].dtype in LOW:
            params, addresses = packed.copies.of(params, addresses)
        address, step, row = output
        for k, (compiled, traversal, below, above, shift, zeros) in enumerate(self.slots):
            frame = frames[k]
            numbers: tuple[int, ...] = below or x
            # without resets nobody reads the states to restart from: they are zeros
            if first is None:
                numbers += zeros + zeros
            else:
                for start, n in zip(first, widths, strict=True):
                    numbers += (start + k * n * row_bytes, n)
                numbers += zeros
            numbers += above or (address + shift, step, row)
            for end, n in zip(last, widths, strict=True):
                numbers += (end + k * n * row_bytes, n)
            frame.bind_arrays(numbers)
            frame.bind_traversal(traversal, False)
            frame.weights.pack(compiled.weights_at(params[k], addresses[k]), remember=True)
            if (k + 1) % directions == 0:
                yield frames[k + 1 - directions : k + 1]
        self.frames.append(packed)
        home, self.home = self.home, None
        assert home is not None
        home.append(self)


def take_prepared(plan: ModulePlan, steps: int, batch: int, dtype: torch.dtype) -> PreparedCall:
    """A prepared call that nobody is using, or a new one."""
    threads = llvm_runtime().get_num_threads()
    key = steps, batch, dtype, threads
    record = _CACHES.get(plan)
    calls = (cache_of(plan) if record is None else record).calls
    waiting = calls.get(key)
    if waiting is None:
        if len(calls) >= MAX_SHAPES:
            calls.clear()
        waiting = calls.setdefault(key, [])
    try:
        prepared = waiting.pop()
    except IndexError:
        prepared = PreparedCall(plan, steps, batch, dtype, threads)
    prepared.home = waiting
    return prepared
