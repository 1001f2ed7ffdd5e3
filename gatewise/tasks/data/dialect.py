"""How a CSV text is written: its separator, where its names of columns stand, how its numbers are written.

All of it is found in the first lines. What stands before the names (a title, "sep=;", comments) and between
them and the rows (units) is left out, with a note.
"""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from gatewise.tasks.data.dates import written_otherwise
from gatewise.tasks.data.lines import blank, text_of_formula
from gatewise.tasks.data.numerals import could_be, digits_of, evidence, grouped_by_habit
from gatewise.tasks.data.read_options import ReadOptions

SEPARATORS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}
SAMPLE = 200  # lines that decide how a text is written
RUN = 3  # rows of values that follow each other, with which the table begins
_SEP_LINE = re.compile(r'"?sep=(.)"?\s*', re.IGNORECASE)
_DATE = re.compile(r"\d{4}-?\d\d(-?\d\d)?([T ].*)?")
_MONTH = re.compile(r"(0?[1-9]|1[0-2])\.(19|20|21)\d\d")
_DOTTED = re.compile(r"\d{1,2}\.\d{1,2}\.\d{2}")
_ZEROS = re.compile(r"0\d+")
COMMENT = "#"


@dataclass(frozen=True)
class Dialect:
    """How a CSV text is written.

    Attributes:
        separator: of its columns.
        decimal: of its numbers.
        decided: whether that is known; else no number shows it.
        texts: names of columns that are no numbers, though they look like some ("007", "01.2023").
        digits: names of columns that hold digits alone in the first rows; a zero may lead them later on.
        columns, rows: how many it has.
        quotes: whether a quote stands in it.
        returns: whether its lines end with CR alone.
        usual: whether every library reads it as it is: there are no quotes, no blank lines, and the
            lines end with LF.
    """

    separator: str = ","
    decimal: str = "."
    decided: bool = field(default=False, compare=False)
    texts: tuple[str, ...] = field(default=(), compare=False)
    digits: tuple[str, ...] = field(default=(), compare=False)
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
        name = SEPARATORS.get(self.separator, repr(self.separator))
        return (f"columns are separated by {name}{comma}",)


@dataclass(frozen=True)
class Layout:
    """Where things stand among the first lines of a text.

    Attributes:
        header: the line of the names of columns, counted from 0.
        units: lines between the names and the rows that are left out.
        marked: whether the names stand in a comment ("# date, load").
        extra: 1 if every row ends with a separator that the names lack, -1 if only the names do.
        notes: what is left out, in sentences.
    """

    header: int = 0
    units: tuple[int, ...] = ()
    marked: bool = False
    extra: int = 0
    notes: tuple[str, ...] = ()

    @property
    def plain(self) -> bool:
        """Whether the text begins with the names of its columns, and all of it is the table."""
        return not (self.header or self.units or self.marked or self.extra)


@dataclass(frozen=True)
class _Row:
    """A line of the sample: its number, its text, its cells without blanks."""

    line: int
    text: str
    cells: tuple[str, ...]

    @property
    def filled(self) -> int:
        return sum(map(bool, self.cells))


def find_dialect(lines: Sequence[str], options: ReadOptions) -> tuple[Dialect, Layout]:
    """How a text is written, from its first lines."""
    told = _SEP_LINE.fullmatch(lines[0].strip("\ufeff")) if lines else None
    separator = options.sep or (told[1] if told else _separator(lines))
    rows = _rows(lines, separator, 1 if told else 0)
    layout, names, body = _layout(rows, bool(told))
    dialect = Dialect(separator, texts=_texts(names, body), digits=_digits(names, body))
    if options.decimal is not None:
        return replace(dialect, decimal=options.decimal, decided=True), layout
    decimal, decided = _decimal(body, separator)
    return replace(dialect, decimal=decimal, decided=decided), layout


def is_value(cell: str) -> bool:
    """Whether a cell is a number or a date."""
    return bool(cell) and (
        _DATE.fullmatch(cell) is not None
        or could_be(cell)
        or (any(map(str.isdigit, cell)) and written_otherwise(cell))
    )


# --- parts ----------------------------------------------------------------------------------------


def _rows(lines: Sequence[str], separator: str, skip: int) -> list[_Row]:
    """The rows of some lines, without those that are blank."""
    out: list[_Row] = []
    reader = csv.reader(lines[skip:], delimiter=separator, skipinitialspace=True)
    while True:
        start = skip + reader.line_num
        try:
            cells = next(reader)
        except StopIteration:
            return out
        except csv.Error:  # is said with its row when all of the text is read
            return out
        text = lines[start] if start < len(lines) else ""
        if not blank(text.lstrip("\ufeff")):
            out.append(
                _Row(start, text, tuple(text_of_formula(c.strip(" \ufeff\u00a0")) for c in cells))
            )


def _separator(lines: Sequence[str]) -> str:
    """The separator with which most lines have the same number of columns, and more than one."""
    best, highest = ",", (0.0, 0)
    filled_lines = [line for line in lines if not blank(line)]
    for separator in SEPARATORS:
        widths = [len(r.cells) for r in _rows(filled_lines, separator, 0)]
        wide = Counter(w for w in widths if w > 1)
        if wide:
            width, count = wide.most_common(1)[0]
            score = (round(count / len(widths), 2), width)
            best, highest = (separator, score) if score > highest else (best, highest)
    return best


def _layout(rows: Sequence[_Row], told: bool) -> tuple[Layout, tuple[str, ...], list[_Row]]:
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
    marked = _marked(header, table, comments, width, value_columns, start)
    if marked is not None:
        header = marked
    before = [r for r in table if r.line < header.line]
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
        extra=_extra(header, body),
        notes=tuple(notes),
    )
    return layout, header.cells, body


