"""Save or recompute: the split gives the gradients of the whole derivative, and saves what is dear."""

import numpy as np
import pytest

import gatewise as gw
from gatewise import interp
from gatewise.ir import OPS
from gatewise.passes.differentiate import differentiate
from gatewise.passes.pipeline import derive
from gatewise.passes.save import LIMIT
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
    kept = interp.run(split.forward, inputs, params, sizes, seq)
    found = interp.run_backward(
        program,
        split.backward,
        kept,
        {**inputs, **kept.results},
        params,
        sizes,
        seq,
        seeds=seeds,
    )
    assert_close(kept.output, whole.output, "float64", "forward")
    for kind in ("inputs", "params"):
        for key, value in getattr(expected, kind).items():
            assert_close(getattr(found, kind)[key], value, "float64", "gradient")


@pytest.mark.parametrize("name", gw.cells.names())
def test_nothing_dear_is_computed_again(name):
    split = derive(gw.cells.get(name).program)
    forward = {o.name for o in split.forward.outputs}
    assert set(split.saved) <= forward
    read = {i.name for i in split.backward.inputs}
    assert set(split.saved) <= read, "something is kept that nobody reads"
    assert all(n.op != "matvec" or _reads_gradient(split.backward, k)
               for k, n in enumerate(split.backward.nodes))  # fmt: skip


def _reads_gradient(program, index):
    """Whether a node depends on a gradient that comes in."""
    node = program.nodes[index]
    if node.op in ("input", "state"):
        return str(node.attr).startswith(("seed.", "d."))
    return any(_reads_gradient(program, a) for a in node.args)


def test_lstm_keeps_its_gates_and_the_squashed_cell():
    split = derive(gw.cells.lstm.program)
    assert {n for n in split.saved if not n.removeprefix("save.").isdigit()} == {
        "save.i", "save.f", "save.z", "save.o",
    }  # fmt: skip
    assert len(split.saved) == 5, "the gates, and tanh(c)"
    assert OPS["tanh"].cost > LIMIT > OPS["add"].cost
