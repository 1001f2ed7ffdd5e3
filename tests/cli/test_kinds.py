"""The verbs that use a saved model go by its kind."""

from __future__ import annotations

import sys
from dataclasses import fields
from pathlib import Path
from types import ModuleType, SimpleNamespace

import pytest

from gatewise import tasks
from gatewise.cli import main
from gatewise.cli.kinds import KindCommands, PredictOptions, Report, commands_of

FOLDER = Path(__file__).parents[2] / "gatewise" / "cli"


@pytest.fixture
def lamp(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every folder holds a model of the kind ``lamp``, which knows ``--data`` and cannot be updated."""
    module = ModuleType("gatewise.cli.kinds.lamp")
    module.__spec__ = SimpleNamespace(name=module.__name__)  # type: ignore[assignment]
    module.commands = KindCommands(  # type: ignore[attr-defined]
        info=lambda model: Report(["a lamp"], {"light": 3}),
        evaluate=lambda model, file: Report([f"bright on {file}"], {"error": 0.5}),
        predict=lambda model, options: pytest.importorskip("pandas").DataFrame({"on": [1]}),
        predict_options=frozenset({"data"}),
    )
    monkeypatch.setitem(sys.modules, module.__name__, module)
    monkeypatch.setattr(tasks, "load", lambda folder: SimpleNamespace(kind="lamp"))


@pytest.mark.parametrize(
    ("arguments", "printed"),
    [
        (["info", "m"], "a lamp\n"),
        (["info", "m", "--json"], '{\n "kind": "lamp",\n "light": 3\n}\n'),
        (["evaluate", "m", "a.csv"], "bright on a.csv\n"),
        (["evaluate", "m", "a.csv", "--json"], '{\n "error": 0.5\n}\n'),
        (["predict", "m"], "on\n1\n"),
        (["predict", "m", "--data", "a.csv", "--json"], '[\n {\n  "on": 1\n }\n]\n'),
    ],
)
def test_a_verb_prints_what_the_kind_answers(
    lamp: None, arguments: list[str], printed: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 0
    assert capsys.readouterr().out == printed


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ["predict", "m", "--horizon", "3"],
            "--horizon has no meaning for a model of the kind 'lamp'",
        ),
        (["predict", "m", "--level", "80"], "--level has no meaning"),
        (["update", "m", "a.csv"], "a model of the kind 'lamp' cannot be updated"),
    ],
)
def test_what_a_kind_does_not_have_is_refused(
    lamp: None, arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 1
    out, err = capsys.readouterr()
    assert out == "" and message in err


def test_a_kind_without_commands_is_refused(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(tasks, "load", lambda folder: SimpleNamespace(kind="kettle"))
    assert main(["info", "m"]) == 1
    assert "cannot use a model of the kind 'kettle'" in capsys.readouterr().err


def test_the_files_belong_to_kinds_that_exist() -> None:
    files = {path.stem for path in (FOLDER / "kinds").glob("*.py")} - {"__init__"}
    assert "forecaster" in files and files <= set(tasks.KINDS)
    options = {field.name for field in fields(PredictOptions)}
    for name in files:
        commands = commands_of(SimpleNamespace(kind=name))  # type: ignore[arg-type]
        assert commands.predict_options <= options


def test_the_verbs_know_no_kind() -> None:
    """What one task prints stands in ``kinds/`` and ``fit/`` alone."""
    for verb in ("predict", "evaluate", "update", "info"):
        source = (FOLDER / f"{verb}.py").read_text()
        assert "tasks.forecast" not in source and "Forecaster" not in source
