"""A sequence backward: gradients, by running the Program that ``differentiate`` derived."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from gatewise.arrays import Array
from gatewise.interp.arguments import Sequences, with_constants
from gatewise.interp.forward import Rows, Run, accumulate, result_arrays
from gatewise.interp.step import Arrays, Leaves, Step
from gatewise.ir import Program
from gatewise.ir.sequence import unroll_backward


@dataclass(frozen=True)
class Gradients:
    """Gradients of a run: inputs and parameters by name, initial and restart states in order."""

    inputs: dict[str, Array]
    params: dict[str, Array]
    states: tuple[Array, ...]
    restart: tuple[Array, ...]


@np.errstate(all="ignore")
def run_backward(
    program: Program,
    backward: Program,
    forward: Run,
    inputs: Arrays,
    params: Arrays,
    sizes: Mapping[str, int],
    seq: Sequences,
    *,
    seeds: Arrays,
    d_states: Sequence[Array] | None = None,
    dtype: Any = np.float64,
) -> Gradients:
    """Gradients of a sequence, by running the Program that ``differentiate`` derived.

    Args:
        program, backward: a Program and its derivative with respect to the names in ``seeds``.
        forward: what ``run`` gave for the same arguments.
        seeds: gradients of the recorded names (the output's is the first state's), [T, B, size].
        d_states: gradients of the final states, else zeros.
    """
    sizes = program.bind(**sizes)
    read = {n: np.asarray(a, dtype) for n, a in inputs.items()} | forward.before
    read |= {f"seed.{n}": np.asarray(a, dtype) for n, a in seeds.items()}
    weights = {n: np.asarray(a, dtype) for n, a in with_constants(program, params).items()}
    zeros = [np.zeros_like(s) for s in forward.states]
    last = [np.asarray(d, dtype) for d in d_states] if d_states is not None else zeros
    results = result_arrays(backward, sizes, seq, dtype)
    evaluate = Step(backward, sizes, dtype)
    names = [s.name for s in backward.states]

    def step(t: int, rows: Array | None, now: list[Array]) -> list[Array]:
        where: Any = slice(None) if rows is None else rows
        here = {
            i.name: (read[i.name][t] if i.per == "step" else read[i.name])[where]
            for i in backward.inputs
        }
        leaves = Leaves(here, dict(zip(names, now, strict=True)), weights)
        values = evaluate(leaves)
        accumulate(backward, results, values, t, where, len(now[0]))
        return [
            np.broadcast_to(values[n], s.shape).copy()
            for n, s in zip(backward.next, now, strict=True)
        ]

    rows_of = seq.active if seq.lengths is not None else None
    crossing = seq.crossing if seq.reset is not None else None
    first, restart = unroll_backward(Rows(), step, last, seq.steps, rows_of, crossing, seq.reverse)
    input_names = {i.name for i in program.inputs if i.rate is None}
    by_name = {n.removeprefix("d."): a for n, a in results.items()}
    return Gradients(
        {n: a for n, a in by_name.items() if n in input_names},
        {n: a for n, a in by_name.items() if n not in input_names},
        tuple(first),
        tuple(restart),
    )
