"""``gatewise inspect``: a page from a saved model and a file."""

from __future__ import annotations

import base64
import json
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch

from gatewise.cli import main
from gatewise.cli.exits import DONE, FAILED, USAGE
from gatewise.cli.inspect import joined

MODEL = Path(__file__).resolve().parents[1] / "tasks" / "forecast" / "models" / "schema-2"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    days = pd.date_range("2024-01-01", periods=130, tz="Europe/Berlin")
    sales = (5 + np.sin(np.arange(130))).round(3)
    table = pd.DataFrame(
        {"shop": "a", "day": days, "sales": sales, "open": "yes", "wind": 0.0, "town": "N"}
    )
    table.to_csv(tmp_path / "sales.csv", index=False)
    later = pd.date_range("2024-05-10", periods=3, tz="Europe/Berlin")
    future = pd.DataFrame({"shop": "a", "day": later, "open": "yes"})
    future.to_csv(tmp_path / "future.csv", index=False)
    return tmp_path / "sales.csv"


def test_a_page(file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "report.html"
    arguments = ["inspect", str(MODEL), str(file), "--future", str(tmp_path / "future.csv")]
    assert main([*arguments, "--out", str(out)]) == DONE
    assert re.search(rf"wrote {re.escape(str(out))}: \d+ sequences?", capsys.readouterr().err)
    match = re.search(
        r'<script id="data" type="application/json">(.*?)</script>', out.read_text(), re.DOTALL
    )
    assert match is not None
    data = json.loads(match[1])
    assert data["title"] == "forecaster: sales.csv"
    assert {"input", "i", "f", "z", "o", "c", "h"} == {q["name"] for q in data["quantities"]}
    assert len(data["times"]) == 4
    # not the one step of zeros with which a forecaster is made ready
    assert max(data["lengths"]) > 1
    read = next(q for q in data["quantities"] if q["name"] == "input")
    assert len(set(base64.b64decode(read["data"]))) > 10
    before = out.read_bytes()
    assert (
        main(["inspect", str(MODEL), str(file), "--out", str(out)]) != DONE
    )  # it is there already
    assert out.read_bytes() == before


def test_sequences_of_several_calls_stand_side_by_side() -> None:
    short, long = torch.ones(2, 1, 3), torch.full((4, 2, 3), 2.0)
    steps, lengths = joined([(torch.zeros(1, 1, 3), [1]), (short, None), (long, [4, 3])])
    assert steps.shape == (4, 3, 3) and lengths == [2, 4, 3]
    assert steps[:, 0, 0].tolist() == [1, 1, 0, 0] and bool((steps[:, 1:] == 2).all())
    assert joined([(torch.zeros(1, 1, 3), None)])[1] == [1]
    assert joined([(torch.zeros(2, 20, 3), None)] * 3)[0].shape == (2, 40, 3)


def test_wrong_input(file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = str(tmp_path / "r.html")
    known = ["--future", str(tmp_path / "future.csv"), "--out", out]
    assert main(["inspect", str(tmp_path / "none"), str(file), *known]) == FAILED
    assert "not a saved model" in capsys.readouterr().err
    assert main(["inspect", str(MODEL), str(file), *known, "--network", "7"]) == FAILED
    assert "there is no network 7" in capsys.readouterr().err
    assert main(["inspect", str(MODEL), str(file), "--out", str(tmp_path / "r.txt")]) in (
        FAILED,
        USAGE,
    )
    assert not list(tmp_path.glob("r.*"))
