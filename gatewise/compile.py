"""From a cell to something that runs: the one place that knows both passes and backends."""

from __future__ import annotations

from functools import lru_cache
from itertools import chain
from typing import TYPE_CHECKING, TypeGuard

from gatewise.backends.base import THROUGHOUT as THROUGHOUT
from gatewise.backends.base import Backend, LayerCompiler, refuse_ops
from gatewise.backends.base import Operator as Operator
from gatewise.backends.base import Runner as Runner
from gatewise.backends.base import RunnerCall as RunnerCall
from gatewise.backends.base import find as find
from gatewise.backends.base import is_operator as is_operator
from gatewise.backends.base import is_runner as is_runner
from gatewise.backends.base import named as named
from gatewise.backends.base import names as names
from gatewise.errors import BackendError
from gatewise.ir import Program as Program
from gatewise.ir import validate_cell as validate_cell
from gatewise.ir.printer import text
from gatewise.lang.cell import Cell
from gatewise.passes.context import context as context
from gatewise.passes.differentiate import differentiate
from gatewise.passes.partition import Training as Training
from gatewise.passes.pipeline import (
    derive,
    phases,
    prepare,
    run_inference,
    run_pipeline,
    without_input_gradients,
)
from gatewise.passes.schedule import Schedule as Schedule

if TYPE_CHECKING:  # types of the llvm backend, for those who call its layers
    from gatewise.backends.llvm.plan.kernel_spec import KernelKind as KernelKind
    from gatewise.backends.llvm.plan.kernel_spec import Role as Role
    from gatewise.backends.llvm.run.call_frame import CallFrame as CallFrame
    from gatewise.backends.llvm.run.compiled_layer import CompiledLayer
    from gatewise.backends.llvm.run.gradient_tasks import GradientSlot as GradientSlot
    from gatewise.backends.llvm.run.gradient_tasks import GradientTargets as GradientTargets
    from gatewise.backends.llvm.run.layer_specs import Plans
    from gatewise.backends.llvm.run.pack_tasks import Weight as Weight
    from gatewise.backends.llvm.run.traversal import Traversal as Traversal
    from gatewise.backends.llvm.runtime import Runtime


@lru_cache(maxsize=512)
def program_for(program: Program, training: bool = False) -> Program:
    """The Program after the passes: in training form, or with random masks averaged out.

    Raises ProgramError if it is no legal cell, as all that follow do.
    """
    return prepare(validate_cell(program), training)


@lru_cache(maxsize=512)
def training_for(program: Program, record: tuple[str, ...] | None = None) -> Training:
    """Forward and backward step; ``record``: the names by which gradients may come in."""
    return derive(validate_cell(program), record)


def new_layer(
    program: Program,
    sizes: tuple[tuple[str, int], ...],
    dtype: str = "float32",
    record: tuple[str, ...] = (),
    target: str = "",
    averaged: bool = True,
    weights: str = "",
) -> CompiledLayer:
    """The compiled CPU kernels of a cell (backend ``llvm``), made when first run.

    Args:
        program: a cell's Program; random masks stay inputs in training and are averaged out in
            inference.
        sizes: numbers for its sizes, such as (("I", 4), ("H", 8)).
        dtype: float32 or float64.
        record: quantities to record at every step.
        target: a machine level such as "avx2"; empty is this machine.
        averaged: whether inference averages random masks out; otherwise they are inputs there too.
        weights: "bfloat16" to read matrices in that type in inference, of which a vector and a sum
            stay float32; "bfloat16 throughout": in training as well; empty: as they are.

    Raises:
        BackendError: if llvmlite is missing, the target is not this machine's, or ``weights`` is a
            type that there is not or that does not go with ``dtype``.
        ProgramError, SizeError: for what is no legal cell, unknown names or sizes that do not fit.
    """
    validate_cell(program)
    backend = find("llvm")
    from gatewise.backends.llvm.machine.target import Target
    from gatewise.backends.llvm.run.compiled_layer import CompiledLayer

    program.bind(**dict(sizes))
    for name in record:
        program.named(name)
    plans = _plans_for(program, record, averaged)
    refuse_ops(backend, plans.program)
    where = Target.named(target) if target else Target.host()
    if weights and (weights not in ("bfloat16", THROUGHOUT) or dtype != "float32"):
        raise BackendError(
            f"weights={weights!r} with {dtype}: bfloat16 with float32 is what there is"
        )
    return CompiledLayer(plans, dict(sizes), dtype, where, weights)


@lru_cache(maxsize=512)
def _plans_for(program: Program, record: tuple[str, ...], averaged: bool) -> Plans:
    """All programs of a layer, whatever its sizes."""
    from gatewise.backends.llvm.run.layer_specs import Plans, TrainingSteps

    inference = program_for(program, training=not averaged)

    def derive() -> TrainingSteps:
        names = tuple(dict.fromkeys((program.states[0].name, *record)))
        split = training_for(program, names)
        refuse_ops(find("llvm"), split.forward, split.backward)
        lean = static = without_input_gradients(split.backward, split.replay)
        if any(item.per == "sequence" for item in program.inputs):
            static = without_input_gradients(split.backward, split.replay, but_static=True)
        return TrainingSteps(split.forward, split.backward, static, lean, split.replay)

    return Plans(inference, derive, _phases_for, record)


