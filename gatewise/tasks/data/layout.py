"""Where the table stands among the first lines of a CSV text: titles, comments, names of columns, units, rows.

What stands before the names (a title, "sep=;", comments) and between them and the rows (units) is left out, with a note.
"""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from gatewise.tasks.data.dates import written_otherwise
from gatewise.tasks.data.lines import blank, in_quotes, is_rule, text_of_formula, unquoted
from gatewise.tasks.data.numerals import could_be

RUN = 3  # rows of values that follow each other, with which the table begins
_DATE = re.compile(r"\d{4}-?\d\d(-?\d\d)?([T ].*)?")
COMMENT = "#"
ROW = "row"  # the name of what numbers the rows, where it has none


@dataclass(frozen=True)
class Layout:
    """Where things stand among the first lines of a text.

    Attributes:
        header: the line of the names of columns, counted from 0.
        units: lines between the names and the rows that are left out.
        marked: whether the names stand in a comment ("# date, load").
        names: those of the columns, where several lines or quotes of another kind make them; else none.
        extra: 1 if every row ends with a separator that the names lack, -1 if only the names do.
        numbered: whether every row begins with a cell more than there are names, as R writes the names of rows.
        notes: what is left out, in sentences.
    """

    header: int = 0
    units: tuple[int, ...] = ()
    marked: bool = False
    names: tuple[str, ...] = ()
    extra: int = 0
    numbered: bool = False
    notes: tuple[str, ...] = ()

    @property
    def plain(self) -> bool:
        """Whether the text begins with the names of its columns, and all of it is the table."""
        odd = self.header or self.units or self.marked or self.names or self.extra or self.numbered
        return not odd


@dataclass(frozen=True)
class Row:
    """A line of the sample: its number, its text, its cells without blanks."""

    line: int
    text: str
    cells: tuple[str, ...]

    @property
    def filled(self) -> int:
        return sum(map(bool, self.cells))


def is_remark(row: Sequence[str], width: int) -> bool:
    """Whether a row has one text and no value, as the lines below a table have: "(200 rows)", "Source: ..."."""
    filled = [cell for cell in row if cell.strip()]
    return width > 1 and len(filled) == 1 and bool(row[0]) and not is_value(filled[0].strip())


def is_value(cell: str) -> bool:
    """Whether a cell is a number or a date."""
    return bool(cell) and (
        _DATE.fullmatch(cell) is not None
        or could_be(cell)
        or (any(map(str.isdigit, cell)) and written_otherwise(cell))
    )


def rows_of(lines: Sequence[str], separator: str, skip: int) -> list[Row]:
    """The rows of some lines, without those that are blank."""
    rows: list[Row] = []
    reader = csv.reader(lines[skip:], delimiter=separator, skipinitialspace=True)
    while True:
        start = skip + reader.line_num
        try:
            cells = next(reader)
        except StopIteration:
            return rows
        except csv.Error:  # is said with its row when all of the text is read
            return rows
        text = lines[start] if start < len(lines) else ""
        if not blank(text.lstrip("\ufeff")) and not is_rule(text):
            rows.append(
                Row(start, text, tuple(text_of_formula(c.strip(" \ufeff\u00a0")) for c in cells))
            )


