"""One layer in one direction: forward for inference, forward for training, backward.

Everything is addressed by pointers and distances in values, so that arrays of NumPy and tensors of
torch are the same here. ``ir/sequence.py`` says what is computed.
"""

from __future__ import annotations

import math
import weakref
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import cached_property

import numpy as np
import numpy.typing as npt

from gatewise.backends.llvm.library import bf16
from gatewise.backends.llvm.machine import jit
from gatewise.backends.llvm.machine.target import Target
from gatewise.backends.llvm.plan.alone import goes_alone
from gatewise.backends.llvm.plan.kernel_plan import KernelPlan
from gatewise.backends.llvm.plan.kernel_spec import SEGMENT, KernelKind, KernelSpec, Role
from gatewise.backends.llvm.plan.planner import can_replay, make_plan
from gatewise.backends.llvm.plan.tiles import FEW, Rows
from gatewise.backends.llvm.run.call_frame import CallFrame
from gatewise.backends.llvm.run.carried_rows import CarriedRows, rows_for
from gatewise.backends.llvm.run.gradient_tasks import GradientSlot, GradientTargets
from gatewise.backends.llvm.run.kernel import Kernel, library
from gatewise.backends.llvm.run.layer_specs import Plans, in_training
from gatewise.backends.llvm.run.pack_tasks import Weight
from gatewise.backends.llvm.run.traversal import Traversal
from gatewise.ir import ONE


