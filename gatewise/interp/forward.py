"""A sequence forward: outputs, final states, recorded names and the Program's own outputs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from gatewise.arrays import Array
from gatewise.interp.arguments import (
    Sequences,
    check_arrays,
    initial_states,
    legal,
    states_as_arrays,
    with_constants,
)
from gatewise.interp.step import Arrays, Leaves, Step, bfloat16
from gatewise.ir import Program, Size
from gatewise.ir.sequence import unroll


class Rows:
    """NumPy for ``unroll``: rows are index arrays, None is all of them."""

    def take(self, a: Array, rows: Array | None) -> Array:
        return a if rows is None else a[rows]

    def put(self, a: Array, rows: Array | None, new: Array) -> Array:
        if rows is None:
            return new
        out = a.copy()
        out[rows] = new
        return out

    def select(self, mask: Array, a: Array, b: Array) -> Array:
        return np.where(mask[:, None], a, b)

    def zeros(self, a: Array) -> Array:
        return np.zeros_like(a)


@dataclass(frozen=True)
class Run:
    """What a Program gives over a sequence.

    ``output`` [T, B, size of the first state]; ``states`` the final ones [B, size]; ``recorded`` the
    asked-for names [T, B, size]; ``results`` the Program's own outputs: [T, B, n] at every step,
    [B, n] summed over time, or the shape of a parameter summed over time and batch; ``before`` the
    states that entered each step, [T, B, size].
    """

    output: Array
    states: tuple[Array, ...]
    recorded: dict[str, Array]
    results: dict[str, Array]
    before: dict[str, Array]
    restart: tuple[Array, ...] = ()


@np.errstate(all="ignore")
def run(
    program: Program,
    inputs: Arrays,
    params: Arrays,
    sizes: Mapping[str, int],
    seq: Sequences,
    *,
    states: Sequence[Array] | None = None,
    restart: Sequence[Array] | None = None,
    record: Sequence[str] = (),
    dtype: Any = np.float64,
    weights: str = "",
) -> Run:
    """Run a Program over sequences.

    Args:
        inputs: by name, [T, B, size]; static ones [B, size].
        params: by name, in the shapes of ``Param.shape``.
        sizes: numbers for ``program.sizes``.
        seq: steps, batch, lengths, resets, direction.
        states: initial states [B, size], else the declared ones.
        restart: what states become at a reset, else the declared initial states.
        record: names to return at every step.
        weights: "bfloat16" rounds matrices, and vectors where a matrix is applied to them, to that
            type; everything else, sums of products too, is in ``dtype``.

    Raises:
        InputError: for an input, parameter or state that is missing or of a wrong shape.
        SizeError: for sizes that are missing, unknown or do not divide.
        ProgramError: for a Program that is not legal, or an unknown name in ``record``.
    """
    program = legal(program)
    sizes = program.bind(**sizes)
    params = with_constants(program, params)
    check_arrays(program, inputs, params, sizes, seq)
    first = initial_states(program, seq.batch, sizes, dtype)
    start = states_as_arrays(program, states, first, dtype)
    again = states_as_arrays(program, restart, first, dtype)
    wanted = {name: program.named(name) for name in record}
    cast = {n: np.asarray(a, dtype) for n, a in inputs.items()}
    parameters = {n: np.asarray(a, dtype) for n, a in params.items()}
    evaluate = Step(program, sizes, dtype, {"": None, "bfloat16": bfloat16}[weights])
    names = [s.name for s in program.states]

    def per_step(size: Size) -> Array:
        return np.zeros((seq.steps, seq.batch, size.evaluate(sizes)), dtype)

    output = per_step(program.states[0].size)
    recorded = {name: per_step(program.nodes[n].size) for name, n in wanted.items()}
    before = {s.name: per_step(s.size) for s in program.states}
    results = result_arrays(program, sizes, seq, dtype)

    def step(t: int, rows: Array | None, now: list[Array]) -> list[Array]:
        where: Any = slice(None) if rows is None else rows
        read = {
            i.name: (cast[i.name][t] if i.per == "step" else cast[i.name])[where]
            for i in program.inputs
        }
        for name, value in zip(names, now, strict=True):
            before[name][t, where] = value
        values = evaluate(Leaves(read, dict(zip(names, now, strict=True)), parameters))
        new = [
            np.broadcast_to(values[n], s.shape).copy()
            for n, s in zip(program.next, now, strict=True)
        ]
        output[t, where] = new[0]
        for name, node in wanted.items():
            recorded[name][t, where] = values[node]
        accumulate(program, results, values, t, where, len(now[0]))
        return new

    rows_of = seq.active if seq.lengths is not None else None
    crossing = seq.crossing if seq.reset is not None else None
    final = unroll(Rows(), step, start, again, seq.steps, rows_of, crossing, seq.reverse)
    return Run(output, tuple(final), recorded, results, before)


def result_arrays(
    program: Program, sizes: Mapping[str, int], seq: Sequences, dtype: Any
) -> dict[str, Array]:
    """Zeros for each of the Program's own outputs, in the shapes that ``Run`` says."""
    arrays: dict[str, Array] = {}
    for result in program.outputs:
        node = program.nodes[result.node]
        shape: tuple[int, ...] = (node.size.evaluate(sizes),)
        if node.cols is not None:
            blocks = node.attr if isinstance(node.attr, int) else 1
            shape = (shape[0] // blocks, node.cols.evaluate(sizes) // blocks)
            shape = (blocks, *shape) if blocks > 1 else shape
        lead = {"step": (seq.steps, seq.batch), "row": (seq.batch,), "batch": ()}[result.over]
        arrays.setdefault(result.name, np.zeros((*lead, *shape), dtype))
    return arrays


def accumulate(
    program: Program, results: dict[str, Array], values: list[Array], t: int, where: Any, rows: int
) -> None:
    """Put the Program's own outputs of step t into their arrays; ``where``: the rows that visit it."""
    for result in program.outputs:
        value, node = values[result.node], program.nodes[result.node]
        if result.over == "batch" and node.cols is None:
            value = np.broadcast_to(value, (rows, value.shape[-1])).sum(0)
        if result.over == "batch":
            results[result.name] += value
        elif result.over == "row":
            results[result.name][where] += value
        else:
            results[result.name][t, where] += value
