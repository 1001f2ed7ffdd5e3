"""A sheet of an Excel file as text: cells as they are stored, dates in ISO 8601.

Formulas are not computed (their last values are read), links are not followed, and a file with a document type
(DTD), which could make a little text into much, is refused.
"""

from __future__ import annotations

import csv
import io
import warnings
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from gatewise.errors import InputError, nearest
from gatewise.tasks.data.names import list_names
from gatewise.tasks.data.sources import (
    CHUNK,
    FREE,
    RATIO,
    Source,
    size_of,
    unpacked_size,
    write_temporary,
)

if TYPE_CHECKING:
    from openpyxl.workbook import Workbook

ALL = "all"  # the name of all sheets together
MOST = 2 << 30  # bytes of the parts of a file together
LOOKED_AT = 50  # rows of a sheet that say whether it has a table
NEAR = timedelta(milliseconds=2)  # by which times that are stored as fractions of a day are off


def sheet_as_text(source: Source, name: str | None) -> Source:
    """The rows of a sheet in a temporary CSV file.

    Args:
        name: of the sheet; the only one that has a table where it is not given.

    Raises InputError for a sheet that is not there, several or none with a table, and a damaged file.
    """
    with _opened(source) as book:
        sheet = _chosen(book, name, source.shown)
        file = write_temporary(_lines(sheet), source.shown, None)
        count = len(book.sheetnames)
    note = (f"the sheet {sheet.title!r} of {count} is read",) if count > 1 else ()
    return source.with_file(file, "text", f"{source.shown}, sheet {sheet.title!r}", *note)


def sheets_with_tables(source: Source) -> list[str]:
    """The names of the sheets that have a table and are not hidden. Raises InputError for a damaged file."""
    with _opened(source) as book:
        return [s.title for s in _tables(book)]


def has_sheet(source: Source, name: str) -> bool:
    """Whether an Excel file has a sheet of a name. Raises InputError for a damaged file."""
    with _opened(source) as book:
        return any(s.title == name for s in book.worksheets)


@contextmanager
def _opened(source: Source) -> Iterator[Workbook]:
    """The workbook of a file. Raises InputError for a damaged one, also while it is read."""
    _check_parts(source)
    try:
        from openpyxl import load_workbook
    except ImportError:
        raise InputError(
            f'reading {source.shown} needs openpyxl: pip install "gatewise[forecast]"'
        ) from None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of styles and pictures that are not read
            book = load_workbook(source.path, read_only=True, data_only=True, keep_links=False)
            try:
                yield book
            finally:
                book.close()
    except (InputError, MemoryError):
        raise
    except Exception as error:  # whatever the library raises for a damaged file
        what = (str(error).splitlines() or [type(error).__name__])[0]
        raise InputError(
            f"cannot read {source.shown}: it is a damaged Excel file ({what})"
        ) from None


def _check_parts(source: Source) -> None:
    """Raises InputError for parts that unpack to too much, or have a document type."""
    size = unpacked_size(source.path)
    if size > min(MOST, max(FREE, RATIO * size_of(source.path))):
        raise InputError(
            f"{source.shown} holds {size >> 20:,} MB when it is unpacked, which is too much for a sheet: save "
            "its table as CSV or Parquet"
        )
    try:
        with zipfile.ZipFile(source.path) as archive:
            for part in archive.namelist():
                if part.endswith((".xml", ".rels")):
                    _check_xml(archive, part, source.shown)
    except (zipfile.BadZipFile, OSError, EOFError, NotImplementedError, RuntimeError) as error:
        raise InputError(
            f"cannot read {source.shown}: it is a damaged Excel file ({error})"
        ) from None


def _check_xml(archive: zipfile.ZipFile, part: str, shown: str) -> None:
    before = b""
    with archive.open(part) as file:
        while chunk := file.read(CHUNK):
            if not before and chunk.startswith((b"\xff\xfe", b"\xfe\xff", b"\x00", b"<\x00")):
                raise InputError(f"{shown}: {part} is no UTF-8 text: save the table anew")
            text = before + chunk
            if b"<!DOCTYPE" in text or b"<!ENTITY" in text:
                raise InputError(f"{shown}: {part} has a document type, which no sheet needs")
            before = text[-16:]


def _chosen(book: Workbook, name: str | None, shown: str) -> Any:
    """The sheet to read."""
    sheets = {s.title: s for s in book.worksheets}
    if name is not None:
        if name not in sheets:
            raise InputError(
                f"{shown} has no sheet {name!r}.{nearest(name, list(sheets))} "
                f"Its sheets are {list_names(sheets)}"
            )
        return sheets[name]
    tables = _tables(book)
    if len(tables) == 1:
        return tables[0]
    if not tables:
        raise InputError(
            f"no sheet of {shown} has a table, which has names of columns and rows with numbers: its sheets "
            f"are {list_names(sheets) or 'none'}"
        )
    raise InputError(
        f"{shown} has several sheets with tables ({list_names([s.title for s in tables])}): say which with "
        f"--sheet {tables[0].title!r}, or read them all as one table with --sheet {ALL}"
    )


def _tables(book: Workbook) -> list[Any]:
    """The sheets that have a table; of those that are not hidden, where there are some."""
    visible = [s for s in book.worksheets if s.sheet_state == "visible"]
    return [s for s in visible or book.worksheets if _has_table(s)]


def _has_table(sheet: Any) -> bool:
    """Whether some of the first rows have a number or a date."""
    count = 0
    for k, row in enumerate(_rows(sheet)):
        count += any(_is_value(cell) for cell in row)
        if count > 1 or k >= LOOKED_AT:
            break
    return count > 1


def _is_value(cell: object) -> bool:
    if isinstance(cell, str):
        return any(map(str.isdigit, cell)) and len(cell) < 30
    return isinstance(cell, int | float | datetime | date | time)


def _rows(sheet: Any) -> Iterator[Sequence[object]]:
    """Rows without the empty cells at their ends. How large a sheet says it is does not matter."""
    sheet.reset_dimensions()
    for row in sheet.iter_rows(values_only=True):
        last = len(row)
        while last and row[last - 1] is None:
            last -= 1
        yield row[:last]


def _lines(sheet: Any) -> Iterator[bytes]:
    """The sheet as CSV. Columns that are empty before all others are left out."""
    first = min((_first(row) for row in _rows(sheet) if row), default=0)
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    for row in _rows(sheet):
        cells = [_written(c) for c in row[first:]]
        writer.writerow(cells) if cells != [""] else text.write("\n")
        if text.tell() > CHUNK:
            yield text.getvalue().encode("utf-8", "replace")
            text.seek(0)
            text.truncate()
    yield text.getvalue().encode("utf-8", "replace")


def _first(row: Sequence[object]) -> int:
    return next(k for k, cell in enumerate(row) if cell is not None)


def _written(cell: object) -> str:
    """A cell as text."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return str(int(cell))
    if isinstance(cell, datetime):
        second = (cell + timedelta(milliseconds=500)).replace(microsecond=0)
        cell = second if abs(second - cell) <= NEAR else cell
        midnight = not (cell.hour or cell.minute or cell.second or cell.microsecond)
        return cell.date().isoformat() if midnight else cell.isoformat(sep=" ")
    if isinstance(cell, date | time):
        return cell.isoformat()
    if isinstance(cell, float):
        return repr(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else repr(cell)
    return str(cell)
