"""``predict --baseline`` and ``--best``."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from gatewise.cli import main


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Noise in the training span, for which the mean is best, and later a climb, for which it is not."""
    folder = tmp_path_factory.mktemp("climb")
    climb = 5.0 * np.maximum(0, np.arange(200) - 140)
    price = 100 + np.random.default_rng(0).standard_normal(200) + climb
    days = pd.date_range("2024-01-01", periods=200).astype(str)
    pd.DataFrame({"day": days, "price": price.round(2)}).to_csv(folder / "price.csv", index=False)
    words = ["--set", "steps=4", "--set", "units=4", "--set", "members=1", "--quiet"]
    fit = ["fit", "forecast", str(folder / "price.csv"), "--horizon", "4", *words]
    assert main([*fit, "--out", str(folder / "model")]) == 0
    return folder / "model"


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_a_baseline_by_name(model: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["predict", str(model), "--baseline", "last value", "--horizon", "2"]) == 0
    last = rows((model.parent / "price.csv").read_text())[-1]["price"]
    out, err = capsys.readouterr()
    assert [row["last value"] for row in rows(out)] == [last, last]
    assert set(rows(out)[0]) == {"day", "last value"}
    assert err == ""


def test_wrong_usage_names_what_there_is(model: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["predict", str(model), "--baseline", "naive"]) == 1
    assert "no baseline 'naive': name one of last value," in capsys.readouterr().err
    assert main(["predict", str(model), "--baseline", "drift", "--level", "80"]) == 1
    assert "the baseline 'drift' has no intervals" in capsys.readouterr().err
    assert main(["predict", str(model), "--baseline", "drift", "--best"]) == 2
    assert "leave it or --baseline out" in capsys.readouterr().err.replace("\n", " ")


def test_the_best_says_what_it_is(model: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["info", str(model)]) == 0
    line = capsys.readouterr().out.splitlines()[-1]
    best = line.removeprefix("best on the validation span: ").removesuffix(" (predict --best)")
    assert best in ("last value", "recent mean", "drift", "exponential smoothing")
    assert main(["predict", str(model), "--best"]) == 0
    out, err = capsys.readouterr()
    assert set(rows(out)[0]) == {"day", best}
    assert f"this is the forecast of '{best}', which was better than LSTM" in err
    assert main(["predict", str(model), "--best", "--quiet"]) == 0
    assert capsys.readouterr() == (out, "")
