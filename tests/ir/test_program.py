"""Programs as values: frozen, hashable, comparable, readable, legal."""

from __future__ import annotations

import dataclasses
import math
import re
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given

import gatewise as gw
from gatewise.errors import GatewiseError, ProgramError
from gatewise.ir import (
    ONE,
    OPS,
    Builder,
    Init,
    Input,
    Node,
    Output,
    Param,
    Program,
    Size,
    State,
    from_json,
    to_json,
    validate,
)
from gatewise.ir.equations import equations
from gatewise.ir.printer import expression, text
from gatewise.lang import maximum, sigmoid, tanh, where
from gatewise.passes.differentiate import differentiate
from tests.generated import many, programs

H, I = Size.of("H"), Size.of("I")


@gw.cell(initial={"m": -math.inf}, blocks={"U": 2})
def peephole(x: Any, /, h: Any, c: Any, m: Any, *, W: Any, U: Any, p: Any, b: Any) -> Any:
    """A cell with a bit of everything."""
    i = sigmoid(W.i @ [h, x] + p.i * c + b.i)
    z = tanh(W.z @ x + U.z @ (i * h))
    c = (1 - i) * c + i * z - (z - i)
    m = maximum(m, where(c <= 0.5, c, 0.25 / (c * (z / i))))
    h = -tanh(c) * m
    return h, c, m


def test_records_are_frozen_and_comparable() -> None:
    program = peephole.program
    again = replace(program)
    assert again == program and again is not program
    assert hash(again) == hash(program)
    assert replace(program, name="other") != program
    assert len({program, again, replace(program, doc="other")}) == 2
    for record in (
        program,
        program.nodes[0],
        program.inputs[0],
        program.states[0],
        program.params[0],
        program.params[0].init,
        Output("o", 0),
    ):
        first = dataclasses.fields(record)[0].name
        with pytest.raises(dataclasses.FrozenInstanceError):
            setattr(record, first, getattr(record, first))
        assert not hasattr(record, "__dict__")


def test_text_shows_sizes() -> None:
    lines = text(peephole.program).splitlines()
    assert lines[0] == "program peephole  (sizes: I, H)"
    assert "  input  x [I]" in lines
    assert "  state  m [H] from -inf" in lines
    assert "  param  W.i [H, H + I], uniform_hidden" in lines
    assert "  param  U.z [H, H] in 2 diagonal blocks, uniform_hidden" in lines
    assert any(re.fullmatch(r"  %\d+ += concat %1 %0 +\[H \+ I\]", line) for line in lines)
    assert any(re.fullmatch(r"  %\d+ += sigmoid %\d+ +\[H\]  # i", line) for line in lines)
    assert len(lines) == len(set(lines))
    backward = text(differentiate(peephole.program))
    assert re.search(r"output d\.W\.i = %\d+, summed over time and batch", backward)
    assert re.search(r"output d\.x = %\d+, at every step", backward)
    assert re.search(r"outer %\d+ %\d+ 1 +\[H, H \+ I\]", backward)


def test_equations_read_as_they_were_written() -> None:
    assert dict(equations(peephole.program)) == {
        "i": "sigmoid(W.i @ [h, x] + p.i * c + b.i)",
        "z": "tanh(W.z @ x + U.z @ (i * h))",
        "c'": "(1 - i) * c + i * z - (z - i)",
        "m'": "maximum(m, where(c' <= 0.5, c', 0.25 / (c' * z / i)))",
        "h'": "(-tanh(c')) * m'",
    }


def test_parentheses_of_expressions() -> None:
    b = Builder()
    a, c = (b.leaf("input", n, H) for n in "ac")
    w = b.param(Param("W", H, H))
    for node, shown in (
        (b("matvec", w, b("matvec", w, a)), "W @ (W @ a)"),
        (b("matvec_t", w, b("neg", a)), "transpose(W) @ (-a)"),
        (b("lt", b("lt", a, c), c), "(a < c) < c"),
        (b("sub", a, b("add", a, c)), "a - (a + c)"),
        (b("div", a, b("mul", a, c)), "a / (a * c)"),
        (b("mul", b("add", a, c), b("neg", c)), "(a + c) * -c"),
        (b("sum", a, attr=Size.of(2)), "sum(a, 2)"),
    ):
        program = Program("p", tuple(b.nodes), (), (), (), ())
        assert expression(program, node) == shown


