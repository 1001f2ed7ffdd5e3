"""Tables in files: how a CSV file is written is found out, and what is wrong with it is said by row."""

from __future__ import annotations

import codecs
import csv
import importlib.util
import io
import os
import re
import stat
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

import narwhals as nw

from gatewise.errors import InputError
from gatewise.tasks.data.columns import MISSING, is_number
from gatewise.tasks.data.lines import Rows, blank, marks, plain, reader, told_control

MAGIC = {
    b"PK\x03\x04": "a spreadsheet or an archive: save its table as CSV",
    b"\x1f\x8b": "compressed: unpack it first (gunzip)",
    b"\xd0\xcf\x11\xe0": "an old spreadsheet: save its table as CSV",
    b"\xff\xfe": "UTF-16 text: save it again as UTF-8",
    b"\xfe\xff": "UTF-16 text: save it again as UTF-8",
    b"%PDF": "a PDF: save its table as CSV",
    b"<": "a web page or XML: save its table as CSV",
    b"{": "JSON: save its table as CSV",
    b"[": "JSON: save its table as CSV",
}
SEPARATORS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}
_DATE = re.compile(r"\d{4}-\d\d(-|$)|\d{1,2}[./]\d{1,2}[./]\d{4}")
SHOWN = 200  # characters of a name that is too long
SAMPLE = 50  # rows that decide how numbers are written


@dataclass(frozen=True)
class Dialect:
    """How a CSV file is written.

    Attributes:
        separator: of its columns.
        decimal: of its numbers.
        columns, rows: how many it has.
        quotes: whether a quote stands in it.
        returns: whether its lines end with CR alone.
        usual: whether every library reads it as it is: there are no quotes, no blank lines, and the
            lines end with LF.
    """

    separator: str = ","
    decimal: str = "."
    columns: int = field(default=0, compare=False)
    rows: int = field(default=0, compare=False)
    quotes: bool = field(default=False, compare=False)
    returns: bool = field(default=False, compare=False)
    usual: bool = field(default=True, compare=False)

    @property
    def notes(self) -> tuple[str, ...]:
        """A sentence, if it is not the usual way."""
        if self == Dialect():
            return ()
        comma = ", decimals by a comma" if self.decimal == "," else ""
        return (f"columns are separated by {SEPARATORS[self.separator]}{comma}",)


def read(path: str | Path) -> Any:
    """A CSV or Parquet file as a frame of pandas, or of Polars where there is no pandas.

    Raises InputError for a file that is not there, is empty, is no table, is not UTF-8 or has rows of
    different lengths.
    """
    return read_noting(path)[0]


def read_noting(path: str | Path) -> tuple[Any, tuple[str, ...]]:
    """The frame of a file, and sentences on how the file is written, if that is not the usual way."""
    path = Path(path)
    if is_parquet(path):
        return _read_parquet(path), ()
    dialect = check_csv(path)
    frame = parsed(path, path, library(), dialect)
    check_rows(path, len(frame), dialect)
    return frame.to_native(), dialect.notes


def _read_parquet(path: Path) -> Any:
    try:
        frame = nw.read_parquet(str(path), backend=library())
    except ImportError:
        raise InputError(f"reading {path} needs pyarrow: pip install pyarrow") from None
    except Exception as error:  # whatever the library raises for a file that it cannot read
        raise InputError(f"cannot read {path}: {_first_line(error)}") from None
    if not len(frame):
        raise InputError(f"{path} has no rows")
    return frame.to_native()


def library() -> Any:
    """The library that files are read with. Raises InputError if there is none."""
    for name in ("pandas", "polars"):
        if importlib.util.find_spec(name):
            return name
    raise InputError('reading a table needs pandas or polars: pip install "gatewise[forecast]"')


