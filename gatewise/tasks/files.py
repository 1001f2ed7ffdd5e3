"""Tables in files: how a CSV file is written is found out, and what is wrong with it is said by row."""

from __future__ import annotations

import csv
import importlib.util
import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import narwhals as nw

from gatewise.errors import InputError
from gatewise.tasks.columns import MISSING, is_number

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
SAMPLE = 50  # rows that decide how numbers are written


@dataclass(frozen=True)
class Dialect:
    """How a CSV file is written: what separates its columns, and the decimals of its numbers."""

    separator: str = ","
    decimal: str = "."

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
    return parsed(str(path), path, library(), dialect).to_native(), dialect.notes


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


def is_parquet(path: Path) -> bool:
    """Whether a file is Parquet. Raises InputError if it is neither that nor text."""
    if path.is_dir():
        raise InputError(f"{path} is a folder: name a file")
    if not path.exists():
        raise InputError(f"there is no file {path}")
    if not path.is_file():
        raise InputError(f"{path} is no ordinary file: save the table to one")
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
    if named or b"\x00" in start:
        raise InputError(f"cannot read {path}: it is {'not Parquet' if named else 'no text'}")
    return False


def check_csv(path: Path) -> Dialect:
    """How a CSV file is written, once all of it has been read.

    Raises InputError, with the row, for text that is not UTF-8 and rows of different lengths.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            sample = [line for _, line in zip(range(SAMPLE), file, strict=False)]
            separator = _separator(sample[0])
            file.seek(0)
            rows = csv.reader(file, delimiter=separator)
            header = next(rows)
            _check_header(path, header, separator)
            width, count = len(header), 0
            for row in rows:
                if not row:
                    continue
                count += 1
                if len(row) != width:
                    raise InputError(
                        f"{path}, row {count}: it has {len(row)} columns and the first line has "
                        f"{width}. Mend the row (line {rows.line_num} of the file), or put quotes "
                        "around a cell that contains the separator"
                    )
    except UnicodeDecodeError:
        raise InputError(_not_utf8(path)) from None
    except csv.Error as error:
        raise InputError(f"cannot read {path}: {error}") from None
    if not count:
        raise InputError(f"{path} has a header and no rows")
    return Dialect(separator, _decimal(sample[1:], separator))


def parsed(source: Any, path: Path, backend: Any, dialect: Dialect) -> Any:
    """A frame of narwhals from a well-formed CSV file or a piece of it, with names free of blanks."""
    options = _options(backend, dialect)
    try:
        frame = nw.read_csv(source, backend=backend, separator=dialect.separator, **options)
    except MemoryError:
        raise
    except Exception as error:  # whatever the library raises for a file that it cannot read
        raise InputError(f"cannot read {path}: {_first_line(error)}") from None
    if backend == "polars":  # pandas skips empty lines by itself
        frame = frame.filter(nw.any_horizontal(~nw.all().is_null(), ignore_nulls=False))
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
