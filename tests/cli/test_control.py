from __future__ import annotations

import json
import re
import time
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from gatewise.cli import main
from tests.forks import Fork, needs_fork

FIT = ["fit", "control", "CartPole-v1", "--hide", "1,3", "--set", "units=8", "--set", "n_envs=2"]
QUICK = ["--frames", "300", "--set", "n_epochs=1"]


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("cli") / "model"
    assert main([*FIT, *QUICK, "--out", str(folder), "--quiet"]) == 0
    return folder


def test_from_training_to_a_film(
    model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert (model / "report.html").is_file()
    assert main(["evaluate", str(model), "--episodes", "5", "--json"]) == 0
    data = json.loads(capsys.readouterr().out)
    assert len(data["returns"]) == 5 and data["environment"] == "CartPole-v1"
    assert data["mean"] == pytest.approx(np.mean(data["returns"]))
    assert main(["evaluate", str(model), "--episodes", "5", "--sample"]) == 0
    assert "actions drawn" in capsys.readouterr().out

    assert main(["info", str(model)]) == 0
    shown = capsys.readouterr().out
    assert "numbers 1, 3 hidden" in shown and "512 frames" in shown

    film = tmp_path / "episode.gif"
    assert main(["play", str(model), "--out", str(film), "--steps", "9"]) == 0
    assert "return" in capsys.readouterr().err
    with Image.open(film) as picture:
        assert picture.n_frames > 1
    assert main(["play", str(model), "--out", str(film)]) == 1  # it is there already


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["fit", "control"], 2, "name an environment"),
        (["fit", "control", "CartPole-v1", "--hide", "a"], 2, "1,3 or 5-10"),
        (["fit", "control", "CartPole-v9"], 1, "CartPole-v1"),
        (["fit", "control", "CartPole-v1", "--set", "unit=3"], 2, "units"),
        (["fit", "control", "CartPole-v1", "--set", "units=0"], 2, "units"),
        (["fit", "control", "CartPole-v1", "--time", "-1"], 2, "time"),
        (["fit", "control", "CartPole-v1", "--resume"], 2, "--out"),
        (["fit", "control", "--from", "a.csv", "--start-from", "{model}"], 2, "not --from"),
        (["fit", "control", "CartPole-v1", "--start-from", "{model}"], 1, "another environment"),
        ([*FIT, "--set", "units=9", "--start-from", "{model}"], 1, "8 units.*9 units"),
        (["evaluate", "{model}", "file.csv"], 2, "leave FILE out"),
        (
            ["evaluate", "{model}", "--env", "Pendulum-v1"],
            1,
            "FlattenObservation|numbers 0 to 2|another",
        ),
        (["predict", "{model}"], 1, "gatewise.control.load"),
        (["play", "{model}", "--out", "film.avi"], 2, ".gif, .mp4"),
    ],
)
def test_what_is_wrong_is_said_in_a_line(
    arguments: list[str], code: int, message: str, model: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    import re

    assert main([a.format(model=model) for a in arguments]) == code
    said = capsys.readouterr().err
    assert re.search(message, " ".join(said.split())), said
    assert "Traceback" not in said


def test_a_saved_policy_is_begun_with(model: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*FIT, *QUICK, "--start-from", str(model), "--json", "--quiet"]) == 0
    assert json.loads(capsys.readouterr().out)["frames"] == 512


def test_episodes_of_a_table_are_cloned(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = [
        {"id": e, "step": t, "x": float((e + t) % 2), "action": (e + t) % 2}
        for e in range(10)
        for t in range(5 + e)
    ]
    pd.DataFrame(rows).to_parquet(tmp_path / "episodes.parquet")
    out = tmp_path / "model"
    options = ["--set", "units=8", "--set", "steps=200", "--set", "learning_rate=0.02"]
    arguments = ["--from", str(tmp_path / "episodes.parquet"), "--out", str(out), *options]
    assert main(["fit", "control", *arguments]) == 0
    assert "held out  100.0 % right" in capsys.readouterr().out
    assert main(["info", str(out)]) == 0
    assert main(["evaluate", str(out)]) == 1
    assert "--env" in capsys.readouterr().err


@needs_fork
def test_an_interrupted_training_is_saved_and_resumed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "model"
    arguments = [*FIT, "--frames", "50000", "--out", str(out)]
    with Fork(partial(main, arguments), tmp_path / "told") as training:
        while training.running() and "\n" not in training.err.read_text():
            time.sleep(0.01)
        first = training.err.read_text()  # the first update is done
        assert "frames" in first, first
        time.sleep(0.2)
        training.interrupt()
        assert training.wait() == 130
    assert "--resume" in training.err.read_text()
    config = json.loads((out / "config.json").read_text())
    assert config["budget"]["frames"] == 50000
    resumed = [*FIT, "--frames", "300", "--out", str(out), "--resume", "--json", "--quiet"]
    assert main(resumed) == 0
    assert json.loads(capsys.readouterr().out)["frames"] >= config["frames"] + 300


def test_what_was_learned_is_saved_where_no_episode_ends(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """100 episodes are played after the training: that may fail, and the training is there all the same."""
    monkeypatch.setattr("gatewise.control.evaluation.LONGEST", 1)
    folder = tmp_path / "model"
    assert main([*FIT, *QUICK, "--out", str(folder), "--quiet"]) == 1
    assert "max_steps" in capsys.readouterr().err
    assert main(["info", str(folder)]) == 0


def test_a_policy_that_was_gone_back_to_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gatewise.control.best.LAST", 5)
    monkeypatch.setattr("gatewise.control.best.CLEARLY", -100.0)
    assert main([*FIT, "--frames", "1500", "--set", "n_epochs=1", "--quiet"]) == 0
    assert re.search(r"the best, of update \d of 6: later ones did worse", capsys.readouterr().out)
