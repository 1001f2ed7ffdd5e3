"""How long a file is, and that no file of the project names the machine it was made on."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

from tests.architecture.sources import ROOT, SOURCES

MAX_LINES = 500


def test_no_file_is_too_long() -> None:
    assert SOURCES
    lengths = {path: len(path.read_text(encoding="utf-8").splitlines()) for path in SOURCES}
    long = [f"{p.relative_to(ROOT)}: {n} lines" for p, n in lengths.items() if n > MAX_LINES]
    assert not long, f"more than {MAX_LINES} lines (one subject a file):\n" + "\n".join(long)


BUILD_PATH = re.compile(rb"(?<![\w.~-])/(?:work|root)/")


def project_files() -> list[Path]:
    """Every file that is tracked, or would be with the next ``git add``."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    ).stdout.decode()
    paths = (ROOT / name for name in listed.split("\0") if name)
    return [path for path in paths if path.is_file() and path != Path(__file__).resolve()]


def test_no_file_names_the_machine_it_was_made_on() -> None:
    files = project_files()
    assert files
    lines_with_paths = [
        f"{path.relative_to(ROOT)}, line {number}"
        for path in files
        for number, line in enumerate(path.read_bytes().splitlines(), 1)
        if BUILD_PATH.search(line)
    ]
    assert not lines_with_paths, "absolute paths of a build machine:\n" + "\n".join(
        lines_with_paths
    )


def test_the_path_scan_sees_a_path() -> None:
    assert BUILD_PATH.search(b'open("/work/data.csv")')
    assert BUILD_PATH.search(b"built in /root/src/gatewise")
    assert not BUILD_PATH.search(b"docs/work/flow.md, ../root/")
