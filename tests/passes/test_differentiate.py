"""Derived gradients are right: random Programs over all ops against finite differences."""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import gatewise as gw
from gatewise.errors import CellError
from gatewise.interp import Run, run, run_backward
from gatewise.ir import Program, validate
from gatewise.passes.cse import cse
from gatewise.passes.differentiate import differentiate
from gatewise.passes.simplify import simplify
from tests.generated import Array, Sample, many, programs, sample

RELATIVE = 1e-6
STEP = 1e-4
TRIES = 12  # points drawn for one program before it is given up

Leaves = dict[tuple[str, str], Array]  # ("params", "W.i") -> array


# --- finite differences ---------------------------------------------------------------------------


def slope(f: Callable[[float], Array], middle: Array) -> Array | None:
    """The derivative of ``f`` at 0, extrapolated from two steps; None next to a kink or a jump.

    ``middle`` is ``f(0)``, which is the same along every direction.

    A kink inside the step makes the two differences disagree; one at 0 itself leaves a difference
    between the slopes on both sides that does not shrink with the step.
    """
    wide, narrow = ((f(e) - f(-e), f(e) - 2 * middle + f(-e), e) for e in (STEP, STEP / 2))
    first, second = (difference / (2 * e) for difference, _, e in (wide, narrow))
    bend, half = (np.abs(curvature / e) for _, curvature, e in (wide, narrow))
    size = np.abs(second).max(initial=0.0)
    noise = 1e-10 * (1 + np.abs(middle).max(initial=0.0))
    agree = np.abs(first - second) <= 0.3 * RELATIVE * size + noise
    shrinks = half <= 0.75 * bend + RELATIVE * size + noise
    if not (agree.all() and shrinks.all() and np.isfinite(second).all()):
        return None
    return np.asarray((4 * second - first) / 3)


def moved(leaves: Leaves, direction: Leaves, distance: float) -> Leaves:
    return {k: a + distance * direction[k] if k in direction else a for k, a in leaves.items()}


def directions(gradients: Leaves, rng: np.random.Generator) -> list[Leaves]:
    """All leaves at once, and each by itself: along its gradient, with a random part."""

    def one(keys: Sequence[tuple[str, str]]) -> Leaves:
        length = np.sqrt(sum(float((gradients[k] ** 2).sum()) for k in keys)) or 1.0
        noise = {k: rng.standard_normal(gradients[k].shape) for k in keys}
        total = np.sqrt(sum(float((v**2).sum()) for v in noise.values())) or 1.0
        return {k: gradients[k] / length + 0.5 * noise[k] / total for k in keys}

    return [one(list(gradients)), *(one([k]) for k in gradients)]


def compare(loss: Callable[[Leaves], float], leaves: Leaves, gradients: Leaves, seed: int) -> bool:
    """Whether all directional derivatives could be compared; fails where they differ."""
    assert set(gradients) == set(leaves)
    middle = loss(leaves)
    for direction in directions(gradients, np.random.default_rng(seed)):
        here = slope(
            lambda e, d=direction: np.asarray(loss(moved(leaves, d, e))), np.asarray(middle)
        )
        if here is None:
            return False
        ours = sum(float((gradients[k] * d).sum()) for k, d in direction.items())
        allowed = RELATIVE * max(abs(ours), abs(float(here))) + 1e-9 * (1 + abs(middle))
        assert abs(ours - here) <= allowed, f"{list(direction)}: {ours} against {float(here)}"
    return True


# --- a Program over sequences ---------------------------------------------------------------------


