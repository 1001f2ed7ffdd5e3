"""What the Triton backend makes of a cell, in text: the way and why, the kernels, and what they take."""

from __future__ import annotations

import importlib.util
from collections.abc import Mapping

from gatewise.backends.schedule import Passes
from gatewise.backends.triton.choice import GPUS
from gatewise.backends.triton.kernels import interpreted
from gatewise.backends.triton.layer import GpuLayer, PlannedStep
from gatewise.backends.triton.phases import PhasedStep
from gatewise.backends.triton.resources import of_step
from gatewise.backends.triton.sequence import GpuStep, LoopStep
from gatewise.ir import Program

BATCH, CAPABILITY, TYPE = 16, 90, "bfloat16"


def explain(program: Program, sizes: Mapping[str, int], passes: Passes) -> str:
    """The kernels of a cell for 16 rows in bfloat16 on a GPU of compute capability 9.0 (an H100)."""
    layer = GpuLayer(passes, program, sizes, (program.states[0].name,), True)
    numbers = ", ".join(f"{k}={v}" for k, v in sizes.items())
    parts = [
        f"=== triton: {BATCH} rows in {TYPE}, compute capability {CAPABILITY // 10}.{CAPABILITY % 10}, {numbers}"
    ]
    assert layer.backward is not None
    for title, planned in (("forward", layer.forward), ("backward", layer.backward)):
        parts.append(_shown(title, planned))
    return "\n\n".join(parts)


def _shown(title: str, planned: PlannedStep) -> str:
    way = planned.way(BATCH, TYPE, GPUS[CAPABILITY], "", True)
    step = planned.written(way)
    plan, tile = step.plan, way.tile
    cut = f"{tile.rows} rows a program"
    cut += f", {tile.programs} programs share a row" if tile.programs > 1 else ""
    lines = [
        f"--- {title}: {way.name} ({way.reason})",
        f"{cut}; {plan.barriers} barrier(s) a step, {len(plan.products)} product(s) in the loop, "
        f"{len(plan.after)} node(s) after it",
    ]
    lines += _resources(step, way.name == "grid")
    lines += _texts(step)
    return "\n".join(lines)


def _resources(step: GpuStep, cooperative: bool) -> list[str]:
    """What the kernels take; or why nobody can tell here."""
    if importlib.util.find_spec("triton") is None:
        return ["(Triton is not installed, so nothing is compiled)"]
    if interpreted():
        return ["(Triton interprets kernels here, so nothing is compiled)"]
    from triton.errors import TritonError

    try:
        return [str(kernel) for kernel in of_step(step, cooperative, TYPE, CAPABILITY)]
    except (TritonError, RuntimeError, OSError) as error:
        return [f"(a kernel cannot be compiled here: {' '.join(str(error).split())[:200]})"]


def _texts(step: GpuStep) -> list[str]:
    if isinstance(step, LoopStep):
        return [step.source.text]
    assert isinstance(step, PhasedStep)
    return [source.text for _, source in step.sources.phases]