def size_of(path: Path) -> int:
    """The bytes of a file. Raises InputError if it is not there, or is a folder, a pipe or a device.

    A table is read more than once, so a pipe will not do; a device may have no end.
    """
    try:
        status = path.stat()
    except (FileNotFoundError, NotADirectoryError):
        to = f" (a link to {os.readlink(path)})" if path.is_symlink() else ""
        raise InputError(f"there is no file {path}{to}") from None
    except OSError as error:
        name = str(path)
        shown = name if len(name) <= SHOWN else f"{name[:SHOWN]}..."
        raise InputError(f"cannot read {shown}: {error.strerror}") from None
    except ValueError as error:  # a NUL byte
        raise InputError(f"there is no file {str(path)!r:.{SHOWN}}: {error}") from None
    if stat.S_ISDIR(status.st_mode):
        raise InputError(f"{path} is a folder: name a file")
    if not stat.S_ISREG(status.st_mode):
        raise InputError(f"{path} is no ordinary file: save the table to one")
    return status.st_size


def is_parquet(path: Path) -> bool:
    """Whether a file is Parquet. Raises InputError if it is neither that nor text."""
    size_of(path)
    try:
        with path.open("rb") as file:
            start = file.read(4096)
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror}") from None
    if not start.strip():
        raise InputError(f"{path} is empty")
    named = path.suffix.lower() in (".parquet", ".pq")
    if start[:4] == b"PAR1":
        return True
    for magic, what in MAGIC.items():
        if start.startswith(magic):
            raise InputError(f"{path} is {what}")
    if named or not _is_text(start):
        raise InputError(f"cannot read {path}: it is {'not Parquet' if named else 'no text'}")
    return False


def check_csv(path: Path) -> Dialect:
    """How a CSV file is written, once all of it has been read.

    Raises InputError, with the row, for text that is not UTF-8, control characters (such as NUL), rows
    of different lengths and quotes that do not end.
    """
    width, count, blanks, last = 0, 0, False, ""

    def lines(file: IO[str]) -> Iterator[str]:
        nonlocal last
        yield from (last := line for line in file)

    try:
        seen = marks(path)
        with path.open(encoding="utf-8-sig", newline="") as file:
            sample = [line for _, line in zip(range(SAMPLE), file, strict=False)]
            separator = _separator(sample[0])
            if seen.control:
                raise InputError(told_control(path, separator))
            file.seek(0)
            rows = reader(lines(file), separator)
            header = next(rows)
            _check_header(path, header, separator)
            width = len(header)
            for row in rows:
                if blank(last):
                    blanks = True
                    continue
                count += 1
                if len(row) != width:
                    raise InputError(_not_as_wide(path, count, len(row), width, rows))
                if seen.returns and seen.feeds and last.endswith("\r"):
                    raise InputError(
                        f"{path}, row {count}: it ends with CR, and other lines with LF (line "
                        f"{rows.line_num} of the file): save the table with line feeds"
                    )
    except UnicodeDecodeError:
        raise InputError(_not_utf8(path)) from None
    except csv.Error as error:
        raise InputError(_not_csv(path, count + 1 if width else 0, error)) from None
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror}") from None
    if not count:
        raise InputError(f"{path} has a header and no rows")
    return Dialect(
        separator, _decimal(sample[1:], separator), width, count, seen.quotes,
        returns=seen.returns and not seen.feeds, usual=not (seen.quotes or blanks or seen.returns),
    )  # fmt: skip


def check_rows(path: Path, rows: int, dialect: Dialect) -> None:
    """Raises InputError if a library has made other rows of a file than it has."""
    if rows != dialect.rows:
        raise InputError(
            f"cannot read {path}: it has {dialect.rows} rows, of which {rows} can be told apart: write it "
            "anew, with quotes around cells that contain separators or quotes"
        )


def parsed(source: Path | bytes, path: Path, backend: Any, dialect: Dialect) -> Any:
    """A frame of narwhals from a well-formed CSV file or a piece of it, with names free of blanks."""
    if backend == "polars" and not dialect.usual:
        text = source.read_bytes() if isinstance(source, Path) else source
        source = plain(text, dialect.separator)

    def read(**options: Any) -> Any:
        place = str(source) if isinstance(source, Path) else io.BytesIO(source)
        options = _options(backend, dialect) | options
        return nw.read_csv(place, backend=backend, separator=dialect.separator, **options)

    try:
        try:
            frame = read()
        except MemoryError:
            raise
        except Exception:
            if backend != "polars":
                raise
            # a cell is not of the kind of its column: as texts, where it can be named
            frame = read(infer_schema=False)
    except MemoryError:
        raise
    except Exception as error:  # whatever the library raises for a file that it cannot read
        raise InputError(f"cannot read {path}: {_first_line(error)}") from None
    return frame.rename({c: c.strip() for c in frame.columns if c != c.strip()})


