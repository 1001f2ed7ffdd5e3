"""Is a cell right? Its gradient against finite differences, and what else can go wrong with it.

The cell runs in float64 through the interpreter, on random data with rows of different lengths and
resets inside. Its derivative (the pass ``differentiate``) is compared with fourth-order central
differences of a random linear function of outputs and final states. Where a difference would step
over a kink (of a maximum, a comparison, a floor), the derivative is not what it measures: such entries
are left out and counted, and the data drawn again where they are many.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np

from gatewise.errors import InputError
from gatewise.interp import Run, Sequences, initial_states, run, run_backward
from gatewise.ir import OPS, Node, Param, Program
from gatewise.ir.builder import needed
from gatewise.ir.printer import expression, label
from gatewise.passes.differentiate import differentiate

Array = np.ndarray[Any, Any]
Kind = Literal["parameter", "input", "state"]

TOLERANCE = 1e-6  # relative to the largest gradient of the same array
_STEP = 1e-4
_MOST = 64  # entries of an array that are compared one by one; of a larger one, these and a direction
_DRAWS = 4
_STEPS, _BATCH, _LONG = 5, 3, 100


@dataclass(frozen=True)
class Compared:
    """One array: how far its gradient is from the finite difference, relative to its largest entry.

    (Of an array with very small gradients: relative to a thousandth of the largest of all.)
    ``skipped`` of the ``entries`` tried were left out because of a kink.
    """

    name: str
    kind: Kind
    error: float
    entries: int
    skipped: int

    @property
    def ok(self) -> bool:
        """Whether the error is within the tolerance; NaN is not."""
        return self.error <= TOLERANCE


@dataclass(frozen=True)
class Report:
    """What the check of a cell found.

    ``unread`` are states that no equation reads, ``kinks`` the places where a difference stepped over
    one (as text, with how many entries), ``bad_values`` what overflowed or became NaN.
    """

    sizes: dict[str, int]
    compared: tuple[Compared, ...]
    unread: tuple[str, ...]
    kinks: tuple[tuple[str, int], ...]
    bad_values: tuple[str, ...]

    @property
    def ok(self) -> bool:
        """Whether all gradients agree and all values on normal data are finite."""
        return all(c.ok for c in self.compared) and not self.bad_values


def check(program: Program, sizes: Mapping[str, int], seed: int = 0) -> Report:
    """Compare the gradient of a cell with finite differences and look for what may go wrong.

    Args:
        program: a cell's Program; its random masks are drawn once.
        sizes: numbers for its sizes; small ones are enough and quick.
        seed: of the random data.

    Raises:
        SizeError: for sizes that are missing or do not fit.
    """
    bound = program.bind(**dict(sizes))
    bad = _bad_values(program, _Data(program, bound, seed, _LONG), np.float32)
    unread = _unread(program)
    draws = []
    for draw in range(_DRAWS):
        data = _Data(program, bound, seed + 1000 * draw, _STEPS)
        bad = bad or _bad_values(program, data, np.float64)
        if bad:
            break
        compared, kinks = _compare(program, data)
        draws.append((sum(c.skipped for c in compared), compared, kinks))
        if all(c.skipped <= c.entries // 10 for c in compared):
            break
    if not draws:
        return Report(bound, (), unread, (), bad)
    _, compared, kinks = min(draws, key=lambda d: d[0])
    return Report(bound, compared, unread, kinks, bad)


def small_sizes(program: Program) -> dict[str, int]:
    """Small, different numbers for the sizes of a Program, such that all divisions work out.

    Raises InputError if no small numbers do.
    """
    return fitting_sizes(program, {"I": 3, "H": 4}, 2)


def fitting_sizes(program: Program, wanted: Mapping[str, int], other: int) -> dict[str, int]:
    """The wanted numbers, ``other`` for further sizes, or the least multiples of them that fit.

    Raises InputError if none up to 64 times as large do.
    """
    base = {name: wanted.get(name, other) for name in program.sizes}
    for factor in range(1, 65):
        sizes = {name: n if name == "I" else n * factor for name, n in base.items()}
        try:
            return program.bind(**sizes)
        except ValueError:
            continue
    raise InputError(f"give sizes for {program.name}: {', '.join(program.sizes)}")


# --- random data --------------------------------------------------------------------------------------


class _Data:
    """Arrays for one comparison: inputs, parameters, initial states, lengths, resets, seeds."""

    def __init__(self, program: Program, sizes: Mapping[str, int], seed: int, steps: int) -> None:
        rng = np.random.default_rng(seed)
        self.program, self.sizes, self.steps = program, dict(sizes), steps
        self.params: dict[str, Array] = {}
        for param in sorted(program.params, key=lambda p: p.init.kind == "negative"):
            self.params[param.name] = self._parameter(rng, param)
        self.inputs: dict[str, Array] = {}
        for item in program.inputs:
            lead = (steps, _BATCH) if item.per == "step" else (_BATCH,)
            shape = (*lead, item.size.evaluate(sizes))
            if item.rate is not None:
                self.inputs[item.name] = (rng.random(shape) < item.rate).astype(float)
            else:
                self.inputs[item.name] = rng.standard_normal(shape)
        lengths = np.array([steps, max(1, steps - 2), max(1, steps // 2)])
        reset = rng.random((steps, _BATCH)) < 0.15
        reset[1:3, 0] = (True, False)  # one for certain, inside the longest row
        reset[0] = False
        self.seq = Sequences(steps, _BATCH, lengths, reset)
        self.states = self._warm(rng)
        self.weights = rng.standard_normal((steps, _BATCH, program.states[0].size.evaluate(sizes)))
        self.final = [rng.standard_normal(s.shape) for s in self.states]

    def _parameter(self, rng: np.random.Generator, param: Param) -> Array:
        """Values around what the cell declares, so that they stay in its domain."""
        shape, args = param.shape(self.sizes), param.init.args
        normal = rng.standard_normal(shape)
        numbers = [float(a) for a in args if not isinstance(a, str)]
        if param.init.kind == "constant":
            return numbers[0] + 0.1 * (abs(numbers[0]) or 1.0) * normal
        if param.init.kind == "uniform":
            return rng.uniform(numbers[0], numbers[1], shape)
        if param.init.kind == "chrono":
            return np.log(rng.uniform(1, max(numbers[0] - 1, 1.5), shape))
        if param.init.kind == "negative" and str(args[0]) in self.params:
            return -self.params[str(args[0])] + 0.1 * normal
        return normal / np.sqrt(shape[-1]) if param.cols is not None else 0.5 * normal

    def _warm(self, rng: np.random.Generator) -> list[Array]:
        """Initial states as the cell itself reaches them, moved a little."""
        first = Sequences(self.steps, _BATCH)
        with np.errstate(all="ignore"):
            reached = run(self.program, self.inputs, self.params, self.sizes, first).states
        start = initial_states(self.program, _BATCH, self.sizes, np.float64)
        moved = []
        for state, declared in zip(reached, start, strict=True):
            finite = np.where(np.isfinite(state), state, np.where(np.isfinite(declared), declared, 0))
            moved.append(finite + 0.05 * rng.standard_normal(finite.shape))
        return moved

    def run(self, program: Program, record: Sequence[str], dtype: Any = np.float64) -> Run:
        """The forward run of this data."""
        return run(program, self.inputs, self.params, self.sizes, self.seq,
                   states=self.states, record=record, dtype=dtype)  # fmt: skip

    def arrays(self) -> list[tuple[str, Kind, Array]]:
        """What gradients are compared for: the arrays themselves, to be changed in place."""
        masks = {i.name for i in self.program.inputs if i.rate is not None}
        found: list[tuple[str, Kind, Array]] = [(n, "parameter", a) for n, a in self.params.items()]
        found += [(n, "input", a) for n, a in self.inputs.items() if n not in masks]
        names = [s.name for s in self.program.states]
        return found + [(n, "state", a) for n, a in zip(names, self.states, strict=True)]


# --- comparing ------------------------------------------------------------------------------------------


def _compare(
    program: Program, data: _Data
) -> tuple[tuple[Compared, ...], tuple[tuple[str, int], ...]]:
    watched, places = _watch_kinks(program)
    base = data.run(watched, [*places])
    backward = differentiate(program)
    gradients = run_backward(
        program, backward, data.run(program, ()), data.inputs, data.params, data.sizes, data.seq,
        seeds={program.states[0].name: data.weights}, d_states=data.final,
    )  # fmt: skip
    states = dict(zip((s.name for s in program.states), gradients.states, strict=True))
    derived = {"parameter": gradients.params, "input": gradients.inputs, "state": states}
    met: dict[str, int] = {}

    def value() -> float:
        """The function that is differentiated; NaN if the step went over a kink."""
        found = data.run(watched, [*places])
        over = [n for n in places if not np.array_equal(found.recorded[n], base.recorded[n])]
        for name in over:
            met[places[name]] = met.get(places[name], 0) + 1
        if over:
            return float("nan")
        sums = sum((f * w).sum() for f, w in zip(found.states, data.final, strict=True))
        return float((found.output * data.weights).sum() + sums)

    rng = np.random.default_rng(1)
    largest = max((float(np.abs(g).max()) for group in derived.values() for g in group.values()
                   if g.size), default=0.0)  # fmt: skip
    compared = []
    for name, kind, array in data.arrays():
        gradient = derived[kind].get(name, np.zeros_like(array))
        compared.append(_one(name, kind, array, gradient, value, rng, 1e-3 * largest))
    return tuple(compared), tuple(sorted(met.items()))


def _one(
    name: str, kind: Kind, array: Array, gradient: Array, value: Any, rng: Any, floor: float
) -> Compared:
    """Compare the gradient of one array entry by entry; of a large one, also along a direction."""
    flat = np.arange(array.size)
    chosen = flat if array.size <= _MOST else rng.choice(flat, _MOST, replace=False)
    directions = []
    for k in chosen:
        unit = np.zeros(array.size)
        unit[k] = 1.0
        directions.append(unit.reshape(array.shape))
    if array.size > _MOST:
        directions.append(rng.standard_normal(array.shape) / np.sqrt(array.size))
    pairs = []
    for direction in directions:
        numeric = _difference(array, direction, value)
        if not np.isnan(numeric):
            pairs.append((float((gradient * direction).sum()), numeric))
    skipped = len(directions) - len(pairs)
    if not np.isfinite(gradient).all():
        return Compared(name, kind, float("inf"), len(directions), skipped)
    scale = max([floor, *(abs(v) for pair in pairs for v in pair)])
    error = max((abs(a - b) for a, b in pairs), default=0.0)
    return Compared(name, kind, error / scale if scale else 0.0, len(directions), skipped)


def _difference(array: Array, direction: Array, value: Any) -> float:
    """The derivative along a direction, by central differences of fourth order."""
    kept, values = array.copy(), []
    for step in (-2, -1, 1, 2):
        array[...] = kept + step * _STEP * direction
        values.append(value())
        if np.isnan(values[-1]):
            break
    array[...] = kept
    if len(values) < 4 or np.isnan(values[-1]):
        return float("nan")
    return float((values[0] - 8 * values[1] + 8 * values[2] - values[3]) / (12 * _STEP))


# --- what to watch ----------------------------------------------------------------------------------------


def _watch_kinks(program: Program) -> tuple[Program, dict[str, str]]:
    """The Program with a name for every decision it takes: {name: the expression that decides}."""
    nodes, names, places = list(program.nodes), list(program.names), dict[str, str]()
    shown = label(program)
    zero = len(nodes)
    nodes.append(Node("const", attr=0.0))

    def watch(node: Node, at: int) -> None:
        nodes.append(node)
        names.append((f"kink#{len(names)}", len(nodes) - 1))
        places[names[-1][0]] = _short(expression(program, at, shown))

    for at in needed(program):
        node = program.nodes[at]
        if node.op in ("max", "min"):
            watch(Node("lt", node.args, node.size), at)
        elif node.op == "abs":
            watch(Node("lt", (node.args[0], zero), node.size), at)
        elif node.op in ("lt", "le", "eq", "floor"):
            watch(Node(node.op, node.args, node.size), at)
    return replace(program, nodes=tuple(nodes), names=tuple(names)), places


def _short(text: str) -> str:
    return text if len(text) <= 60 else text[:57] + "..."


def _unread(program: Program) -> tuple[str, ...]:
    """States that no equation reads, and that are not handed on either."""
    live = [program.nodes[i] for i in needed(program)]
    read = {node.attr for node in live if node.op == "state"}
    return tuple(s.name for s in program.states if s.name not in read)


def _bad_values(program: Program, data: _Data, dtype: Any) -> tuple[str, ...]:
    """Where values first become infinite or NaN: the equation, and how it came about."""
    everything = [i for i in needed(program) if program.nodes[i].cols is None]
    names = tuple((f"node#{i}", i) for i in everything)
    with np.errstate(all="ignore"):
        found = data.run(replace(program, names=names), [n for n, _ in names], dtype)
    shown = label(program)
    bad = []
    for index in everything:
        values, node = found.recorded[f"node#{index}"], program.nodes[index]
        if OPS[node.op].kind == "leaf":
            continue  # a state may well start at minus infinity
        inside = [found.recorded[f"node#{a}"] for a in node.args if program.nodes[a].cols is None]
        was_finite = np.all([np.isfinite(v).all(-1) for v in inside], axis=0)
        was_number = ~np.any([np.isnan(v).any(-1) for v in inside], axis=0)
        over = np.isinf(values).any(-1) & was_finite
        lost = np.isnan(values).any(-1) & was_number
        what = "becomes NaN" if lost.any() else "overflows" if over.any() else ""
        if what:
            step = int(np.argwhere(lost if lost.any() else over)[0][0])
            text = _short(expression(program, index, {i: t for i, t in shown.items() if i != index}))
            name = f"{shown[index]} = " if index in shown else ""
            bad.append(f"{name}{text} {what} at step {step} ({np.dtype(dtype).name})")
    return tuple(bad[:5])


