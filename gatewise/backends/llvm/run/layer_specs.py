"""What is asked of each kernel of a layer: the Programs of its step, and the record for each kind."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property

from gatewise.backends.base import THROUGHOUT
from gatewise.backends.llvm.plan.kernel_spec import KernelKind, KernelSpec
from gatewise.backends.schedule import Schedule
from gatewise.ir import ONE, Program, axes_of

COMPARISONS = ("lt", "le", "eq")


@dataclass(frozen=True)
class TrainingSteps:
    """The programs that training compiles, after the passes."""

    forward: Program
    backward: Program
    static: Program  # the backward step without gradients of inputs of each step
    lean: Program  # that without gradients of any inputs
    replay: Program | None = None  # computes matrix states again


@dataclass(frozen=True)
class Plans:
    """What a layer compiles: programs after the passes, and how one is scheduled, from
    ``gatewise.compile``. A cell is differentiated for the first training, a kernel scheduled when it
    is wanted."""

    program: Program
    derive: Callable[[], TrainingSteps]
    schedule: Callable[[Program], Schedule]
    record: tuple[str, ...] = ()

    @cached_property
    def training(self) -> TrainingSteps:
        """What training compiles."""
        return self.derive()

    def without_replay(self) -> Plans:
        """The same, but matrix states are saved at every step."""
        return replace(self, derive=lambda: replace(self.training, replay=None))

    @property
    def outputs(self) -> tuple[str, ...]:
        """What a run gives at every step: the first state and what is recorded."""
        return tuple(dict.fromkeys((self.program.states[0].name, *self.record)))

    def spec(self, kind: KernelKind, weights: str) -> KernelSpec:
        """What is asked of a kernel; ``weights``: the type that matrices are read in."""
        training = in_training(weights)
        match kind:
            case KernelKind.INFERENCE | KernelKind.SINGLE:
                return KernelSpec(
                    self.program,
                    results=self._results(self.program),
                    weights=weights,
                    single=kind == KernelKind.SINGLE,
                )
            case KernelKind.FORWARD:
                return self._forward(training)
            case KernelKind.BACKWARD:
                return self._backward(self.training.backward, training)
            case KernelKind.STATIC:
                return self._backward(self.training.static, training)
            case KernelKind.LEAN:
                return self._backward(self.training.lean, training)

    def _results(self, program: Program) -> tuple[tuple[str, int], ...]:
        return tuple((n, program.named(n)) for n in self.outputs)

    def _entering(self) -> tuple[str, ...]:
        states = {s.name for s in self.training.forward.states}
        return tuple(i.name for i in self.training.backward.inputs if i.name in states)

    @property
    def segments(self) -> tuple[str, ...]:
        """The states that are saved now and then, and computed again from there."""
        replay = self.training.replay
        return () if replay is None else tuple(s.name for s in replay.states)

    def _forward(self, weights: str) -> KernelSpec:
        program = self.training.forward
        leaf = {str(n.attr): k for k, n in enumerate(program.nodes) if n.op == "state"}
        writes = [(o.name, o.node) for o in program.outputs if o.name.startswith("save.")]
        writes += [(n, leaf[n]) for n in self._entering() if n not in self.segments]
        return KernelSpec(
            program,
            writes_saved=tuple(writes),
            results=self._results(program),
            weights=weights,
            masks=self._masks(),
            segments=self.segments,
        )

    def _backward(self, program: Program, weights: str) -> KernelSpec:
        reads = {i.name for i in program.inputs if i.name.startswith("save.")}
        results = tuple((o.name, o.node) for o in program.outputs if o.over == "step")
        reads |= set(self._entering())
        return KernelSpec(
            program,
            frozenset(reads),
            results=results,
            backward=True,
            weights=weights,
            masks=self._masks(),
            segments=self.segments,
            replay=self.training.replay,
        )

    def replay_spec(self, spec: KernelSpec) -> KernelSpec:
        """What is asked of the replay inside a kernel that runs back."""
        assert spec.replay is not None
        reads = spec.reads_saved - set(spec.segments)
        return KernelSpec(spec.replay, reads, tile=spec.tile, masks=spec.masks)

    def _masks(self) -> frozenset[str]:
        """What is saved of ones and zeros, but for what a product over all steps reads as numbers.

        Rows of a matrix need not end with a vector, so there bits are not used at all.
        """
        forward, backward = self.training.forward, self.training.backward
        if any(axes_of(forward)) or any(axes_of(backward)):
            return frozenset()
        saved = {o.name: forward.nodes[o.node] for o in forward.outputs}
        read = {a for node in backward.nodes if node.op == "outer" for a in node.args}
        numbers = {str(backward.nodes[a].attr) for a in read}
        return frozenset(
            name
            for name, node in saved.items()
            if node.op in COMPARISONS and node.size != ONE and name not in numbers
        )


def in_training(weights: str) -> str:
    """The type that training reads matrices in, for a layer that inference reads so."""
    return weights if weights == THROUGHOUT else ""
