"""Tasks at every step on the command line: from a file to answers."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest
import torch

from gatewise.cli import main
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
