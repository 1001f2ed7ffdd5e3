"""One layer in one direction: forward for inference, forward for training, backward.

Everything is addressed by pointers and distances in values, so that arrays of NumPy and tensors of
torch are the same here. ``ir/sequence.py`` says what is computed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from gatewise.backends.llvm.frame import Frame, View, Weight
from gatewise.backends.llvm.gradients import Grabs, parameter_gradients
from gatewise.backends.llvm.kernel import BUFFERS, Kernel, address, library
from gatewise.backends.llvm.plan import Plan, Spec
from gatewise.backends.llvm.planner import make_plan
from gatewise.backends.llvm.rows import Rows
from gatewise.backends.llvm.target import Target
from gatewise.ir import Program

Array = np.ndarray[Any, Any]


@dataclass
class Tape:
    """What a forward pass kept for the backward pass. ``free`` gives the memory back."""

    rows: Rows
    kept: dict[str, Array]

    def free(self) -> None:
        """Return the memory; may be called more than once."""
        for array in self.kept.values():
            BUFFERS.give(array)
        self.kept = {}


@dataclass(frozen=True)
class Plans:
    """What a layer compiles: schedules of the passes, made by ``gatewise.compile``."""

    program: Program
    schedule: Any
    training: Any = None  # passes' Training
    forward_schedule: Any = None
    backward_schedule: Any = None
    record: tuple[str, ...] = field(default=())


class Layer:
    """The kernels of one cell for given sizes, float type and machine."""

    def __init__(self, plans: Plans, sizes: Mapping[str, int], dtype: Any, target: Target) -> None:
        self.plans, self.sizes, self.target = plans, dict(sizes), target
        self.dtype = np.dtype(dtype)
        self.shared = library(self.dtype.str, target)
        self._kernels: dict[str, Kernel] = {}
        self._frames: dict[tuple[str, int], list[Frame]] = {}

    # --- kernels -----------------------------------------------------------------------------

    def plan(self, kind: str) -> Plan:
        """The plan of the ``inference``, ``forward`` or ``backward`` kernel."""
        make = {"inference": self._inference, "forward": self._forward, "backward": self._backward}
        spec, schedule = make[kind]()
        return make_plan(spec, schedule, self.sizes, self.shared.t)

    def kernel(self, kind: str) -> Kernel:
        """A kernel, compiled when first asked for."""
        if kind not in self._kernels:
            self._kernels[kind] = Kernel(self.plan(kind), self.target, self.shared)
        return self._kernels[kind]

    def _results(self, program: Program) -> tuple[tuple[str, int], ...]:
        first = program.states[0].name
        names = dict.fromkeys((first, *self.plans.record))
        return tuple((n, program.named(n)) for n in names)

    def _inference(self) -> tuple[Spec, Any]:
        program = self.plans.program
        return Spec(program, results=self._results(program)), self.plans.schedule

    def _entering(self) -> tuple[str, ...]:
        states = {s.name for s in self.plans.training.forward.states}
        return tuple(i.name for i in self.plans.training.backward.inputs if i.name in states)

    def _forward(self) -> tuple[Spec, Any]:
        program = self.plans.training.forward
        leaf = {str(n.attr): k for k, n in enumerate(program.nodes) if n.op == "state"}
        keep = [(o.name, o.node) for o in program.outputs if o.name.startswith("save.")]
        keep += [(name, leaf[name]) for name in self._entering()]
        results = self._results(program)
        return Spec(program, keep=tuple(keep), results=results), self.plans.forward_schedule

    def _backward(self) -> tuple[Spec, Any]:
        program = self.plans.training.backward
        kept = {i.name for i in program.inputs if i.name.startswith("save.")}
        results = tuple(
            (o.name, o.node)
            for o in program.outputs
            if o.over == "step" and program.nodes[o.node].cols is None
        )
        spec = Spec(program, frozenset(kept | set(self._entering())), (), results, backward=True)
        return spec, self.plans.backward_schedule

    # --- running -----------------------------------------------------------------------------

    def _take(self, kind: str, threads: int) -> Frame:
        """A frame for a kernel: one that is free, or a new one."""
        waiting = self._frames.setdefault((kind, threads), [])
        try:
            return waiting.pop()
        except IndexError:
            return Frame(self.kernel(kind), self.sizes, threads)

    def forward(
        self,
        rows: Rows,
        inputs: Mapping[str, View],
        params: Mapping[str, Weight],
        first: Sequence[View],
        restart: Sequence[View],
        outputs: Mapping[str, View],
        last: Sequence[View],
        *,
        reset: View | None,
        reverse: bool,
        training: bool,
        threads: int,
    ) -> Tape | None:
        """Run over the sequences; ``outputs`` by name: the first state and what is recorded."""
        kind = "forward" if training else "inference"
        frame = self._take(kind, max(1, threads))
        plan = frame.kernel.plan
        frame.sequence(rows, reset)
        frame.weights(params, remember=not training)
        frame.set("descending", int(reverse))
        frame.set("shift", int(reverse))
        for name, view in inputs.items():
            frame.view("in", name, view)
        for name, view in outputs.items():
            frame.view("out", name, view)
        for state, a, b, c in zip(plan.program.states, first, last, restart, strict=True):
            frame.view("first", state.name, a)
            frame.view("last", state.name, b)
            frame.view("restart", state.name, c)
        kept = {}
        for name, node in plan.spec.keep:
            count = plan.blocks(node) * rows.total * self.shared.t.lanes
            kept[name] = BUFFERS.take(count, self.dtype)
            frame.set(f"kept.{name}", address(kept[name]))
        frame.run(rows)
        self._frames[kind, frame.threads].append(frame)
        return Tape(rows, kept) if training else None

    def backward(
        self,
        tape: Tape,
        inputs: Mapping[str, View],
        params: Mapping[str, Weight],
        d_last: Sequence[View],
        d_first: Sequence[View],
        d_inputs: Mapping[str, View],
        *,
        reset: View | None,
        reverse: bool,
        threads: int,
    ) -> tuple[dict[str, Array], tuple[Array, ...]]:
        """Go back over a forward pass.

        ``inputs`` holds the inputs and the gradients that come in (``seed.<name>``). Returns the
        gradients of the parameters by name, and of the restart states. The tape stays usable.
        """
        frame = self._take("backward", max(1, threads))
        plan, rows = frame.kernel.plan, tape.rows
        frame.sequence(rows, reset)
        frame.weights(params, remember=False)
        frame.set("descending", int(not reverse))
        frame.set("shift", int(reverse))
        for name, view in inputs.items():
            if f"in.{name}" in frame.index:
                frame.view("in", name, view)
        for name, view in d_inputs.items():
            frame.view("out" if f"out.{name}" in frame.index else "row", name, view)
        caught = self._states_back(frame, rows, d_last, d_first)
        grabs = Grabs(plan, rows.total, self.dtype)
        where = {f"kept.{n}": address(a) for n, a in tape.kept.items()} | grabs.where
        for name, place in where.items():
            if name in frame.index:
                frame.set(name, place)
        partial = self._partial_sums(frame, rows)
        frame.run(rows)
        gradients = parameter_gradients(plan, self.shared, rows.total, where, partial, threads)
        grabs.free()
        self._frames["backward", frame.threads].append(frame)
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
