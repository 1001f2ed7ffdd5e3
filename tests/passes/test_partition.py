"""Save or recompute: the split gives the gradients of the whole derivative, and saves what is dear."""

import itertools
import math

import numpy as np
import pytest

import gatewise as gw
from gatewise import interp
from gatewise.ir import OPS
from gatewise.passes.differentiate import differentiate
from gatewise.passes.partition import KEEP, minimum_cut
from gatewise.passes.pipeline import derive
from tests.tolerances import assert_close

SIZES = {"I": 3, "H": 4, "P": 2, "S": 2}


def problem(name):
    """A cell with arrays for three rows and five steps, lengths and resets included."""
    program = gw.cells.get(name).program
    sizes = {k: SIZES[k] for k in program.sizes}
    rng = np.random.default_rng(7)
    params = {p.name: rng.standard_normal(p.shape(sizes)) for p in program.params}
    inputs = {
        i.name: rng.standard_normal(
            (*((5, 3) if i.per == "step" else (3,)), i.size.evaluate(sizes))
        )
        for i in program.inputs
    }
    seq = interp.Sequences(5, 3, np.array([5, 2, 4]), rng.random((5, 3)) < 0.2)
    return program, sizes, params, inputs, seq, rng


@pytest.mark.parametrize("name", gw.cells.names())
def test_split_gives_the_same_gradients(name):
    program, sizes, params, inputs, seq, rng = problem(name)
    whole = interp.run(program, inputs, params, sizes, seq)
    seeds = {program.states[0].name: rng.standard_normal(whole.output.shape)}
    expected = interp.run_backward(
        program, differentiate(program), whole, inputs, params, sizes, seq, seeds=seeds
    )
    split = derive(program)
    saved = interp.run(split.forward, inputs, params, sizes, seq)
    derived = interp.run_backward(
        program,
        split.backward,
        saved,
        {**inputs, **saved.results},
        params,
        sizes,
        seq,
        seeds=seeds,
    )
    assert_close(saved.output, whole.output, "float64", "forward")
    for kind in ("inputs", "params"):
        for key, value in getattr(expected, kind).items():
            assert_close(getattr(derived, kind)[key], value, "float64", "gradient")


@pytest.mark.parametrize("name", gw.cells.names())
def test_nothing_dear_is_computed_again(name):
    split = derive(gw.cells.get(name).program)
    forward = {o.name for o in split.forward.outputs}
    assert set(split.saved) <= forward
    read = {i.name for i in split.backward.inputs}
    assert set(split.saved) <= read, "something is kept that nobody reads"
    assert all(
        n.op != "matvec" or _reads_gradient(split.backward, k)
        for k, n in enumerate(split.backward.nodes)
    )


def _reads_gradient(program, index):
    """Whether a node depends on a gradient that comes in."""
    node = program.nodes[index]
    if node.op in ("input", "state"):
        return str(node.attr).startswith(("seed.", "d."))
    return any(_reads_gradient(program, a) for a in node.args)


def test_lstm_keeps_its_gates():
    split = derive(gw.cells.lstm.program)
    assert set(split.saved) == {"save.i", "save.f", "save.z", "save.o"}
    # tanh(c) takes a tanh and three operations of the gates and the cell that are kept anyway
    assert OPS["tanh"].cost + 3 * OPS["add"].cost < KEEP


def test_one_kept_vector_in_place_of_two_that_are_made_of_it():
    """minGRU's derivative reads a mask and a sigmoid of the same preactivation."""
    assert set(derive(gw.cells.mingru.program).saved) == {"save.z", "save.a"}


def test_what_nobody_reads_back_is_not_kept_either():
    """The states that enter are counted: 1997's three lie in one vector, kept once."""
    backward = derive(gw.cells.lstm_1997.program).backward
    assert not {"h", "i", "o"} & {i.name for i in backward.inputs}


@pytest.mark.parametrize("seed", range(30))
def test_minimum_cut_against_all_cuts(seed):
    rng = np.random.default_rng(seed)
    n = 7
    edges = {a: {} for a in range(n)}
    for a, b in itertools.permutations(range(n), 2):
        if rng.random() < 0.4:
            edges[a][b] = float(rng.integers(0, 6)) if rng.random() < 0.9 else math.inf

    def cost(side):
        return sum(c for a in side for b, c in edges[a].items() if b not in side)

    cuts = [
        {0, *extra} for k in range(n - 1) for extra in itertools.combinations(range(1, n - 1), k)
    ]
    least = min(cost(cut) for cut in cuts)
    if math.isinf(least):
        return
    source_side = minimum_cut(edges, 0, n - 1)
    assert 0 in source_side
    assert n - 1 not in source_side
    assert cost(source_side) == least
