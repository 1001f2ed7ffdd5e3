"""500 odd command lines: each ends with 0, 1 or 2 in time, with a word on stderr where not with 0.

They run in one process, which imports torch once and is killed if a command line takes too long.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import random
import shutil
from collections.abc import Iterator
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import numpy as np
import pytest

COUNT, SEED, LIMIT = 500, 20_240_131, 60.0  # command lines; seconds that one may take
DAYS = np.datetime_as_string(np.datetime64("2024-01-01") + np.arange(60))
GOOD = "ds,sales,promo,shop\n" + "".join(
    f"{d},{10 + 3 * np.sin(k / 7 * 2 * np.pi):.3f},{k % 2},a\n" for k, d in enumerate(DAYS)
)
LATER = "ds,sales,promo,shop\n" + "".join(
    f"{d},{10 + k % 7}.5,1,a\n"
    for k, d in enumerate(np.datetime_as_string(np.datetime64("2024-03-01") + np.arange(9)))
)
DEEP = "[" * 100_000
ODD = (
    "",
    " ",
    "-",
    "--",
    "0",
    "-1",
    "nan",
    "1e999",
    "9" * 40,
    "9" * 5000,
    "x" * 5000,
    "größe",
    "\udcff",
    "a\x00b",
    "\n",
    "%s",
    "{}",
    "[]",
    "null",
    "'",
    "💥",
    "sales",
    "ds",
    "1",
    "2.5",
    "true",
    DEEP,
)
OPTIONS: dict[str, tuple[str, ...]] = {
    "look": (
        "--horizon",
        "--time",
        "--target",
        "--id",
        "--known",
        "--past",
        "--static",
        "--zone",
        "--json",
        "--quiet",
    ),
    "fit forecast": (
        "--horizon",
        "--out",
        "--time",
        "--target",
        "--id",
        "--known",
        "--past",
        "--static",
        "--zone",
        "--cell",
        "--set",
        "--seed",
        "--device",
        "--force",
        "--resume",
        "--json",
        "--quiet",
    ),
    "predict": ("--horizon", "--data", "--future", "--level", "--json", "--quiet"),
    "update": ("--out", "--force", "--quiet"),
    "evaluate": ("--json", "--quiet"),
    "info": ("--json",),
    "cells": ("--json",),
    "cells show": ("--sizes", "--option", "--latex", "--svg", "--json"),
    "cells check": ("--sizes", "--option", "--seed", "--json"),
    "cache": ("--json",),
}
FLAGS = ("--json", "--quiet", "--force", "--resume", "--latex")
EVERY = sorted({o for options in OPTIONS.values() for o in options})
FIELDS = (
    "horizon",
    "cell",
    "levels",
    "seasons",
    "log",
    "patch",
    "context",
    "units",
    "steps",
    "batch",
    "members",
    "learning_rate",
    "dropout",
    "patience",
    "precision",
    "time_limit",
    "random_state",
    "nothing",
)
CELLS = (
    "lstm",
    "gru",
    "lstn",
    "cell.json",
    "deep.json",
    "good.csv",
    "folder",
    "own.py:none",
    "none.py",
)


def material(folder: Path) -> dict[str, list[str]]:
    """Files of all kinds in a folder: names of tables, of models and of places to write to."""
    lines = GOOD.splitlines(keepends=True)
    contents: dict[str, bytes] = {
        "good.csv": GOOD.encode(),
        "later.csv": LATER.encode(),
        "empty.csv": b"",
        "header.csv": b"ds,sales\n",
        "row.csv": "".join(lines[:2]).encode(),
        "few.csv": "".join(lines[:9]).encode(),
        "binary.csv": bytes(range(256)) * 9,
        "nul.csv": GOOD.replace("10", "1\x000").encode(),
        "sheet.xlsx": b"PK\x03\x04" + b"x" * 99,
        "packed.csv.gz": b"\x1f\x8b" + b"x" * 99,
        "cut.parquet": b"PAR1" + b"\x15\x04" * 50,
        "quote.csv": (GOOD + '2024-03-01,"3').encode(),
        "latin.csv": GOOD.replace("shop", "größe").encode("latin-1"),
        "wide.csv": b"a" + b",b" * 3000,
        "json.csv": b'{"a": 1}',
        "deep.json": DEEP.encode(),
        "own.py": b"x = 1\n",
        "cell.json": b"{}",
        "dash-.csv": GOOD.encode(),
        "\udcff.csv": GOOD.encode(),
    }
    for name, content in contents.items():
        (folder / name).write_bytes(content)
    (folder / "folder").mkdir()
    (folder / "broken").symlink_to("nowhere")
    (folder / "circle").symlink_to("circle")
    os.mkfifo(folder / "pipe")
    odd = [
        "folder",
        "broken",
        "circle",
        "pipe",
        "/dev/null",
        "/dev/zero",
        "/dev/stdin",
        "missing",
        "x" * 5000,
        "",
        "good.csv/x",
        "a\x00b",
        "/",
        ".",
        "/proc/self/mem",
    ]
    models = ["model", "model-empty", "model-list", "model-deep", "model-other", *odd, "good.csv"]
    outs = [
        "new",
        "model",
        "folder",
        "good.csv",
        "good.csv/x",
        "/dev/null",
        "",
        "a\x00b",
        "x" * 300,
        "new/in/new",
    ]
    return {"table": [*contents, *odd], "model": models, "out": outs}


def spoil(model: Path) -> None:
    """Models beside a good one whose description is another."""
    for name, config in {"empty": "", "list": "[]", "deep": DEEP, "other": '{"kind": "x"}'}.items():
        spoiled = model.with_name(f"model-{name}")
        shutil.copytree(model, spoiled)
        (spoiled / "config.json").write_text(config)


def command_lines(places: dict[str, list[str]]) -> Iterator[list[str]]:
    """Odd ones, always the same."""
    draw = random.Random(SEED)

    def one(kind: str, good: str) -> str:
        return good if draw.random() < 0.6 else draw.choice(places[kind])

    def value(option: str) -> list[str]:
        if option in FLAGS:
            return ["yes"] if draw.random() < 0.03 else []
        if draw.random() < 0.05:
            return []
        if draw.random() < 0.35:
            return [draw.choice(ODD)]
        usual = {
            "--horizon": ["1", "2", "5", "99999999", "100000"],
            "--out": places["out"],
            "--data": places["table"],
            "--future": places["table"],
            "--svg": places["out"],
            "--cell": CELLS,
            "--zone": ["UTC", "Europe/Berlin", "../x"],
            "--set": [f"{draw.choice(FIELDS)}={draw.choice(ODD)}"],
            "--level": ["80", "90", "50"],
            "--sizes": ["I=2,H=3", "I=0", "H=²", f"I={'9' * 5000}", "I=99999999999999"],
            "--option": ["heads=4", "alpha=nan", "forget=exp"],
            "--device": ["cpu", "cuda", "tpu"],
        }
        return [draw.choice(usual.get(option, ["sales", "promo", "shop", "ds"]))]

    for _ in range(COUNT):
        verb = draw.choice(list(OPTIONS))
        line = verb.split()
        if verb in ("look", "fit forecast"):
            line.append(one("table", "good.csv"))
        if verb in ("predict", "update", "evaluate", "info"):
            line.append(one("model", "model"))
        if verb in ("update", "evaluate"):
            line.append(one("table", "later.csv"))
        if verb.startswith("cells "):
            line.append(draw.choice(CELLS))
        if verb == "fit forecast":
            line += ["--set", "steps=2", "--set", "units=2"]
            line += ["--horizon", "2"] if draw.random() < 0.8 else []
        for _ in range(draw.choice([0, 0, 1, 1, 2, 3])):
            option = draw.choice(EVERY if draw.random() < 0.1 else OPTIONS[verb])
            line += [option, *value(option)]
        if draw.random() < 0.05:
            line.append(draw.choice(ODD))
        if draw.random() < 0.05 and len(line) > 1:
            line.pop(draw.randrange(len(line)))
        yield line


def serve(pipe: Connection) -> None:
    """Run what comes, and tell how it ended."""
    import contextlib
    import io
    import traceback

    from gatewise.cli import main

    while (line := pipe.recv()) is not None:
        out, err = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            try:
                code: Any = main(line)
            except BaseException:
                code = traceback.format_exc()
        pipe.send((code, out.getvalue(), err.getvalue()))


class Worker:
    """The process that runs them; a new one where one had to be killed."""

    def __init__(self) -> None:
        context = multiprocessing.get_context("spawn")
        self.pipe, theirs = context.Pipe()
        self.process = context.Process(target=serve, args=(theirs,), daemon=True)
        self.process.start()
        theirs.close()

    def run(self, line: list[str], limit: float) -> tuple[Any, str, str]:
        self.pipe.send(line)
        try:
            if self.pipe.poll(limit):
                return self.pipe.recv()  # type: ignore[no-any-return]
        except EOFError:
            return "the process has died", "", ""
        return f"not done in {limit:g} s", "", ""

    def end(self) -> None:
        self.process.kill()
        self.process.join()


def wrong(line: list[str], code: Any, out: str, err: str) -> str:
    """What is wrong with an outcome; "" for nothing."""
    if code not in (0, 1, 2):
        return str(code)
    if "Traceback" in out + err:
        return "a traceback"
    if code and not err.strip():
        return f"ends with {code} and says nothing"
    if not code and "--json" in line and "--help" not in line and line[:1] != ["cells"]:
        try:
            json.loads(out)
        except ValueError as error:
            return f"no JSON: {error}"
    return ""


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_odd_command_lines(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GATEWISE_CACHE_DIR", str(tmp_path / "cache"))
    places = material(tmp_path)
    worker, failures = Worker(), []
    fit = [
        "fit",
        "forecast",
        "good.csv",
        "--horizon",
        "2",
        "--target",
        "sales",
        "--set",
        "steps=2",
        "--out",
    ]
    assert worker.run([*fit, "whole"], 300)[0] == 0
    spoil(tmp_path / "whole")
    for line in command_lines(places):
        shutil.rmtree("model", ignore_errors=True)
        shutil.copytree("whole", "model")
        outcome = worker.run(line, LIMIT)
        if problem := wrong(line, *outcome):
            failures.append(
                (problem, [a if len(a) < 60 else f"{a[:20]}...({len(a)})" for a in line])
            )
        if not worker.process.is_alive() or str(outcome[0]).startswith(("not done", "the process")):
            worker.end()
            worker = Worker()
        for name, content in (("good.csv", GOOD), ("later.csv", LATER)):
            Path(name).write_text(content)  # a command may have been told to write there
    worker.pipe.send(None)
    worker.end()
    assert not failures, "\n\n".join(f"{line}\n{problem}" for problem, line in failures)