class CompiledLayer:
    """The kernels of one cell for given sizes, float type and machine.

    Frames wait here to be used again. Memory is large and code is small: when the owner is gone, frames
    go too, and code may stay for the next one.
    """

    def __init__(
        self,
        plans: Plans,
        sizes: Mapping[str, int],
        dtype: npt.DTypeLike,
        target: Target,
        weights: str = "",
    ) -> None:
        """``weights``: "bfloat16" has inference read matrices in that type (``bf16.py``), and training
        as they are; THROUGHOUT has both."""
        self.plans, self.sizes, self.target = plans, dict(sizes), target
        self.dtype, self.weights = np.dtype(dtype), weights
        self.shared = library(self.dtype.str, target)
        self._carried = self._carried_rows()
        if self._has_matrix_states:
            replay = self._replay(plans.spec(KernelKind.BACKWARD, weights))
            if replay is not None and not can_replay(replay):
                self.plans = plans.without_replay()
        self._segment = SEGMENT
        self._carried = replace(self._carried, alone=self._alone())
        if self._carried.alone[0]:
            self._segment = self.plan(KernelKind.FORWARD).longest_segment
        self._kernels: dict[KernelKind, Kernel] = {}
        self._owner: Callable[[], object | None] | None = None  # None: whoever has the layer
        self._frames: dict[tuple[KernelKind, int, GradientTargets | None], list[CallFrame]] = {}

    @property
    def _has_matrix_states(self) -> bool:
        return any(state.axes for state in self.plans.program.states)

    def _carried_rows(self) -> CarriedRows:
        program, t = self.plans.program, self.shared.t
        matrices = [p.shape(self.sizes) for p in program.params if p.cols is not None]
        values = sum(math.prod(shape) for shape in matrices)
        tiles = bf16.has_tiles(t, self.target)
        training, inference = (
            rows_for(values, t.bytes, tiles and bool(weights))
            for weights in (in_training(self.weights), self.weights)
        )
        # rows of a matrix times a vector, never columns
        unpacked = all(node.op != "matvec_t" for node in program.nodes)
        return CarriedRows(values, unpacked, training, inference)

    def _alone(self) -> tuple[bool, bool]:
        """Whether rows of training and of inference may go through time one by one."""
        if not self._has_matrix_states:
            return False, False
        training = KernelKind.FORWARD, KernelKind.BACKWARD
        return (
            all(goes_alone(self.plan(kind)) for kind in training),
            goes_alone(self.plan(KernelKind.INFERENCE)),
        )

    def tile_for(self, steps: int, batch: int, training: bool, threads: int = 1) -> int:
        """Rows that a run on so many threads carries through time together, at most."""
        if training:
            return self._carried.in_training(steps, batch)
        return self._carried.in_inference(steps, batch, threads)

    # --- kernels -----------------------------------------------------------------------------

    def plan(self, kind: KernelKind) -> KernelPlan:
        """The plan of a kernel."""
        kind = KernelKind(kind)
        spec = self.plans.spec(kind, self.weights)
        schedule = self.plans.schedule(spec.program)
        tile = {KernelKind.SINGLE: FEW, KernelKind.INFERENCE: self._carried.inference}
        carried = tile.get(kind, self._carried.training)
        spec = replace(spec, tile=carried, segment=self._segment)
        return make_plan(spec, schedule, self.sizes, self.shared.t, self._replay(spec))

    def _replay(self, spec: KernelSpec) -> KernelPlan | None:
        """The plan of what a kernel that runs back computes again."""
        if spec.replay is None:
            return None
        again = self.plans.replay_spec(spec)
        return make_plan(again, self.plans.schedule(again.program), self.sizes, self.shared.t)

    def kernel(self, kind: KernelKind) -> Kernel:
        """A kernel, compiled when first asked for."""
        if kind not in self._kernels:
            self._kernels[kind] = Kernel(self.plan(kind), self.target, self.shared, self._linker)
        return self._kernels[kind]

    @cached_property
    def _linker(self) -> jit.Linker:
        return jit.Linker()

    @property
    def outputs(self) -> tuple[str, ...]:
        """What a run gives at every step: the first state and what is recorded."""
        return self.plans.outputs

    # --- running -----------------------------------------------------------------------------

    @cached_property
    def _saved_places(self) -> dict[str, int]:
        """Where each saved quantity begins, in values for each visited step; "" is the end."""
        plan, places, at = self.kernel(KernelKind.FORWARD).plan, dict[str, int](), 0
        for name, node in plan.spec.writes_saved:
            places[f"saved.{name}"] = at
            at += plan.place(f"saved.{name}", node).width
        return places | {"": at}

    @property
    def saved_values(self) -> int:
        """How many values a training run saves for each visited step."""
        return self._saved_places[""]

    def saved_size(self, steps: int, batch: int, total: int) -> int:
        """How many values a training run saves, all in one array: of each of ``total`` visited steps,
        and of each row at the start of every segment."""
        rows = self.kernel(KernelKind.FORWARD).plan.segment_values(steps)
        return self.saved_values * total + rows * batch

    def argument_roles(self, kind: KernelKind) -> tuple[tuple[Role, str], ...]:
        """The arrays that a kernel gets from its caller, as (role, name), in the order of ``numbers``.

        Each stands for its address, the distance of its steps (roles ``in`` and ``out``) and that of
        its rows, in values. Roles of the forward kernels: ``in``, ``first`` and ``restart`` (states),
        ``out`` (``self.outputs``), ``last``. Of the backward kernels: ``in`` (inputs, and ``seed.i``
        for the gradients of outputs), ``first`` (gradients of the final states), ``restart`` (takes
        those of the restart states, rows of whole vectors), ``out`` and ``row`` (take ``d.x``),
        ``last`` (takes those of the initial states).
        """
        return self.kernel(kind).plan.table.roles

    @cached_property
    def apart(self) -> GradientTargets:
        """Each parameter's gradient in an array of its own, in the order of the Program."""
        params = enumerate(self.plans.training.forward.trainable)
        return GradientTargets(
            {p.name: (GradientSlot.of(k, 0, p.shape(self.sizes)),) for k, p in params}
        )

    def padded(self, state: str) -> int:
        """Values of a row that takes the gradient of a restart state."""
        size = self.plans.training.backward.state(state).size
        return self.shared.t.padded(1 if size == ONE else size.evaluate(self.sizes))

    def inference(self, rows: Rows) -> KernelKind:
        """The kind of kernel that is quickest in inference."""
        one = rows.total == rows.batch and (rows.steps == 1 or rows.batch == 1)
        alone = one and len(rows.tiles) == 1 and self._carried.few(rows.batch)
        return KernelKind.SINGLE if alone else KernelKind.INFERENCE

    def frame(self, rows: Rows, threads: int) -> CallFrame:
        """A frame for inference of the caller's own: the weights that it has packed stay packed."""
        kind = self.inference(rows)
        return CallFrame(kind, self.kernel(kind), self.sizes, max(1, threads))

    def owned_by(self, owner: object | None) -> None:
        """Keep frames for as long as ``owner`` lives; None: keep none between two runs."""
        self._owner = (lambda: None) if owner is None else weakref.ref(owner)
        self.release()

    def release(self) -> None:
        """Let go of the frames that wait, if their owner is gone."""
        if self._owner is not None and self._owner() is None:
            self._frames.clear()

    def _take(
        self, kind: KernelKind, threads: int, into: GradientTargets | None = None
    ) -> CallFrame:
        """A frame for a kernel: one that is free, or a new one."""
        home = self._frames.setdefault((kind, threads, into), [])
        try:
            frame = home.pop()
        except IndexError:
            saved = (
                None if kind in (KernelKind.INFERENCE, KernelKind.SINGLE) else self._saved_places
            )
            frame = CallFrame(kind, self.kernel(kind), self.sizes, max(1, threads), saved, into)
        frame.home = home if self._owner is None or self._owner() is not None else None
        return frame

    def forward(
        self,
        traversal: Traversal,
        numbers: Sequence[int],
        params: Mapping[str, Weight],
        saved: int | None = None,
    ) -> CallFrame:
        """A run over the sequences, for ``scheduler.run``, alone or with others.

        Args:
            traversal: which rows visit which steps.
            numbers: where the caller's arrays lie; see ``argument_roles``.
            params: where the parameters lie.
            saved: the address of ``self.saved_size`` values, in training.
        """
        kind = self.inference(traversal.rows) if saved is None else KernelKind.FORWARD
        frame = self._take(kind, traversal.threads)
        frame.bind_arrays(numbers)
        frame.bind_traversal(traversal, False)
        frame.weights.pack(params, remember=saved is None)
        if saved is not None:
            frame.bind_saved(saved, self.saved_values)
        return frame

    def backward(
        self,
        traversal: Traversal,
        saved: int,
        numbers: Sequence[int],
        params: Mapping[str, Weight],
        into: GradientTargets,
        kind: KernelKind = KernelKind.BACKWARD,
    ) -> CallFrame:
        """A run back over a training run, for ``scheduler.run_backward``; see ``argument_roles`` for ``numbers``.

        Args:
            traversal, saved, params: as for the forward run.
            numbers: of the kernel of that kind.
            into: where the gradient of each parameter goes.
            kind: a kernel that runs back.
        """
        frame = self._take(kind, traversal.threads, into)
        frame.bind_arrays(numbers)
        frame.bind_traversal(traversal, True)
        frame.weights.pack(params, remember=False)
        frame.bind_saved(saved, self.saved_values)
        return frame
