"""All sheets of an Excel file as one table: a sheet a year, a month or a region, with the same columns."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from gatewise.errors import InputError, some_of
from gatewise.tasks.data.csv_text import Text, open_text
from gatewise.tasks.data.date_readers import is_total
from gatewise.tasks.data.dates import written_otherwise
from gatewise.tasks.data.excel import sheet_as_text, sheets_with_tables
from gatewise.tasks.data.instants import is_date
from gatewise.tasks.data.read_options import WRITTEN
from gatewise.tasks.data.sources import CHUNK, Source, write_temporary

YEAR, SERIES = "year", "sheet"  # the columns that the names of sheets may become
_YEAR = re.compile(r"(?<!\d)(?:19|20|21)\d\d(?!\d)")


@dataclass(frozen=True)
class _Sheet:
    """A sheet: its name, its text, the names of its columns."""

    title: str
    text: Text
    names: tuple[str, ...]

    def rows(self) -> Iterator[list[str]]:
        with self.text.path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(file)
            next(reader, None)
            for row in reader:
                yield row if row else [""]


def all_sheets(source: Source) -> Text:
    """The rows of all sheets that have a table, one sheet below the other.

    Where their rows are of the same times, the names of the sheets tell them apart: as a column of years, or of the
    series.

    Raises InputError if the sheets have other columns, and as ``sheet_as_text`` does.
    """
    titles = sheets_with_tables(source)
    if len(titles) < 2:
        return open_text(sheet_as_text(source, titles[0] if titles else None), WRITTEN, ragged=True)
    sheets = []
    for title in titles:
        text = open_text(sheet_as_text(source, title), WRITTEN, ragged=True)
        with text.path.open(encoding="utf-8-sig", newline="") as file:
            names = tuple(n.strip() for n in next(csv.reader(file)))
        sheets.append(_Sheet(title, text, names))
    _check_names(source.shown, sheets)
    named, titles = _of_titles(sheets)
    written = write_temporary(_csv(sheets, named, titles), source.shown, None)
    note = f"{len(sheets)} sheets are read as one table: {some_of(map(repr, titles), 5)}"
    if named:
        note += f"; they are the column {named!r}"
    notes = [n for n in sheets[0].text.notes if not n.startswith("the sheet ")]
    return open_text(source.with_file(written, "text", source.shown, note, *notes), WRITTEN)


def _check_names(shown: str, sheets: Sequence[_Sheet]) -> None:
    """Raises InputError where a sheet has other columns than the first."""
    first = sheets[0]
    known = {n.casefold() for n in first.names}
    for sheet in sheets[1:]:
        names = {n.casefold() for n in sheet.names}
        if names != known:
            odd = sorted(names ^ known)[0]
            where = sheet.title if odd in names else first.title
            raise InputError(
                f"{shown}: the sheets {first.title!r} and {sheet.title!r} have other columns ({odd!r} is in {where!r} "
                f"alone): name one with --sheet {first.title!r}"
            )


def _of_titles(sheets: Sequence[_Sheet]) -> tuple[str, list[str]]:
    """The column that the names of the sheets become ("" for none), and what stands in it for each sheet."""
    titles = [s.title for s in sheets]
    if _times_differ(sheets):
        return "", titles
    years = [_YEAR.findall(t) for t in titles]
    taken = {n.casefold() for n in sheets[0].names}
    if all(len(y) == 1 for y in years) and len({y[0] for y in years}) == len(years):
        return ("" if YEAR in taken else YEAR), [y[0] for y in years]
    return ("" if SERIES in taken else SERIES), titles


def _times_differ(sheets: Sequence[_Sheet]) -> bool:
    """Whether some column of times or years has other cells in every sheet."""
    for k in range(len(sheets[0].names)):
        seen: set[str] = set()
        differ = True
        for sheet in sheets:
            place = [n.casefold() for n in sheet.names].index(sheets[0].names[k].casefold())
            cells = {row[place].strip() for row in sheet.rows() if place < len(row)} - {""}
            differ = bool(cells) and not cells & seen and all(map(_is_time, cells))
            if not differ:
                break
            seen |= cells
        if differ:
            return True
    return False


def _is_time(cell: str) -> bool:
    """Whether a cell says a year or a day, or is the name of a total below them."""
    if cell.isdigit():
        return len(cell) in (4, 6, 8) and _YEAR.fullmatch(cell[:4]) is not None
    return is_total(cell) or (
        any(map(str.isdigit, cell)) and (is_date(cell) or written_otherwise(cell))
    )


def _csv(sheets: Sequence[_Sheet], named: str, titles: Sequence[str]) -> Iterator[bytes]:
    """The rows of all sheets, in the order of the columns of the first."""
    order = [n.casefold() for n in sheets[0].names]
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([*sheets[0].names, *([named] if named else [])])
    for sheet, title in zip(sheets, titles, strict=True):
        place = [n.casefold() for n in sheet.names]
        places = [place.index(n) for n in order]
        for row in sheet.rows():
            writer.writerow([*(row[p] for p in places), *([title] if named else [])])
            if out.tell() > CHUNK:
                yield out.getvalue().encode()
                out.seek(0)
                out.truncate()
    yield out.getvalue().encode()
