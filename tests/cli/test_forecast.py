"""From a file to predictions on the command line: outputs, exit codes, messages."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from gatewise.cli import main
from tests.tasks.conftest import long_frame

QUICK = ["--set", "steps=20", "--set", "units=8"]


@pytest.fixture(autouse=True)
def one_thread():  # type: ignore[no-untyped-def]
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "data.csv"
    long_frame(300).to_csv(path, index=False)
    return path


def test_look(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["look", str(file)]) == 0
    out, err = capsys.readouterr()
    assert "long: 2 series of 300 steps" in out
    assert "every hour" in out
    assert "seasonal naive 24" in out
    assert f"gatewise fit forecast {file} --horizon" in out
    assert err == ""
    assert main(["look", str(file), "--json"]) == 0
    data = json.loads(capsys.readouterr().out)
    assert data["series"] == 2
    assert data["choices"]["seasons"] == [24]


def test_fit_and_predict(
    pictures: None,
    file: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    out = tmp_path / "model"
    arguments = ["fit", "forecast", str(file), "--horizon", "6", "--out", str(out), *QUICK]
    assert main(arguments) == 0
    table, talk = capsys.readouterr()
    assert talk.index("every hour") < talk.index("wrote")
    assert "LSTM" in table
    assert "seasonal drift 24" in table
    assert sorted(p.name for p in out.iterdir()) == [
        "README.md",
        "config.json",
        "metrics.jsonl",
        "model.safetensors",
        "report.html",
    ]
    assert str(file) in (out / "report.html").read_text()  # the command
    assert {p.name for p in tmp_path.iterdir()} == {"data.csv", "model"}

    assert main(["predict", str(out), "--horizon", "4"]) == 0
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert len(rows) == 8
    assert set(rows[0]) >= {"unique_id", "ds", "LSTM", "LSTM-lo-80", "LSTM-hi-90"}
    assert main(["predict", str(out), "--data", str(file), "--json"]) == 0
    again = json.loads(capsys.readouterr().out)
    for a, b in zip(rows[:4], again[:4], strict=True):
        assert float(a["LSTM"]) == pytest.approx(b["LSTM"], rel=1e-6)

    assert main(arguments) == 1
    assert "--force" in capsys.readouterr().err
    assert main([*arguments, "--force", "--quiet", "--json"]) == 0
    captured = capsys.readouterr()
    assert captured.err == ""
    assert {row["name"] for row in json.loads(captured.out)["evaluation"]} >= {"LSTM", "last value"}

    assert main(["info", str(out)]) == 0
    shown = capsys.readouterr().out
    assert "6 steps ahead, every hour" in shown
    assert "series   2: a, b" in shown
    assert "seasonal drift 24" in shown
    assert main(["info", str(out), "--json"]) == 0
    data = json.loads(capsys.readouterr().out)
    assert data["series"] == ["a", "b"]
    assert data["parameters"] > 100


def test_the_seed_decides(file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    common = ["fit", "forecast", str(file), "--horizon", "6", "--quiet", "--json", *QUICK]
    outputs = []
    for seed in ("0", "0", "1"):
        assert main([*common, "--seed", seed]) == 0
        outputs.append(capsys.readouterr().out)
    assert outputs[0] == outputs[1]
    assert outputs[0] != outputs[2]


def test_a_cell_of_the_users_file(
    file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    cells = tmp_path / "my_cells.py"
    cells.write_text(
        "import gatewise as gw\nfrom gatewise.lang import sigmoid, tanh\n\n@gw.cell\n"
        "def leaky(x, /, h, *, W, U, b):\n"
        "    f = sigmoid(W.f @ x + U.f @ h + b.f)\n"
        "    return f * h + (1 - f) * tanh(W.z @ x + b.z)\n"
    )
    out = tmp_path / "m"
    fit = ["fit", "forecast", str(file), "--horizon", "3", "--cell", f"{cells}:leaky"]
    assert main([*fit, "--out", str(out), *QUICK]) == 0
    cells.unlink()  # the model carries its cell
    capsys.readouterr()
    assert main(["predict", str(out)]) == 0
    assert "LEAKY-lo-80" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["look", "nowhere.csv"], 1, "there is no file"),
        (["look", "DATA", "--target", "z"], 1, "no column 'z'"),
        (["fit", "forecast", "DATA", "--horizon", "200"], 1, "too short"),
        (["fit", "forecast", "DATA", "--horizon", "0"], 2, "horizon"),
        (["fit", "forecast", "DATA", "--horizon", "3", "--set", "unit=3"], 2, "units"),
        (["fit", "forecast", "DATA", "--horizon", "3", "--set", "units"], 2, "key=value"),
        (["fit", "forecast", "DATA", "--horizon", "3", "--set", "units=many"], 2, "a number"),
        (["fit", "forecast", "DATA", "--horizon", "3", "--cell", "lstmm"], 1, "Did you mean"),
        (["fit", "forecast", "DATA", "--horizon", "3", "--seed", "-1"], 2, "seed"),
        (["fit", "forecast", "DATA", "--horizon", "3", "--device", "gpu"], 2, "cpu, cuda, auto"),
        (["predict", "nowhere"], 1, "not a saved model"),
    ],
)
def test_mistakes(
    file: Path,
    arguments: list[str],
    code: int,
    message: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main([str(file) if a == "DATA" else a for a in arguments]) == code
    out, err = capsys.readouterr()
    assert out == ""
    assert message in err
    assert "Traceback" not in err


def test_look_is_quick_because_it_loads_no_torch(file: Path) -> None:
    child = (
        "import sys\nfrom gatewise.cli import main\n"
        f"code = main(['look', {str(file)!r}])\n"
        "sys.exit(code or any(n in sys.modules for n in ('torch', 'sklearn', 'statsforecast')))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", child], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "seasonal naive 24" in done.stdout


def test_a_time_limit_that_is_reached_is_said(
    file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "model"
    common = ["fit", "forecast", str(file), "--horizon", "6", *QUICK]
    assert main([*common, "--set", "time_limit=0.00001", "--out", str(out)]) == 0
    told = capsys.readouterr().err
    assert "the time limit (1e-05 s for the whole fit) stopped training at step 1 of 20" in told
    assert main(["info", str(out)]) == 0
    assert "(stopped by the time limit at step 1 of 20)" in capsys.readouterr().out
    assert json.loads((out / "config.json").read_text())["stopped"] == [1, 20]
    assert json.loads((out / "metrics.jsonl").read_text().splitlines()[-1])["stopped"] is True
    assert main([*common, "--set", "time_limit=none"]) == 0
    assert "time limit" not in capsys.readouterr().err
    assert main([*common, "--set", "time_limit=0"]) == 2
    assert "time_limit must be seconds above 0" in capsys.readouterr().err
