"""``gatewise lab``: list, run, table, and what it says to wrong input."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from gatewise import lab
from gatewise.cli import main
from gatewise.cli.exits import DONE, FAILED, USAGE
from gatewise.lab.baselines import hmm

SMALL = ["-T", "6", "--set", "kinds=2", "--time", "20", "-q"]


def test_list(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["lab", "list"]) == DONE
    out = capsys.readouterr().out
    assert all(f"{name} " in out for name in lab.names())
    assert main(["lab", "list", "--json"]) == DONE
    listed = json.loads(capsys.readouterr().out)
    assert [e["name"] for e in listed] == list(lab.names())
    assert listed[3]["numbers"] == {"T": 1000, "kinds": 50}


def test_run_and_table(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    cell = tmp_path / "my.py"
    cell.write_text(
        "import gatewise as gw\nfrom gatewise.lang import sigmoid, tanh\n\n@gw.cell\n"
        "def mine(x, /, h, *, W, U, b):\n    f = sigmoid(W.f @ x + U.f @ h + b.f)\n"
        "    h = f * h + (1 - f) * tanh(W.z @ x)\n    return h\n"
    )
    out = tmp_path / "lab.jsonl"
    arguments = ["lab", "run", "2c", *SMALL, "--recipe", "chrono", "--out", str(out)]
    assert main([*arguments, "--cell", f"{cell}:mine", "--cell", "lstm"]) == DONE
    printed = capsys.readouterr().out.splitlines()
    assert [line.split(": ")[0] for line in printed] == [
        "2c T=6 mine chrono seed 0",
        "2c T=6 lstm chrono seed 0",
    ]
    assert all("solved" in line and "with chrono 6" in line for line in printed)
    assert main(["lab", "table", str(out)]) == DONE
    table = capsys.readouterr().out
    assert "2c T=6 kinds=2" in table and "1/1, " in table and "LSTM 1997" in table
    assert main(["lab", "table", str(out), "--markdown"]) == DONE
    assert capsys.readouterr().out.startswith("| experiment | cell |")
    assert main(["lab", "curves", str(out), "--out", str(tmp_path / "curves.svg")]) == DONE
    assert "2c T=6 mine chrono" in (tmp_path / "curves.svg").read_text()
    capsys.readouterr()
    assert main(["lab", "curves", str(out), "--out", str(tmp_path / "curves.doc")]) == USAGE
    assert "--out writes .png or .svg" in capsys.readouterr().err


def test_a_cell_that_cannot_is_no_failure_of_the_command_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "lab.jsonl"
    assert main(["lab", "run", "2c", *SMALL, "--cell", "ealstm", "--out", str(out)]) == FAILED
    assert "cannot: ealstm needs the input s" in capsys.readouterr().out
    assert lab.read([out])[0].note.startswith("cannot")


def test_a_hidden_markov_model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hmm, "_STATES", (6,))
    monkeypatch.setattr(hmm, "_ROUNDS", 5)
    out = tmp_path / "lab.jsonl"
    main(["lab", "run", "2c", "-T", "1", *SMALL[2:], "--cell", "hmm", "--out", str(out)])
    (result,) = lab.read([out])
    assert 0.3 < result.figures["accuracy"] <= 1
    assert "fits dropped" in result.figures
    main(["lab", "run", "adding", "-T", "5", *SMALL[4:], "--cell", "hmm", "--out", str(out)])
    main(
        ["lab", "run", "continual-6b", "2a", "--size", "small", "--cell", "hmm", "--out", str(out)]
    )
    *_, values, endless, many = lab.read([out])
    assert "the model needs symbols" in values.note
    assert "never resets the state" in endless.note
    assert "asks at many steps" in many.note


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["run", "adding98"], "Did you mean 'adding97'"),
        (["run", "adding97", "-T", "5"], "at least 26"),
        (["run", "2c", "--recipe", "chron"], "Did you mean 'chrono'"),
        (["run", "2c", "--set", "kind=3"], "Did you mean 'kinds'"),
        (["run", "2c", "--set", "kinds"], "write kinds=1000"),
        (["run", "2c", "--time", "-1"], "above 0"),
        (["run", "2c", "--size", "tiny"], "small or full"),
        (["run", "2c", "--lr", "0"], "above 0"),
    ],
)
def test_wrong_usage(
    arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["lab", *arguments]) == USAGE
    error = " ".join(capsys.readouterr().err.replace("│", " ").split())
    assert message in error


def test_a_file_that_cannot_be_written_is_refused_at_once(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "none" / "lab.jsonl"
    assert main(["lab", "run", "2c", "--out", str(out)]) == FAILED
    assert "cannot write" in capsys.readouterr().err


def test_files_that_are_no_results(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["lab", "table", str(tmp_path / "none.jsonl")]) == FAILED
    assert "cannot read" in capsys.readouterr().err
    (tmp_path / "other.jsonl").write_text('{"schema": 2}\n')
    assert main(["lab", "table", str(tmp_path / "other.jsonl")]) == FAILED
    assert "line 1: schema 2" in capsys.readouterr().err
