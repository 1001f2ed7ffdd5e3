"""Running a step, forward or backward, over sequences of tensors."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import torch
from torch import Tensor

from gatewise.backends.triton import watch
from gatewise.backends.triton.arguments import Role
from gatewise.backends.triton.kernel_source import KernelSource
from gatewise.backends.triton.kernels import interpreted, launch_options, load
from gatewise.backends.triton.linear import LinearStep
from gatewise.backends.triton.loop_kernel import loop_kernel
from gatewise.backends.triton.memory import Location, aligned, columns_over, places, room, shapes
from gatewise.backends.triton.outside import Outside
from gatewise.backends.triton.plan import GpuPlan
from gatewise.backends.triton.scan_kernel import scan_kernel
from gatewise.backends.triton.values import Tile


@dataclass(frozen=True)
class Rows:
    """What the rows of a batch are, for a kernel: T, B, lengths [B] (int32), and in which direction.

    ``crossing`` [T, B] (int8): whether the state that a step leaves (of a backward step: its gradient)
    crosses a boundary. ``reverse``: the loop goes from the last time index to the first.
    """

    steps: int
    batch: int
    lengths: Tensor | None
    crossing: Tensor | None
    reverse: bool


@dataclass(frozen=True)
class Results:
    """What a run gives: final states, caught gradients, the first state at every step, what is stored at
    every step in one flat tensor, and the values outside of the loop."""

    last: list[Tensor]
    caught: list[Tensor]
    output: Tensor | None
    stored: Tensor
    outside: Outside


# by role, and name or node
Tensors: TypeAlias = Mapping[Role, Mapping[str | int, Tensor | None]]


class GpuStep(ABC):
    """A step planned and written for sizes, ready to run over sequences; how is for those that extend it."""

    def __init__(
        self,
        plan: GpuPlan,
        sizes: Mapping[str, int],
        tile: Tile,
        *,
        backward: bool,
        output: bool,
    ) -> None:
        self.plan, self.sizes, self.tile = plan, sizes, tile
        self.backward, self.output, self.warps = backward, output, 4
        self.places: dict[int, Location] = places(plan, sizes)
        self.groups = columns_over(plan, sizes, False, [n for n in plan.loop if n in plan.columns])

    @abstractmethod
    def launch(self, tensors: Tensors, rows: Rows, like: Tensor) -> None:
        """Run the loop over time; ``like`` has the type and the device."""

    def run(
        self,
        inputs: Mapping[str, Tensor],
        params: Mapping[str, Tensor],
        start: Sequence[Tensor],
        restart: Sequence[Tensor],
        rows: Rows,
    ) -> Results:
        """Run over all steps. ``start`` and ``restart``: [B, n] each, in the order of the states."""
        program = self.plan.program
        like = inputs[next(i.name for i in program.inputs if i.per == "step")]
        outside = Outside(self.plan, self.sizes, inputs, params, rows.lengths)
        before = outside.before(self.groups)
        names = [s.name for s in program.states]
        widths = [s.size.evaluate(self.sizes) for s in program.states]
        last = [like.new_empty((rows.batch, w), dtype=torch.float32) for w in widths]
        caught: list[Tensor] = []
        if self.backward and rows.crossing is not None:
            caught = [torch.zeros_like(t) for t in last]
        stored = like.new_empty(room(self.plan, self.sizes, rows.steps, rows.batch))
        arrays = self._arrays(stored, rows.steps, rows.batch)
        for node, place in self.places.items():
            if place.entering:
                first = names.index(str(program.nodes[node].attr))
                arrays[place.array][rows.steps if rows.reverse else 0] = start[first]
        output = like.new_empty((rows.steps, rows.batch, widths[0])) if self.output else None
        tensors: Tensors = {
            Role.MATRIX: {
                n: p.to(like.dtype).contiguous() for n, p in params.items() if p.dim() > 1
            },
            Role.VECTOR: {n: p.contiguous() for n, p in params.items()},
            Role.INPUT: {n: a.contiguous() for n, a in inputs.items()},
            Role.BEFORE: dict(before.items()),
            Role.ARRAY: dict(arrays.items()),
            Role.START: {n: s.float().contiguous() for n, s in zip(names, start, strict=True)},
            Role.RESTART: {n: s.float().contiguous() for n, s in zip(names, restart, strict=True)},
            Role.LAST: dict(zip(names, last, strict=True)),
            Role.CAUGHT: dict(zip(names, caught, strict=False)),
            Role.OUTPUT: {"": output},
            Role.LENGTHS: {"": rows.lengths},
            Role.CROSSING: {"": rows.crossing},
        }
        if rows.batch:
            self.launch(tensors, rows, like)
        outside.stored(self.views(stored, rows.steps, rows.batch, rows.reverse), self.places)
        return Results(last, caught, output, stored, outside)

    def views(self, stored: Tensor, steps: int, batch: int, reverse: bool) -> dict[str, Tensor]:
        """The arrays [T, B, width] in what was stored; of values that entered steps, without the one
        that left the last."""
        arrays, of = self._arrays(stored, steps, batch), shapes(self.places)
        return {n: (a[1:] if reverse else a[:-1]) if of[n][1] else a for n, a in arrays.items()}

    def _arrays(self, stored: Tensor, steps: int, batch: int) -> dict[str, Tensor]:
        arrays, start = {}, 0
        for name, (width, more) in shapes(self.places).items():
            count = (steps + more) * batch * width
            arrays[name] = stored[start : start + count].view(steps + more, batch, width)
            start += aligned(count)
        return arrays


class LoopStep(GpuStep):
    """All of time in one kernel."""

    def __init__(
        self,
        plan: GpuPlan,
        sizes: Mapping[str, int],
        tile: Tile,
        *,
        backward: bool,
        output: bool,
    ) -> None:
        super().__init__(plan, sizes, tile, backward=backward, output=output)
        self.source = self.write()

    def write(self) -> KernelSource:
        """The kernel."""
        return loop_kernel(
            self.plan, self.sizes, self.tile, backward=self.backward, output=self.output
        )

    def blocks(self, batch: int) -> int:
        """Programs, or groups of them that share rows, for a batch."""
        return -(-batch // self.tile.rows)

    def launch(self, tensors: Tensors, rows: Rows, like: Tensor) -> None:
        programs = self.tile.programs
        blocks = self.blocks(rows.batch)
        shared: dict[str, Tensor] = {}
        for argument in self.source.arguments:
            if argument.role == Role.COUNTER:
                shared[argument.name] = like.new_zeros(blocks * 32, dtype=torch.int32)
            elif argument.role == Role.FAILED:
                shared[argument.name] = like.new_zeros(1, dtype=torch.int32)
            elif argument.role == Role.PART:
                shape = (rows.steps, rows.batch, programs)
                shared[argument.name] = like.new_empty(shape, dtype=torch.float32)
            elif argument.role == Role.CHUNK:
                units = self.plan.program.state(str(argument.of)).size.evaluate(self.sizes)
                shape = (rows.batch, self.tile.rows, units)
                shared[argument.name] = like.new_empty(shape, dtype=torch.float32)
        bound = [
            shared[a.name] if a.name in shared else tensors[a.role].get(a.of)
            for a in self.source.arguments
        ]
        if "failed" in shared:
            watch.look()
            watch.remember(shared["failed"], self.plan.program.name)
        kernel = load(self.source.text)
        kernel[(blocks * programs,)](
            *bound,
            rows.steps,
            rows.batch,
            **flags(rows),
            RAISED=interpreted() and like.dtype == torch.bfloat16,
            PRECISION=precision(like),
            **launch_options(self.warps, cooperative="counter" in shared),
        )


class ScanStep(LoopStep):
    """All of time in one kernel, many steps at a time: every state is linear."""

    def __init__(
        self,
        plan: GpuPlan,
        sizes: Mapping[str, int],
        tile: Tile,
        *,
        linear: LinearStep,
        backward: bool,
        output: bool,
    ) -> None:
        self.linear = linear
        super().__init__(plan, sizes, tile, backward=backward, output=output)

    def write(self) -> KernelSource:
        return scan_kernel(
            self.plan,
            self.linear,
            self.sizes,
            self.tile,
            backward=self.backward,
            output=self.output,
        )

    def blocks(self, batch: int) -> int:
        return batch


def flags(rows: Rows) -> dict[str, bool]:
    """What a kernel is compiled for besides its text."""
    return {
        "REVERSE": rows.reverse,
        "LENGTHS": rows.lengths is not None,
        "CROSSING": rows.crossing is not None,
    }


def precision(like: Tensor) -> str:
    """How products of float32 are rounded: as torch lets cuDNN's recurrent networks, else exactly enough.
    (``torch.backends.cudnn.allow_tf32`` cannot be read where it was set for these or for convolutions
    alone.)"""
    if like.dtype != torch.float32 or interpreted():
        return "ieee"
    rnn: Any = torch.backends.cudnn.rnn  # a module made at run time, of which torch gives no types
    return "tf32" if rnn.fp32_precision == "tf32" else "tf32x3"
