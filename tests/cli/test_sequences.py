"""Classifiers and regressors on the command line: from a file to answers."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest
import torch

from gatewise.cli import main
from tests.tasks.sequences.support import long_table

SETTINGS = ("steps=8", "units=4", "folds=1", "members=1", "pooling=mean")
QUICK = [word for setting in SETTINGS for word in ("--set", setting)]
CLASSIFY = ["--id", "id", "--order", "t", "--label", "label", "--values", "a", "--values", "b"]
REGRESS = ["--id", "id", "--order", "t", "--label", "level", "--values", "a", "--values", "b"]


@pytest.fixture(autouse=True)
def one_thread():  # type: ignore[no-untyped-def]
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "data.csv"
    long_table(30).to_csv(path, index=False)
    return path


@pytest.mark.parametrize(
    ("verb", "columns", "kind", "figure"),
    [
        ("classify", CLASSIFY, "classifier", "accuracy"),
        ("regress", REGRESS, "regressor", "rmse"),
    ],
)
def test_from_a_file_to_answers(
    verb: str,
    columns: list[str],
    kind: str,
    figure: str,
    file: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    out = tmp_path / "model"
    assert main(["fit", verb, str(file), *columns, *QUICK, "--out", str(out)]) == 0
    printed, said = capsys.readouterr()
    assert "LSTM" in printed and "1-NN DTW" in printed
    assert "30 sequences of" in said and f"wrote {out}" in said
    assert (out / "report.html").stat().st_size > 5000

    assert main(["predict", str(out), "--data", str(file)]) == 0
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert len(rows) == 30 and rows[0]["id"] == "s00" and columns[5] in rows[0]

    assert main(["evaluate", str(out), str(file), "--json"]) == 0
    data = json.loads(capsys.readouterr().out)
    assert data["seen"] == 30 and data["all"][figure] >= 0

    assert main(["info", str(out), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["kind"] == kind
    assert main(["info", str(out)]) == 0
    assert f"a {kind} of sequences" in capsys.readouterr().out
    assert main(["predict", str(out)]) == 1
    assert "--data FILE" in capsys.readouterr().err


def test_a_ts_file_needs_no_columns(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lines = ["@classLabel true a b", "@data"]
    lines += [f"{k},{k % 2},{3 - k % 2}:{'ab'[k % 2]}" for k in range(20)]
    path = tmp_path / "x.ts"
    path.write_text("\n".join(lines))
    assert main(["fit", "classify", str(path), *QUICK, "--json", "--quiet"]) == 0
    data = json.loads(capsys.readouterr().out)
    assert data["sequences"] == 20 and data["choices"]["units"] == 4


def test_a_row_may_be_a_whole_sequence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path, model = tmp_path / "wide.csv", tmp_path / "model"
    rows = [f"n{k},{'ab'[k % 2]},{k % 2},{k},{3 - k % 2}" for k in range(20)]
    path.write_text("\n".join(["name,kind,Q1,Q2,Q3", *rows]))
    columns = ["--label", "kind", "--wide"]
    assert (
        main(["fit", "classify", str(path), "--id", "name", *columns, *QUICK, "--out", str(model)])
        == 0
    )
    assert "its steps are the 3 columns 'Q1' to 'Q3'" in capsys.readouterr().err
    assert main(["predict", str(model), "--data", str(path)]) == 0
    assert capsys.readouterr().out.startswith("name,kind,probability\nn0,")
    read = ["--values", "Q1", "--values", "Q2"]  # names with capitals
    assert main(["tune", "classify", str(path), *columns, *read, "--trials", "1", *QUICK]) == 0
    capsys.readouterr()
    assert main(["tune", "forecast", str(path), "--wide"]) == 2
    assert "forecast has no --wide" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "status", "message"),
    [
        ([], 2, "or --wide where a row is a"),
        (["--id", "ids", "--label", "label"], 1, "Did you mean 'id'"),
        (["--id", "id", "--label", "label", "--set", "unit=3"], 2, "Did you mean 'units'"),
        (["--id", "id", "--label", "a"], 1, "has two values there"),
    ],
)
def test_mistakes_end_in_one_sentence(
    arguments: list[str], status: int, message: str, file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["fit", "classify", str(file), *arguments]) == status
    err = capsys.readouterr().err
    assert message in " ".join(err.split()) and "Traceback" not in err


def test_what_is_missing_is_said_by_its_name(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["fit", "classify", str(tmp_path / "no.csv")]) == 1
    assert "there is no file" in capsys.readouterr().err
    for k in range(6):
        (tmp_path / "texts").mkdir(exist_ok=True)
        (tmp_path / "texts" / f"{k}.txt").write_text(f"text {k}" if k else "")
    assert main(["fit", "classify", str(tmp_path / "texts"), "--pattern", "{group}"]) == 1
    assert "text 0.txt is empty" in capsys.readouterr().err
    (tmp_path / "texts" / "0.txt").write_text("text 0")
    assert main(["fit", "classify", str(tmp_path / "texts"), "--pattern", "{group}"]) == 1
    assert "nothing says the labels of these files" in capsys.readouterr().err
