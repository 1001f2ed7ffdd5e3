"""The command itself: what it needs, what it returns, what goes where."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import gatewise as gw
from gatewise.cli import FAILED, INTERRUPTED, USAGE, main

ROOT = Path(__file__).resolve().parents[2]


def command(*arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "gatewise", *arguments],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
        env={**os.environ, **more},
    )


def test_the_version() -> None:
    for flag in ("--version", "-V"):
        done = command(flag)
        assert (done.returncode, done.stdout) == (0, f"gatewise {gw.__version__}\n")
        assert done.stderr == ""


def test_help_lists_the_verbs(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--help"]) == 0
    assert "cells" in capsys.readouterr().out


@pytest.mark.parametrize(
    "arguments",
    [
        ["no_such_verb"],
        ["--no-such-option"],
        ["cells", "no_such_command"],
        ["cells", "show"],
        ["cells", "show", "lstm", "--sizes", "I=four"],
        ["cells", "show", "lstm", "--option", "heads"],
        ["cells", "show", "lstm", "--json", "--latex"],
        ["cells", "check", "lstm", "--seed", "x"],
    ],
)
def test_wrong_usage(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(arguments) == USAGE
    shown = capsys.readouterr()
    assert shown.out == ""
    assert "Error" in shown.err


def test_an_error_is_one_message(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["cells", "show", "lsmt"]) == FAILED
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err.startswith("gatewise: the catalogue has no cell 'lsmt'. Did you mean 'lstm'?")
    assert "Traceback" not in shown.err


@pytest.mark.parametrize(
    ("arguments", "absent", "code", "message"),
    [
        (["cells"], "typer", USAGE, 'gatewise cells needs the extra: pip install "gatewise[cli]"'),
        ([], "typer", USAGE, 'gatewise needs the extra: pip install "gatewise[cli]"'),
        (
            ["fit", "forecast", "a.csv"],
            "typer",
            USAGE,
            'gatewise fit needs the extra: pip install "gatewise[forecast,cli]"',
        ),
        (
            ["look", "a.csv"],
            "narwhals",
            FAILED,
            'gatewise: look needs narwhals: pip install "gatewise[forecast,cli]"',
        ),
        (
            ["predict", "model"],
            "torch",
            FAILED,
            'gatewise: predict needs torch: pip install "gatewise[forecast,cli]"',
        ),
    ],
)
def test_without_its_extra_it_says_which(
    arguments: list[str], absent: str, code: int, message: str
) -> None:
    child = (
        "import sys\n"
        f"sys.modules[{absent!r}] = None\n"
        "from gatewise.cli import main\n"
        f"sys.exit(main({arguments!r}))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", child], capture_output=True, text=True, check=False, cwd=ROOT
    )
    assert done.returncode == code
    assert done.stdout == ""
    assert done.stderr == message + "\n"


def test_importing_the_entry_point_needs_no_extra() -> None:
    child = "import sys, gatewise.cli; sys.exit('typer' in sys.modules or 'torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", child], check=False, cwd=ROOT).returncode == 0


@pytest.mark.parametrize(
    "error", [MemoryError(), RuntimeError("DefaultCPUAllocator: can't allocate memory: 16 TB")]
)
def test_too_little_memory_is_one_message(
    error: Exception, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise error

    monkeypatch.setattr("gatewise.cli.cells.find_cell", fail)
    assert main(["cells", "show", "lstm"]) == FAILED
    assert capsys.readouterr().err.startswith("gatewise: out of memory")


@pytest.mark.skipif(os.name == "nt", reason="closed pipes and signals are other things there")
def test_a_closed_pipe_is_quiet() -> None:
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run(
        [sys.executable, "-m", "gatewise", "cells", "show", "fgr", "--json"],
        stdout=writer,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
        cwd=ROOT,
    )
    os.close(writer)
    assert done.stderr == ""
    assert done.returncode not in (0, USAGE)


@pytest.mark.skipif(os.name == "nt", reason="closed pipes and signals are other things there")
def test_an_interruption_is_130(tmp_path: Path) -> None:
    slow = tmp_path / "slow.py"
    slow.write_text("print('ready', flush=True)\nimport time\ntime.sleep(60)\n", encoding="utf-8")
    child = subprocess.Popen(
        [sys.executable, "-m", "gatewise", "cells", "check", f"{slow}:cell"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        # a shell that runs the tests in the background has them, and so this child, ignore Ctrl-C
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    assert child.stdout is not None
    assert child.stdout.readline() == "ready\n"
    time.sleep(0.1)
    child.send_signal(signal.SIGINT)
    _, talk = child.communicate(timeout=120)
    assert child.returncode == INTERRUPTED
    assert "Traceback" not in talk


def test_no_color_is_honoured() -> None:
    plain = command("cells", "show", NO_COLOR="1", FORCE_COLOR="1", COLUMNS="80")
    assert plain.returncode == USAGE
    colours = [f"\x1b[{n}" for n in ("3", "9", "1;3", "2;3")]
    assert not any(code in plain.stderr for code in colours)
