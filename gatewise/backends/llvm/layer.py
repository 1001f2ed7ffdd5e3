"""One layer in one direction: forward for inference, forward for training, backward.

Everything is addressed by pointers and distances in values, so that arrays of NumPy and tensors of
torch are the same here. ``ir/sequence.py`` says what is computed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from gatewise.backends.llvm.frame import Frame, View, Weight
from gatewise.backends.llvm.gradients import Grabs, parameter_gradients
from gatewise.backends.llvm.kernel import Kernel, address, library
from gatewise.backends.llvm.plan import Plan, Spec
from gatewise.backends.llvm.planner import make_plan
from gatewise.backends.llvm.rows import Rows
from gatewise.backends.llvm.target import Target
from gatewise.ir import Program

Array = np.ndarray[Any, Any]


@dataclass(frozen=True)
class Course:
    """Which rows visit which steps, and how."""

    rows: Rows
    reset: View | None = None
    reverse: bool = False
    threads: int = 1


@dataclass(frozen=True)
class Plans:
    """What a layer compiles: schedules of the passes, made by ``gatewise.compile``."""

    program: Program
    schedule: Any
    forward: Program
    forward_schedule: Any
    backward: Program
    backward_schedule: Any
    lean: Program  # the backward step without gradients of inputs
    lean_schedule: Any
    record: tuple[str, ...] = ()


class Layer:
    """The kernels of one cell for given sizes, float type and machine."""

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
        self._kernels: dict[str, Kernel] = {}
        self._frames: dict[tuple[str, int], list[Frame]] = {}

    # --- kernels -----------------------------------------------------------------------------

    def plan(self, kind: str) -> Plan:
        """The plan of the ``inference``, ``forward``, ``backward`` or ``lean`` kernel."""
        plans = self.plans
        if kind == "inference":
            spec, schedule = (
                Spec(plans.program, results=self._results(plans.program), weights=self.weights),
                plans.schedule,
            )
        elif kind == "forward":
            spec, schedule = self._forward(), plans.forward_schedule
        elif kind == "backward":
            spec, schedule = self._backward(plans.backward), plans.backward_schedule
        else:
            spec, schedule = self._backward(plans.lean), plans.lean_schedule
        return make_plan(spec, schedule, self.sizes, self.shared.t)

    def kernel(self, kind: str) -> Kernel:
        """A kernel, compiled when first asked for."""
        if kind not in self._kernels:
            self._kernels[kind] = Kernel(self.plan(kind), self.target, self.shared)
        return self._kernels[kind]

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
        return Spec(program, keep=tuple(keep), results=self._results(program))

    def _backward(self, program: Program) -> Spec:
        kept = {i.name for i in program.inputs if i.name.startswith("save.")}
        results = tuple((o.name, o.node) for o in program.outputs if o.over == "step")
        kept |= set(self._entering())
        return Spec(program, frozenset(kept), (), results, backward=True)

    def kept(self) -> dict[str, int]:
        """What a training run keeps: for each name, how many values for each visited step."""
        plan = self.kernel("forward").plan
        return {n: plan.place(f"kept.{n}", node).width for n, node in plan.spec.keep}

    # --- running -----------------------------------------------------------------------------

    def _take(self, kind: str, threads: int) -> Frame:
        """A frame for a kernel: one that is free, or a new one."""
        try:
            return self._frames[kind, threads].pop()
        except (KeyError, IndexError):
            return Frame(kind, self.kernel(kind), self.sizes, max(1, threads))

    def _give(self, frame: Frame) -> None:
        self._frames.setdefault((frame.kind, frame.threads), []).append(frame)

    def forward(
        self,
        course: Course,
        inputs: Mapping[str, View],
        params: Mapping[str, Weight],
        first: Sequence[View],
        restart: Sequence[View],
        outputs: Mapping[str, View],
        last: Sequence[View],
        kept: Mapping[str, int] | None = None,
    ) -> None:
        """Run over the sequences.

        ``outputs`` by name as in ``self.outputs``. ``kept``: addresses of memory for what ``kept()``
        lists (that many values times ``rows.total``), in training; None in inference.
        """
        training = kept is not None
        frame = self._take("forward" if training else "inference", course.threads)
        frame.sequence(course.rows, course.reset)
        frame.weights(params, remember=not training)
        frame.set("descending", int(course.reverse))
        frame.set("shift", int(course.reverse))
        for name, view in inputs.items():
            frame.view("in", name, view)
        for name, view in outputs.items():
            frame.view("out", name, view)
        for state, a, b, c in zip(self.plans.program.states, first, last, restart, strict=True):
            frame.view("first", state.name, a)
            frame.view("last", state.name, b)
            frame.view("restart", state.name, c)
        for name, place in (kept or {}).items():
            frame.set(f"kept.{name}", place)
        frame.run(course.rows)
        self._give(frame)

    def backward(
        self,
        course: Course,
        kept: Mapping[str, int],
        inputs: Mapping[str, View],
        params: Mapping[str, Weight],
        d_last: Sequence[View],
        d_first: Sequence[View],
        d_inputs: Mapping[str, View],
    ) -> tuple[dict[str, Array], tuple[Array, ...]]:
        """Go back over a training run.

        ``inputs`` holds the inputs and the gradients that come in (``seed.<name>``); gradients of
        inputs are written to ``d_inputs`` (``d.<name>``), and not computed if there is none.
        Returns the gradients of the parameters by name, and of the restart states.
        """
        frame = self._take("backward" if d_inputs else "lean", course.threads)
        plan, rows = frame.kernel.plan, course.rows
        frame.sequence(rows, course.reset)
        frame.weights(params, remember=False)
        frame.set("descending", int(not course.reverse))
        frame.set("shift", int(course.reverse))
        for name, view in inputs.items():
            if f"in.{name}" in frame.index:
                frame.view("in", name, view)
        for name, view in d_inputs.items():
            frame.view("out" if f"out.{name}" in frame.index else "row", name, view)
        caught = self._states_back(frame, rows, d_last, d_first)
        grabs = Grabs(plan, rows.total, self.dtype)
        where = {f"kept.{n}": place for n, place in kept.items()}
        where |= {name: address(array) for name, array in grabs.arrays.items()}
        for name, place in where.items():
            if name in frame.index:
                frame.set(name, place)
        partial = self._partial_sums(frame, rows)
        frame.run(rows)
        gradients = parameter_gradients(
            plan, self.shared, rows.total, where, partial, course.threads
        )
        grabs.free()
        self._give(frame)
        return gradients, caught

    def _states_back(
        self, frame: Frame, rows: Rows, d_last: Sequence[View], d_first: Sequence[View]
    ) -> tuple[Array, ...]:
        """Set the gradients of the states; return arrays for those of the restart states."""
        plan, caught = frame.kernel.plan, []
        for state, a, b in zip(plan.program.states, d_last, d_first, strict=True):
            units = plan.states[state.name]
            catch = np.zeros((rows.batch, self.shared.t.padded(units)), self.dtype)
            caught.append(catch[:, :units])
            frame.view("first", state.name, a)
            frame.view("last", state.name, b)
            frame.view("restart", state.name, View(address(catch), 0, catch.shape[1]))
        return tuple(caught)

    def _partial_sums(self, frame: Frame, rows: Rows) -> dict[str, Array]:
        """Arrays for what each tile sums over its rows and steps, by output."""
        plan, partial = frame.kernel.plan, {}
        nodes = {o.name: o.node for o in plan.program.outputs}
        for argument in plan.arguments:
            if argument.startswith("batch."):
                name = argument.removeprefix("batch.")
                width = plan.blocks(nodes[name]) * self.shared.t.lanes
                partial[name] = np.zeros((len(rows.tiles), width), self.dtype)
                frame.set(argument, address(partial[name]))
        return partial
