"""What people give by mistake: a message that says what, where and what to do; nothing half-written.

Every row of the tables below is one mistake. The exit code is 1 (the input) or 2 (the usage), stdout is
empty, and there is no traceback.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from gatewise.cli import main

DAYS = [str(dt.date(2024, 1, 1) + dt.timedelta(days=k)) for k in range(60)]
VALUES = [f"{10 + 3 * np.sin(k / 7 * 2 * np.pi):.3f}" for k in range(60)]
GOOD = "ds,sales\n" + "".join(f"{d},{v}\n" for d, v in zip(DAYS, VALUES, strict=True))


def with_row(row: int, text: str, table: str = GOOD) -> str:
    """The table with another row (the first below the header is row 1)."""
    lines = table.splitlines()
    lines[row] = text
    return "\n".join(lines) + "\n"


def column(values: list[str], dates: list[str] = DAYS) -> str:
    return "ds,sales\n" + "".join(f"{d},{v}\n" for d, v in zip(dates, values, strict=False))


def added(name: str, values: list[str]) -> str:
    """The table with one more column."""
    lines = GOOD.splitlines()
    return "".join(f"{a},{b}\n" for a, b in zip(lines, [name, *values], strict=True))


HOURS = [f"2024-10-27 {h:02}:00" for h in (0, 1, 2, 2, *range(3, 24))]
SPRING = [f"2024-03-31 {h:02}:00" for h in range(24)]

# what the file holds, what is typed after its name, the exit code, what the message says
TABLES: dict[str, tuple[str | bytes, str, int, list[str]]] = {
    "a column that is not there": (
        GOOD,
        "--target sale",
        1,
        ["no column 'sale'", "Did you mean 'sales'"],
    ),
    "a time column that is not there": (
        GOOD,
        "--time date",
        1,
        ["no column 'date'", "'ds', 'sales'"],
    ),
    "a covariate that is not there": (
        GOOD,
        "--target sales --known promo",
        1,
        ["no column 'promo'"],
    ),
    "one column for two things": (GOOD, "--target sales --past ds", 1, ["'ds' holds times"]),
    "the target as known": (GOOD, "--target sales --known sales", 1, ["as target and as known"]),
    "no date": (
        with_row(5, "2024-01-35,3"),
        "",
        1,
        ["column 'ds', row 5", "'2024-01-35'", "2024-01-31"],
    ),
    "days or months": (
        column(VALUES[:12], [f"{k}/1/2024" for k in range(1, 13)]),
        "",
        1,
        ["'2/1/2024'", "which is the day and which the month"],
    ),
    "no time": (with_row(5, ",3"), "", 1, ["row 5", "the time is missing"]),
    "a time twice": (
        with_row(5, "2024-01-04,3"),
        "",
        1,
        ["2024-01-04 occurs twice", "rows 4 and 5"],
    ),
    "several series without an id": (
        GOOD + GOOD.split("\n", 1)[1].replace("\n", "5\n"),
        "",
        1,
        [
            "2024-01-01 occurs twice",
            "rows 1 and 61",
            "59 others",
            "name the column that says which",
        ],
    ),
    "the end of summer time": (column(VALUES, HOURS), "", 1, ["02:00:00 occurs twice", "--zone"]),
    "the beginning of summer time": (
        column(VALUES, SPRING),
        "--zone Europe/Berlin",
        1,
        ["row 3", "02:00:00 does not exist in Europe/Berlin"],
    ),
    "no such zone": (GOOD, "--zone Berlin", 2, ["no time zone 'Berlin'", "Europe/Berlin"]),
    "zones and none": (
        with_row(5, "2024-01-05T00:00+01:00,3"),
        "",
        1,
        ["row 5", "some times carry a time zone and some do not"],
    ),
    "several zones": (
        column(
            VALUES,
            [f"{d}T00:00+01:00" for d in DAYS[:30]] + [f"{d}T00:00+08:00" for d in DAYS[30:]],
        ),
        "",
        1,
        ["rows 1 and 31", "different time zones"],
    ),
    "a time between the steps": (
        with_row(60, "2024-02-29 07:30,3"),
        "",
        1,
        ["2024-02-29 07:30:00 does not fit", "every day", "remove the row"],
    ),
    "a date far away": (with_row(60, "9999-12-31,3"), "", 1, ["between 2024-02-28 and 9999-12-31"]),
    "too short": (column(VALUES[:5]), "--horizon 4", 1, ["too short", "5 steps", "at least 22"]),
    "one row": (column(VALUES[:1]), "", 1, ["one row only"]),
    "no value at all": (column([""] * 60), "", 1, ["every cell of the target is missing"]),
    "a covariate without values": (
        added("empty", [""] * 60),
        "--target sales --past empty",
        1,
        ["'empty' has no value in any row"],
    ),
    "no numbers": (
        column([f"{v} {'kWh' if k % 2 else 'MWh'}" for k, v in enumerate(VALUES)]),
        "",
        1,
        ["column 'sales', row 1", "'10.000 MWh'"],
    ),
    "percent in one row": (
        with_row(5, "2024-01-05,3%"),
        "",
        1,
        ["column 'sales', row 5", "'3%' has a % sign"],
    ),
    "a word among the numbers": (
        with_row(5, "2024-01-05,many"),
        "--target sales",
        1,
        ["column 'sales', row 5", "'many' is not a number"],
    ),
    "an infinite value": (
        with_row(5, "2024-01-05,-inf"),
        "",
        1,
        ["column 'sales', row 5", "infinite"],
    ),
    "an enormous value": (with_row(5, "2024-01-05,1e200"), "", 1, ["row 5", "1e+200 is too large"]),
    "a static column that changes": (
        added("size", [str(k // 31) for k in range(60)]),
        "--target sales --static size",
        1,
        ["'size' is static but changes", "rows 1 and 32"],
    ),
    "empty": ("", "", 1, ["is empty"]),
    "blank": ("\n\n  \n", "", 1, ["is empty"]),
    "a header only": ("ds,sales\n", "", 1, ["a header and no rows"]),
    "no header": (GOOD.split("\n", 1)[1], "", 1, ["the first line is '2024-01-01", "names"]),
    "two columns of one name": (
        GOOD.replace("ds", "sales", 1),
        "",
        1,
        ["two columns are named 'sales'"],
    ),
    "a row too long": (
        with_row(5, "2024-01-05,3,4"),
        "",
        1,
        ["row 5", "3 columns", "line 6 of the file"],
    ),
    "a row too short": (
        with_row(5, "2024-01-05"),
        "",
        1,
        ["row 5", "1 columns", "line 6 of the file"],
    ),
    "half an encoding": (
        GOOD.replace("sales", "größe").encode() + b"2024-03-01,\xf6\n",
        "",
        1,
        ["UTF-8 in part only", "line 62, byte 12", "iconv", "--encoding"],
    ),
    "bytes": (bytes(range(256)) * 4, "", 1, ["cannot read", "no text"]),
    "a spreadsheet": (b"PK\x03\x04" + b"x" * 99, "", 1, ["a damaged Excel file or archive"]),
    "compressed": (b"\x1f\x8b" + b"x" * 99, "", 1, ["cannot unpack", "damaged"]),
    "a web page": ("<html><body>404</body></html>", "", 1, ["a web page"]),
    "JSON": ('{"a": 1}\n', "", 1, ["JSON"]),
    "ARFF": ("@relation x\n@data\n1,2\n", "", 1, ["an ARFF file: take the .ts file"]),
    "a quote that does not end": (with_row(5, '2024-01-05,"3'), "", 1, ["cannot read", "row 5"]),
    "a horizon of nothing": (GOOD, "--horizon 0", 2, ["--horizon"]),
    "a horizon in words": (GOOD, "--horizon week", 2, ["--horizon", "valid integer"]),
    "no such option": (GOOD, "--colour red", 2, ["--colour"]),
}


def refused(
    arguments: list[str], code: int, message: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """Run a command that must fail in one way, say so, and print nothing else."""
    capsys.readouterr()
    assert main(arguments) == code
    out, err = capsys.readouterr()
    assert out == ""
    assert "Traceback" not in err
    flat = " ".join(err.replace("│", " ").split())
    for part in message:
        assert part in flat, flat


@pytest.mark.parametrize("name", TABLES)
def test_tables(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    content, options, code, message = TABLES[name]
    path = tmp_path / "data.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    refused(["look", str(path), *options.split()], code, message, capsys)
    assert [p.name for p in tmp_path.iterdir()] == ["data.csv"]


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda p: None, ["there is no file"]),
        (lambda p: p.mkdir(), ["is a folder: name a file"]),
        (lambda p: p.symlink_to("/dev/null"), ["is no ordinary file"]),
        (lambda p: (p.write_text(GOOD), p.chmod(0)), ["cannot read", "Permission denied"]),
    ],
)
def test_files_that_are_none(
    make: Callable[[Path], object],
    message: list[str],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    path = tmp_path / "data.csv"
    make(path)
    if path.is_file():
        try:
            path.read_bytes()
        except PermissionError:
            pass
        else:
            pytest.skip("permissions do not bind this user")
    refused(["look", str(path)], 1, message, capsys)


def deep(folder: Path) -> str:
    path = folder / "deep.json"
    path.write_text("[" * 100_000)
    return str(path)


ODD: list[tuple[Callable[[Path], list[str]], int, list[str]]] = [
    (lambda p: ["look", "a" * 5000], 1, ["File name too long"]),
    (lambda p: ["look", "/dev/zero"], 1, ["is no ordinary file"]),
    (lambda p: ["cells", "show", "a" * 5000 + ".py"], 1, ["File name too long"]),
    (lambda p: ["cells", "show", "lstm", "--svg", "a\x00b"], 2, ["--svg", "null byte"]),
    (lambda p: ["cells", "show", "lstm", "--sizes", "I=" + "9" * 5000], 2, ["is not a size"]),
    (lambda p: ["cells", "show", deep(p)], 1, ["gatewise:"]),
    (
        lambda p: [
            "fit",
            "forecast",
            "a.csv",
            "--horizon",
            "2",
            "--set",
            "levels=" + "[" * 100_000,
        ],
        2,
        ["a value is a number"],
    ),
]


@pytest.mark.parametrize(("line", "code", "message"), ODD)
def test_odd_names_and_values(
    line: Callable[[Path], list[str]],
    code: int,
    message: list[str],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    refused(line(tmp_path), code, message, capsys)