@dataclass(frozen=True)
class Problem:
    """A Program with arrays, and weights that make one number of all that it gives."""

    at: Sample
    record: tuple[str, ...]
    weights: dict[str, Array]

    @property
    def leaves(self) -> Leaves:
        groups = ("inputs", "params", "states", "restart")
        all_leaves = {(g, n): a for g in groups for n, a in getattr(self.at, g).items()}
        masks = {("inputs", i.name) for i in self.at.program.inputs if i.rate is not None}
        used = {("params", p.name) for p in self.at.program.trainable}
        return {
            k: a
            for k, a in all_leaves.items()
            if k not in masks and (k[0] != "params" or k in used)
        }

    def run(self, leaves: Leaves) -> Run:
        groups: dict[str, dict[str, Array]] = {
            g: {**getattr(self.at, g), **{n: a for (h, n), a in leaves.items() if h == g}}
            for g in ("inputs", "params", "states", "restart")
        }
        return replace(self.at, **groups).run(record=self.record)

    def loss(self, leaves: Leaves) -> float:
        got = self.run(leaves)
        arrays = {
            f"final.{s.name}": a for s, a in zip(self.at.program.states, got.states, strict=True)
        }
        arrays |= {f"seed.{n}": a for n, a in (got.recorded | got.results).items()}
        return sum(float((self.weights[n] * a).sum()) for n, a in arrays.items())

    def gradients(self) -> Leaves:
        """By the derived Program, simplified, in the same interpreter."""
        program = self.at.program
        backward = differentiate(program, self.record)
        assert validate(backward) == backward
        sums = {f"seed.{o.name}" for o in program.outputs if o.over == "batch"}
        got = run_backward(
            program,
            validate(simplify(cse(backward))),
            self.run(self.leaves),
            self.at.inputs,
            self.at.params | {n: self.weights[n] for n in sums},
            self.at.sizes,
            self.at.seq,
            seeds={
                n.removeprefix("seed."): a
                for n, a in self.weights.items()
                if n.startswith("seed.") and n not in sums
            },
            d_states=[self.weights[f"final.{s.name}"] for s in program.states],
        )
        analytic = {("inputs", n): a for n, a in got.inputs.items()}
        analytic |= {
            ("params", p.name): got.params.get(p.name, np.zeros(p.shape(self.at.sizes)))
            for p in program.trainable
        }
        for group, arrays in (("states", got.states), ("restart", got.restart)):
            analytic |= {(group, s.name): a for s, a in zip(program.states, arrays, strict=True)}
        return analytic


def problem(program: Program, seed: int, record: tuple[str, ...], **how: Any) -> Problem:
    """A Program at a random point, with random weights for everything that it gives."""
    at = sample(program, seed, **how)
    rng = np.random.default_rng(seed + 1)
    got = at.run(record=record)
    shapes = {f"final.{s.name}": a.shape for s, a in zip(program.states, got.states, strict=True)}
    shapes |= {f"seed.{n}": a.shape for n, a in (got.recorded | got.results).items()}
    return Problem(at, record, {n: rng.standard_normal(s) for n, s in shapes.items()})


def check(program: Program, record: tuple[str, ...], **how: Any) -> None:
    """Gradients of everything with respect to everything, at a point away from kinks."""
    for seed in range(TRIES):
        here = problem(program, seed, record, **how)
        if compare(here.loss, here.leaves, here.gradients(), seed):
            return
    pytest.fail(f"no point away from a kink in {TRIES}")


@many(100)
@given(program=programs(stops=False), data=st.data())
def test_generated_programs(program: Program, data: st.DataObject) -> None:
    names = [name for name, _ in program.names]
    record = tuple(data.draw(st.lists(st.sampled_from(names), unique=True, max_size=3)))
    check(program, record)


@pytest.mark.slow
@pytest.mark.timeout(1800)
@many(3000)
@given(program=programs(stops=False), data=st.data())
def test_many_generated_programs(program: Program, data: st.DataObject) -> None:
    names = [name for name, _ in program.names]
    record = tuple(data.draw(st.lists(st.sampled_from(names), unique=True, max_size=3)))
    check(program, record, steps=4, batch=3)


# --- cells of the catalogue, combined at random ---------------------------------------------------

