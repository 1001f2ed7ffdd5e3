"""Files as people have them, read with pandas or with Polars: the same table."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from gatewise.errors import InputError
from gatewise.tasks.data import files, spool
from gatewise.tasks.data.reader import read_table

ROWS = 40
DAYS = np.datetime_as_string(np.datetime64("2024-01-01") + np.arange(ROWS))
VALUES = np.round(10 + 3 * np.sin(np.arange(ROWS)), 4)


def written(separator: str = ",", decimal: str = ".", end: str = "\n", quote: str = "") -> str:
    lines = [f"{quote}ds{quote}{separator}{quote}units sold{quote}"]
    for k, (day, value) in enumerate(zip(DAYS, VALUES, strict=True)):
        number = "NA" if k == 7 else f"{value:.4f}".replace(".", decimal)
        lines.append(f"{day}{separator}{number}")
    return end.join(lines) + end


CONTENTS = {
    "usual": (written().encode(), ""),
    "semicolons": (written(";", ",").encode(), "semicolons, decimals by a comma"),
    "semicolons and points": (written(";").encode(), "separated by semicolons"),
    "tabs": (written("\t").encode(), "separated by tabs"),
    "Windows": (written(end="\r\n").encode(), ""),
    "a byte order mark": (b"\xef\xbb\xbf" + written().encode(), ""),
    "quoted names": (written(quote='"').encode(), ""),
    "blanks": (written(", ").encode(), ""),
    "empty lines at the end": (written().encode() + b"\n\n", ""),
}


@pytest.mark.parametrize("large", [False, True])
@pytest.mark.parametrize("library", ["pandas", "polars"])
@pytest.mark.parametrize("name", CONTENTS)
def test_however_it_is_written(
    name: str, library: str, large: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    content, note = CONTENTS[name]
    (tmp_path / "a.csv").write_bytes(content)
    for module in (files, spool):
        monkeypatch.setattr(module, "library", lambda: library)
    if large:
        monkeypatch.setenv("GATEWISE_TABLE_MEMORY", "1K")
        monkeypatch.setattr(spool, "PIECE", 200)
    table = read_table(tmp_path / "a.csv")
    expected = np.where(np.arange(ROWS) == 7, np.nan, VALUES)
    np.testing.assert_allclose(table.series[0].values, expected, rtol=1e-12)
    assert (table.frame, table.series[0].id) == (library, "units sold")
    assert table.clock.describe() == "every day"
    assert note in " ".join(table.notes)
    assert bool(table.notes) == bool(note)


PLACES = {
    "a name too long": ("a" * 5000, r"cannot read .{200}\.\.\.: File name too long"),
    "a path too long": ("a/" * 5000, "cannot read .*: File name too long"),
    "a NUL byte": ("a\x00b", r"there is no file '[^']*a\\x00b': embedded null"),
    "a file as a folder": ("good.csv/x", "there is no file"),
    "a broken link": ("broken", r"there is no file .*broken \(a link to nowhere\)"),
    "links in a circle": ("circle", "cannot read .*circle: Too many levels"),
    "a folder": (".", "is a folder"),
    "a pipe": ("pipe", "is no ordinary file: save the table to one"),
    "a device without end": ("/dev/zero", "is no ordinary file: save the table to one"),
}


@pytest.mark.parametrize("memory", ["1G", "1K"])
@pytest.mark.parametrize("name", PLACES)
def test_places_that_are_no_files(
    name: str, memory: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GATEWISE_TABLE_MEMORY", memory)
    (tmp_path / "good.csv").write_bytes(written().encode())
    (tmp_path / "broken").symlink_to("nowhere")
    (tmp_path / "circle").symlink_to("circle")
    os.mkfifo(tmp_path / "pipe")
    place, message = PLACES[name]
    with pytest.raises(InputError, match=message):
        read_table(tmp_path / place)
    with pytest.raises(InputError):
        read_table(tmp_path / "good.csv", future=str(tmp_path / place), target="units sold")


def test_a_folder_that_is_closed(tmp_path: Path) -> None:
    folder = tmp_path / "closed"
    folder.mkdir()
    (folder / "a.csv").write_bytes(written().encode())
    folder.chmod(0)
    try:
        if os.access(folder, os.X_OK):
            pytest.skip("permissions do not bind this user")
        with pytest.raises(InputError, match="Permission denied"):
            read_table(folder / "a.csv")
    finally:
        folder.chmod(0o700)
