"""The passes in the order in which they run: the one list to read."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Literal, NamedTuple

from gatewise import settings
from gatewise.ir import Program, validate
from gatewise.ir.builder import rebuild, spread
from gatewise.passes.check import check
from gatewise.passes.cse import cse
from gatewise.passes.differentiate import differentiate
from gatewise.passes.distribute import distribute
from gatewise.passes.expectation import expectation
from gatewise.passes.factor import factor
from gatewise.passes.fuse import fuse
from gatewise.passes.partition import Training, partition, reads_too
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
CSE = Stage("cse", cse, "equal nodes are computed once")
DISTRIBUTE = Stage("distribute", distribute, "a sum of outer products is a sum of vectors")
FACTOR = Stage("factor", factor, "what vectors do to a matrix is done to vectors")
FUSE = Stage("fuse", fuse, "the matrix terms of a sum stand together: one product")

# Simplify runs before cse, so that what became equal is computed once; all four run again on the
# derivative, which is made of fresh nodes. The partition is decided before fuse: it compares nodes of
# both programs.
REDUCING = (SIMPLIFY, DISTRIBUTE, FACTOR, CSE)
INFERENCE = (CHECK, SPREAD, EXPECT, *REDUCING, FUSE)
# of the forward step, before it is differentiated
TRAINING = (CHECK, SPREAD, *REDUCING)
# of the backward step, before and after the partition
DERIVED = REDUCING

StepName = Literal["inference", "forward", "backward", "replay"]


class Snapshot(NamedTuple):
    """A Program after a pass: the name of the pass, its reason, and of which step the Program is."""

    name: str
    why: str
    step: StepName
    program: Program


def run_inference(program: Program) -> Iterator[Snapshot]:
    """Every Program on the way to inference, random masks averaged out: the last is the result."""
    return _run(INFERENCE, program, "inference")


def run_pipeline(program: Program, record: Sequence[str] | None = None) -> Iterator[Snapshot]:
    """Every Program on the way to a training form: the last of each step is the result.

    ``record``: names that gradients may come in by.
    """
    for snapshot in _run(TRAINING, program, "forward"):
        yield snapshot
        program = snapshot.program
    backward = _checked(differentiate(program, record))
    yield Snapshot("differentiate", "the backward step is a program again", "backward", backward)
    for snapshot in _run(DERIVED, backward, "backward"):
        yield snapshot
        backward = snapshot.program
    split = partition(program, backward)
    forward, backward = _checked(split.forward), _checked(split.backward)
    why = "saved for the backward step: what is expensive to compute again"
    yield Snapshot("partition", why, "forward", forward)
    yield Snapshot("partition", "reads what was saved", "backward", backward)
    if split.replay is not None:
        why = "matrices are computed again from what was saved"
        yield Snapshot("partition", why, "replay", _checked(split.replay))
    yield from _run((FUSE,), forward, "forward")
    yield from _run((*DERIVED, FUSE), backward, "backward")


def _run(stages: Sequence[Stage], program: Program, step: StepName) -> Iterator[Snapshot]:
    for stage in stages:
        program = _checked(stage.apply(program))
        yield Snapshot(stage.name, stage.why, step, program)


def prepare(program: Program, training: bool = False) -> Program:
    """A Program ready for a backend: as it is in training, or with random masks averaged out."""
    snapshots = _run((*TRAINING, FUSE), program, "forward") if training else run_inference(program)
    *_, last = snapshots
    return last.program


def derive(program: Program, record: Sequence[str] | None = None) -> Training:
    """Forward and backward step for training; ``record``: names that gradients may come in by."""
    last = {snapshot.step: snapshot.program for snapshot in run_pipeline(program, record)}
    replay = last.get("replay")
    return Training(last["forward"], reads_too(last["backward"], replay), replay)


def _checked(program: Program) -> Program:
    """A legal Program; it is looked at where ``GATEWISE_CHECK_PASSES`` asks for it, as the tests do."""
    if settings.CHECK_PASSES.get():
        _legal(program)
    return program


# most passes change nothing in most programs: what they leave as it is is looked at once
_legal = lru_cache(maxsize=64)(validate)


def without_input_gradients(
    backward: Program, replay: Program | None = None, but_static: bool = False
) -> Program:
    """A backward step for when only parameters and states want gradients; ``but_static``: and inputs
    that are one value a sequence. What ``replay`` reads stays among its inputs and parameters."""
    kinds = ("batch", "row") if but_static else ("batch",)
    wanted = tuple(o for o in backward.outputs if o.over in kinds)
    slimmer = rebuild(replace(backward, outputs=wanted))
    used = {str(n.attr) for n in slimmer.nodes if n.op == "input"}
    slimmer = replace(slimmer, inputs=tuple(i for i in slimmer.inputs if i.name in used))
    return reads_too(slimmer, replay)


def phases(program: Program) -> Schedule:
    """The schedule of a prepared Program."""
    return schedule(program)
