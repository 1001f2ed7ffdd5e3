"""The steps of a cell, forward and backward, planned once and written for each way that is taken."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache

import torch
from torch import Tensor

from gatewise import settings
from gatewise.backends.schedule import Passes
from gatewise.backends.triton import graphs
from gatewise.backends.triton.choice import GPUS, Gpu, Way, choose_way
from gatewise.backends.triton.kernels import interpreted
from gatewise.backends.triton.linear import LinearStep, linear_step
from gatewise.backends.triton.memory import room
from gatewise.backends.triton.phases import PhasedStep
from gatewise.backends.triton.plan import GpuPlan, make_plan
from gatewise.backends.triton.sequence import GpuStep, LoopStep, Results, Rows, ScanStep
from gatewise.errors import BackendError
from gatewise.ir import Program


class PlannedStep:
    """One step of a cell for its sizes; ``at`` writes its kernels for a batch."""

    def __init__(
        self,
        passes: Passes,
        program: Program,
        sizes: Mapping[str, int],
        *,
        entering: tuple[str, ...] = (),
        wanted: tuple[int, ...] = (),
        backward: bool = False,
    ) -> None:
        self.program, self.sizes, self.backward = program, dict(sizes), backward
        schedule = passes.schedule(program)
        self._plans = {
            shared: make_plan(
                schedule,
                entering=entering,
                wanted=wanted,
                shared_sums=shared,
                all_within=not backward,
            )
            for shared in (False, True)
        }
        self.linear = linear_step(program)
        self._scanned: GpuPlan | None = None
        if isinstance(self.linear, LinearStep):
            self._scanned = make_plan(
                passes.schedule(self.linear.program),
                entering=entering,
                wanted=wanted,
                all_within=not backward,
                also=(*self.linear.factors, *self.linear.rests),
            )
        self._steps: dict[Way, GpuStep] = {}
        self._too_large: set[Way] = set()

    def plan(self, shared: bool) -> GpuPlan:
        """The plan, given whether several programs share the units of a row."""
        return self._plans[shared]

    def way(self, batch: int, dtype: str, gpu: Gpu, asked: str, together: bool) -> Way:
        """How it is run. Raises BackendError for a way asked for that cannot serve."""
        return choose_way(
            self.plan,
            self.sizes,
            batch,
            dtype,
            gpu,
            asked=asked,
            together=together,
            sequential="" if isinstance(self.linear, LinearStep) else self.linear,
        )

    def room(self, steps: int, batch: int) -> int:
        """How many values are stored at every step, in all; whichever way it is run."""
        return room(self._plans[False], self.sizes, steps, batch)

    def run(
        self,
        rows: Rows,
        like: Tensor,
        inputs: Mapping[str, Tensor],
        params: Mapping[str, Tensor],
        start: Sequence[Tensor],
        restart: Sequence[Tensor],
    ) -> Results:
        """Run it (``GpuStep.run``), on the device of ``like``. A kernel that takes more than this GPU has,
        though its size said otherwise, or that ptxas cannot compile, is not tried again: the way *steps*
        takes little."""
        from triton.runtime.errors import OutOfResources, PTXASError

        with graphs.on(like.device):
            step = self.at(rows.batch, like)
            try:
                return step.run(inputs, params, start, restart, rows)
            except (OutOfResources, PTXASError) as error:
                if settings.TRITON_WAY.get() or isinstance(step, PhasedStep):
                    raise BackendError(
                        f"a kernel of {self.program.name} cannot be had here: {error}"
                    ) from error
                self._too_large.update(way for way, known in self._steps.items() if known is step)
            return self.at(rows.batch, like).run(inputs, params, start, restart, rows)

    def at(self, batch: int, like: Tensor) -> GpuStep:
        """The step, written for a batch of the type and on the device of a tensor."""
        dtype = str(like.dtype).removeprefix("torch.")
        asked, together = settings.TRITON_WAY.get(), not interpreted()
        way = self.way(batch, dtype, gpu_of(like), asked, together)
        if way in self._too_large:
            way = self.way(batch, dtype, gpu_of(like), "steps", together)
        return self.written(way)

    def written(self, way: Way) -> GpuStep:
        """The step, written for a way."""
        if way not in self._steps:
            self._steps[way] = self._write(way)
        return self._steps[way]

    def _write(self, way: Way) -> GpuStep:
        step: GpuStep
        output = not self.backward
        if way.scan:
            assert self._scanned is not None and isinstance(self.linear, LinearStep)
            step = ScanStep(
                self._scanned,
                self.sizes,
                way.tile,
                linear=self.linear,
                backward=self.backward,
                output=output,
            )
        else:
            kind = PhasedStep if way.name == "steps" else LoopStep
            plan = self.plan(way.name == "grid")
            step = kind(plan, self.sizes, way.tile, backward=self.backward, output=output)
        step.warps = way.warps
        return step


class GpuLayer:
    """The steps of a cell for its sizes. ``record``: names of what is wanted at every step, the output's
    first; ``training``: with a backward step."""

    def __init__(
        self,
        passes: Passes,
        program: Program,
        sizes: Mapping[str, int],
        record: tuple[str, ...],
        training: bool,
    ) -> None:
        self.program, self.record = program, record
        if not training:
            ready = passes.prepared(program)
            self.named = {name: ready.named(name) for name in record[1:]}
            self.forward = PlannedStep(passes, ready, sizes, wanted=tuple(self.named.values()))
            self.backward: PlannedStep | None = None
            return
        split = passes.training(program, record)
        read = {i.name for i in split.backward.inputs}
        entering = tuple(s.name for s in split.forward.states if s.name in read)
        self.named = {name: split.forward.named(name) for name in record[1:]}
        self.forward = PlannedStep(
            passes, split.forward, sizes, entering=entering, wanted=tuple(self.named.values())
        )
        self.backward = PlannedStep(passes, split.backward, sizes, backward=True)


@lru_cache(maxsize=256)
def layer_for(
    passes: Passes,
    program: Program,
    sizes: tuple[tuple[str, int], ...],
    record: tuple[str, ...],
    training: bool,
) -> GpuLayer:
    """The steps of a cell; the same for the same arguments."""
    return GpuLayer(passes, program, dict(sizes), record, training)


def gpu_of(like: Tensor) -> Gpu:
    """The GPU that a tensor lies on; where Triton interprets, one of compute capability 9.0."""
    if like.device.type != "cuda":
        return GPUS[90]
    return _gpu(like.device.index or 0)


@lru_cache(maxsize=16)
def _gpu(index: int) -> Gpu:
    of = torch.cuda.get_device_properties(index)
    capability = 10 * of.major + of.minor
    known = max(c for c in GPUS if c <= capability)
    shared = getattr(of, "shared_memory_per_block_optin", GPUS[known].shared)
    return Gpu(of.multi_processor_count, shared)
