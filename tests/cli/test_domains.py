"""Bounds and whole numbers at the command line, codes, the mean and the total."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from gatewise.cli import main

WORDS = ["--horizon", "4", "--set", "steps=4", "--set", "units=4", "--set", "members=1"]


@pytest.fixture(scope="module")
def sold(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Sales of which most are 0, and some are -999."""
    draw = np.random.default_rng(0)
    values = np.where(draw.random(200) < 0.2, draw.integers(1, 5, 200), 0)
    values[[20, 90, 91]] = -999
    path = tmp_path_factory.mktemp("sold") / "sold.csv"
    days = pd.date_range("2024-01-01", periods=200).astype(str)
    pd.DataFrame({"day": days, "sold": values}).to_csv(path, index=False)
    return path


@pytest.fixture(scope="module")
def model(sold: Path) -> Path:
    folder = sold.parent / "model"
    assert main(["fit", "forecast", str(sold), *WORDS, "--out", str(folder), "--quiet"]) == 0
    return folder


def test_look_says_what_was_found(sold: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["look", str(sold), "--upper", "9"]) == 0
    out = capsys.readouterr().out
    assert "-999 is there 3 times (first at row 21, 2024-01-21)" in out
    assert (
        "domain   forecasts are whole numbers from 0 to 9, as the data are (--lower none, --no-integer: not so)"
        in out
    )
    assert "--upper 9 --out model" in out


@pytest.mark.parametrize(
    ("options", "code", "words"),
    [
        (["--lower", "5", "--upper", "5"], 2, "--lower 5 must be less than --upper 5"),
        (["--upper", "much"], 2, "--upper must be a number, or none"),
        (["--upper", "3"], 1, "has the value 4, which is above the upper bound 3"),
        (
            ["--missing", "-999", "--lower", "1"],
            1,
            "row 1, 2024-01-01 has the value 0, which is below",
        ),
    ],
)
def test_bad_bounds(
    sold: Path, options: list[str], code: int, words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["fit", "forecast", str(sold), *WORDS, *options]) == code
    err = " ".join(capsys.readouterr().err.replace("│", " ").split())
    assert words in err and "Traceback" not in err


def test_means_and_totals(model: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["predict", str(model), "--point", "mean", "--quiet"]) == 0
    mean = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert 0 < sum(float(row["LSTM"]) for row in mean) < 4
    assert main(["predict", str(model), "--total", "--level", "80", "--quiet"]) == 0
    (total,) = csv.DictReader(io.StringIO(capsys.readouterr().out))
    assert set(total) == {"day", "LSTM", "LSTM-lo-80", "LSTM-hi-80"}
    assert total["day"].startswith("2024-07-22") and float(total["LSTM-lo-80"]) == 0
    assert main(["predict", str(model), "--total", "--best"]) == 2
    assert main(["predict", str(model), "--point", "middle"]) == 2
    assert "--point is mean or median" in capsys.readouterr().err
    assert main(["info", str(model), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["horizon"] == 4
