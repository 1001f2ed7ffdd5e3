"""What a Program means, in NumPy: the definition that every backend must agree with.

Slow and plain on purpose. Arrays are time-major: inputs [T, B, size], static inputs [B, size], states
[B, size]. Any float type; the arithmetic is done in the type of the parameters and inputs.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from gatewise.errors import InputError
from gatewise.ir import OPS, Program, Size, validate
from gatewise.ir.builder import spread
from gatewise.ir.sequence import unroll, unroll_backward

Array = np.ndarray[Any, Any]
Arrays = Mapping[str, Array]


@dataclass(frozen=True)
class Leaves:
    """What one step reads: arrays [B, size] by name, and parameters by name."""

    inputs: Arrays
    states: Arrays
    params: Arrays


@np.errstate(all="ignore")
def evaluate(
    program: Program,
    leaves: Leaves,
    sizes: Mapping[str, int],
    dtype: Any,
    rounded: Callable[[Array], Array] | None = None,
) -> list[Array]:
    """The value of every node for one step, [B, size] or [1, size] if it is the same for all rows.

    A matrix node is its array; ``outer`` is summed over the batch. ``rounded`` is applied to matrices
    and to what they are applied to.
    """
    rows = len(next(iter(leaves.states.values())))
    values: list[Array] = []
    for node in program.nodes:
        args = [values[a] for a in node.args]
        attr: Any = node.attr
        if isinstance(attr, Size) and node.op != "slice":
            attr = attr.evaluate(sizes)
        if node.op == "input":
            value = leaves.inputs[str(attr)]
        elif node.op == "state":
            value = leaves.states[str(attr)]
        elif node.op == "param":
            value = leaves.params[str(attr)]
            if node.cols is None:
                value = value[None]
            elif rounded is not None:
                value = rounded(value)
        elif node.op in ("const", "size"):
            value = np.array([[attr]], dtype)
        elif node.op == "slice":
            start = 0 if node.attr == Size() else Size.of(node.attr).evaluate(sizes)  # type: ignore[arg-type]
            value = args[0][..., start : start + node.size.evaluate(sizes)]
        elif node.op == "outer":
            wide = [np.broadcast_to(a, (rows, a.shape[-1])) for a in args]
            value = OPS["outer"].meaning(np, attr, *wide)  # type: ignore[misc]
        else:
            if node.op == "matvec" and rounded is not None:
                args[1] = rounded(args[1])
            value = OPS[node.op].meaning(np, attr, *args)  # type: ignore[misc]
        values.append(np.asarray(value, dtype))
    return values


def bfloat16(array: Array) -> Array:
    """Each value as the nearest bfloat16 (ties to even), in the type of the array.

    That is a float32 without its lower 16 bits. NaN stays NaN; what is too large becomes infinite.
    """
    single = np.asarray(array, np.float32)
    bits = single.view(np.uint32)
    up = (bits + (0x7FFF + ((bits >> 16) & 1)).astype(np.uint32)) & np.uint32(0xFFFF0000)
    return np.where(np.isnan(single), single, up.view(np.float32)).astype(np.asarray(array).dtype)


class _Rows:
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


@lru_cache(maxsize=256)
def _legal(program: Program) -> Program:
    """The Program, checked, each state of its full size."""
    return spread(validate(program))


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


@dataclass(frozen=True)
class Sequences:
    """The arguments that say what a sequence is; ``ir/sequence.py`` says what they mean.

    ``steps`` T and ``batch`` B; ``lengths`` [B] of whole numbers in 0..T; ``reset`` [T, B] of truth
    values.
    """

    steps: int
    batch: int
    lengths: Array | None = None
    reset: Array | None = None
    reverse: bool = False

    def __post_init__(self) -> None:
        """Raises InputError for lengths or resets of a wrong shape, type or range."""
        if self.lengths is not None:
            lengths = np.asarray(self.lengths)
            if lengths.shape != (self.batch,) or not np.issubdtype(lengths.dtype, np.integer):
                raise InputError(f"lengths must be {self.batch} whole numbers, not {lengths!r}")
            if len(lengths) and (lengths.min() < 0 or lengths.max() > self.steps):
                raise InputError(f"lengths must lie in 0..{self.steps}: {lengths.tolist()}")
        if self.reset is not None:
            reset = np.asarray(self.reset)
            if reset.shape != (self.steps, self.batch) or reset.dtype != np.bool_:
                raise InputError(
                    f"reset must be truth values of shape {(self.steps, self.batch)}, not "
                    f"{reset.dtype} of shape {reset.shape}"
                )

    def active(self, t: int) -> Array | None:
        """Rows that visit step t."""
        if self.lengths is None:
            return None
        return np.flatnonzero(np.asarray(self.lengths) > t)

    def crossing(self, t: int, rows: Array | None) -> Array:
        """Which of those rows have a boundary before t; one in the padding is none."""
        mask = np.asarray(self.reset)[t]
        if self.lengths is not None:
            mask = mask & (np.asarray(self.lengths) > t)
        return np.asarray(mask if rows is None else mask[rows])


def initial_states(
    program: Program, batch: int, sizes: Mapping[str, int], dtype: Any
) -> list[Array]:
    """The declared initial states, [B, size] each."""
    return [np.full((batch, s.size.evaluate(sizes)), s.initial, dtype) for s in program.states]


def _states_as_arrays(
    program: Program, states: Sequence[Array] | None, declared: list[Array], dtype: Any
) -> list[Array]:
    """The states as arrays. Raises InputError for a wrong number of them or a wrong shape."""
    if states is None:
        return declared
    if len(states) != len(declared):
        names = ", ".join(s.name for s in program.states)
        raise InputError(f"{program.name}: {len(states)} states given, it has {names}")
    for state, array, like in zip(program.states, states, declared, strict=True):
        _expect(program, f"the state {state.name!r}", array, like.shape)
    return [np.asarray(s, dtype) for s in states]


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
    program = _legal(program)
    sizes = program.bind(**sizes)
    check_arrays(program, inputs, params, sizes, seq)
    first = initial_states(program, seq.batch, sizes, dtype)
    start = _states_as_arrays(program, states, first, dtype)
    again = _states_as_arrays(program, restart, first, dtype)
    wanted = {name: program.named(name) for name in record}
    cast = {n: np.asarray(a, dtype) for n, a in inputs.items()}
    parameters = {n: np.asarray(a, dtype) for n, a in params.items()}
    rounded = {"": None, "bfloat16": bfloat16}[weights]

    def per_step(size: Size) -> Array:
        return np.zeros((seq.steps, seq.batch, size.evaluate(sizes)), dtype)

    output = per_step(program.states[0].size)
    recorded = {name: per_step(program.nodes[n].size) for name, n in wanted.items()}
    before = {s.name: per_step(s.size) for s in program.states}
    results = _result_arrays(program, sizes, seq, dtype)

    def step(t: int, rows: Array | None, now: list[Array]) -> list[Array]:
        where: Any = slice(None) if rows is None else rows
        read = {
            i.name: (cast[i.name][t] if i.per == "step" else cast[i.name])[where]
            for i in program.inputs
        }
        names = [s.name for s in program.states]
        for name, value in zip(names, now, strict=True):
            before[name][t, where] = value
        values = evaluate(
            program,
            Leaves(read, dict(zip(names, now, strict=True)), parameters),
            sizes,
            dtype,
            rounded,
        )
        new = [
            np.broadcast_to(values[n], s.shape).copy()
            for n, s in zip(program.next, now, strict=True)
        ]
        output[t, where] = new[0]
        for name, node in wanted.items():
            recorded[name][t, where] = values[node]
        _accumulate(program, results, values, t, where, len(now[0]))
        return new

    rows_of = seq.active if seq.lengths is not None else None
    crossing = seq.crossing if seq.reset is not None else None
    final = unroll(_Rows(), step, start, again, seq.steps, rows_of, crossing, seq.reverse)
    return Run(output, tuple(final), recorded, results, before)


def _result_arrays(
    program: Program, sizes: Mapping[str, int], seq: Sequences, dtype: Any
) -> dict[str, Array]:
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


def _accumulate(
    program: Program, results: dict[str, Array], values: list[Array], t: int, where: Any, rows: int
) -> None:
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
    weights = {n: np.asarray(a, dtype) for n, a in params.items()}
    zeros = [np.zeros_like(s) for s in forward.states]
    last = [np.asarray(d, dtype) for d in d_states] if d_states is not None else zeros
    results = _result_arrays(backward, sizes, seq, dtype)

    def step(t: int, rows: Array | None, now: list[Array]) -> list[Array]:
        where: Any = slice(None) if rows is None else rows
        here = {
            i.name: (read[i.name][t] if i.per == "step" else read[i.name])[where]
            for i in backward.inputs
        }
        names = [s.name for s in backward.states]
        leaves = Leaves(here, dict(zip(names, now, strict=True)), weights)
        values = evaluate(backward, leaves, sizes, dtype)
        _accumulate(backward, results, values, t, where, len(now[0]))
        return [
            np.broadcast_to(values[n], s.shape).copy()
            for n, s in zip(backward.next, now, strict=True)
        ]

    rows_of = seq.active if seq.lengths is not None else None
    crossing = seq.crossing if seq.reset is not None else None
    first, restart = unroll_backward(_Rows(), step, last, seq.steps, rows_of, crossing, seq.reverse)
    input_names = {i.name for i in program.inputs if i.rate is None}
    by_name = {n.removeprefix("d."): a for n, a in results.items()}
    return Gradients(
        {n: a for n, a in by_name.items() if n in input_names},
        {n: a for n, a in by_name.items() if n not in input_names},
        tuple(first),
        tuple(restart),
    )


def check_arrays(
    program: Program, inputs: Arrays, params: Arrays, sizes: Mapping[str, int], seq: Sequences
) -> None:
    """Raises InputError for an array that is missing or has a wrong shape."""
    for item in program.inputs:
        if item.name not in inputs:
            raise InputError(f"{program.name}: the input {item.name!r} is missing")
        lead = (seq.steps, seq.batch) if item.per == "step" else (seq.batch,)
        _expect(
            program,
            f"the input {item.name!r}",
            inputs[item.name],
            (*lead, item.size.evaluate(sizes)),
        )
    for param in program.params:
        if param.name not in params:
            raise InputError(f"{program.name}: the parameter {param.name!r} is missing")
        _expect(program, f"the parameter {param.name!r}", params[param.name], param.shape(sizes))


def _expect(program: Program, what: str, array: Array, shape: tuple[int, ...]) -> None:
    if tuple(np.shape(array)) != shape:
        raise InputError(f"{program.name}: {what} must have shape {shape}, not {np.shape(array)}")
