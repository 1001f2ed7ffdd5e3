"""The catalogue as a whole: names, laziness, documentation, data, passes."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

import gatewise as gw
from gatewise import interp
from gatewise.cells import combine
from gatewise.errors import CellError, SizeError
from gatewise.ir import validate
from gatewise.lang import sigmoid, tanh
from gatewise.passes.cse import cse
from gatewise.passes.expectation import expectation
from gatewise.passes.simplify import simplify
from tests.cells.cases import CASES, Case, by_interpreter, draw
from tests.tolerances import assert_close

NAMES = [
    *["rnn", "lstm_1997", "lstm", "peephole_lstm"],
    *["cifg", "nig", "nfg", "nog", "niaf", "noaf", "np", "fgr"],
    *["gru", "gru_v3", "mgu", "janet", "mut1", "mut2", "mut3"],
    *["lstmp", "layernorm_lstm", "slstm", "mlstm", "minlstm", "mingru", "indrnn", "sru"],
    *["multiplicative_lstm", "sublstm", "phased_lstm", "ealstm"],
    *["antisymmetric_rnn", "lmu", "on_lstm", "lem", "lru", "hgrn", "rg_lru"],
]
COMBINATORS = ["layer_norm", "zoneout", "recurrent_dropout", "project", "couple", "without"]
ALL = pytest.mark.parametrize("name", NAMES)
ROOT = Path(gw.__file__).parents[1]


def test_names() -> None:
    assert list(gw.cells.names()) == NAMES
    assert set(NAMES) <= set(dir(gw.cells))


@ALL
def test_a_name_is_a_cell(name: str) -> None:
    """Also once its file was imported: a file never takes the place of a cell."""
    assert isinstance(gw.cells.get(name), gw.Cell)
    assert getattr(gw.cells, name) is gw.cells.get(name)
    assert gw.cells.get(name).name == name


def test_no_file_has_the_name_of_a_cell() -> None:
    folder = Path(gw.cells.__file__).parent
    files = {path.stem for path in folder.iterdir() if path.suffix in ("", ".py")}
    assert not files & {*NAMES, *COMBINATORS}


def test_combinators_are_reached_here() -> None:
    """They are no cells: ``names`` does not list them, ``get`` does not know them."""
    assert not set(COMBINATORS) & set(gw.cells.names())
    for name in COMBINATORS:
        assert name in dir(gw.cells)
        assert getattr(gw.cells, name) is getattr(combine, name)
    with pytest.raises(CellError, match="no cell 'zoneout'"):
        gw.cells.get("zoneout")


def test_an_unknown_name_gets_the_nearest() -> None:
    with pytest.raises(CellError, match=r"'peephole'.* Did you mean 'peephole_lstm'\?"):
        gw.cells.get("peephole")
    with pytest.raises(AttributeError, match=r"'ltsm'.* Did you mean 'lstm'\?"):
        _ = gw.cells.ltsm
    assert not hasattr(gw.cells, "__wrapped__")


def test_nothing_is_traced_before_it_is_asked_for() -> None:
    child = (
        "import json, sys, gatewise as gw\n"
        "files = lambda: [m for m in sys.modules if m.startswith('gatewise.cells._')]\n"
        "before = files(); gw.cells.names(); dir(gw.cells); between = files()\n"
        "gw.cells.lstm\n"
        "print(json.dumps([before, between, sorted(files())]))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", child], cwd=ROOT, capture_output=True, text=True, check=True
    )
    before, between, after = json.loads(done.stdout)
    assert before == between == []
    assert after == ["gatewise.cells._lstm", "gatewise.cells._options"]


@ALL
def test_description_and_citation(name: str) -> None:
    first, blank, *rest = gw.cells.get(name).doc.splitlines()
    assert first.endswith(".") and len(first) < 100
    assert blank == ""
    assert re.search(r"\w+ .*\((19|20)\d\d\), \w+", " ".join(rest)), "no citation"


def test_every_option_is_described() -> None:
    for name in NAMES:
        cell = gw.cells.get(name)
        for option in cell.options:
            assert re.search(rf"Options?\b.*\b{option}\b", cell.doc, re.DOTALL), f"{name}: {option}"


@pytest.mark.parametrize("case", CASES, ids=str)
def test_json_round_trip(case: Case) -> None:
    cell = case.cell
    again = gw.load_cell(cell.to_json())
    assert again == cell
    assert again.program == cell.program
    assert hash(again.program) == hash(cell.program)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_passes_leave_the_meaning(case: Case) -> None:
    """share, simplify and expectation change no output, state or recorded quantity."""
    program = case.cell.program
    changed = expectation(simplify(cse(validate(program))))
    assert validate(changed).names and {n for n, _ in changed.names} == {
        n for n, _ in program.names
    }
    seq = interp.Sequences(steps=4, batch=2)
    values = draw(case, seq.steps, seq.batch)
    plain = by_interpreter(case, values, seq, record=case.cell.names)
    passed = by_interpreter(case, values, seq, record=case.cell.names, program=changed)
    assert_close(passed.output, plain.output, "float64", "forward")
    for a, b in zip(passed.states, plain.states, strict=True):
        assert_close(a, b, "float64", "state")
    for name in case.cell.names:
        assert_close(passed.recorded[name], plain.recorded[name], "float64", "forward", name=name)


@ALL
def test_float32_stays_float32(name: str) -> None:
    case = Case(name)
    seq = interp.Sequences(steps=3, batch=2)
    values = draw(case, seq.steps, seq.batch)
    single = by_interpreter(case, values, seq, dtype="float32")
    double = by_interpreter(case, values, seq)
    assert single.output.dtype == "float32"
    assert abs(single.output - double.output).max() < 1e-4


def test_peephole_lstm_is_what_the_introduction_writes() -> None:
    @gw.cell
    def peephole_lstm(x, /, h, c, *, W, U, p, b):
        i = sigmoid(W.i @ x + U.i @ h + p.i * c + b.i)
        f = sigmoid(W.f @ x + U.f @ h + p.f * c + b.f)
        z = tanh(W.z @ x + U.z @ h + b.z)
        c = f * c + i * z
        o = sigmoid(W.o @ x + U.o @ h + p.o * c + b.o)
        h = o * tanh(c)
        return h, c

    known = gw.cells.peephole_lstm
    assert peephole_lstm.with_name(known.name, known.doc) == known


def test_names_of_the_gates_can_be_recorded() -> None:
    for name in ("lstm", "peephole_lstm", "fgr", "slstm", "ealstm", "lstm_1997"):
        assert {"i", "o", "z", "c", "h"} <= set(gw.cells.get(name).names)


def test_declared_starts() -> None:
    """Initialisations and initial states that the papers ask for."""
    inits = {p.name: p.init for p in gw.cells.lstm.program.params}
    assert (inits["b.f"].kind, inits["b.f"].args) == ("constant", (1.0,))
    assert inits["b.i"].kind == "uniform_hidden"
    assert gw.cells.ealstm.program.param("b.f").init.args == (5.0,)
    assert gw.cells.indrnn.program.param("u").init.args == (0.0, 1.0)
    assert gw.cells.janet.program.param("b.f").init.kind == "chrono"
    assert gw.cells.layernorm_lstm.program.param("g.wi").init.args == (1.0,)
    assert gw.cells.slstm.program.state("m").initial == float("-inf")


def test_inputs_beside_the_first() -> None:
    phased, entity = gw.cells.phased_lstm.program, gw.cells.ealstm.program
    assert [(i.name, str(i.size), i.per) for i in phased.inputs] == [
        ("x", "I", "step"),
        ("t", "1", "step"),
    ]
    assert [(i.name, str(i.size), i.per) for i in entity.inputs] == [
        ("x", "I", "step"),
        ("s", "S", "sequence"),
    ]


@pytest.mark.parametrize("name", ["minlstm", "mingru", "indrnn", "sru"])
def test_cells_whose_state_meets_no_matrix(name: str) -> None:
    """No matrix reads a state or what is made of one: units need not wait for each other."""
    program = gw.cells.get(name).program
    tainted: set[int] = set()
    for index, node in enumerate(program.nodes):
        if node.op == "state" or tainted & set(node.args):
            assert node.op != "matvec"
            tainted.add(index)


@pytest.mark.parametrize(
    ("name", "options", "message"),
    [
        ("peephole_lstm", {"peepholes": "iz"}, "one or more of 'ifo'"),
        ("peephole_lstm", {"peepholes": ""}, r"without any is gw\.cells\.np"),
        ("peephole_lstm", {"peephole": "i"}, "Did you mean 'peepholes'"),
        ("rnn", {"nonlinearity": "rellu"}, "Did you mean 'relu'"),
        ("slstm", {"forget": "tanh"}, "'sigmoid', 'exp'"),
        ("slstm", {"heads": 0}, "at least 1"),
        ("sru", {"activation": "relu"}, "'identity', 'tanh'"),
        ("lstm", {"cells": 0}, "at least 1"),
        ("lstm_1997", {"cells": 1.5}, "whole number"),
    ],
)
def test_malformed_options(name: str, options: dict[str, object], message: str) -> None:
    with pytest.raises(CellError, match=message):
        gw.cells.get(name)(**options)  # type: ignore[arg-type]


@pytest.mark.parametrize("cell", [gw.cells.slstm(heads=3), gw.cells.lstm(cells=3)])
def test_units_that_do_not_divide(cell: gw.Cell) -> None:
    with pytest.raises(SizeError, match="must divide evenly"):
        cell.parameter_count(I=2, H=4)
