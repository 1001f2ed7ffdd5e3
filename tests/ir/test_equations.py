"""The equations in plain text are those of the definition, and say the same when run again."""

from __future__ import annotations

import numpy as np
import pytest

import gatewise as gw
from gatewise import lang
from gatewise.interp import Sequences, run
from gatewise.interp.arguments import constant_array
from gatewise.ir import Builder, Program
from gatewise.ir.equations import equations
from gatewise.ir.node import Input, State
from gatewise.ir.size import Size

PEEPHOLE = [
    ("i", "sigmoid(W.i @ x + U.i @ h + p.i * c + b.i)"),
    ("f", "sigmoid(W.f @ x + U.f @ h + p.f * c + b.f)"),
    ("z", "tanh(W.z @ x + U.z @ h + b.z)"),
    ("c'", "f * c + i * z"),
    ("o", "sigmoid(W.o @ x + U.o @ h + p.o * c' + b.o)"),
    ("h'", "o * tanh(c')"),
]


def test_the_peephole_lstm_reads_as_it_was_written() -> None:
    assert equations(gw.cells.get("peephole_lstm").program) == PEEPHOLE


def test_a_norm_is_a_norm() -> None:
    rows = dict(equations(gw.cells.get("layernorm_lstm").program))
    assert rows["w_i, w_f, w_z, w_o"] == "norm(W.i @ x, W.f @ x, W.z @ x, W.o @ x)"
    assert rows["h'"] == "o * tanh(g.c * norm(c') + b.c)"


def test_a_matrix_in_a_product_has_parentheses() -> None:
    # @ and * bind alike in Python: without them the text would mean something else
    rows = dict(equations(gw.cells.get("multiplicative_lstm").program))
    assert rows["m"] == "(W.m @ x) * (U.m @ h)"


def test_states_that_are_handed_on_are_said() -> None:
    @gw.cell(sizes={"c": "H"})
    def delay(x, /, h, g, c, *, W):
        return lang.tanh(W @ x), h, c

    assert equations(delay.program) == [("h'", "tanh(W @ x)"), ("g'", "h"), ("c'", "c")]


@pytest.mark.parametrize("name", gw.cells.names())
def test_the_text_means_what_the_program_means(name: str) -> None:
    """The equations, made into a function again and traced, compute the same."""
    program = gw.cells.get(name).program
    again = _cell_of(program).program
    rng = np.random.default_rng(0)
    sizes = {n: 4 if n != "I" else 3 for n in program.sizes}
    params = {
        # in the text a constant is a name like those of parameters
        p.name: 0.5 * rng.standard_normal(p.shape(sizes)) if p.values is None else constant_array(p)
        for p in program.params
    }
    inputs = {}
    for item in program.inputs:
        lead = (4, 2) if item.per == "step" else (2,)
        inputs[item.name] = rng.standard_normal((*lead, item.size.evaluate(sizes)))
    expected = run(program, inputs, params, sizes, Sequences(4, 2))
    result = run(again, inputs, params, sizes, Sequences(4, 2))
    np.testing.assert_allclose(result.output, expected.output, rtol=1e-12, atol=1e-13)
    for a, b in zip(result.states, expected.states, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-12, atol=1e-13)


def _cell_of(program: Program) -> gw.Cell:
    """A cell of the printed equations: primes become _new, rebindings (c#1) become c_1."""
    families = sorted({p.name.split(".")[0] for p in program.params})
    inputs = [i.name for i in program.inputs]
    states = [s.name for s in program.states]
    lines = [f"def again({', '.join(inputs)}, /, {', '.join(states)}, *, {', '.join(families)}):"]
    for left, right in equations(program):
        line = f"    {left} = {right}".replace("'", "_new").replace("#", "_")
        lines.append(line.replace("R.if", 'R["if"]').replace("U.if", 'U["if"]'))
    lines.append(f"    return {', '.join(s + '_new' for s in states)}")
    scope = {n: getattr(lang, n) for n in lang.__dict__ if not n.startswith("_")}
    exec("\n".join(lines), scope)
    declared = {p.name: str(p.rows) for p in program.params}
    declared |= {i.name: str(i.size) for i in program.inputs if str(i.size) != "1"}
    declared |= {s.name: str(s.size) for s in program.states if s.axes is None}
    return gw.cell(
        scalar=[i.name for i in program.inputs if str(i.size) == "1"],
        static=[i.name for i in program.inputs if i.per == "sequence"],
        initial={s.name: s.initial for s in program.states},
        sizes=declared,
    )(scope["again"])


def test_an_expression_that_no_page_could_hold_is_cut() -> None:
    size = Size.of("H")
    b = Builder(share=True)
    node = b.leaf("input", "x", size)
    for _ in range(60):
        node = b("add", node, node)  # written out, 2 to the 60 terms
    program = Program(
        "huge", tuple(b.nodes), (Input("x", size),), (State("h", size),), (), (node,), sizes=("H",)
    )
    ((left, right),) = equations(program)
    assert left == "h'"
    assert len(right) < 10_000
    assert "%" in right
