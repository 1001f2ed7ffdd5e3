"""Distribute splits sums over matrices, and keeps what a Program means."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import gatewise as gw
from gatewise.ir import Program
from gatewise.ir.matrices import SUMS
from gatewise.lang import outer, transpose
from gatewise.passes.distribute import distribute
from gatewise.passes.factor import factor
from gatewise.passes.pipeline import derive
from gatewise.passes.simplify import simplify
from tests.generated import sample, seeded
from tests.passes.test_simplify import same


@gw.cell(sizes={"k": "K", "u": 1}, blocks={"S": "heads"})
def bonus(x, /, h, S, *, W, u, heads=1):
    """RWKV's: what is written now counts more when it is read at once."""
    q, k, v = W.q @ x, W.k @ x, W.v @ x
    h = (S - outer(u * v, k)) @ q + transpose(S + outer(v, k)) @ h
    return h, 0.9 * S + outer(v, k)


def entries_summed(program: Program) -> int:
    """Sums over rows and columns of what is computed entry by entry, as it was before a matrix was read."""
    return sum(node.op in SUMS for node in program.nodes)


@pytest.mark.parametrize("heads", [1, 2])
def test_a_sum_in_brackets_becomes_two(heads: int) -> None:
    program = simplify(bonus(heads=heads).program)
    split = factor(distribute(program))
    assert entries_summed(program) == entries_summed(split) == 2
    sums = [split.nodes[n.args[0]] for n in split.nodes if n.op in SUMS]
    for product in sums:  # of the state as it is: what was in brackets is a product of vectors now
        assert "add" not in {split.nodes[a].op for a in product.args}
    at = sample(program, sizes={"I": 3, "H": 4, "K": 6})
    same(at.run(), at.run(split))


def matrices_added(program: Program) -> int:
    """Sums of two matrices, entry by entry."""
    size = gw.cells.mlstm.program.state("C").size
    return sum(node.op == "add" and node.size == size for node in program.nodes)


def test_what_others_read_stays_whole() -> None:
    program = simplify(gw.cells.mlstm.program)  # the next state is the matrix in brackets
    assert matrices_added(program) == matrices_added(distribute(program)) == 1


def test_the_derivative_of_an_mlstm_adds_matrices_once() -> None:
    """The gradient of C: C itself, which the gradient of q reads, is not computed again."""
    assert matrices_added(derive(gw.cells.mlstm.program, ("h",)).backward) == 1


@pytest.mark.parametrize("seed", range(12))
def test_random_programs_mean_the_same(seed: int) -> None:
    program = replace(seeded(seed, matrices=True), outputs=())
    at = sample(program, seed)
    with np.errstate(all="ignore"):
        same(at.run(), at.run(factor(distribute(program))))
