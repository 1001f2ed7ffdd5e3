"""Results as JSON lines: one run a line, with all that is needed to run it again."""

from __future__ import annotations

import json
import platform
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field, fields
from functools import cache
from pathlib import Path
from typing import Any

from gatewise.errors import InputError

SCHEMA = 1


@dataclass(frozen=True)
class Result:
    """One run.

    Attributes:
        experiment, fields: what was run, with its numbers (T and others).
        cell, recipe, help: which cell, which recipe, and what training added by it.
        setting: units, batch, learning rate and so on.
        seed: of initial values, training data and test data.
        solved: whether the criterion was met, in training and on fresh sequences.
        sequences, updates, steps: of training; steps counts those of all sequences.
        cpu, wall: seconds, tests included; cpu is that of all threads.
        figures: of the last test.
        stages: (T, sequences, CPU seconds) when each gap was passed.
        note: why it ended otherwise than by its criterion, or why the cell cannot.
        curve: (sequences, running error) now and then.
        versions, machine: of what it ran with.
        schema: of this record.
    """

    experiment: str
    fields: dict[str, Any]
    cell: str
    recipe: str
    seed: int
    solved: bool
    sequences: int = 0
    updates: int = 0
    steps: int = 0
    cpu: float = 0.0
    wall: float = 0.0
    figures: dict[str, float | int] = field(default_factory=dict)
    stages: list[tuple[int, int, float]] = field(default_factory=list)
    help: list[str] = field(default_factory=list)
    setting: dict[str, Any] = field(default_factory=dict)
    note: str = ""
    curve: list[tuple[int, float]] = field(default_factory=list)
    versions: dict[str, str] = field(default_factory=dict)
    machine: str = ""
    schema: int = SCHEMA

    def to_json(self) -> str:
        """One line."""
        return json.dumps(asdict(self), ensure_ascii=False, allow_nan=False)


def append(path: Path, result: Result | None) -> None:
    """Add a line to a file; of None, see whether it could be. Raises InputError if it cannot be written."""
    try:
        with path.open("a", encoding="utf-8") as file:
            file.write("" if result is None else result.to_json() + "\n")
    except OSError as error:
        raise InputError(f"cannot write {path}: {error.strerror}") from None


def read(paths: Iterable[Path]) -> list[Result]:
    """The results of files. Raises InputError, with file and line, for what is none."""
    return [result for path in paths for result in _read(path)]


def _read(path: Path) -> Iterator[Result]:
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise InputError(f"{path} is no text: results are JSON lines") from None
    for number, line in enumerate(text.splitlines(), 1):
        if line.strip():
            yield _result(line, f"{path}, line {number}")


_NEEDED = {
    "experiment": str,
    "fields": dict,
    "cell": str,
    "recipe": str,
    "seed": int,
    "solved": bool,
    "sequences": int,
    "cpu": int | float,
    "figures": dict,
    "note": str,
}


def _result(line: str, where: str) -> Result:
    try:
        data = json.loads(line)
    except (ValueError, RecursionError):
        raise InputError(f"{where}: not JSON; a result is one line of JSON") from None
    if not isinstance(data, dict):
        raise InputError(f"{where}: not a result of gatewise lab")
    if data.get("schema") != SCHEMA:
        raise InputError(
            f"{where}: schema {data.get('schema')!r}, and this version reads {SCHEMA}: run the experiment again"
        )
    for name, kind in _NEEDED.items():
        if not isinstance(data.get(name), kind):
            raise InputError(f"{where}: {name} is missing or of a wrong type")
    known = {f.name for f in fields(Result)}
    return Result(**{name: value for name, value in data.items() if name in known})


@cache
def versions() -> dict[str, str]:
    """Of Gatewise, Python, PyTorch and NumPy."""
    import numpy
    import torch

    from gatewise.version import __version__

    return {
        "gatewise": __version__,
        "python": platform.python_version(),
        "torch": torch.__version__,
        "numpy": numpy.__version__,
    }


@cache
def machine() -> str:
    """The processor, as the system names it."""
    try:
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()
