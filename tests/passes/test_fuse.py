"""Fuse: matrix terms of a sum stand together, and values stay."""

import numpy as np
import pytest

import gatewise as gw
from gatewise import interp
from gatewise.ir import validate
from gatewise.lang import tanh
from gatewise.passes.fuse import PRODUCTS, fuse
from gatewise.passes.schedule import schedule
from tests.passes.test_partition import problem
from tests.tolerances import assert_close


@gw.cell
def scattered(x, /, h, c, *, W, U, p, b):
    """Matrix terms with other things in between."""
    i = tanh(p.i * c + W.i @ x + b.i + U.i @ h)
    c = c + i
    return tanh(c), c


def test_matrix_terms_come_together():
    before = schedule(scattered.program)
    after = schedule(fuse(scattered.program))
    columns = [c for p in after.phases for q in p.products for c in q.columns]
    assert [len(c.terms) for c in columns] == [2], "one column that sums both products"
    assert sum(len(q.columns) for p in before.phases for q in p.products) == 2


@pytest.mark.parametrize("name", gw.cells.names())
def test_values_and_names_stay(name):
    program, sizes, params, inputs, seq, _ = problem(name)
    fused = validate(fuse(program))
    assert [n for n, _ in fused.names] == [n for n, _ in program.names]
    a = interp.run(program, inputs, params, sizes, seq)
    b = interp.run(fused, inputs, params, sizes, seq)
    assert_close(b.output, a.output, "float64", "forward")
    for ours, theirs in zip(b.states, a.states, strict=True):
        assert_close(ours, theirs, "float64", "state")


def test_a_partial_sum_with_another_reader_stays():
    @gw.cell
    def shared(x, /, h, *, W, U, b):
        """The sum a is recorded, so it must not be taken apart."""
        a = W.a @ x + b.a
        return tanh(a + U.a @ h)

    fused = fuse(shared.program)
    node = fused.nodes[fused.named("a")]
    assert node.op == "add"
    assert any(fused.nodes[k].op in PRODUCTS for k in node.args)
    rng = np.random.default_rng(0)
    sizes = {"I": 2, "H": 3}
    params = {p.name: rng.standard_normal(p.shape(sizes)) for p in fused.params}
    seq = interp.Sequences(4, 2)
    x = {"x": rng.standard_normal((4, 2, 2))}
    one = interp.run(shared.program, x, params, sizes, seq, record=("a",))
    two = interp.run(fused, x, params, sizes, seq, record=("a",))
    assert_close(two.recorded["a"], one.recorded["a"], "float64", "forward")
