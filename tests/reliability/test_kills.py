"""100 kills in a save and 100 in a fit: there is always one whole model, and a fit goes on to the same end."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from gatewise.tasks import Forecaster

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(3600),
    pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork"),
]
KILLS = 100


@pytest.fixture(scope="module")
def line() -> pd.DataFrame:
    return pd.DataFrame({"unique_id": "a", "ds": range(200), "y": np.sin(np.arange(200) / 3)})


def test_kills_in_a_save(line: pd.DataFrame, tmp_path: Path) -> None:
    """``kill -9`` at random moments of saves that follow each other, in folders and through links."""
    rng = random.Random(0)
    models = [
        Forecaster(3, units=4, steps=2, members=1, random_state=seed).fit(line) for seed in (0, 1)
    ]
    folder = tmp_path / "model"
    link = tmp_path / "link"
    link.symlink_to("model")
    models[0].save(folder)
    forecasts = [model.predict()["LSTM"].to_numpy() for model in models]
    for kill in range(KILLS):
        place = rng.choice((folder, link))
        pid = os.fork()
        if pid == 0:
            try:
                while True:
                    for model in models:
                        model.save(place, force=True, report="a page")
            finally:
                os._exit(1)
        time.sleep(rng.random() * 0.2)
        os.kill(pid, signal.SIGKILL)
        assert os.waitpid(pid, 0)[1] == signal.SIGKILL
        forecast = Forecaster.load(folder).predict()["LSTM"].to_numpy()
        assert any(np.array_equal(forecast, one) for one in forecasts), f"kill {kill}"
        assert link.is_symlink()
    models[0].save(link, force=True)
    assert {p.name for p in tmp_path.iterdir()} == {"model", "link"}
    names = {"model.safetensors", "config.json", "README.md", "metrics.jsonl"}
    assert {p.name for p in folder.iterdir()} == names


def test_kills_in_a_fit(line: pd.DataFrame, tmp_path: Path) -> None:
    """The command with ``--resume`` after each kill ends with the bytes of the fit that nothing cut off."""
    rng = random.Random(0)
    line.to_csv(tmp_path / "line.csv", index=False)
    settings = [word for s in ("units=8", "steps=150", "members=2") for word in ("--set", s)]
    command = [
        sys.executable,
        "-m",
        "gatewise",
        "fit",
        "forecast",
        "line.csv",
        "--horizon",
        "3",
        "--quiet",
        *settings,
        "--out",
    ]
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    begin = time.monotonic()
    subprocess.run([*command, "whole"], cwd=tmp_path, env=environment, check=True)
    usual = time.monotonic() - begin
    kills = ended = 0
    while kills < KILLS or not ended:
        again = ["--resume"] if (tmp_path / "broken" / "run").is_dir() else []
        process = subprocess.Popen([*command, "broken", *again], cwd=tmp_path, env=environment)
        try:
            code = process.wait(timeout=usual * (0.3 + 0.9 * rng.random()))
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            kills += 1
            continue
        if code == 1 and (tmp_path / "broken" / "config.json").exists():
            code = 0  # it was killed when the model was there, and the run not yet gone
        assert code == 0, f"after {kills} kills"
        for name in ("model.safetensors", "config.json"):
            data = [(tmp_path / folder / name).read_bytes() for folder in ("whole", "broken")]
            assert data[0] == data[1], f"{name} after {kills} kills"
        ended += 1
        shutil.rmtree(tmp_path / "broken")
    print(f"{kills} kills, {ended} fits ended")