def _comments(rows: Sequence[_Row]) -> list[_Row]:
    """The lines that begin with # and stand before the table or are not as wide as it is."""
    marked = [r.text.lstrip("\ufeff ").startswith(COMMENT) for r in rows]
    first = marked.index(False) if False in marked else len(rows)
    width = len(rows[first].cells) if first < len(rows) else 0
    return [r for k, r in enumerate(rows) if marked[k] and (k < first or len(r.cells) != width)]


def _value_columns(rows: Sequence[_Row], width: int) -> set[int]:
    """The columns that have numbers or dates in most of their cells."""
    out = set()
    for k in range(width):
        cells = [r.cells[k] for r in rows if r.cells[k]]
        if cells and sum(map(is_value, cells)) >= 0.6 * len(cells):
            out.add(k)
    return out


def _is_body(row: _Row, width: int, values: set[int]) -> bool:
    """Whether a row has values where the table has some."""
    if len(row.cells) != width:
        return False
    cells = [row.cells[k] for k in values if row.cells[k]]
    return bool(cells) and 2 * sum(map(is_value, cells)) >= len(cells)


def _has_values(row: _Row, values: set[int]) -> bool:
    """Whether a row has a number or a date where the table has some."""
    return any(is_value(row.cells[k]) for k in values if k < len(row.cells))


def _names_columns(row: _Row, width: int, values: set[int]) -> bool:
    """Whether a row can be the names: it is as wide as the table and has no values where that has some."""
    wide = len(row.cells)
    if not (wide == width or (wide == width - 1) or (wide == width + 1 and not row.cells[-1])):
        return False
    return row.filled > 0 and not _has_values(row, values)


def _start(table: Sequence[_Row], width: int, values: set[int]) -> int | None:
    """The first of some rows of values that follow each other; None if there are none."""
    body = [_is_body(r, width, values) for r in table]
    for k in range(len(table)):
        run = body[k : k + RUN]
        if all(run) and (len(run) == RUN or k + len(run) == len(table)):
            return k
    return None


def _marked(
    header: _Row,
    table: Sequence[_Row],
    comments: Sequence[_Row],
    width: int,
    values: set[int],
    start: int | None,
) -> _Row | None:
    """The comment that holds the names of the columns, where no line of its own does."""
    if not comments or start != 0 or not values or header is not table[0]:
        return None
    last = max((c for c in comments if c.line < header.line), key=lambda c: c.line, default=None)
    if last is None:
        return None
    cells = (last.cells[0].lstrip("# "), *last.cells[1:])
    names_row = _Row(last.line, last.text, cells)
    return names_row if len(cells) == width and _names_columns(names_row, width, values) else None


def _extra(header: _Row, body: Sequence[_Row]) -> int:
    """1 if all rows end with a separator that the names do not have, -1 the other way, else 0."""
    if not body:
        return 0
    width = len(header.cells)
    if all(len(r.cells) == width + 1 and not r.cells[-1] for r in body):
        return 1
    if not header.cells[-1] and all(len(r.cells) == width - 1 for r in body):
        return -1
    return 0


def _texts(names: Sequence[str], body: Sequence[_Row]) -> tuple[str, ...]:
    """Columns of months such as 01.2023, and of numbers that begin with zeros, which would be lost."""
    out = []
    for k, name in enumerate(names):
        cells = [r.cells[k] for r in body if k < len(r.cells) and r.cells[k]]
        zeros = any(map(_ZEROS.fullmatch, cells)) and all(map(str.isdigit, cells))
        if cells and (zeros or all(map(_MONTH.fullmatch, cells))):
            out.append(name)
    return tuple(out)


def _digits(names: Sequence[str], body: Sequence[_Row]) -> tuple[str, ...]:
    """Columns of digits alone."""
    columns = [
        [r.cells[k] for r in body if k < len(r.cells) and r.cells[k]] for k in range(len(names))
    ]
    return tuple(
        n for n, cells in zip(names, columns, strict=True) if cells and all(map(str.isdigit, cells))
    )


def _decimal(body: Sequence[_Row], separator: str) -> tuple[str, bool]:
    """What stands before decimals, and whether some number shows it.

    Where commas separate columns, a point does; semicolons separate them where a comma does. "1.495" does not
    tell in either, nor between tabs where dates are written 31.01.2024.
    """
    says: Counter[str] = Counter()
    dotted = commas = False
    for r in body:
        for cell in r.cells:
            dotted = dotted or _DOTTED.match(cell) is not None
            if cell and could_be(cell) and not _MONTH.fullmatch(cell):
                mark = evidence(digits_of(cell))
                says[mark] += 1
                commas = commas or (mark == "?" and "," in cell)
    if separator == "," and not any("," in c for r in body for c in r.cells):
        return ".", True
    if says["."] or says[","]:
        return (",", True) if says[","] > says["."] else (".", True)
    if separator == ";" and commas:
        return ",", True
    return ".", separator not in (";", ",") and not dotted and not commas


def points_between_thousands(column: Sequence[str]) -> bool | None:
    """Whether the points in a column of whole cells such as "1.495" stand between thousands.

    None where nothing tells; False where no cell has such a point.
    """
    says = Counter(evidence(cell) for cell in column if cell)
    if not says["?"] or says["."] or not any("." in c for c in column):
        return False
    if says[","]:
        return True
    plain = [c for c in column if c.isdigit() and c.strip("0")]
    if all(len(c) <= 3 for c in plain) and grouped_by_habit(len(plain), says["?"]):
        return True
    return None
