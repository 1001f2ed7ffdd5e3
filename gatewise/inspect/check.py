"""Is a cell right? Its gradient against finite differences, and what else can go wrong with it.

The cell runs in float64 through the interpreter, on random data with rows of different lengths and
resets inside. Its derivative (the pass ``differentiate``) is compared with fourth-order central
differences of a random linear function of outputs and final states. Where a difference would step
over a kink (of a maximum, a comparison, a floor), the derivative is not what it measures: such entries
are left out and counted, and the data drawn again where they are many. What no gradient passes
(``stop_gradient``) is held at the values that it has on the data, and so does not move with them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from gatewise.arrays import Array
from gatewise.errors import InputError
from gatewise.inspect.sample import Kind, Sample
from gatewise.interp import run_backward
from gatewise.ir import OPS, Input, Node, Program
from gatewise.ir.builder import needed
from gatewise.ir.printer import expression, label
from gatewise.passes.differentiate import differentiate

TOLERANCE = 1e-6  # relative to the largest gradient of the same array
_STEP = 1e-4
# entries of an array that are compared one by one; of a larger one, these and a direction
_MOST = 64
_DRAWS = 4
_STEPS, _LONG = 5, 100


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
    bad = _bad_values(program, Sample(program, bound, seed, _LONG), np.float32)
    unread = _unread(program)
    draws = []
    for draw in range(_DRAWS):
        data = Sample(program, bound, seed + 1000 * draw, _STEPS)
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


# --- comparing ------------------------------------------------------------------------------------------


def _compare(
    program: Program, data: Sample
) -> tuple[tuple[Compared, ...], tuple[tuple[str, int], ...]]:
    watched, places = _watch_kinks(program)
    watched = _hold_stopped(watched, data)
    base = data.run(watched, [*places])
    backward = differentiate(program)
    gradients = run_backward(
        program,
        backward,
        data.run(program, ()),
        data.inputs,
        data.params,
        data.sizes,
        data.seq,
        seeds={program.states[0].name: data.weights},
        d_states=data.final,
    )
    states = dict(zip((s.name for s in program.states), gradients.states, strict=True))
    derived = {"parameter": gradients.params, "input": gradients.inputs, "state": states}
    met: dict[str, int] = {}

    def value() -> float:
        """The function that is differentiated; NaN if the step went over a kink."""
        run = data.run(watched, [*places])
        over = [n for n in places if not np.array_equal(run.recorded[n], base.recorded[n])]
        for name in over:
            met[places[name]] = met.get(places[name], 0) + 1
        if over:
            return float("nan")
        sums = sum((f * w).sum() for f, w in zip(run.states, data.final, strict=True))
        return float((run.output * data.weights).sum() + sums)

    rng = np.random.default_rng(1)
    largest = max(
        (float(np.abs(g).max()) for group in derived.values() for g in group.values() if g.size),
        default=0.0,
    )
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
    original, values = array.copy(), []
    for step in (-2, -1, 1, 2):
        array[...] = original + step * _STEP * direction
        values.append(value())
        if np.isnan(values[-1]):
            break
    array[...] = original
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
        if node.op == "amax":
            (of,) = node.args
            nodes.append(Node("repeat", (at,), nodes[of].size, None, node.attr))
            watch(Node("eq", (of, len(nodes) - 1), nodes[of].size), at)
        elif node.op in ("max", "min"):
            watch(Node("lt", node.args, node.size), at)
        elif node.op == "abs":
            watch(Node("lt", (node.args[0], zero), node.size), at)
        elif node.op in ("lt", "le", "eq", "floor"):
            watch(Node(node.op, node.args, node.size), at)
    return replace(program, nodes=tuple(nodes), names=tuple(names)), places


def _hold_stopped(program: Program, data: Sample) -> Program:
    """The Program with inputs in place of what no gradient passes; ``data`` gets their values."""
    stopped = {f"held.{k}": k for k, n in enumerate(program.nodes) if n.op == "stop_gradient"}
    if not stopped:
        return program
    named = replace(program, names=(*program.names, *stopped.items()))
    data.held = data.run(named, [*stopped]).recorded
    nodes, inputs = list(program.nodes), list(program.inputs)
    for name, k in stopped.items():
        inputs.append(Input(name, nodes[k].size))
        nodes[k] = Node("input", (), nodes[k].size, None, name)
    return replace(program, nodes=tuple(nodes), inputs=tuple(inputs))


def _short(text: str) -> str:
    return text if len(text) <= 60 else text[:57] + "..."


def _unread(program: Program) -> tuple[str, ...]:
    """States that no equation reads and that no other state takes over."""
    leaves = {str(n.attr): i for i, n in enumerate(program.nodes) if n.op == "state"}
    read = {arg for i in needed(program) for arg in program.nodes[i].args}
    unread = []
    for k, state in enumerate(program.states):
        taken = {leaf for j, leaf in enumerate(program.next) if j != k} | read
        if leaves.get(state.name) not in taken:
            unread.append(state.name)
    return tuple(unread)


def _bad_values(program: Program, data: Sample, dtype: Any) -> tuple[str, ...]:
    """Where values first become infinite or NaN: the equation, and how it came about."""
    everything = [i for i in needed(program) if program.nodes[i].cols is None]
    names = tuple((f"node#{i}", i) for i in everything)
    with np.errstate(all="ignore"):
        run = data.run(replace(program, names=names), [n for n, _ in names], dtype)
    shown = label(program)
    bad: list[tuple[int, str]] = []
    for index in everything:
        values, node = run.recorded[f"node#{index}"], program.nodes[index]
        if OPS[node.op].kind == "leaf":
            continue  # a state may well start at minus infinity
        inside = [run.recorded[f"node#{a}"] for a in node.args if program.nodes[a].cols is None]
        was_finite = np.all([np.isfinite(v).all(-1) for v in inside], axis=0)
        was_number = ~np.any([np.isnan(v).any(-1) for v in inside], axis=0)
        over = np.isinf(values).any(-1) & was_finite
        lost = np.isnan(values).any(-1) & was_number
        what = "becomes NaN" if lost.any() else "overflows" if over.any() else ""
        if what:
            step = int(np.argwhere(lost if lost.any() else over)[0][0])
            text = _short(
                expression(program, index, {i: t for i, t in shown.items() if i != index})
            )
            name = f"{shown[index]} = " if index in shown else ""
            bad.append((step, f"{name}{text} {what} at step {step} ({np.dtype(dtype).name})"))
    first = min((step for step, _ in bad), default=0)  # what comes later follows from it
    return tuple(text for step, text in bad if step == first)
