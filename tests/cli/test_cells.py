"""gatewise cells: the catalogue, one cell, a check of one's own."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from dataclasses import replace
from pathlib import Path

import pytest

import gatewise as gw
from gatewise.cli import FAILED, main
from gatewise.compile import schedule_for
from gatewise.ir import OPS

OWN = '''"""Cells of one's own."""
import gatewise as gw
from gatewise.lang import exp, sigmoid, tanh

@gw.cell
def leaky(x, /, h, *, W, U, b, rate=0.5):
    """A leaky network."""
    h = (1 - rate) * h + rate * tanh(W @ x + U @ h + b)
    return h

@gw.cell
def explosive(x, /, h, *, W, U):
    h = exp(exp(4.0 * (W @ x + U @ h)))
    return h

def plain(x, h):
    return h

number = 3
'''


@pytest.fixture
def own(tmp_path: Path) -> Path:
    path = tmp_path / "my_cells.py"
    path.write_text(OWN, encoding="utf-8")
    return path


def shown(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """What a command prints, which must succeed and talk about nothing."""
    assert main(["cells", *arguments]) == 0
    printed = capsys.readouterr()
    assert printed.err == ""
    return printed.out


def refused(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """The message of a command, which must fail with that alone."""
    assert main(["cells", *arguments]) == FAILED
    printed = capsys.readouterr()
    assert printed.out == ""
    assert "Traceback" not in printed.err
    return printed.err


# --- the catalogue ----------------------------------------------------------------------------------------


def test_the_catalogue_has_one_line_a_cell(capsys: pytest.CaptureFixture[str]) -> None:
    lines = shown(capsys).splitlines()
    assert [line.split()[0] for line in lines] == list(gw.cells.names())
    width = max(map(len, gw.cells.names()))
    assert all(line[width : width + 2] == "  " and line[width + 2] != " " for line in lines)


def test_the_catalogue_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    data = json.loads(shown(capsys, "--json"))
    assert [item["name"] for item in data] == list(gw.cells.names())
    gru = next(item for item in data if item["name"] == "gru")
    assert "reset after" in gru["description"]
    assert "Cho" in gru["citation"]


# --- one cell ---------------------------------------------------------------------------------------------


def test_a_cell_in_full(capsys: pytest.CaptureFixture[str]) -> None:
    text = shown(capsys, "show", "peephole_lstm", "--sizes", "I=4,H=8")
    assert "  c' = f * c + i * z\n" in text
    assert "  o  = sigmoid(W.o @ x + U.o @ h + p.o * c' + b.o)\n" in text
    assert "Gers, Schraudolph & Schmidhuber (2002)" in text
    assert "parameters for I=4, H=8\n" in text
    total = next(line for line in text.splitlines() if line.split()[:1] == ["total"])
    assert total.split() == ["total", str(gw.cells.get("peephole_lstm").parameter_count(I=4, H=8))]
    (weights,) = (line.split() for line in text.splitlines() if line.split()[:1] == ["U.i"])
    assert weights == ["U.i", "[H,", "H]", "8", "x", "8", "64", "uniform_hidden"]
    assert "  h  [H]  from 0, matrix\n" in text
    assert text.endswith("phases of a step: 1\n")


def test_sizes_may_be_given_one_by_one(capsys: pytest.CaptureFixture[str]) -> None:
    together = shown(capsys, "show", "lstmp", "--sizes", "I=4,P=3,H=8")
    assert shown(capsys, "show", "lstmp", "-s", "I=4", "-s", "P=3", "-s", "H=8") == together


@pytest.mark.parametrize("name", gw.cells.names())
def test_every_cell_has_sizes_to_be_shown_with(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    text = shown(capsys, "show", name)
    cell = gw.cells.get(name)
    assert f"phases of a step: {schedule_for(cell.program).count}\n" in text
    assert all(f"\n  {p.name} " in text for p in cell.program.params)


def test_options_make_another_cell(capsys: pytest.CaptureFixture[str]) -> None:
    text = shown(capsys, "show", "slstm", "-o", "heads=2", "-o", "forget=exp", "-s", "I=4,H=8")
    assert "[H, H] in 2 blocks" in text
    assert "forget = 'exp'" in text
    assert "log_sigmoid" not in text
    assert "no option 'head'" in refused(capsys, "show", "slstm", "-o", "head=2")


def test_latex(capsys: pytest.CaptureFixture[str]) -> None:
    text = shown(capsys, "show", "lstm", "--latex")
    assert text.startswith("\\begin{align*}\n")
    assert r"c_t &= f_t \odot c_{t-1} + i_t \odot z_t" in text


def test_json_is_the_program(capsys: pytest.CaptureFixture[str]) -> None:
    assert gw.load_cell(shown(capsys, "show", "gru", "--json")) == gw.cells.get("gru")


def test_a_diagram_is_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    target = tmp_path / "rnn.svg"
    assert main(["cells", "show", "rnn", "--svg", str(target)]) == 0
    talk = capsys.readouterr()
    assert (talk.out, talk.err) == ("", f"wrote {target}\n")
    assert ET.parse(target).getroot().tag.endswith("svg")
    assert shown(capsys, "show", "rnn", "--svg", "-") == target.read_text(encoding="utf-8")
    lost = str(tmp_path / "no" / "rnn.svg")
    assert f"cannot write {lost}: " in refused(capsys, "show", "rnn", "--svg", lost)


def test_a_saved_cell(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "cell.json"
    gw.cells.get("gru").save(path)
    assert "n  = tanh(" in shown(capsys, "show", str(path))
    path.write_text(path.read_text(encoding="utf-8")[:200], encoding="utf-8")
    assert "not the JSON of a program" in refused(capsys, "show", str(path))
    assert "cannot read" in refused(capsys, "show", str(tmp_path / "none.json"))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["show", "lsmt"], "Did you mean 'lstm'?"),
        (["show", "lstm", "-s", "I=4"], "needs the sizes H as well"),
        (["show", "lstm", "-s", "I=4,H=8,P=2"], "has no size 'P'"),
        (["show", "slstm", "-o", "heads=3", "-s", "I=4,H=8"], "must divide evenly"),
    ],
)
def test_what_cannot_be_shown(
    arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert message in refused(capsys, *arguments)


# --- a file of one's own ------------------------------------------------------------------------------------


def test_a_cell_of_ones_own(own: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = shown(capsys, "show", f"{own}:leaky")
    assert "h' = 0.5 * h + 0.5 * tanh(W @ x + U @ h + b)" in text
    assert "A leaky network." in text


def test_a_right_cell_passes_its_check(own: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = shown(capsys, "check", f"{own}:leaky")
    assert text.endswith("leaky is right\n")
    assert "names that can be recorded: h" in text
    assert "sizes of this check: I=3, H=4" in text
    assert "states: h (matrix)" in text
    assert "WRONG" not in text


def test_the_check_as_json(own: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ("check", f"{own}:leaky", "--sizes", "I=2,H=3", "--seed", "7", "--json")
    data = json.loads(shown(capsys, *arguments))
    assert data["ok"] is True
    assert data["sizes"] == {"I": 2, "H": 3}
    assert data["parameters"] == 2 * 3 + 3 * 3 + 3
    assert data["states"] == {"h": "matrix"}
    assert {(g["kind"], g["name"]) for g in data["gradients"]} == {
        ("parameter", "W"),
        ("parameter", "U"),
        ("parameter", "b"),
        ("input", "x"),
        ("state", "h"),
    }
    assert all(g["error"] < 1e-6 for g in data["gradients"])


def test_a_planted_wrong_derivative_fails_the_check(
    own: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    wrong = replace(OPS["tanh"], vjp=lambda b, y, xs, g: (b("mul", g, b("sub", b.const(1.0), y)),))
    monkeypatch.setitem(OPS, "tanh", wrong)
    assert main(["cells", "check", f"{own}:leaky"]) == FAILED
    text = capsys.readouterr().out
    assert "WRONG" in text
    assert "leaky is not right: the gradient of W, U, b, x, h" in text


def test_values_that_are_not_finite_fail_the_check(
    own: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["cells", "check", f"{own}:explosive", "--json"]) == FAILED
    data = json.loads(capsys.readouterr().out)
    assert data["ok"] is False
    assert "overflows at step" in data["bad_values"][0]


def test_the_catalogue_can_be_checked_too(capsys: pytest.CaptureFixture[str]) -> None:
    assert "note: the state h is carried but never read" in shown(capsys, "check", "sru")


@pytest.mark.parametrize(
    ("member", "message"),
    [
        ("leeky", "has no cell 'leeky'. Did you mean 'leaky'? It has: leaky, explosive"),
        ("plain", "plain function. Fix: write @gw.cell above def plain(...)"),
        ("number", "is not a cell: it is of type int"),
    ],
)
def test_what_is_no_cell(
    member: str, message: str, own: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert message in refused(capsys, "check", f"{own}:{member}")


def test_a_file_without_a_name_must_have_one_cell(
    own: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    message = refused(capsys, "check", str(own))
    assert f"It has: {own}:leaky, {own}:explosive" in message
    single = tmp_path / "single.py"
    single.write_text(OWN.split("@gw.cell\ndef explosive")[0], encoding="utf-8")
    assert "leaky is right" in shown(capsys, "check", str(single))


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("import gatewise\ndef f(:\n    pass\n", "broken.py, line 2: invalid syntax: def f(:"),
        (
            "\n\nx = 1 / 0\n",
            "broken.py, line 3: ZeroDivisionError: division by zero\n    x = 1 / 0",
        ),
        ("import no_such_module\n", "broken.py, line 1: ModuleNotFoundError: No module named"),
        ("raise SystemExit(3)\n", "broken.py, line 1: SystemExit: 3"),
        (
            "import gatewise as gw\n\n@gw.cell\ndef f(x, /, h, *, W):\n    return W @ x, h\n",
            "broken.py line 5:\n    return W @ x, h\n  the function returns 2 value(s)",
        ),
    ],
)
def test_a_file_that_does_not_run(
    source: str, message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "broken.py"
    path.write_text(source, encoding="utf-8")
    assert message in refused(capsys, "check", f"{path}:f")


def test_there_must_be_a_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "none.py"
    assert f"there is no file {path}" in refused(capsys, "check", f"{path}:f")


def test_files_beside_it_can_be_imported(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "gains_of_mine.py").write_text("GAIN = 0.25\n", encoding="utf-8")
    path = tmp_path / "uses_it.py"
    path.write_text(
        "import gatewise as gw\nfrom gains_of_mine import GAIN\n\n"
        "@gw.cell\ndef f(x, /, h, *, W):\n    h = GAIN * h + W @ x\n    return h\n",
        encoding="utf-8",
    )
    assert "h' = 0.25 * h + W @ x" in shown(capsys, "show", f"{path}:f")