COMBINATORS: dict[str, Callable[[gw.Cell], gw.Cell]] = {
    "layer_norm": lambda cell: gw.cells.layer_norm(cell),
    "zoneout": lambda cell: gw.cells.zoneout(cell, **{cell.program.states[0].name: 0.3}),
    "semeniuta": lambda cell: gw.cells.recurrent_dropout(cell, 0.4),
    "gal": lambda cell: gw.cells.recurrent_dropout(cell, 0.4, "gal"),
    "project": lambda cell: gw.cells.project(cell, "Q"),
    "couple": lambda cell: gw.cells.couple(cell),
    "without": lambda cell: gw.cells.without(cell, "o"),
}


def combined(name: str, by: Sequence[str]) -> gw.Cell:
    """A cell of the catalogue after those combinators that it allows."""
    cell: gw.Cell = gw.cells.get(name)
    for combinator in by:
        with contextlib.suppress(CellError):
            cell = COMBINATORS[combinator](cell)
    return cell


COMPOSITIONS = st.builds(
    combined,
    st.sampled_from(gw.cells.names()),
    st.lists(st.sampled_from(sorted(COMBINATORS)), min_size=1, max_size=3),
)


@many(15)
@given(cell=COMPOSITIONS)
def test_generated_compositions(cell: gw.Cell) -> None:
    check(cell.program, (cell.program.states[0].name,))


@pytest.mark.slow
@pytest.mark.timeout(1800)
@many(600)
@given(cell=COMPOSITIONS)
def test_many_generated_compositions(cell: gw.Cell) -> None:
    check(cell.program, (cell.program.states[0].name, cell.names[0]), steps=4, batch=3)


# --- derivatives of derivatives -------------------------------------------------------------------


@dataclass(frozen=True)
class OneStep:
    """The derivative of one step, as a Program that is run and differentiated itself."""

    program: Program
    backward: Program
    at: Problem

    def arguments(self) -> tuple[dict[str, Array], dict[str, Array], list[Array]]:
        """Inputs, parameters and entering adjoints of the derived Program."""
        p, w = self.program, self.at.weights
        inputs = self.at.at.inputs | {n: a[None] for n, a in self.at.at.states.items()}
        inputs |= {n: a for n, a in w.items() if n.startswith("seed.")}
        sums = {f"seed.{o.name}" for o in p.outputs if o.over == "batch"}
        params = self.at.at.params | {n: w[n] for n in sums}
        names = {i.name for i in self.backward.inputs}
        return (
            {n: a for n, a in inputs.items() if n in names},
            {q.name: params[q.name] for q in self.backward.trainable},
            [w[f"final.{s.name}"] for s in p.states],
        )

    def run(self, leaves: Leaves) -> Run:
        inputs, params, states = self.arguments()
        inputs = {n: leaves.get(("inputs", n), a) for n, a in inputs.items()}
        params = {n: leaves.get(("params", n), a) for n, a in params.items()}
        states = [
            leaves.get(("states", s.name), a)
            for s, a in zip(self.backward.states, states, strict=True)
        ]
        sizes, seq = self.at.at.sizes, self.at.at.seq
        return run(self.backward, inputs, params, sizes, seq, states=states)

    @property
    def leaves(self) -> Leaves:
        inputs, params, states = self.arguments()
        masks = {i.name for i in self.program.inputs if i.rate is not None}
        leaves_ = {("inputs", n): a for n, a in inputs.items() if n not in masks}
        leaves_ |= {("params", n): a for n, a in params.items()}
        return leaves_ | {
            ("states", s.name): a for s, a in zip(self.backward.states, states, strict=True)
        }

    def loss(self, leaves: Leaves, weights: Mapping[str, Array]) -> float:
        got = self.run(leaves)
        arrays = {s.name: a for s, a in zip(self.backward.states, got.states, strict=True)}
        arrays |= {f"out.{n}": a for n, a in got.results.items()}
        return sum(float((weights[n] * a).sum()) for n, a in arrays.items())

    def gradients(self, weights: Mapping[str, Array]) -> Leaves:
        """By the derivative of the derivative."""
        inputs, params, _ = self.arguments()
        twice = validate(simplify(differentiate(self.backward, record=())))
        outs = {n.removeprefix("out."): a for n, a in weights.items() if n.startswith("out.")}
        sums = {o.name for o in self.backward.outputs if o.over == "batch"}
        got = run_backward(
            self.backward,
            twice,
            self.run(self.leaves),
            inputs,
            params | {f"seed.{n}": outs[n] for n in sums},
            self.at.at.sizes,
            self.at.at.seq,
            seeds={n: a for n, a in outs.items() if n not in sums},
            d_states=[weights[s.name] for s in self.backward.states],
        )
        analytic = {("inputs", n): a for n, a in got.inputs.items()}
        analytic |= {("params", n): got.params.get(n, np.zeros_like(a)) for n, a in params.items()}
        return analytic | {
            ("states", s.name): a for s, a in zip(self.backward.states, got.states, strict=True)
        }