@many(150)
@given(programs())
def test_json_round_trips(program: Program) -> None:
    for sample in (program, differentiate(program)):
        assert from_json(to_json(sample)) == sample
        assert from_json(to_json(sample, indent=2).encode()) == sample
        assert to_json(from_json(to_json(sample))) == to_json(sample)
        assert text(sample)
    assert equations(program)


@pytest.mark.parametrize("name", gw.cells.names())
def test_the_catalogue_round_trips(name: str) -> None:
    program = gw.cells.get(name).program
    for sample in (program, differentiate(program), differentiate(differentiate(program))):
        assert from_json(to_json(sample)) == validate(sample)


def test_infinity_survives_json_and_nan_is_no_constant() -> None:
    @gw.cell(initial={"h": math.inf})
    def cell(x: Any, h: Any) -> Any:
        return where(x > 0, -math.inf, h)

    assert from_json(to_json(cell.program)) == cell.program
    nan = replace(cell.program, nodes=(*cell.program.nodes, Node("const", attr=math.nan)))
    with pytest.raises(ProgramError, match="a constant is a number"):
        validate(nan)


# --- which Programs are legal ---------------------------------------------------------------------


def base() -> dict[str, Any]:
    """A legal Program in parts: h becomes tanh(W @ x + h)."""
    return {
        "name": "base",
        "nodes": (
            Node("input", (), I, None, "x"),
            Node("state", (), H, None, "h"),
            Node("param", (), H, I, "W"),
            Node("matvec", (2, 0), H),
            Node("add", (3, 1), H),
            Node("tanh", (4,), H),
        ),
        "inputs": (Input("x", I),),
        "states": (State("h", H),),
        "params": (Param("W", H, I),),
        "next": (5,),
        "names": (("h", 5),),
        "sizes": ("H", "I"),
    }


def test_the_base_is_legal() -> None:
    assert validate(Program(**base()))


def node(k: int, *args: Any) -> dict[str, Any]:
    """Another node in place of the k-th, or appended."""
    nodes = list(base()["nodes"])
    nodes[k : k + 1] = [Node(*args)]
    return {"nodes": tuple(nodes)}


