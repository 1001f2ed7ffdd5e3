"""One layer in one direction: forward for inference, forward for training, backward.

Everything is addressed by pointers and distances in values, so that arrays of NumPy and tensors of
torch are the same here. ``ir/sequence.py`` says what is computed.
"""

from __future__ import annotations

import math
import weakref
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from gatewise.backends.base import THROUGHOUT
from gatewise.backends.llvm.library import amx, bf16
from gatewise.backends.llvm.machine import jit
from gatewise.backends.llvm.machine.target import Target
from gatewise.backends.llvm.plan.kernel_plan import KernelPlan
from gatewise.backends.llvm.plan.kernel_spec import KernelKind, KernelSpec, Role
from gatewise.backends.llvm.plan.planner import make_plan
from gatewise.backends.llvm.plan.schedule import Schedule
from gatewise.backends.llvm.plan.tiles import FEW, TALL, TILE, VAST, Rows
from gatewise.backends.llvm.run.call_frame import CallFrame
from gatewise.backends.llvm.run.gradient_tasks import GradientSlot, GradientTargets
from gatewise.backends.llvm.run.kernel import Kernel, library
from gatewise.backends.llvm.run.pack_tasks import Weight
from gatewise.backends.llvm.run.traversal import Traversal
from gatewise.ir import ONE, Program

COMPARISONS = ("lt", "le", "eq")

