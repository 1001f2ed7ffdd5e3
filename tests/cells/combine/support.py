"""What the tests of the combinators share: arrays for a Program, and its gradients checked."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from gatewise import Cell
from gatewise.interp import Run, Sequences, run, run_backward
from gatewise.ir import Program
from gatewise.passes.cse import share
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
        return run(self.program, self.inputs, self.params, self.sizes, self.seq,
                   states=self.states, record=record)  # fmt: skip

    def x(self, t: int) -> Array:
        return self.inputs["x"][t]


def case(cell: Cell | Program, steps: int = 4, batch: int = 3, seed: int = 0, **like: Any) -> Case:
    """Arrays for a cell. ``params``, ``inputs`` and ``states`` in ``like`` are taken where they fit."""
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
    states = like.get("states", states)
    return Case(program, sizes, inputs, params, states, Sequences(steps, batch), rng)


def compiled(program: Program) -> Program:
    """The Program as passes leave it, so that what they do to a combined cell is tested too."""
    return simplify(share(program))


def in_evaluation(cell: Cell) -> Program:
    return compiled(expectation(share(cell.program)))


def check_gradients(given: Case | Cell, limit: float = 1e-6) -> None:
    """The derived gradients of outputs and final states against central differences.

    Every parameter, input (masks are given, not differentiated) and initial state is moved along a
    random direction of its own.
    """
    at = given if isinstance(given, Case) else case(given, steps=3, batch=2)
    at.program = compiled(at.program)
    backward = simplify(share(differentiate(at.program)))
    forward = at.run()
    weights = at.rng.standard_normal(forward.output.shape)
    ends = [at.rng.standard_normal(s.shape) for s in forward.states]
    found = run_backward(
        at.program, backward, forward, at.inputs, at.params, at.sizes, at.seq,
        seeds={at.program.states[0].name: weights}, d_states=ends,
    )  # fmt: skip

    def loss() -> float:
        now = at.run()
        return float((now.output * weights).sum() + sum((s * e).sum() for s, e in
                                                        zip(now.states, ends, strict=True)))  # fmt: skip

    masks = {i.name for i in at.program.inputs if i.rate is not None}
    leaves = [(n, at.params[n], found.params.get(n)) for n in at.params]
    leaves += [(n, a, found.inputs.get(n)) for n, a in at.inputs.items() if n not in masks]
    leaves += [
        (s.name, a, g)
        for s, a, g in zip(at.program.states, at.states, found.states, strict=True)
        if np.isfinite(a).all()
    ]
    for name, array, gradient in leaves:
        assert gradient is None or gradient.shape == array.shape, name
        along = at.rng.standard_normal(array.shape)
        derived = 0.0 if gradient is None else float((gradient * along).sum())
        measured = _central(loss, array, along)
        assert abs(derived - measured) <= limit * max(1.0, abs(measured)), (name, derived, measured)


def _central(loss: Any, array: Array, along: Array, step: float = 1e-5) -> float:
    """Central differences of fourth order: the error of the second order would show."""
    kept = array.copy()

    def at(k: float) -> float:
        array[...] = kept + k * step * along
        return float(loss())

    near, far = at(1) - at(-1), at(2) - at(-2)
    array[...] = kept
    return (8 * near - far) / (12 * step)
