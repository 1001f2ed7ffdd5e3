"""The arguments of a kernel, in order."""

from __future__ import annotations

from gatewise.backends.llvm.plan.kernel_plan import KernelPlan
from gatewise.backends.llvm.plan.kernel_spec import STEPPED, Role
from gatewise.backends.llvm.plan.parts import Argument, ArgumentTable

# arguments that say which rows visit which steps, how threads share them, and where they work
TRAVERSAL = (
    Argument("T", pointer=False),
    Argument("tiles"),
    Argument("count", pointer=False),
    Argument("counter"),
    Argument("perm"),
    Argument("lengths"),
    Argument("ws"),
    Argument("ws_stride", pointer=False),
    Argument("steps", pointer=False),
    Argument("descending", pointer=False),
    Argument("reset"),
    Argument("reset:t", pointer=False),
    Argument("reset:b", pointer=False),
    Argument("shift", pointer=False),
    Argument("batch"),
    Argument("shared", pointer=False),
    Argument("barrier"),
)


def argument_table(plan: KernelPlan) -> ArgumentTable:
    """The caller's arrays first, in the order of the roles: one write sets them all."""
    spec, program = plan.spec, plan.program
    roles = _roles(plan)
    arguments = []
    for role, name in roles:
        arguments.append(Argument(f"{role}.{name}"))
        if role in STEPPED:
            arguments.append(Argument(f"{role}.{name}:t", pointer=False))
        arguments.append(Argument(f"{role}.{name}:b", pointer=False))
    arguments += TRAVERSAL
    if plan.strategy.apart:
        arguments.append(Argument("parts", pointer=False))
    names = [f"saved.{i.name}" for i in program.inputs if i.name in spec.reads_saved]
    names += [f"saved.{name}" for name, _ in spec.writes_saved]
    names += plan.outer_arrays
    names += [f"w.{k}" for k in range(len(plan.weight_room))]
    if spec.segments:
        arguments.append(Argument("segments", pointer=False))
        names += [f"segment.{name}" for name in spec.segments]
    arguments += map(Argument, names)
    for matrix in plan.matrices:
        arguments += Argument(f"m.{matrix}"), Argument(f"m.{matrix}:b", pointer=False)
    arguments += [Argument(f"p.{q.name}") for q in program.params if q.cols is None]
    return ArgumentTable(roles, tuple(dict.fromkeys(arguments)))


def _roles(plan: KernelPlan) -> tuple[tuple[Role, str], ...]:
    spec, program = plan.spec, plan.program
    states = [s.name for s in program.states]
    sums = [o.name for k, o in enumerate(program.outputs) if k in plan.layout.row_sum_slot]
    roles = [(Role.IN, i.name) for i in program.inputs if i.name not in spec.reads_saved]
    roles += [(role, name) for role in (Role.FIRST, Role.RESTART) for name in states]
    roles += [(Role.OUT, name) for name, _ in spec.results]
    roles += [(Role.LAST, name) for name in states]
    roles += [(Role.ROW, name) for name in sums]
    return tuple(roles)