def _options(backend: str, dialect: Dialect) -> dict[str, Any]:
    """What the library has to be told about a CSV file."""
    if backend == "pandas":
        return {
            "decimal": dialect.decimal, "low_memory": False, "skipinitialspace": True,
            "index_col": False,
        }  # fmt: skip
    return {
        "decimal_comma": dialect.decimal == ",", "infer_schema_length": None,
        "null_values": [*MISSING[1:], *map(str.upper, MISSING[1:]), "NaN"],
    }  # fmt: skip


def _separator(line: str) -> str:
    """The separator that stands in the header most often, outside of quotes."""
    bare = "".join(line.split('"')[::2])
    counts = Counter(c for c in bare if c in SEPARATORS)
    return max(SEPARATORS, key=lambda c: counts[c]) if counts else ","


def _decimal(lines: list[str], separator: str) -> str:
    """Decimals are written with a comma where that separates nothing and numbers have it."""
    if separator == ",":
        return "."
    cells = [cell.strip() for row in csv.reader(lines, delimiter=separator) for cell in row]
    commas = sum("," in c and is_number(c.replace(",", ".", 1)) for c in cells)
    points = sum("." in c and is_number(c) for c in cells)
    return "," if commas > points else "."


def _check_header(path: Path, header: list[str], separator: str) -> None:
    names = [n.strip() for n in header]
    twice = [n for n, count in Counter(names).items() if n and count > 1]
    if twice:
        raise InputError(f"{path}: two columns are named {twice[0]!r}: rename one")
    numbers = all(is_number(n) for n in names) and names != [str(k) for k in range(len(names))]
    if numbers or _DATE.match(names[0]):
        raise InputError(
            f"{path}: the first line is {separator.join(names[:4])!r}: give the columns names in a "
            "line of their own"
        )


def _is_text(start: bytes) -> bool:
    """Whether the beginning of a file can be that of a text, be it with some bytes that are none."""
    try:
        codecs.getincrementaldecoder("utf-8")().decode(start)
    except UnicodeDecodeError:
        return b"\x00" not in start
    return 4 * start.count(b"\x00") <= len(start)


def _not_as_wide(path: Path, row: int, columns: int, width: int, rows: Rows) -> str:
    """What to say of a row of another length."""
    return (
        f"{path}, row {row}: it has {columns} columns and the first line has {width}. Mend the row "
        f"(line {rows.line_num} of the file), or put quotes around a cell that contains the separator"
    )


def _not_csv(path: Path, row: int, error: csv.Error) -> str:
    """What to say of a row that ``csv`` cannot read."""
    reason = str(error)
    if "end of data" in reason:
        reason = "a quote begins there that does not end: mend it, or take it out"
    elif "expected after" in reason:
        reason = "a cell goes on after the quote that ends it: write a quote within quotes twice, or take it out"
    elif "field limit" in reason:
        reason = f"a cell has more than {csv.field_size_limit():,} characters: is a quote missing?"
    where = f"row {row}" if row else "the names of the columns"
    return f"cannot read {path}, {where}: {reason}"


def _not_utf8(path: Path) -> str:
    """Which line is not UTF-8, and what to do."""
    with path.open("rb") as file:
        for number, line in enumerate(file, 1):
            try:
                line.decode("utf-8")
            except UnicodeDecodeError as error:
                return (
                    f"{path} is not UTF-8 text (line {number}, byte {error.start + 1}): save it again "
                    f"as UTF-8, or type iconv -f WINDOWS-1252 -t UTF-8 {path.name}"
                )
    return f"{path} is not UTF-8 text: save it again as UTF-8"


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]
