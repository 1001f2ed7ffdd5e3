"""A fit that is interrupted, and the same command with --resume."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from gatewise.cli import main
from gatewise.tasks import Forecaster
from tests.cli.test_forecast import QUICK, file, one_thread  # noqa: F401  (fixtures)


def test_an_interrupted_fit_goes_on(
    file: Path,  # noqa: F811
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    whole, broken = tmp_path / "whole", tmp_path / "broken"
    command = ["fit", "forecast", str(file), "--horizon", "6", *QUICK, "--out"]
    assert main([*command, str(whole), "--quiet"]) == 0
    fit = Forecaster.fit

    def interrupted(self: Forecaster, data: Any, **how: Any) -> Forecaster:
        def progress(stage: str, step: int, loss: float) -> None:
            if stage != "training":
                raise KeyboardInterrupt

        return fit(self, data, **how | {"progress": progress})

    with monkeypatch.context() as patch:
        patch.setattr(Forecaster, "fit", interrupted)
        assert main([*command, str(broken)]) == 130
    assert "to resume, run the same command with --resume" in capsys.readouterr().err
    assert [p.name for p in broken.iterdir()] == ["run"]

    assert main([*command, str(broken)]) == 1
    assert "holds an interrupted fit: resume it with --resume" in capsys.readouterr().err
    assert main([*command, str(broken), "--seed", "1", "--resume"]) == 1
    assert "holds the run of another training" in capsys.readouterr().err
    assert main([*command, str(broken), "--resume", "--quiet"]) == 0
    for name in ("model.safetensors", "config.json"):
        assert (broken / name).read_bytes() == (whole / name).read_bytes()
    assert {p.name for p in broken.iterdir()} == {p.name for p in whole.iterdir()}
    assert main([*command, str(broken), "--resume"]) == 1  # there is a model now
    assert main([*command, str(broken), "--force", "--quiet"]) == 0
    assert {p.name for p in broken.iterdir()} == {p.name for p in whole.iterdir()}


def test_resume_needs_a_folder(file: Path, capsys: pytest.CaptureFixture[str]) -> None:  # noqa: F811
    assert main(["fit", "forecast", str(file), "--horizon", "6", "--resume"]) == 2
    assert "--resume needs the --out" in capsys.readouterr().err
