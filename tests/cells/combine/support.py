"""What the tests of the combinators share: arrays for a Program, and its gradients checked."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from gatewise import Cell
from gatewise.interp import Gradients, Run, Sequences, run, run_backward
from gatewise.ir import Program
from gatewise.passes.cse import cse
from gatewise.passes.differentiate import differentiate
from gatewise.passes.expectation import expectation
from gatewise.passes.simplify import simplify

Array = np.ndarray[Any, Any]
NUMBERS = {"I": 2, "H": 4, "P": 3, "Q": 2, "S": 2}


def sigmoid(a: Array) -> Array:
    return 1 / (1 + np.exp(-a))


def norm(*vectors: Array, eps: float = 1e-5) -> list[Array]:
    """Layer normalisation over the units of all vectors, from its definition."""
    joined = np.concatenate(vectors, axis=-1)
    joined = joined - joined.mean(-1, keepdims=True)
    joined = joined / np.sqrt((joined**2).mean(-1, keepdims=True) + eps)
    return list(np.split(joined, np.cumsum([v.shape[-1] for v in vectors])[:-1], axis=-1))


@dataclass
class Case:
    """A Program with arrays for all that it reads."""

    program: Program
    sizes: dict[str, int]
    inputs: dict[str, Array]
    params: dict[str, Array]
    states: list[Array]
    seq: Sequences
    rng: np.random.Generator = field(repr=False)

    def run(self, *record: str) -> Run:
        return run(
            self.program,
            self.inputs,
            self.params,
            self.sizes,
            self.seq,
            states=self.states,
            record=record,
        )

    def x(self, t: int) -> Array:
        return self.inputs["x"][t]


def case(cell: Cell | Program, steps: int = 4, batch: int = 3, seed: int = 0, **like: Any) -> Case:
    """Arrays for a cell, drawn but for the ``params`` and ``inputs`` that ``like`` has."""
    program = cell.program if isinstance(cell, Cell) else cell
    rng = np.random.default_rng(seed)
    sizes = {n: NUMBERS[n] for n in program.sizes}
    inputs = {}
    for item in program.inputs:
        lead = (steps, batch) if item.per == "step" else (batch,)
        shape = (*lead, item.size.evaluate(sizes))
        drawn = rng.standard_normal(shape)
        if item.rate is not None:
            drawn = (rng.random(shape) < item.rate).astype(float)
        inputs[item.name] = like.get("inputs", {}).get(item.name, drawn)
    params = {p.name: rng.standard_normal(p.shape(sizes)) for p in program.params}
    params |= {n: a for n, a in like.get("params", {}).items() if n in params}
    states = [rng.standard_normal((batch, s.size.evaluate(sizes))) for s in program.states]
    return Case(program, sizes, inputs, params, states, Sequences(steps, batch), rng)


def compiled(program: Program) -> Program:
    """The Program as passes leave it, so that what they do to a combined cell is tested too."""
    return simplify(cse(program))


def in_evaluation(cell: Cell) -> Program:
    return compiled(expectation(cse(cell.program)))


def check_gradients(sample: Case | Cell, limit: float = 1e-6) -> None:
    """The derived gradients of outputs and final states against central differences.

    Each family of parameters, each input (masks are given, not differentiated) and each initial
    state is moved along a random direction of its own.
    """
    at = sample if isinstance(sample, Case) else case(sample, steps=3, batch=2)
    at.program = compiled(at.program)
    backward = simplify(cse(differentiate(at.program)))
    forward = at.run()
    weights = at.rng.standard_normal(forward.output.shape)
    ends = [at.rng.standard_normal(s.shape) for s in forward.states]
    analytic = run_backward(
        at.program,
        backward,
        forward,
        at.inputs,
        at.params,
        at.sizes,
        at.seq,
        seeds={at.program.states[0].name: weights},
        d_states=ends,
    )

    def loss() -> float:
        now = at.run()
        finals = zip(now.states, ends, strict=True)
        return float((now.output * weights).sum() + sum((s * e).sum() for s, e in finals))

    for name, arrays, gradients in _leaves(at, analytic):
        along = [at.rng.standard_normal(a.shape) for a in arrays]
        derived = sum(float((g * d).sum()) for g, d in zip(gradients, along, strict=True))
        measured = _central(loss, arrays, along)
        assert abs(derived - measured) <= limit * max(1.0, abs(measured)), (name, derived, measured)


def _leaves(at: Case, analytic: Gradients) -> Iterator[tuple[str, list[Array], list[Array]]]:
    """What can be moved: (name, arrays, their gradients)."""
    for family in dict.fromkeys(n.split(".")[0] for n in at.params):
        members = [n for n in at.params if n.split(".")[0] == family]
        arrays = [at.params[n] for n in members]
        # a parameter that is only compared has no gradient at all: zero
        zeros = [np.zeros_like(a) for a in arrays]
        gradients = [analytic.params.get(n, z) for n, z in zip(members, zeros, strict=True)]
        yield family, arrays, gradients
    for item in at.program.inputs:
        if item.rate is None:
            yield item.name, [at.inputs[item.name]], [analytic.inputs[item.name]]
    for state, array, gradient in zip(at.program.states, at.states, analytic.states, strict=True):
        yield state.name, [array], [gradient]


def _central(loss: Callable[[], float], arrays: list[Array], along: list[Array]) -> float:
    """Central differences of fourth order: the error of the second order would show."""
    originals, step = [a.copy() for a in arrays], 1e-4

    def at(k: int) -> float:
        for array, start, direction in zip(arrays, originals, along, strict=True):
            array[...] = start + k * step * direction
        return loss()

    near, far = at(1) - at(-1), at(2) - at(-2)
    for array, start in zip(arrays, originals, strict=True):
        array[...] = start
    return (8 * near - far) / (12 * step)