_phases_for = lru_cache(maxsize=512)(phases)


# the same for the same arguments, while few others are asked for: a layer keeps its memory
layer_for = lru_cache(maxsize=16)(new_layer)


@lru_cache(maxsize=512)
def derivative_for(program: Program, record: tuple[str, ...]) -> Program:
    """The backward step of a cell as it is derived, nothing saved; ``record``: the names by which
    gradients come in."""
    return differentiate(validate_cell(program), record)


class ThePasses:
    """What runners ask for (``backends.schedule.Passes``); all of it is remembered."""

    def derivative(self, program: Program, record: tuple[str, ...]) -> Program:
        """The backward step, nothing kept."""
        return derivative_for(program, record)

    def prepared(self, program: Program) -> Program:
        """The Program after the passes, masks as they are."""
        return program_for(program, training=True)

    def training(self, program: Program, record: tuple[str, ...]) -> Training:
        """Forward and backward step."""
        return training_for(program, record)

    def schedule(self, program: Program) -> Schedule:
        """The phases of a prepared Program."""
        return _phases_for(program)


PASSES = ThePasses()


@lru_cache(maxsize=1)
def llvm_runtime() -> Runtime:
    """What a caller of compiled layers needs of the llvm backend."""
    from gatewise.backends.llvm.runtime import runtime

    return runtime()


def _is_compiler(backend: Backend) -> TypeGuard[LayerCompiler[CompiledLayer]]:
    """Whether a backend compiles layers; there is one kind of them."""
    return backend.compiled


@lru_cache(maxsize=512)
def schedule_for(program: Program, training: bool = False) -> Schedule:
    """The phases of a cell's step."""
    return phases(program_for(program, training))


class Text(str):
    """A text of many lines, which a prompt shows as it is."""

    __slots__ = ()

    def __repr__(self) -> str:
        return str(self)


def explain(cell: Cell | Program, backend: str | None = None, **sizes: int) -> Text:
    """What the compiler makes of a cell: the program after each pass, on the way to inference and to training,
    and the schedules.

    Returns a text: ``print(gw.explain(cell))``, or just ``gw.explain(cell)`` at the prompt.

    Args:
        cell: a cell or Program.
        backend: also what this backend makes of it, if it has something to show: for ``llvm`` the
            tiles, memory, LLVM IR and the assembly of the inner loop.
        sizes: the sizes that the backend compiles for, 64 where they are not given.

    Raises:
        BackendError: for a backend that does not exist, cannot run here, or has nothing to show.
    """
    program = validate_cell(cell.program if isinstance(cell, Cell) else cell)
    parts = []
    before: dict[str, Program] = {}
    for name, why, step, after in chain(run_inference(program), run_pipeline(program)):
        shown = text(after) if after != before.get(step) else "(unchanged)"
        parts.append(f"=== {step}, {name}: {why}\n{shown}")
        before[step] = after
    for title, chosen in (
        ("forward", program_for(program)),
        ("backward", training_for(program).backward),
    ):
        parts.append(f"=== schedule, {title}\n{describe(phases(chosen))}")
    if backend is not None:
        shower = named(backend)
        bound = tuple((name, sizes.get(name, 64)) for name in program.sizes)
        shown = ""
        if is_runner(shower):
            shown = shower.explain_program(program, dict(bound), PASSES)
        elif _is_compiler(shower):
            shown = shower.explain(layer_for(program, bound))
        if not shown:
            raise BackendError(f"the backend {backend} has nothing to show beyond the passes")
        parts.append(shown)
    return Text("\n\n".join(parts))


def describe(plan: Schedule) -> str:
    """A schedule in words."""
    program = plan.program
    named = {node: name for name, node in program.names}
    lines = [f"{program.name}: {plan.count} phase(s) a step, {len(plan.phases)} in the list below"]
    if plan.wraps:
        lines.append("  the last joins the first of the next step")
    lines += [f"  state {name}: {kind}" for name, kind in plan.states]
    for k, phase in enumerate(plan.phases):
        lines.append(f"  phase {k + 1}")
        for product in phase.products:
            over = ", ".join(f"%{o}" for o in product.operands)
            for column in product.columns:
                terms = " + ".join(
                    f"{t.param}{'.T' if t.transposed else ''} @ %{t.operand}" for t in column.terms
                )
                when = "  (all steps at once)" if column.ahead else ""
                lines.append(f"    product over [{over}]: %{column.node} = {terms}{when}")
        units = [f"%{n}" + (f" {named[n]}" if n in named else "") for n in phase.pointwise]
        lines.append(f"    unit by unit: {', '.join(units) or 'nothing'}")
        if phase.sums:
            lines.append(f"    sums over units: {', '.join(f'%{n}' for n in phase.sums)}")
    if plan.outers:
        lines.append(f"  after the loop: {len(plan.outers)} outer products summed over time")
    return "\n".join(lines)
