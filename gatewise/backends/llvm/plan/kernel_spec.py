"""What is asked of a kernel: which of a layer's kernels it is, its program, and what goes in and out."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from gatewise.backends.llvm.plan.tiles import TILE
from gatewise.ir import Program


class KernelKind(StrEnum):
    """The kernels that a layer can have."""

    INFERENCE = "inference"
    SINGLE = "single"  # inference, one step of a few rows: matrices are not packed
    FORWARD = "forward"  # training: saves what the backward kernel reads
    BACKWARD = "backward"  # all gradients
    STATIC = "static"  # all but those of inputs that come at every step
    LEAN = "lean"  # those of parameters and states alone


class Role(StrEnum):
    """What an array of the caller is to a kernel."""

    IN = "in"  # read at every step (static inputs once)
    OUT = "out"  # written at every step
    FIRST = "first"  # states to start from
    RESTART = "restart"  # states after a reset
    LAST = "last"  # takes the final states
    ROW = "row"  # takes what is summed over the steps of a row


SEGMENT = 8  # steps from one saved matrix to the next, at least
LONGEST = 32  # at most
HISTORY = 1 << 19  # bytes of matrices that a backward kernel computes again before it reads them
STEPPED = (Role.IN, Role.OUT)  # arrays with an axis of time


@dataclass(frozen=True)
class KernelSpec:
    """What is asked of a kernel.

    Attributes:
        program: one step, after the passes.
        reads_saved: inputs that come from saved arrays, not from the caller's.
        writes_saved: quantities to be put into saved arrays, as (name, node).
        results: what goes to the caller at every step, as (name, node).
        backward: whether it runs back over a forward kernel's steps.
        weights: the type that matrices are packed in, if it is not that of the states
            (``library/bf16.py``).
        tile: rows that a thread carries through time together, at most.
        masks: saved quantities that are ones and zeros; each is saved as a bit.
        single: for one step of a few rows; matrices are not packed at all (``library/gemv.py``).
        segments: states that are matrices and saved at the first of every ``segment`` steps only.
        segment: how many steps that is.
        replay: of a kernel that runs back, the program that computes them again in between.
    """

    program: Program
    reads_saved: frozenset[str] = frozenset()
    writes_saved: tuple[tuple[str, int], ...] = ()
    results: tuple[tuple[str, int], ...] = ()
    backward: bool = False
    weights: str = ""
    tile: int = TILE
    masks: frozenset[str] = frozenset()
    single: bool = False
    segments: tuple[str, ...] = ()
    segment: int = SEGMENT
    replay: Program | None = None

    @property
    def step_inputs(self) -> frozenset[str]:
        """Names of the inputs that the caller gives at every step."""
        names = {i.name for i in self.program.inputs if i.per == "step"}
        return frozenset(names - self.reads_saved)