OWN_TILES = 3 << 19  # the same for a processor with a tile unit
OWN_CACHE = 3 << 18  # bytes of weights that stay in the second-level cache of a core
# values of matrices, and the most rows of one step that read them as they are
SHARING = ((1 << 19, FEW), (1 << 16, FEW // 2))
# bytes that several cores can read again and again from the cache they share
SHARED_CACHE = 3 << 22


@dataclass(frozen=True)
class Plans:
    """What a layer compiles: programs after the passes, and how one is scheduled, from
    ``gatewise.compile``. A kernel is scheduled when it is wanted."""

    program: Program
    forward: Program
    backward: Program
    static: Program  # the backward step without gradients of inputs of each step
    lean: Program  # that without gradients of any inputs
    schedule: Callable[[Program], Schedule]
    record: tuple[str, ...] = ()


class CompiledLayer:
    """The kernels of one cell for given sizes, float type and machine.

    Frames wait here to be used again. Memory is large and code is small: when the owner is gone, frames
    go too, and code may stay for the next one.
    """

    def __init__(
        self,
        plans: Plans,
        sizes: Mapping[str, int],
        dtype: Any,
        target: Target,
        weights: str = "",
    ) -> None:
        """``weights``: "bfloat16" has inference read matrices in that type (``bf16.py``), and training
        as they are; THROUGHOUT has both."""
        self.plans, self.sizes, self.target = plans, dict(sizes), target
        self.dtype, self.weights = np.dtype(dtype), weights
        self.shared = library(self.dtype.str, target)
        self.tile = self._tile_rows(self._in_training)  # rows that training carries together
        self._inference_tile = self._tile_rows(self.weights)
        self._kernels: dict[KernelKind, Kernel] = {}
        self._owner: Callable[[], object | None] | None = None  # None: whoever has the layer
        self._frames: dict[tuple[KernelKind, int, GradientTargets | None], list[CallFrame]] = {}

    def _tile_rows(self, weights: str) -> int:
        """Rows that are carried through time together. One tile reads all weights at every step: what
        does not fit into the cache of a core is read for as many rows as possible."""
        values = self._matrix_values
        if weights and bf16.has_tiles(self.shared.t, self.target):
            return amx.GROUP if 2 * values <= OWN_TILES else VAST
        size = values * self.dtype.itemsize
        return TILE if size <= OWN_CACHE else TALL if size <= SHARED_CACHE else VAST

    # --- kernels -----------------------------------------------------------------------------

    def plan(self, kind: KernelKind) -> KernelPlan:
        """The plan of a kernel."""
        match KernelKind(kind):
            case KernelKind.INFERENCE | KernelKind.SINGLE:
                spec = self._inference(kind == KernelKind.SINGLE)
            case KernelKind.FORWARD:
                spec = self._forward()
            case KernelKind.BACKWARD:
                spec = self._backward(self.plans.backward)
            case KernelKind.STATIC:
                spec = self._backward(self.plans.static)
            case KernelKind.LEAN:
                spec = self._backward(self.plans.lean)
        schedule = self.plans.schedule(spec.program)
        tile = self.tile if kind != KernelKind.INFERENCE else self._inference_tile
        tile = FEW if spec.single else tile
        return make_plan(replace(spec, tile=tile), schedule, self.sizes, self.shared.t)

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
        return tuple(dict.fromkeys((self.plans.program.states[0].name, *self.plans.record)))

    def _results(self, program: Program) -> tuple[tuple[str, int], ...]:
        return tuple((n, program.named(n)) for n in self.outputs)

    def _entering(self) -> tuple[str, ...]:
        states = {s.name for s in self.plans.forward.states}
        return tuple(i.name for i in self.plans.backward.inputs if i.name in states)

    def _inference(self, single: bool) -> KernelSpec:
        program = self.plans.program
        results = self._results(program)
        return KernelSpec(program, results=results, weights=self.weights, single=single)

    def _forward(self) -> KernelSpec:
        program = self.plans.forward
        leaf = {str(n.attr): k for k, n in enumerate(program.nodes) if n.op == "state"}
        writes = [(o.name, o.node) for o in program.outputs if o.name.startswith("save.")]
        writes += [(name, leaf[name]) for name in self._entering()]
        return KernelSpec(
            program,
            writes_saved=tuple(writes),
            results=self._results(program),
            weights=self._in_training,
            masks=self._masks(),
        )

    def _backward(self, program: Program) -> KernelSpec:
        reads = {i.name for i in program.inputs if i.name.startswith("save.")}
        results = tuple((o.name, o.node) for o in program.outputs if o.over == "step")
        reads |= set(self._entering())
        return KernelSpec(
            program,
            frozenset(reads),
            results=results,
            backward=True,
            weights=self._in_training,
            masks=self._masks(),
        )

    @property
    def _in_training(self) -> str:
        return self.weights if self.weights == THROUGHOUT else ""

    def _masks(self) -> frozenset[str]:
        """What is saved of ones and zeros, but for what a product over all steps reads as numbers."""
        forward, backward = self.plans.forward, self.plans.backward
        saved = {o.name: forward.nodes[o.node] for o in forward.outputs}
        read = {a for node in backward.nodes if node.op == "outer" for a in node.args}
        numbers = {str(backward.nodes[a].attr) for a in read}
        return frozenset(
            name
            for name, node in saved.items()
            if node.op in COMPARISONS and node.size != ONE and name not in numbers
        )

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
        """How many values a training run saves for each visited step, all in one array."""
        return self._saved_places[""]

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
        params = enumerate(self.plans.forward.params)
        return GradientTargets(
            {p.name: (GradientSlot.of(k, 0, p.shape(self.sizes)),) for k, p in params}
        )

    def padded(self, state: str) -> int:
        """Values of a row that takes the gradient of a restart state."""
        size = self.plans.backward.state(state).size
        return self.shared.t.padded(1 if size == ONE else size.evaluate(self.sizes))

    @cached_property
    def _matrix_values(self) -> int:
        params = self.plans.program.params
        return sum(math.prod(p.shape(self.sizes)) for p in params if p.cols is not None)

    @cached_property
    def _unpacked(self) -> bool:
        """Whether a single step can read the matrices as they are: rows of them times a vector."""
        return all(node.op != "matvec_t" for node in self.plans.program.nodes)

    def _few(self, rows: int) -> bool:
        """Whether one step of so many rows does little else than read the weights, and is quicker if
        it reads them once: packed weights pay from the second step or from many rows on."""
        most = next((most for values, most in SHARING if self._matrix_values >= values), 1)
        return self._unpacked and 0 < rows <= most

    def tile_for(self, steps: int, batch: int) -> int:
        """Rows that are carried together in inference: a few rows of one step all are."""
        return FEW if steps == 1 and self._few(batch) else self._inference_tile

    def inference(self, rows: Rows) -> KernelKind:
        """The kind of kernel that is quickest in inference."""
        one = rows.total == rows.batch and (rows.steps == 1 or rows.batch == 1)
        alone = one and len(rows.tiles) == 1 and self._few(rows.batch)
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
            saved: the address of ``self.saved_values`` values for each visited step, in training.
        """
        kind = self.inference(traversal.rows) if saved is None else KernelKind.FORWARD
        frame = self._take(kind, traversal.threads)
        frame.bind_arrays(numbers)
        frame.bind_traversal(traversal, False)
        frame.weights.pack(params, remember=saved is None)
        if saved is not None:
            frame.bind_saved(saved, traversal.rows.total)
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
        frame.bind_saved(saved, traversal.rows.total)
        return frame