NAN = math.nan
ILLEGAL: list[tuple[str, dict[str, Any]]] = [
    ("has no state", {"states": (), "next": ()}),
    ("one next node for each state", {"next": ()}),
    ("one next node for each state", {"next": (5, 5)}),
    ("no node %6", {"next": (6,)}),
    ("no node %-1", {"next": (-1,)}),
    ("becomes I", {"next": (0,)}),
    ("becomes H", {"next": (2,)}),  # the matrix itself
    ("'x' appears twice", {"inputs": (Input("x", I), Input("x", I))}),
    ("'h' appears twice", {"inputs": (Input("x", I), Input("h", H))}),
    ("'W' appears twice", {"params": (Param("W", H, I), Param("W", H, I))}),
    ("'h' appears twice", {"names": (("h", 5), ("h", 4))}),
    ("'H' appears twice", {"sizes": ("H", "I", "H")}),
    ("is not a name", {"names": (("h h", 5),)}),
    ("is not a name", {"names": (("", 5),)}),
    ("is not a name", {"names": (("a" * 300, 5),)}),
    ("is not a name", {"states": (State("h; drop", H),)}),
    ("is not a name", {"sizes": ("H", "I", "1")}),
    ("needs a name", {"name": ""}),
    ("needs a name", {"name": "two\nlines"}),
    ("no node %9", {"names": (("h", 9),)}),
    ("a matrix cannot be recorded", {"names": (("W", 2),)}),
    ("a matrix at a step", {"outputs": (Output("o", 2, "step"),)}),
    ("output o: 'never'", {"outputs": (Output("o", 5, "never"),)}),  # type: ignore[arg-type]
    ("per='day'", {"inputs": (Input("x", I, "day"),)}),  # type: ignore[arg-type]
    ("rate 1.5", {"inputs": (Input("x", I, "step", 1.5),)}),
    ("rate nan", {"inputs": (Input("x", I, "step", NAN),)}),
    ("starts at NaN", {"states": (State("h", H, NAN),)}),
    ("0 blocks", {"params": (Param("W", H, I, 0),)}),
    ("has blocks", {"params": (Param("W", H, I), Param("b", H, None, 2))}),
    ("size H is not made of I", {"sizes": ("I",)}),
    ("unknown initialisation 'what'", {"params": (Param("W", H, I, 1, Init("what")),)}),
    ("uniform takes 2 argument", {"params": (Param("W", H, I, 1, Init("uniform", (1.0,))),)}),
    ("takes numbers", {"params": (Param("W", H, I, 1, Init("normal", ("x",))),)}),
    ("takes numbers", {"params": (Param("W", H, I, 1, Init("normal", (NAN,))),)}),
    ("no parameter", {"params": (Param("W", H, I, 1, Init("negative", ("V",))),)}),
    ("itself a negative", {"params": (Param("W", H, I, 1, Init("negative", ("W",))),)}),
    ("another shape", {"params": (Param("W", H, I, 1, Init("negative", ("b",))), Param("b", H))}),
    ("%5 ('nonsense'): unknown op", node(5, "nonsense", (4,), H)),
    ("does not come before it", node(5, "tanh", (5,), H)),
    ("does not come before it", node(3, "matvec", (2, 5), H)),
    ("does not come before it", node(5, "tanh", (-1,), H)),
    ("operand count", node(5, "tanh", (4, 4), H)),
    ("operand count", node(5, "concat", (), H)),
    ("size does not follow", node(5, "tanh", (4,), I)),
    ("size does not follow", node(5, "tanh", (4,), H, I)),
    ("sizes H and I", node(5, "add", (4, 0), H)),
    ("a wrong attribute", node(5, "tanh", (4,), H, None, "x")),
    ("a matrix where a vector belongs", node(5, "tanh", (2,), H)),
    ("a matrix where a vector belongs", node(3, "matvec", (2, 2), H)),
    ("the matrix is not a parameter", node(3, "matvec", (1, 0), H)),
    ("a matrix with columns I times a vector of H", node(3, "matvec", (2, 1), H)),
    ("transposed", node(3, "matvec_t", (2, 0), I)),
    ("no input of base is called 'y'", node(0, "input", (), I, None, "y")),
    ("size of x", node(0, "input", (), H, None, "x")),
    ("size of W", node(2, "param", (), H, H, "W")),
    ("a leaf without a name", node(0, "input", (), I, None, 3)),
    ("a constant is a number", node(5, "const", (), H, None, 1)),
    ("a constant is one number", node(5, "const", (), H, None, 1.0)),
    ("a size is counted", node(5, "size", (), ONE, None, None)),
    ("size Z is not made of H, I", node(5, "size", (), ONE, None, Size.of("Z"))),
    ("size Z is not made of H, I", node(5, "slice", (4,), Size.of("Z"), None, Size())),
    ("a slice needs an offset", node(5, "slice", (4,), H, None, None)),
    ("runs of 0 in a vector of H", node(5, "sum", (4,), H, None, Size())),
    ("runs of 3/2 in a vector of H", node(5, "sum", (4,), H, None, Size.of("3/2"))),
    ("repeat of a vector of H by 1/2", node(5, "repeat", (4,), H, None, Size.of("1/2"))),
    ("size does not follow", node(5, "repeat", (4,), H, None, I)),
    ("a wrong attribute", node(5, "repeat", (4,), H, None, 2)),
    ("an outer product has a number of blocks", node(5, "outer", (4, 0), H, I, 0)),
    ("an outer product has a number of blocks", node(5, "outer", (4, 0), H, I, "2")),
]


@pytest.mark.parametrize(("say", "change"), ILLEGAL)
def test_illegal_programs(say: str, change: dict[str, Any]) -> None:
    with pytest.raises(ProgramError, match=re.escape(say)):
        validate(Program(**(base() | change)))


def test_lookups_say_what_there_is() -> None:
    program = Program(**base())
    assert program.state("h").size == H
    assert program.param("W").cols == I
    assert program.input("x").per == "step"
    for look, name in ((program.state, "hh"), (program.param, "V"), (program.input, "y")):
        with pytest.raises(ProgramError, match=rf"is called '{name}'\."):
            look(name)


def test_every_op_has_a_size_rule_and_a_meaning() -> None:
    for name, op in OPS.items():
        assert op.name == name
        assert op.kind in ("leaf", "unary", "binary", "mask", "matrix", "shape", "axes")
        assert op.kind == "leaf" or op.vjp is not None
        assert op.kind == "leaf" or name == "slice" or op.meaning is not None
        assert (op.arity is None) == (name == "concat")
    for name in ("input", "state", "param", "slice"):
        with pytest.raises(GatewiseError, match="is given, not derived"):
            OPS[name].shape([], None)
