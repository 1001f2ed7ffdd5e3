"""Run a Program over sequences with plain torch operations.

Any device and float type, differentiable any number of times, works under ``torch.func``. What does
not depend on a state is computed for all steps at once; the rest is a loop over time.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

import torch
from torch import Tensor

from gatewise.backends.base import Result, named, refuse_ops
from gatewise.backends.eager.ops import MEANING
from gatewise.ir import OPS, Axes, Program, Size, validate_cell
from gatewise.ir.builder import rebuild, spread
from gatewise.ir.constants import numbers
from gatewise.ir.sequence import unroll


@lru_cache(maxsize=512)
def _ready(program: Program) -> Program:
    """A legal cell without what nothing reads, each state of its full size.

    Raises ProgramError, or BackendError for an op that is not here.
    """
    ready = rebuild(spread(validate_cell(program)))
    refuse_ops(named("eager"), ready)
    return ready


class _Rows:
    """torch for ``unroll``: rows are index tensors, None is all of them."""

    def take(self, a: Tensor, rows: Tensor | None) -> Tensor:
        return a if rows is None else a.index_select(0, rows)

    def put(self, a: Tensor, rows: Tensor | None, new: Tensor) -> Tensor:
        return new if rows is None else a.index_copy(0, rows, new)

    def select(self, mask: Tensor, a: Tensor, b: Tensor) -> Tensor:
        return torch.where(mask[:, None], a, b)

    def zeros(self, a: Tensor) -> Tensor:
        return torch.zeros_like(a)


def run(
    program: Program,
    inputs: Mapping[str, Tensor],
    params: Mapping[str, Tensor],
    sizes: Mapping[str, int],
    *,
    states: Sequence[Tensor],
    restart: Sequence[Tensor],
    lengths: Tensor | None = None,
    reset: Tensor | None = None,
    reverse: bool = False,
    record: Sequence[str] = (),
) -> Result:
    """Run over [T, B, size] inputs (static ones [B, size]); ``ir/sequence.py`` says what it means.

    ``states`` and ``restart`` are [B, size] in the order of the Program's states, ``lengths`` [B]
    whole numbers on the CPU, ``reset`` [T, B] truth values. Shapes are the caller's to check.
    Raises ProgramError for what is no legal cell.
    """
    if not torch.compiler.is_compiling():  # what nn registers has passed
        program = _ready(program)
    step_inputs = [i.name for i in program.inputs if i.per == "step"]
    steps, batch = inputs[step_inputs[0]].shape[:2]
    static = {i.name for i in program.inputs if i.per == "sequence"}
    read = {n: (a[None] if n in static else _filled(a, lengths)) for n, a in inputs.items()}
    ahead, late = _split(program)
    params = {**params, **constants(program, states[0])}
    early = evaluate(program, ahead, {}, read, {}, params, sizes, states[0])
    weights = {n for n in ahead if program.nodes[n].op == "param"}
    wanted = {name: program.named(name) for name in record}
    outputs: list[Tensor] = []
    recorded: dict[str, list[Tensor]] = {name: [] for name in wanted}
    names = [s.name for s in program.states]
    rows_at = [None] * steps if lengths is None else _rows(lengths, steps, states[0].device)

    def step(t: int, rows: Tensor | None, now: list[Tensor]) -> list[Tensor]:
        here = {n: v if n in weights else _at(v, t, rows) for n, v in early.items()}
        leaves = dict(zip(names, now, strict=True))
        values = evaluate(program, late, here, {}, leaves, params, sizes, now[0])
        new = [values[n].expand_as(s) for n, s in zip(program.next, now, strict=True)]
        outputs.append(_spread(new[0], rows, batch))
        for name, node in wanted.items():
            full = values[node].expand(len(now[0]), values[node].shape[-1])
            recorded[name].append(_spread(full, rows, batch))
        return new

    def crossing(t: int, rows: Tensor | None) -> Tensor:
        mask = reset[t]  # type: ignore[index]
        if lengths is not None:
            mask = mask & (lengths > t).to(mask.device)
        return mask if rows is None else mask.index_select(0, rows)

    final = unroll(
        _Rows(),
        step,
        states,
        restart,
        steps,
        None if lengths is None else lambda t: rows_at[t],
        None if reset is None else crossing,
        reverse,
    )

    def stacked(parts: list[Tensor], size: Size) -> Tensor:
        if not parts:
            return states[0].new_zeros((steps, batch, size.evaluate(sizes)))
        return torch.stack(parts[::-1] if reverse else parts)

    return Result(
        stacked(outputs, program.states[0].size),
        tuple(final),
        {n: stacked(recorded[n], program.nodes[k].size) for n, k in wanted.items()},
    )


def constants(program: Program, like: Tensor) -> dict[str, Tensor]:
    """The constants of a Program, in the type and on the device of a tensor."""
    return {
        p.name: torch.tensor(numbers(p).tolist(), dtype=like.dtype, device=like.device).reshape(
            p.shape({})
        )
        for p in program.params
        if p.values is not None
    }


def _split(program: Program) -> tuple[list[int], list[int]]:
    """Nodes that read no state, and the others."""
    ahead: set[int] = set()
    for index, node in enumerate(program.nodes):
        if node.op != "state" and all(a in ahead for a in node.args):
            ahead.add(index)
    return sorted(ahead), [n for n in range(len(program.nodes)) if n not in ahead]


def evaluate(
    program: Program,
    which: list[int],
    known: Mapping[int, Tensor],
    inputs: Mapping[str, Tensor],
    states: Mapping[str, Tensor],
    params: Mapping[str, Tensor],
    sizes: Mapping[str, int],
    like: Tensor,
) -> dict[int, Tensor]:
    """Values of some nodes, [..., units], given those already known."""
    values = dict(known)
    for index in which:
        node = program.nodes[index]
        attr: Any = node.attr  # of the kind that the op has
        if isinstance(attr, Size):
            attr = 0 if attr == Size() else attr.evaluate(sizes)
        elif isinstance(attr, Axes):
            attr = attr.numbers(sizes)
        if node.op in ("input", "state", "param"):
            source = {"input": inputs, "state": states, "param": params}[node.op]
            values[index] = source[str(attr)]
        elif OPS[node.op].kind == "leaf":
            values[index] = like.new_full((1,), _number(float(attr), like.dtype))
        elif node.op == "slice":
            values[index] = values[node.args[0]][..., attr : attr + node.size.evaluate(sizes)]
        else:
            values[index] = MEANING[node.op](attr, *(values[a] for a in node.args))
    return values


def _number(value: float, dtype: torch.dtype) -> float:
    """A constant in a float type: infinite where it is too large. torch itself would refuse it."""
    return value if abs(value) <= torch.finfo(dtype).max else math.copysign(math.inf, value)


def _filled(value: Tensor, lengths: Tensor | None) -> Tensor:
    """Ones in the padding: what is computed ahead passes through there, and a NaN would come back
    in the gradients of the weights (zero times NaN). One suits logarithms and divisions too."""
    if lengths is None:
        return value
    inside = torch.arange(len(value))[:, None] < lengths
    return torch.where(inside[..., None].to(value.device), value, 1.0)


def _at(value: Tensor, t: int, rows: Tensor | None) -> Tensor:
    """The part of a value computed ahead that one step reads; parameters and constants as they are."""
    if value.dim() < 3 or value.shape[0] == 0:
        return value
    here = value[t if value.shape[0] > 1 else 0]
    return here if rows is None or here.shape[0] == 1 else here.index_select(0, rows)


def _rows(lengths: Tensor, steps: int, device: torch.device) -> list[Tensor | None]:
    return [torch.nonzero(lengths > t).flatten().to(device) for t in range(steps)]


def _spread(value: Tensor, rows: Tensor | None, batch: int) -> Tensor:
    """Rows back in their places, zeros for rows that did not visit the step."""
    if rows is None:
        return value
    return value.new_zeros((batch, value.shape[-1])).index_copy(0, rows, value)