def layout_of(rows: Sequence[Row], told: bool) -> tuple[Layout, tuple[str, ...], list[Row]]:
    """Where the table begins, the names of its columns, and its rows among those given."""
    notes = ["the line sep= is left out"] if told else []
    comments = _comments(rows)
    table = [r for r in rows if r not in comments]
    if not table:  # all of it is a comment: the first is then the names
        return Layout(rows[0].line if rows else 0), rows[0].cells if rows else (), list(rows[1:])
    tail = table[len(table) // 2 :]
    width = Counter(len(r.cells) for r in tail).most_common(1)[0][0]
    value_columns = _value_columns([r for r in tail if len(r.cells) == width], width)
    start = _start(table, width, value_columns)
    header, units = table[0], []
    if value_columns and start is not None:
        named = [r for r in table[:start] if _names_columns(r, width, value_columns)]
        if named:
            most = max(r.filled for r in named)
            header = [r for r in named if r.filled == most][-1]
            # a row with values is one of the table, whatever is wrong with it: that is said with its number
            between = table[table.index(header) + 1 : start]
            units = [r for r in between if not _has_values(r, value_columns)]
    if start and header is table[0] and all(len(r.cells) < width - 1 for r in table[:start]):
        header = table[start]  # names that are years look as values do
    marked = _marked(header, table, comments, width, value_columns, start)
    if marked is not None:
        header = marked
    before = [r for r in table if r.line < header.line]
    names = tuple(unquoted(c) for c in header.cells) if all(map(in_quotes, header.cells)) else ()
    if before and marked is None and (joined := _joined_names(before[-1], header)):
        names = joined
        notes.append(f"two lines name the columns: {names[-1]!r} is one")
        before = before[:-1]
    if before and marked is None:
        first = before[0].text.strip("\ufeff \r\n")
        count = "1 line" if len(before) == 1 else f"{len(before)} lines"
        notes.append(f"{count} before the names of the columns left out: {first:.60}")
    if units:
        notes.append(f"between the names and the rows left out: {units[0].text.strip():.60}")
    if comments and marked is None:
        notes.append("lines that begin with # are comments and left out")
    body = [r for r in table if r.line > header.line and r not in units]
    layout = Layout(
        header=header.line,
        units=tuple(row.line for row in units),
        marked=marked is not None,
        names=names,
        extra=_extra(header, body),
        numbered=_numbered(header, body),
        notes=tuple(notes),
    )
    return layout, header.cells, body


def _comments(rows: Sequence[Row]) -> list[Row]:
    """The lines that begin with # and stand before the table or are not as wide as it is."""
    marked = [r.text.lstrip("\ufeff ").startswith(COMMENT) for r in rows]
    first = marked.index(False) if False in marked else len(rows)
    width = len(rows[first].cells) if first < len(rows) else 0
    return [r for k, r in enumerate(rows) if marked[k] and (k < first or len(r.cells) != width)]


def _value_columns(rows: Sequence[Row], width: int) -> set[int]:
    """The columns that have numbers or dates in most of their cells."""
    places = set()
    for k in range(width):
        cells = [r.cells[k] for r in rows if r.cells[k]]
        if cells and sum(map(is_value, cells)) >= 0.6 * len(cells):
            places.add(k)
    return places


def _is_body(row: Row, width: int, values: set[int]) -> bool:
    """Whether a row has values where the table has some."""
    if len(row.cells) != width:
        return False
    cells = [row.cells[k] for k in values if row.cells[k]]
    return bool(cells) and 2 * sum(map(is_value, cells)) >= len(cells)


def _has_values(row: Row, values: set[int]) -> bool:
    """Whether a row has a number or a date where the table has some."""
    return any(is_value(row.cells[k]) for k in values if k < len(row.cells))


def _names_columns(row: Row, width: int, values: set[int]) -> bool:
    """Whether a row can be the names: it is as wide as the table and has no values where that has some."""
    wide = len(row.cells)
    if not (wide == width or (wide == width - 1) or (wide == width + 1 and not row.cells[-1])):
        return False
    return row.filled > 0 and not _has_values(row, values)


def _start(table: Sequence[Row], width: int, values: set[int]) -> int | None:
    """The first of some rows of values that follow each other; None if there are none."""
    body = [_is_body(r, width, values) for r in table]
    for k in range(len(table)):
        run = body[k : k + RUN]
        if all(run) and (len(run) == RUN or k + len(run) == len(table)):
            return k
    return None


def _marked(
    header: Row,
    table: Sequence[Row],
    comments: Sequence[Row],
    width: int,
    values: set[int],
    start: int | None,
) -> Row | None:
    """The comment that holds the names of the columns, where no line of its own does."""
    if not comments or start != 0 or not values or header is not table[0]:
        return None
    last = max((c for c in comments if c.line < header.line), key=lambda c: c.line, default=None)
    if last is None:
        return None
    cells = (last.cells[0].lstrip("# "), *last.cells[1:])
    names_row = Row(last.line, last.text, cells)
    return names_row if len(cells) == width and _names_columns(names_row, width, values) else None


def _joined_names(above: Row, header: Row) -> tuple[str, ...]:
    """The names of columns from two lines, where the lower one has a name twice and both together do not."""
    cells = header.cells
    if len(above.cells) != len(cells) or len(set(filter(None, cells))) == header.filled:
        return ()
    filled, last = [], ""
    for cell in above.cells:  # one cell over several columns is written in the first of them
        last = cell or last
        filled.append(last)
    names = tuple(f"{a} {b}".strip() for a, b in zip(filled, cells, strict=True))
    return names if len(set(names)) == len(names) else ()


def _extra(header: Row, body: Sequence[Row]) -> int:
    """1 if all rows end with a separator that the names do not have, -1 the other way, else 0."""
    if not body:
        return 0
    width = len(header.cells)
    if all(len(r.cells) == width + 1 and not r.cells[-1] for r in body):
        return 1
    if not header.cells[-1] and all(len(r.cells) == width - 1 for r in body):
        return -1
    return 0


def _numbered(header: Row, body: Sequence[Row]) -> bool:
    """Whether all rows have a cell in front that the names lack, another one each: their numbers, or days."""
    width = len(header.cells) + 1
    if len(body) < RUN or any(len(r.cells) != width or not r.cells[-1] for r in body):
        return False
    first = [r.cells[0] for r in body]
    return len(set(first)) == len(first) and ROW not in header.cells
