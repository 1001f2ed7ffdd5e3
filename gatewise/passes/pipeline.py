"""The passes in the order in which they run: the one list to read."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from gatewise.ir import Program
from gatewise.ir.builder import rebuild, spread
from gatewise.passes.check import check
from gatewise.passes.cse import share
from gatewise.passes.differentiate import differentiate
from gatewise.passes.expectation import expectation
from gatewise.passes.fuse import fuse
from gatewise.passes.partition import Training, save
from gatewise.passes.schedule import Schedule, schedule
from gatewise.passes.simplify import simplify

Pass = Callable[[Program], Program]


@dataclass(frozen=True)
class Stage:
    """A pass with its reason."""

    name: str
    apply: Pass
    why: str


CHECK = Stage("check", check, "nothing below looks at an illegal program")
SPREAD = Stage("spread", spread, "what a state becomes has its size")
EXPECT = Stage("expectation", expectation, "evaluation: random selects become their mean")
SIMPLIFY = Stage("simplify", simplify, "constants fold, what does nothing disappears")
SHARE = Stage("share", share, "equal nodes are computed once")
DERIVE = Stage("differentiate", differentiate, "the backward step is a program again")
FUSE = Stage("fuse", fuse, "the matrix terms of a sum stand together: one product")

# Simplify runs before share, so that what became equal is shared; both run again on the derivative,
# which is made of fresh nodes. Saving is decided before fuse: it compares nodes of both programs.
INFERENCE = (CHECK, SPREAD, EXPECT, SIMPLIFY, SHARE, FUSE)
FORWARD = (CHECK, SPREAD, SIMPLIFY, SHARE)
BACKWARD = (SIMPLIFY, SHARE)


def _apply(program: Program, stages: Sequence[Stage]) -> Program:
    for stage in stages:
        program = stage.apply(program)
    return program


def prepare(program: Program, training: bool = False) -> Program:
    """A Program ready for a backend: as it is in training, or with random masks averaged out."""
    return _apply(program, (*FORWARD, FUSE) if training else INFERENCE)


def derive(program: Program, record: Sequence[str] | None = None) -> Training:
    """Forward and backward step for training; ``record``: names that gradients may come in by."""
    forward = _apply(program, FORWARD)
    backward = _apply(differentiate(forward, record), BACKWARD)
    split = save(forward, backward)
    return Training(fuse(split.forward), fuse(_apply(split.backward, BACKWARD)))


def without_input_gradients(backward: Program, but_static: bool = False) -> Program:
    """A backward step for when only parameters and states want gradients; ``but_static``: and inputs
    that are one value a sequence."""
    kinds = ("batch", "row") if but_static else ("batch",)
    wanted = tuple(o for o in backward.outputs if o.over in kinds)
    slimmer = rebuild(replace(backward, outputs=wanted))
    used = {str(n.attr) for n in slimmer.nodes if n.op == "input"}
    return replace(slimmer, inputs=tuple(i for i in slimmer.inputs if i.name in used))


def stages(
    program: Program, record: Sequence[str] | None = None
) -> Iterator[tuple[str, str, Program]]:
    """Every program on the way, as (name of the pass, its reason, what it gave)."""
    for stage in (*FORWARD, FUSE):
        program_after = stage.apply(program)
        yield stage.name, stage.why, program_after
        if stage is not FUSE:
            program = program_after
    backward = differentiate(program, record)
    yield DERIVE.name, DERIVE.why, backward
    for stage in BACKWARD:
        backward = stage.apply(backward)
        yield f"backward {stage.name}", stage.why, backward
    split = save(program, backward)
    yield (
        "save (forward)",
        "kept for the backward step: what is dear to compute again",
        split.forward,
    )
    yield "save (backward)", "reads what was kept", split.backward
    last = fuse(_apply(split.backward, BACKWARD))
    yield "backward fuse", FUSE.why, last


def phases(program: Program) -> Schedule:
    """The schedule of a prepared Program."""
    return schedule(program)
