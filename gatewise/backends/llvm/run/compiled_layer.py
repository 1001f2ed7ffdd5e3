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

from gatewise.backends.llvm.machine import jit
from gatewise.backends.llvm.machine.target import Target
from gatewise.backends.llvm.plan.kernel_plan import Plan, Spec
from gatewise.backends.llvm.plan.planner import make_plan
from gatewise.backends.llvm.plan.tiles import TALL, TILE, VAST, Rows
from gatewise.backends.llvm.run.call_frame import Course, Frame, Weight
from gatewise.backends.llvm.run.gradients import Into, Place
from gatewise.backends.llvm.run.kernel import Kernel, library
from gatewise.ir import ONE, Program

COMPARISONS = ("lt", "le", "eq")

OWN_CACHE = 3 << 18  # bytes of weights that stay in the second-level cache of a core
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
    schedule: Callable[[Program], Any]
    record: tuple[str, ...] = ()


class Layer:
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
        """``weights``: "bfloat16" has inference read matrices in that type (``bf16.py``); training
        reads the parameters as they are."""
        self.plans, self.sizes, self.target = plans, dict(sizes), target
        self.dtype, self.weights = np.dtype(dtype), weights
        self.shared = library(self.dtype.str, target)
        self.tile = self._tile_rows()
        self._kernels: dict[str, Kernel] = {}
        self._owner: Callable[[], object | None] | None = None  # None: whoever has the layer
        self._frames: dict[tuple[str, int, Into | None], list[Frame]] = {}

    def _tile_rows(self) -> int:
        """Rows that are carried through time together. One tile reads all weights at every step: what
        does not fit into the cache of a core is read for as many rows as possible."""
        params = self.plans.program.params
        values = sum(math.prod(p.shape(self.sizes)) for p in params if p.cols is not None)
        size = values * self.dtype.itemsize
        return TILE if size <= OWN_CACHE else TALL if size <= SHARED_CACHE else VAST

    # --- kernels -----------------------------------------------------------------------------

    def plan(self, kind: str) -> Plan:
        """The plan of the ``inference``, ``single``, ``forward``, ``backward``, ``static`` or ``lean``
        kernel."""
        plans = self.plans
        if kind in ("inference", "single"):
            results, single = self._results(plans.program), kind == "single"
            spec = Spec(plans.program, results=results, weights=self.weights, single=single)
        elif kind == "forward":
            spec = self._forward()
        else:
            spec = self._backward(
                {"backward": plans.backward, "static": plans.static}.get(kind, plans.lean)
            )
        schedule = plans.schedule(spec.program)
        return make_plan(replace(spec, tile=self.tile), schedule, self.sizes, self.shared.t)

    def kernel(self, kind: str) -> Kernel:
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

    def _forward(self) -> Spec:
        program = self.plans.forward
        leaf = {str(n.attr): k for k, n in enumerate(program.nodes) if n.op == "state"}
        keep = [(o.name, o.node) for o in program.outputs if o.name.startswith("save.")]
        keep += [(name, leaf[name]) for name in self._entering()]
        return Spec(program, keep=tuple(keep), results=self._results(program), masks=self._masks())

    def _backward(self, program: Program) -> Spec:
        kept = {i.name for i in program.inputs if i.name.startswith("save.")}
        results = tuple((o.name, o.node) for o in program.outputs if o.over == "step")
        kept |= set(self._entering())
        return Spec(program, frozenset(kept), (), results, backward=True, masks=self._masks())

    def _masks(self) -> frozenset[str]:
        """What is kept of ones and zeros, but for what a product over all steps reads as numbers."""
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
    def _kept_places(self) -> dict[str, int]:
        """Where each kept quantity begins, in values for each visited step; "" is the end."""
        plan, places, at = self.kernel("forward").plan, dict[str, int](), 0
        for name, node in plan.spec.keep:
            places[f"kept.{name}"] = at
            at += plan.place(f"kept.{name}", node).width
        return places | {"": at}

    @property
    def kept(self) -> int:
        """How many values a training run keeps for each visited step, all in one array."""
        return self._kept_places[""]

    def given(self, kind: str) -> list[tuple[str, str]]:
        """The arrays that a kernel gets from its caller, as (role, name), in the order of ``numbers``.

        Each stands for its address, the distance of its steps (roles ``in`` and ``out``) and that of
        its rows, in values. Roles of the forward kernels: ``in``, ``first`` and ``restart`` (states),
        ``out`` (``self.outputs``), ``last``. Of the backward kernels: ``in`` (inputs, and ``seed.i``
        for the gradients of outputs), ``first`` (gradients of the final states), ``restart`` (takes
        those of the restart states, rows of whole vectors), ``out`` and ``row`` (take ``d.x``),
        ``last`` (takes those of the initial states).
        """
        return self.kernel(kind).plan.given

    @cached_property
    def apart(self) -> Into:
        """Each parameter's gradient in an array of its own, in the order of the Program."""
        params = enumerate(self.plans.forward.params)
        return Into({p.name: (Place.of(k, 0, p.shape(self.sizes)),) for k, p in params})

    def padded(self, state: str) -> int:
        """Values of a row that takes the gradient of a restart state."""
        size = self.plans.backward.state(state).size
        return self.shared.t.padded(1 if size == ONE else size.evaluate(self.sizes))

    @cached_property
    def _unpacked(self) -> bool:
        """Whether a single step can read the matrices as they are: rows of them times a vector."""
        return all(node.op != "matvec_t" for node in self.plans.program.nodes)

    def inference(self, rows: Rows) -> str:
        """The kind of kernel that is quickest in inference: packed weights pay from the second step or
        row on."""
        alone = rows.total == 1 and rows.batch == 1
        return "single" if alone and self._unpacked else "inference"

    def frame(self, rows: Rows, threads: int) -> Frame:
        """A frame for inference of the caller's own: the weights that it has packed stay packed."""
        kind = self.inference(rows)
        return Frame(kind, self.kernel(kind), self.sizes, max(1, threads))

    def owned_by(self, owner: object | None) -> None:
        """Keep frames for as long as ``owner`` lives; None: keep none between two runs."""
        self._owner = (lambda: None) if owner is None else weakref.ref(owner)
        self.rest()

    def rest(self) -> None:
        """Let go of the frames that wait, if their owner is gone."""
        if self._owner is not None and self._owner() is None:
            self._frames.clear()

    def _take(self, kind: str, threads: int, into: Into | None = None) -> Frame:
        """A frame for a kernel: one that is free, or a new one."""
        home = self._frames.setdefault((kind, threads, into), [])
        try:
            frame = home.pop()
        except IndexError:
            kept = None if kind in ("inference", "single") else self._kept_places
            frame = Frame(kind, self.kernel(kind), self.sizes, max(1, threads), kept, into)
        frame.home = home if self._owner is None or self._owner() is not None else None
        return frame

    def forward(
        self,
        course: Course,
        numbers: Sequence[int],
        params: Mapping[str, Weight],
        kept: int | None = None,
    ) -> Frame:
        """A run over the sequences, for ``together.run``, alone or with others.

        Args:
            course: which rows visit which steps.
            numbers: where the caller's arrays lie; see ``given``.
            params: where the parameters lie.
            kept: the address of ``self.kept`` values for each visited step, in training.
        """
        kind = self.inference(course.rows) if kept is None else "forward"
        frame = self._take(kind, course.threads)
        frame.given(numbers)
        frame.course(course, False)
        frame.weights(params, remember=kept is None)
        if kept is not None:
            frame.kept(kept, course.rows.total)
        return frame

    def backward(
        self,
        course: Course,
        kept: int,
        numbers: Sequence[int],
        params: Mapping[str, Weight],
        into: Into,
        kind: str = "backward",
    ) -> Frame:
        """A run back over a training run, for ``together.go_back``; see ``given`` for ``numbers``.

        Args:
            course, kept, params: as for the forward run.
            numbers: of the kernel of that kind.
            into: where the gradient of each parameter goes.
            kind: ``backward``, ``static`` without gradients of what comes at every step, ``lean``
                without gradients of any inputs.
        """
        frame = self._take(kind, course.threads, into)
        frame.given(numbers)
        frame.course(course, True)
        frame.weights(params, remember=False)
        frame.kept(kept, course.rows.total)
        return frame
