"""Tasks at every step on the command line: from a file to answers."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest
import torch

from gatewise.cli import main
from gatewise.tasks import SequenceTagger, load
from tests.tasks.sequences.support import long_table

QUICK = [word for text in ("steps=6", "units=4", "members=1") for word in ("--set", text)]
COLUMNS = ["--id", "id", "--order", "t", "--values", "a", "--values", "b"]


@pytest.fixture(autouse=True)
def one_thread():  # type: ignore[no-untyped-def]
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "data.csv"
    long_table(20).to_csv(path, index=False)
    return path


def rows_of(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_tag(file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "model"
    words = ["fit", "tag", str(file), *COLUMNS, "--label", "label", "--rate", "10", *QUICK]
    assert main([*words, "--lookahead", "1", "--out", str(out)]) == 0
    printed, said = capsys.readouterr()
    assert "LSTM" in printed and "each step alone" in printed and "false an hour" in printed
    assert "20 sequences of" in said and "1 steps later" in said and f"wrote {out}" in said
    assert (out / "report.html").stat().st_size > 5000

    assert main(["predict", str(out), "--data", str(file)]) == 0
    rows = rows_of(capsys.readouterr().out)
    assert len(rows) == len(long_table(20)) and list(rows[0]) == ["id", "t", "label", "probability"]
    assert main(["predict", str(out), "--data", str(file), "--events"]) == 0
    assert "begin,end,peak" in capsys.readouterr().out

    assert main(["evaluate", str(out), str(file), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["seen"] == 20
    assert main(["info", str(out), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["kind"] == "tagger"
    assert main(["info", str(out)]) == 0
    assert "a tagger of sequences, 2 classes" in capsys.readouterr().out
    assert main(["predict", str(out)]) == 1
    assert "--data FILE" in capsys.readouterr().err
    assert main(["predict", str(out), "--data", str(file), "--horizon", "3"]) == 1
    assert "--horizon has no meaning" in capsys.readouterr().err


def test_tag_needs_a_label(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["fit", "tag", str(file), *COLUMNS]) == 2
    assert "--label" in capsys.readouterr().err


def test_impute(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    table = long_table(20).drop(columns=["label", "level"])
    table.loc[[5, 6, 40], "a"] = float("nan")
    file, out = tmp_path / "gaps.csv", tmp_path / "model"
    table.to_csv(file, index=False)
    assert main(["fit", "impute", str(file), *COLUMNS, *QUICK, "--out", str(out)]) == 0
    printed, said = capsys.readouterr()
    assert "linear interpolation" in printed and "are removed, in blocks" in said
    assert (out / "report.html").stat().st_size > 5000

    assert main(["predict", str(out), "--data", str(file), "--level", "80"]) == 0
    rows = rows_of(capsys.readouterr().out)
    assert list(rows[0]) == ["id", "t", "a", "a-lo-80", "a-hi-80", "b", "b-lo-80", "b-hi-80"]
    assert float(rows[5]["a-lo-80"]) < float(rows[5]["a"]) < float(rows[5]["a-hi-80"])
    assert float(rows[7]["a"]) == float(rows[7]["a-lo-80"]) == pytest.approx(table.a[7])
    assert main(["evaluate", str(out), str(file), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["seen"] == 20
    assert main(["info", str(out)]) == 0
    assert "an imputer of sequences, 2 columns" in capsys.readouterr().out


def test_anomaly(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    table = long_table(20).drop(columns=["level"])
    table["label"] = 0
    table.loc[[30, 31], ["a", "label"]] = [9.0, 1]
    file, out = tmp_path / "odd.csv", tmp_path / "model"
    table.to_csv(file, index=False)
    words = ["fit", "anomaly", str(file), *COLUMNS, "--label", "label", *QUICK]
    assert main([*words, "--out", str(out)]) == 0
    printed, said = capsys.readouterr()
    assert "rank" in printed and "last value" in printed and "99.3 % of the steps are quiet" in said
    assert (out / "report.html").stat().st_size > 5000

    assert main(["predict", str(out), "--data", str(file)]) == 0
    assert list(rows_of(capsys.readouterr().out)[0]) == ["id", "t", "score", "anomaly"]
    assert main(["predict", str(out), "--data", str(file), "--events"]) == 0
    assert rows_of(capsys.readouterr().out)[0]["rank"] == "1"
    assert main(["evaluate", str(out), str(file), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["steps"] == 2
    assert main(["info", str(out)]) == 0
    assert "a detector of anomalies" in capsys.readouterr().out


def test_a_text_is_the_background(file: Path, tmp_path: Path) -> None:
    out = tmp_path / "model"
    options = ["--label", "label", "--set", "background=slow", "--out", str(out), "--quiet"]
    assert main(["fit", "tag", str(file), *COLUMNS, *options, *QUICK]) == 0
    model = load(out)
    assert isinstance(model, SequenceTagger) and model.get_params()["background"] == "slow"
    assert set(model.events(str(file))["label"]) <= {"fast"}


@pytest.mark.parametrize("task", ["classify", "regress", "tag", "impute", "anomaly"])
def test_codes_of_missing_values(
    task: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The option that the warning names is one of every task, and of the answers of its model."""
    file, out = tmp_path / "data.csv", tmp_path / "model"
    table = long_table(20)
    gaps = table.index % 9 == 4
    table.assign(a=table.a.where(~gaps, -999)).to_csv(file, index=False)
    label = {"classify": ["--label", "label"], "regress": ["--label", "level"]}
    label |= {"tag": ["--label", "label"]}
    words = ["fit", task, str(file), *COLUMNS, *label.get(task, []), *QUICK]
    assert main([*words, "--out", str(out)]) == 0
    assert "column 'a': -999 is there" in (said := capsys.readouterr().err)
    assert "--missing -999" in said and "missing  " not in said
    assert main([*words, "--missing", "-999", "--out", str(out), "--force"]) == 0
    said = capsys.readouterr().err
    assert (
        f"missing  {gaps.sum()} of {2 * len(table)} values" in said and "far from all" not in said
    )
    assert main(["predict", str(out), "--data", str(file)]) == 0
    printed, said = capsys.readouterr()
    assert "far from all" not in said and len(rows_of(printed)) in (20, len(table))
    if task == "impute":
        assert all(abs(float(row["a"])) < 100 for row in rows_of(printed))
