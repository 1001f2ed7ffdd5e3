"""The search for better options: what is compared, what is kept, and how it goes on."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from gatewise.cli import main
from gatewise.errors import InputError
from gatewise.tasks import Forecaster, SequenceClassifier
from gatewise.tasks.tuning import Choice, Range, parse_search, tune
from tests.tasks.sequences.support import QUICK, long_table, waves

pytestmark = pytest.mark.usefixtures("outlines")

pytest.importorskip("optuna")
X, Y = waves(30)
SEARCH = {"learning_rate": Range(1e-4, 5e-2, log=True), "units": Range(2, 6, whole=True)}


def classifier() -> SequenceClassifier:
    # hardly any learning: any higher rate is better
    return SequenceClassifier(
        **(QUICK | {"steps": 20, "learning_rate": 1e-5, "units": 4}), random_state=0
    )


@pytest.fixture(scope="module")
def tuned(tmp_path_factory: pytest.TempPathFactory) -> tuple[Any, Path]:
    path = tmp_path_factory.mktemp("tune") / "study.jsonl"
    return tune(classifier(), X, Y, trials=3, search=SEARCH, study=path), path


def test_it_finds_better_options_than_bad_defaults(tuned: tuple[Any, Path]) -> None:
    result, _ = tuned
    assert len(result.fits) == 4 and result.fits[0].options == {}
    assert result.best.loss == min(fit.loss for fit in result.fits) < result.fits[0].loss
    assert set(result.best.options) == set(SEARCH)
    assert all(2 <= fit.options["units"] <= 6 for fit in result.fits[1:])
    model = classifier().set_params(**result.best.options).fit(X, Y)
    assert min(e.check for e in model.history_) == pytest.approx(result.best.loss)


def test_it_goes_on_where_it_was_interrupted(tuned: tuple[Any, Path]) -> None:
    before, path = tuned
    told: list[Any] = []
    after = tune(classifier(), X, Y, trials=4, search=SEARCH, study=path, report=told.append)
    assert len(told) == 1 and after.fits[:4] == before.fits
    assert after.fits[4].options not in [fit.options for fit in before.fits]


def test_a_study_of_another_search_is_refused(tuned: tuple[Any, Path]) -> None:
    with pytest.raises(InputError, match="of another search"):
        tune(classifier(), X[1:], Y[1:], trials=1, search=SEARCH, study=tuned[1])
    with pytest.raises(InputError, match="of another search"):
        tune(classifier(), X, Y, trials=1, search={"units": Choice((2, 3))}, study=tuned[1])


def test_searches_as_they_are_typed() -> None:
    search = parse_search(["units=8:64", "dropout=0:0.5", "cell=lstm,gru"], SequenceClassifier)
    assert search["units"] == Range(8, 64, log=True, whole=True)
    assert search["dropout"] == Range(0, 0.5) and search["cell"] == Choice(("lstm", "gru"))
    for text in ("units", "units=64:8", "unit=3:4", "units=a:b"):
        with pytest.raises(InputError):
            parse_search([text], SequenceClassifier)


def test_a_forecaster_is_tuned_too() -> None:
    time = pd.date_range("2024-01-01", periods=120, freq="D")
    frame = pd.DataFrame({"time": time, "y": np.sin(np.arange(120) / 3)})
    model = Forecaster(horizon=2, units=4, steps=10, members=1, random_state=0)
    result = tune(model, frame, trials=1, search={"learning_rate": Range(1e-3, 1e-2)})
    assert len(result.fits) == 2 and result.best.loss is not None


def test_at_the_command_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file, out = tmp_path / "data.csv", tmp_path / "model"
    long_table(20).drop(columns="level").to_csv(file, index=False)
    words = ["tune", "classify", str(file), "--id", "id", "--order", "t", "--label", "label"]
    quick = ["--trials", "1", "--search", "units=2:4"]
    for setting in ("steps=4", "pooling=mean", "units=3"):
        quick += ["--set", setting]
    assert main([*words, *quick, "--out", str(out)]) == 0
    printed, said = capsys.readouterr()
    assert "2 fits" in said and (out / "report.html").exists()
    assert printed.strip().endswith("the defaults are best") or "--set units=" in printed
    assert (tmp_path / "model.tune.jsonl").exists()
    assert main(["tune", "sing", str(file)]) == 2
    assert main([*words, "--search", "unit=2:4"]) == 1
