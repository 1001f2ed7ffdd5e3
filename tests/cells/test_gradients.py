"""Derived gradients of every cell: against finite differences, torch's autograd and its jvp.

Rows of unequal length (one empty), boundaries inside them, both directions; gradients flow in from
every output and every final state, and out into weights, inputs, initial and restart states.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pytest
import torch

from gatewise import interp
from gatewise.ir import Program
from gatewise.passes.cse import cse
from gatewise.passes.differentiate import differentiate
from gatewise.passes.simplify import simplify
from tests.cells.cases import CASES, Case, Values, by_interpreter, by_paper, draw, tensors
from tests.tolerances import assert_close

STEPS, BATCH = 4, 3
LENGTHS = np.array([4, 2, 0])
RESET = np.zeros((STEPS, BATCH), bool)
RESET[[0, 2, 1], [0, 0, 1]] = True
FORWARD = interp.Sequences(STEPS, BATCH, LENGTHS, RESET)
REVERSE = interp.Sequences(STEPS, BATCH, LENGTHS, RESET, reverse=True)
DIRECTIONS = pytest.mark.parametrize("seq", [FORWARD, REVERSE], ids=["forward", "reverse"])
ALL = pytest.mark.parametrize("case", CASES, ids=str)


@cache
def backward_of(program: Program) -> Program:
    return simplify(cse(differentiate(program)))


class Loss:
    """A random linear function of all outputs and final states: what flows in from outside."""

    def __init__(self, case: Case, seed: int) -> None:
        rng = np.random.default_rng([seed, 1])
        sizes = [s.size.evaluate(case.sizes) for s in case.cell.program.states]
        self.output = rng.standard_normal((STEPS, BATCH, sizes[0]))
        self.states = [rng.standard_normal((BATCH, n)) for n in sizes]

    def __call__(self, output: Any, states: Any) -> Any:
        total = (output * self.output).sum()
        return total + sum((s * w).sum() for s, w in zip(states, self.states, strict=True))

    def tensors(self, output: torch.Tensor, states: tuple[torch.Tensor, ...]) -> torch.Tensor:
        total = (output * torch.tensor(self.output)).sum()
        return total + sum(
            (s * torch.tensor(w)).sum() for s, w in zip(states, self.states, strict=True)
        )


def value(case: Case, values: Values, seq: interp.Sequences, loss: Loss) -> float:
    run = by_interpreter(case, values, seq)
    return float(loss(run.output, run.states))


def gradient(case: Case, values: Values, seq: interp.Sequences, loss: Loss) -> Values:
    """By the derived Program, in the shape of the values."""
    program = case.cell.program
    got = interp.run_backward(
        program,
        backward_of(program),
        by_interpreter(case, values, seq),
        values.inputs,
        values.params,
        case.sizes,
        seq,
        seeds={program.states[0].name: loss.output},
        d_states=loss.states,
    )
    names = [s.name for s in program.states]
    states, restart = (dict(zip(names, g, strict=True)) for g in (got.states, got.restart))
    zeros = values.map(lambda _, a: np.zeros_like(a))
    return Values(zeros.params | got.params, zeros.inputs | got.inputs, states, restart)


@DIRECTIONS
@ALL
def test_against_autograd(case: Case, seq: interp.Sequences) -> None:
    """Every element of every gradient, against autograd through the equations of the paper."""
    values, loss = draw(case, STEPS, BATCH), Loss(case, 0)
    leaves = tensors(values)
    loss.tensors(*by_paper(case, leaves, seq)).backward()
    ours = gradient(case, values, seq, loss).flat()
    for name, leaf in leaves.flat().items():
        theirs = np.zeros(leaf.shape) if leaf.grad is None else leaf.grad
        assert_close(ours[name], theirs, "float64", "gradient", name=name)


# torch loads its forward-mode rules through torch.jit, of which it warns
@pytest.mark.filterwarnings("ignore:.torch.jit.script. is:DeprecationWarning")
@DIRECTIONS
@ALL
def test_dot_product(case: Case, seq: interp.Sequences) -> None:
    """<J v, w> = <v, J^T w>: the left side by forward mode through the paper's equations."""
    values, loss = draw(case, STEPS, BATCH, seed=1), Loss(case, 1)
    rng = np.random.default_rng(2)
    v = values.map(lambda _, a: rng.standard_normal(a.shape))
    names = list(values.flat())

    def forward(*arrays: torch.Tensor) -> torch.Tensor:
        by_name = dict(zip(names, arrays, strict=True))
        leaves = values.map(lambda name, _: by_name[name])
        return loss.tensors(*by_paper(case, leaves, seq))

    primal = tuple(torch.tensor(a) for a in values.flat().values())
    tangent = tuple(torch.tensor(a) for a in v.flat().values())
    jv_w = float(torch.func.jvp(forward, primal, tangent)[1])
    g = gradient(case, values, seq, loss).flat()
    terms = [float((v.flat()[name] * g[name]).sum()) for name in names]
    assert abs(jv_w - sum(terms)) <= 1e-11 * sum(map(abs, terms))


