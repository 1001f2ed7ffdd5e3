"""What stands in a CSV file is read as it stands there or refused with its row, however the file is read."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest

from gatewise.errors import InputError
from gatewise.tasks.data import files, lines, spool
from gatewise.tasks.data.reader import columns_of, future_rows, read_table

COUNT, AT = (
    300,
    250,
)  # rows, and the row that is odd, counted from 1: well behind the first 4096 bytes
DAYS = np.datetime_as_string(np.datetime64("2024-01-01") + np.arange(COUNT))
ROWS = [f"{day},{k}.5,name{k % 7},{k % 3}" for k, day in enumerate(DAYS)]
DAY = DAYS[AT - 1]
HEAD = "ds,y,who,n"
WAYS = [(library, memory) for library in ("pandas", "polars") for memory in ("1G", "1K")]


def table(row: str, head: str = HEAD, more: str = "") -> str:
    """A table with another row, and one after it if there is ``more``."""
    rows = [*ROWS[: AT - 1], row, *ROWS[AT:]]
    if more:
        rows[AT + 1] = more
    return "\n".join([head, *rows]) + "\n"


@pytest.fixture(params=WAYS, ids=["-".join(way) for way in WAYS])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """One of the ways of reading: either library, at once or in pieces."""
    library, memory = request.param
    for module in (files, spool):
        monkeypatch.setattr(module, "library", lambda: library)
    monkeypatch.setenv("GATEWISE_TABLE_MEMORY", memory)
    monkeypatch.setattr(spool, "PIECE", 3000)


CONTROLS = ["\x00", "\x01", "\x0b", "\x0c", "\x1a", "\x1c", "\x1f", "\x7f"]
PLACES = {
    "a value": f"{DAY},9.2@534,a,1",
    "the end of a value": f"{DAY},9.2@,a,1",
    "a text": f"{DAY},9.2,a@b,1",
    "quotes": f'{DAY},9.2,"a@,\nb",1',
    "a date": f"{DAY}@,9.2,a,1",
}
REFUSED = {
    **{f"{c!r} in {n}": table(r.replace("@", c)) for n, r in PLACES.items() for c in CONTROLS[:1]},
    **{
        f"{c!r} after a value": table(PLACES["the end of a value"].replace("@", c))
        for c in CONTROLS
    },
    "CR in a value": table(PLACES["a value"].replace("@", "\r")),
    "a quote that does not end": table(f'{DAY},9.2,a,"1'),
    "a quote in the middle that does not end": table(f'{DAY},9.2,"a,1'),
    "two quotes that swallow a row": table(f'{DAY},9.2,"a,1', more=f'{DAY},9,"a,1'),
    "a row too long": table(f"{DAY},9.2,a,1,2"),
    "a row too short": table(f"{DAY},9.2,a"),
    "a cell too long": table(f"{DAY},9.2,{'a' * 200_000},1"),
    **{
        f"the value {v}": table(f"{DAY},{v},a,1")
        for v in (
            "1_000",
            "inf",
            "Infinity",
            "1e400",
            "-1e400",
            "0x10",
            "1d5",
            "TRUE",
            "1 00",
            "5%",
            "9.2\x85534",
            "9.2\u2028534",
            "\ufeff9.2",
            "1e+",
        )
    },
}


@pytest.mark.parametrize("name", REFUSED)
def test_refused_with_its_row(name: str, way: None, tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(REFUSED[name].encode())
    with pytest.raises(InputError, match=f"row {AT}\\b"):
        read_table(path, time="ds", target="y", id="who")


def test_not_utf8_behind_the_beginning(way: None, tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(table(f"{DAY},9.2,größe,1").encode("latin-1"))
    columns = columns_of(path)
    texts, codes = columns.texts("who")
    assert texts[codes[AT - 1]] == "größe"
    assert "Windows-1252" in columns.notes[0]
    path.write_bytes(table(f"{DAY},9.2,größe,1").encode() + b"2030-01-01,1,gr\xf6\xdfe,1\n")
    with pytest.raises(InputError, match=f"line {COUNT + 2}, byte 16.*--encoding"):
        columns_of(path)


@pytest.mark.parametrize("control", CONTROLS)
def test_a_control_character_in_a_name(control: str, way: None, tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(table(ROWS[AT - 1], head=f"ds,y{control}z,who,n").encode())
    with pytest.raises(InputError, match=r"names of the columns: .*line 1"):
        read_table(path)


def test_lines_that_end_in_two_ways(way: None, tmp_path: Path) -> None:
    """One column more would not tell that ``9.2\\r534`` has become two rows."""
    path = tmp_path / "a.csv"
    path.write_text(
        "y\n" + "".join(f"{k}\n" for k in range(30)) + "9.2\r534\n" + "5\n" * 30, newline=""
    )
    with pytest.raises(InputError, match="row 31: it ends with CR"):
        columns_of(path)


READ: dict[str, tuple[str, float, str | None]] = {
    "quotes in a text": (table(f'{DAY},9.2,5" pipe,1'), 9.2, '5" pipe'),
    "a blank before quotes": (table(f'{DAY},9.2, "a, b",1'), 9.2, "a, b"),
    "lines within quotes": (table(f'{DAY},9.2,"a\n\nb",1'), 9.2, "a\n\nb"),
    "CR within quotes": (table(f'{DAY},9.2,"a\rb",1'), 9.2, "a\rb"),
    "separators of other lines": (table(f"{DAY},9.2,a\x85b\u2028c,1"), 9.2, "a\x85b\u2028c"),
    "a name of two lines": (table(f"{DAY},9.2,a,1", head='ds,y,"w\nho",n'), 9.2, "a"),
    "an empty line before": (table(f"\n{DAY},9.2,a,1"), 9.2, "a"),
    "a line of blanks before": (table(f"  \n{DAY},9.2,a,1"), 9.2, "a"),
    "an empty row": (table(",,,"), np.nan, None),
    "Arabic digits": (table(f"{DAY},١٢,a,1"), 12.0, "a"),
    "wide digits": (table(f"{DAY},１２,a,1"), 12.0, "a"),
    "no number": (table(f"{DAY},nan,a,1"), np.nan, "a"),
    "a blank that does not break": (table(f"{DAY},9.2\xa0,a,1"), 9.2, "a"),
}


@pytest.mark.parametrize("name", READ)
def test_read_as_it_stands(name: str, way: None, tmp_path: Path) -> None:
    content, value, text = READ[name]
    path = tmp_path / "a.csv"
    path.write_bytes(content.encode())
    columns = columns_of(path)
    assert columns.rows == COUNT
    expected = np.arange(COUNT) + 0.5
    expected[AT - 1] = value
    np.testing.assert_array_equal(columns.numbers("y"), expected)
    texts, codes = columns.texts(columns.names[2])
    assert (texts[codes[AT - 1]] if codes[AT - 1] >= 0 else None) == text


@pytest.mark.parametrize("end", ["", "  ", '""', "NA"])
def test_one_column(end: str, way: None, tmp_path: Path) -> None:
    """Blank lines are no rows; a cell that says that it is empty is one."""
    path = tmp_path / "a.csv"
    path.write_text("y\n" + "".join(f"{k}\n" for k in range(9)) + f"{end}\n5\n")
    values = columns_of(path).numbers("y")
    np.testing.assert_array_equal(values, [*range(9), *([np.nan] if end.strip() else []), 5])


@pytest.mark.parametrize("library", ["pandas", "polars"])
def test_lines_of_an_old_kind(
    library: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "library", lambda: library)
    path = tmp_path / "a.csv"
    path.write_bytes(table(ROWS[AT - 1]).replace("\n", "\r").encode())
    np.testing.assert_array_equal(columns_of(path).numbers("y"), np.arange(COUNT) + 0.5)


def test_future_rows_too(tmp_path: Path) -> None:
    now = read_table(
        pd.DataFrame({"ds": DAYS, "y": np.arange(COUNT), "n": 1.0}), known="n", target="y"
    )
    path = tmp_path / "a.csv"
    path.write_bytes(table(f"{DAY},9.2,a,1\x005").encode())
    with pytest.raises(InputError, match=f"row {AT}: there is a NUL byte"):
        future_rows(path, id=None, time="ds", zone="", features=now.features, clock=now.clock)


FRAMES: list[Callable[[dict[str, Any]], Any]] = [pd.DataFrame, pl.DataFrame]


@pytest.mark.parametrize("frame", FRAMES)
def test_frames(frame: Callable[[dict[str, Any]], Any]) -> None:
    texts = [f"{k}.5" for k in range(COUNT)]
    ids = ["a"] * COUNT
    good = {"unique_id": ids, "ds": list(DAYS), "y": texts, "c": ids}
    for name in good:
        odd = list(good[name])
        odd[AT - 1] += "\x004"
        with pytest.raises(InputError, match=f"column '{name}', row {AT}"):
            read_table(frame({**good, name: odd}), id="unique_id", target="y", past="c")
    with pytest.raises(InputError, match=r"'z\\x00': there is a NUL byte"):
        read_table(frame({**good, "z\x00": texts}), target="y")


def test_parquet_in_pieces(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GATEWISE_TABLE_MEMORY", "1K")
    monkeypatch.setattr(spool, "ROWS", 37)
    ids = ["a"] * COUNT
    ids[AT - 1] = "a\x00b"
    pd.DataFrame({"unique_id": ids, "ds": DAYS, "y": 1.0}).to_parquet(tmp_path / "a.parquet")
    with pytest.raises(InputError, match=f"row {AT}: there is a NUL byte"):
        read_table(tmp_path / "a.parquet")


def test_rows_that_a_library_would_lose(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.csv"
    path.write_text(table(ROWS[AT - 1]))
    whole = files.parse_csv
    monkeypatch.setattr(files, "parse_csv", lambda *arguments: whole(*arguments).head(COUNT - 1))
    with pytest.raises(InputError, match=f"it has {COUNT} rows, of which {COUNT - 1}"):
        columns_of(path)


def test_pieces_end_with_rows() -> None:
    text = b'a,"b\nc"\n1,"x\n""y"\n2,5" pipe\n3,"z"\n'
    for size in (1, 10, 1000):
        header, *pieces = lines.split_rows(io.BytesIO(text), ",", True, size)
        assert header == b'a,"b\nc"\n'
        assert b"".join(pieces) == text.removeprefix(header)
        assert all(p.startswith((b"1,", b"2,", b"3,")) for p in pieces)
    assert lines.plain(text, ",") == b'a,"b\nc"\n1,"x\n""y"\n2,"5"" pipe"\n3,z\n'
