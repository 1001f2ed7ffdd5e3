"""The lines of a CSV file: what no text has in it is found with its row, and rows end where they end."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Protocol

CHUNK = 1 << 20  # bytes that are looked through at once
# all but tabs and the ends of lines; readers cut a value at one of them, or take it for a blank
CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_CONTROL = re.compile(CONTROL.pattern.encode())
_LONE = re.compile(rb"\r(?!\n)")


_RULE = re.compile(r"[|+:=\- \t]*(?:-{3,}|={3,})[|+:=\- \t]*")
TEXT_FORMULA = '="'  # how programs have Excel keep a text as it is: ="0042"


class Rows(Protocol):
    """What ``csv.reader`` makes."""

    line_num: int

    def __iter__(self) -> Iterator[list[str]]: ...
    def __next__(self) -> list[str]: ...


@dataclass(frozen=True)
class Marks:
    """Which bytes a file has: control characters, quotes, CR without LF, LF."""

    control: bool = False
    quotes: bool = False
    returns: bool = False
    feeds: bool = False


def marks(path: Path) -> Marks:
    """Look through all bytes of a file. Raises OSError."""
    control = quotes = returns = feeds = False
    pending_cr = b""
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            chunk = pending_cr + chunk
            pending_cr = b"\r" if chunk.endswith(b"\r") else b""
            chunk = chunk[: len(chunk) - len(pending_cr)]
            quotes = quotes or b'"' in chunk
            feeds = feeds or b"\n" in chunk
            returns = returns or (b"\r" in chunk and _LONE.search(chunk) is not None)
            if control := _CONTROL.search(chunk) is not None:
                break
    return Marks(control, quotes, returns or bool(pending_cr), feeds)


def reader(lines: Iterator[str], separator: str, strict: bool = True) -> Rows:
    """The rows of lines, cut as the libraries cut them that read the file afterwards."""
    return csv.reader(lines, delimiter=separator, skipinitialspace=True, strict=strict)


def blank(line: str) -> bool:
    """Whether a line, which is a row, is none: it is empty or has nothing but blanks."""
    return not line.strip(" \r\n")


def is_rule(line: str) -> bool:
    """Whether a line is drawn above, below or between the rows of a printed table: +----+----+"""
    return _RULE.fullmatch(line.strip(" \ufeff\r\n")) is not None


def in_quotes(cell: str) -> bool:
    """Whether a cell stands between single quotes, which CSV does not know."""
    return len(cell) > 1 and cell[0] == cell[-1] == "'"


def unquoted(cell: str) -> str:
    """A cell without the single quotes around it; another cell as it is."""
    return cell[1:-1] if in_quotes(cell) else cell


def text_of_formula(cell: str) -> str:
    """The text of a formula that is one alone; another cell as it is."""
    text = cell.strip()
    return text[2:-1] if text.startswith(TEXT_FORMULA) and text.endswith('"') else cell


def locate_control(path: Path, separator: str, shown: str) -> str:
    """What to say of the first control character of a file: where it stands, and what to do.

    ``shown`` is the name of the file in the message.
    """
    last = ""

    def lines(file: IO[str]) -> Iterator[str]:
        nonlocal last
        for last in file:
            yield last
            if CONTROL.search(last):
                return

    row = -1
    with path.open(encoding="utf-8-sig", errors="replace", newline="") as file:
        rows = reader(lines(file), separator, strict=False)
        try:
            for _ in rows:
                row += not blank(last)
        except csv.Error:
            # a cell too long to be one: the line is said, and the row of its beginning
            row += 1
        number = rows.line_num
    return (
        f"{shown}, {f'row {row}' if row > 0 else 'the names of the columns'}: "
        + describe_control(last, number)
    )


def describe_control(text: str, line: int | None = None) -> str:
    """What to say of a text with a control character."""
    match = CONTROL.search(text)
    code = ord(match[0]) if match else 0
    name = "a NUL byte" if code == 0 else f"the control character 0x{code:02x}"
    where = "" if line is None else f" (line {line} of the file)"
    return f"there is {name} in it{where}, which no text has: write the file anew, or take it out"


def split_rows(file: IO[bytes], separator: str, quotes: bool, size: int) -> Iterator[bytes]:
    """First the header of a UTF-8 file, then pieces of at least so many bytes, which end with a row."""
    if not quotes:
        yield file.readline()
        while block := file.readlines(size):
            yield b"".join(block)
        return
    taken: list[bytes] = []
    held = 0

    def lines() -> Iterator[str]:
        nonlocal held
        for line in file:
            taken.append(line)
            held += len(line)
            yield line.decode("utf-8-sig")

    rows, least = reader(lines(), separator), 0
    for _ in rows:
        if held >= least:
            yield b"".join(taken)
            taken.clear()
            held, least = 0, size
    if taken:
        yield b"".join(taken)


def plain(text: bytes, separator: str) -> bytes:
    """Rows written anew: quotes where there must be some, no blank lines, LF at the ends.

    Polars reads fewer ways of writing than pandas does.
    """
    last, written = "", io.StringIO()

    def lines() -> Iterator[str]:
        nonlocal last
        yield from (last := line for line in io.StringIO(text.decode("utf-8-sig"), newline=""))

    writer = csv.writer(written, delimiter=separator, lineterminator="\n")
    writer.writerows(row for row in reader(lines(), separator) if not blank(last))
    return written.getvalue().encode()