@DIRECTIONS
@ALL
def test_finite_differences(case: Case, seq: interp.Sequences) -> None:
    """Along the gradient itself and along a random direction, array by array, below 1e-6.

    Where two step widths disagree the point lies near a kink, and another one is drawn.
    """
    for seed in range(10):
        values, loss = draw(case, STEPS, BATCH, seed), Loss(case, seed)
        if _differences_agree(case, values, seq, loss, np.random.default_rng(seed)):
            return
    pytest.fail("every point drawn lies near a kink")


def _differences_agree(
    case: Case, values: Values, seq: interp.Sequences, loss: Loss, rng: np.random.Generator
) -> bool:
    """Whether the point is far from kinks; fails if a gradient is wrong there."""
    for name, g in gradient(case, values, seq, loss).flat().items():
        size = float(np.linalg.norm(g))
        directions = [rng.standard_normal(g.shape)] + ([g] if size else [])
        for v in directions:
            unit = v / np.linalg.norm(v)
            expected = float((g * unit).sum())
            scale = max(size, 1e-3)
            wide = _difference(case, values, seq, loss, name, unit, 2e-5)
            if abs(wide - expected) < 1e-6 * scale:
                continue
            narrow = _difference(case, values, seq, loss, name, unit, 5e-6)
            if abs(wide - narrow) > 2e-7 * scale:
                return False
            pytest.fail(f"{name}: the gradient says {expected}, differences {wide} and {narrow}")
    return True


def _difference(
    case: Case,
    values: Values,
    seq: interp.Sequences,
    loss: Loss,
    name: str,
    unit: np.ndarray[Any, Any],
    eps: float,
) -> float:
    def moved(by: float) -> float:
        shifted = values.map(lambda known, a: a + by * unit if known == name else a)
        return value(case, shifted, seq, loss)

    return (moved(eps) - moved(-eps)) / (2 * eps)


@pytest.mark.parametrize("heads", [1, 2])
def test_slstm_has_a_gradient_where_it_starts(heads: int) -> None:
    """Minus infinity in the stabiliser leaves no NaN behind, at the start or at a reset.

    The bias of the input gate alone has no gradient: from that start it scales c and n alike.
    """
    case = Case("slstm", {"heads": heads})
    program, values = case.cell.program, draw(case, STEPS, BATCH)
    forward = interp.run(program, values.inputs, values.params, case.sizes, FORWARD)
    got = interp.run_backward(
        program,
        backward_of(program),
        forward,
        values.inputs,
        values.params,
        case.sizes,
        FORWARD,
        seeds={"h": np.ones_like(forward.output)},
    )
    arrays = (*got.params.values(), *got.inputs.values(), *got.states, *got.restart)
    assert all(np.isfinite(a).all() for a in arrays)
    assert {name for name, a in got.params.items() if np.abs(a).max() < 1e-12} == {"b.i"}