def one_step(program: Program, seed: int) -> tuple[OneStep, dict[str, Array]]:
    """The derivative of one step at a random point, and weights for what it gives."""
    record = (program.states[0].name,)
    here = problem(program, seed, record, steps=1, ragged=False)
    step = OneStep(program, simplify(differentiate(program, record)), here)
    got, rng = step.run(step.leaves), np.random.default_rng(seed + 2)
    shapes = {s.name: a.shape for s, a in zip(step.backward.states, got.states, strict=True)}
    shapes |= {f"out.{n}": a.shape for n, a in got.results.items()}
    return step, {n: rng.standard_normal(shape) for n, shape in shapes.items()}


@many(60)
@given(program=programs(stops=False))
def test_the_derivative_of_a_derivative(program: Program) -> None:
    for seed in range(TRIES):
        step, weights = one_step(program, seed)
        loss = functools.partial(step.loss, weights=weights)
        if compare(loss, step.leaves, step.gradients(weights), seed):
            return
    pytest.fail(f"no point away from a kink in {TRIES}")


@many(60)
@given(program=programs(stops=False))
def test_dot_products(program: Program) -> None:
    """<J v, w> = <v, J^T w>: the derivative gives J^T w; it is linear in w, so its own derivative
    with respect to w gives J v, which is also what finite differences of the forward step give."""
    for seed in range(TRIES):
        step, v = one_step(program, seed)
        tangents = {
            k: a
            for k, a in step.gradients(v).items()
            if k[0] == "states" or k[1].startswith("seed.")
        }
        left = sum(float((tangents[k] * step.leaves[k]).sum()) for k in tangents)
        assert left == pytest.approx(step.loss(step.leaves, v), rel=1e-10, abs=1e-10)
        if _tangents_are_differences(step, v, tangents):
            return
    pytest.fail(f"no point away from a kink in {TRIES}")


def _tangents_are_differences(step: OneStep, v: Mapping[str, Array], tangents: Leaves) -> bool:
    """Compare J v with differences of the forward step along v."""
    here, states = step.at, [s.name for s in step.program.states]
    along: Leaves = {("states", n): v[f"d.{n}"] for n in states}
    for group in ("inputs", "params"):
        along |= {
            (group, n): v[f"out.d.{n}"] for g, n in here.leaves if g == group and f"out.d.{n}" in v
        }
    outputs: dict[tuple[str, str], Callable[[Run], Array]] = {
        ("states", f"d.{n}"): (lambda got, k=k: got.states[k]) for k, n in enumerate(states)
    }
    outputs[("inputs", f"seed.{states[0]}")] = lambda got: got.recorded[states[0]]
    # every output is read from the same few runs
    run_at = functools.cache(lambda e: here.run(moved(here.leaves, along, e)))
    for key, read in outputs.items():
        difference = slope(lambda e, read=read: read(run_at(e)), read(run_at(0.0)))
        if difference is None:
            return False
        allowed = RELATIVE * np.abs(difference).max(initial=0.0) + 1e-8
        assert np.abs(difference - tangents[key]).max(initial=0.0) <= allowed, key
    return True
