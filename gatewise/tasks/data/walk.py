"""One way through the rows of a CSV text: what is wrong is said by row, what is no row of the table is left out."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import IO

from gatewise.errors import InputError
from gatewise.tasks.data.cells import is_number
from gatewise.tasks.data.dialect import Dialect, points_between_thousands
from gatewise.tasks.data.layout import COMMENT, ROW, Layout, is_remark
from gatewise.tasks.data.lines import (
    TEXT_FORMULA,
    Marks,
    blank,
    in_quotes,
    is_rule,
    reader,
    text_of_formula,
    unquoted,
)
from gatewise.tasks.data.numerals import both, evidence

_DATE = re.compile(r"\d{4}-\d\d(-|$)|\d{1,2}[./]\d{1,2}[./]\d{4}")


LED_BY_ZERO = re.compile(r"""(?:^|[,;\t|"'])\s*0\d""")  # a cell that may begin with a zero


@dataclass
class Walk:
    """One way through all rows of a text.

    Attributes:
        count, comments, trailing: rows of the table, lines that are comments, rows of empty cells at the end;
        formulas, rules: whether cells are formulas of a text (="5"), and whether lines are drawn between rows;
        single: whether cells stand between single quotes;
        footer: the first line below the table that is none of its rows, and how many there are;
            counted on the way, as are the cells of columns whose points may stand between thousands.
    """

    shown: str
    written: Dialect
    layout: Layout
    seen: Marks
    ragged: bool
    count: int = 0
    comments: int = 0
    trailing: int = 0
    formulas: bool = False
    rules: bool = False
    single: bool = False
    footer: tuple[str, int] = ("", 0)
    blanks: bool = False
    width: int = 0
    names: list[str] = field(default_factory=list)
    unclear: dict[int, dict[str, None]] = field(default_factory=dict)
    digits: dict[str, int] = field(default_factory=dict)
    zeros: list[str] = field(default_factory=list)

    def dialect(self) -> Dialect:
        """How the text is written, after all rows. Raises InputError for numbers that may mean two things."""
        thousands = self._thousands()
        seen = self.seen
        return replace(
            self.written,
            decimal="," if thousands else self.written.decimal,
            decided=thousands or self.written.decided,
            texts=(*self.written.texts, *self.zeros),
            columns=self.width,
            rows=self.count - self.trailing,
            quotes=seen.quotes,
            returns=seen.returns and not seen.feeds,
            usual=not (seen.quotes or self.blanks or seen.returns),
        )

    def rows(self, file: IO[str]) -> Iterator[list[str]]:
        """The names of the columns, then the rows of the table. Raises InputError, with the row."""
        last = ""

        def lines() -> Iterator[str]:
            nonlocal last
            yield from (last := line for line in file)

        for _ in range(self.layout.header):
            next(file, None)
        before = self.layout.header
        walked = reader(lines(), self.written.separator)
        held: list[list[str]] = []  # rows of empty cells, which may be the last
        below: list[str] = []  # what is said of rows of one text, if the table continues after them
        units, mixed = self.layout.units, self.seen.returns and self.seen.feeds
        try:
            self._start(next(walked))
            yield self.names
            first = self.names[0].casefold()
            for row in walked:
                if blank(last):
                    self.blanks = True
                    continue
                if last[:1] in "-=+|: " and is_rule(last):
                    self.rules = True
                    continue
                if TEXT_FORMULA in last:
                    row = [text_of_formula(cell) for cell in row]
                    self.formulas = True
                if self.single:
                    row = list(map(unquoted, row))
                if units and before + walked.line_num - 1 in units:
                    continue
                wide = len(row) == self.width
                if not wide and row[0].startswith(COMMENT):
                    self.comments += 1
                    continue
                self.count += 1
                if (not wide or not row[-1]) and is_remark(row, self.width):
                    below.append(
                        f"{self.shown}, row {self.count} has a text and no value (line {before + walked.line_num} of the file)"
                    )
                    self.footer = self.footer[0] or last.strip(), self.footer[1] + 1
                    continue
                if below:
                    if any(row):
                        raise InputError(
                            f"{below[0]}: {self.footer[0]:.60}. Take the line out, if it is no row of the table"
                        )
                    continue
                # most rows need no closer look, and there may be millions
                if not wide or mixed or self.unclear or row[0].casefold() == first:
                    row = self._check_row(row, last, before + walked.line_num)
                if self.digits and LED_BY_ZERO.search(last):
                    self._note_zeros(row)
                if not row[0] and self.width > 1 and not any(row):
                    held.append(row)
                    continue
                if held:
                    yield from held
                    held.clear()
                yield row
        except csv.Error as error:
            raise InputError(self._not_csv(error)) from None
        except StopIteration:
            raise InputError(f"{self.shown} is empty") from None
        self.trailing = len(held)
        self.count -= self.footer[1]
        if not self.count - self.trailing:
            raise InputError(f"{self.shown} has a header and no rows")

    def _start(self, names: list[str]) -> None:
        self.single = all(map(in_quotes, names))
        if self.layout.names:
            names = list(self.layout.names)
        if self.layout.marked:
            names = [names[0].lstrip(COMMENT + " "), *names[1:]]
        if self.layout.extra > 0:
            names = [*names, ""]
        if self.layout.extra < 0:
            names = names[:-1]
        if self.layout.numbered:
            names = [ROW, *names]
        self.names, self.width = names, len(names)
        _check_header(self.shown, names, self.written.separator)
        digits = set(self.written.digits) - set(self.written.texts)
        self.digits = {name: k for k, name in enumerate(names) if name in digits}
        if self.written.separator != "," and not self.written.decided:
            self.unclear = {k: {} for k in range(len(names)) if names[k] not in self.written.texts}

    def _check_row(self, row: list[str], last: str, line: int) -> list[str]:
        """A row of the table's width. Raises InputError for any other, and for the names once more."""
        if self.layout.extra > 0 and len(row) == self.width - 1:
            row = [*row, ""]
        if self.ragged and len(row) < self.width:
            row = [*row, *[""] * (self.width - len(row))]
        if len(row) != self.width:
            raise InputError(self._ragged(row, line))
        if [c.strip().casefold() for c in row] == [n.strip().casefold() for n in self.names]:
            raise InputError(
                f"{self.shown}, row {self.count} repeats the names of the columns (line {line} of the file): "
                "take it out"
            )
        if self.seen.returns and self.seen.feeds and last.endswith("\r"):
            raise InputError(
                f"{self.shown}, row {self.count}: it ends with CR, and other lines with LF (line "
                f"{line} of the file): save the table with line feeds"
            )
        for k, cells in list(self.unclear.items()):
            cell = row[k].strip()
            says = evidence(cell.lstrip("-+")) if is_number(cell) else ""
            if says in (".", ",") or len(cells) > 100_000:
                self.unclear = {}  # the decimals of the table are clear
                break
            if cell:
                cells[cell.lstrip("-+")] = None
        return row

    def _ragged(self, row: Sequence[str], line: int) -> str:
        """What to say of a row that is not as wide as the table."""
        return (
            f"{self.shown}, row {self.count}: it has {len(row)} columns and the names of the columns are "
            f"{self.width}. Mend the row (line {line} of the file), or put quotes around a cell that "
            "contains the separator"
        )

    def _note_zeros(self, row: list[str]) -> None:
        """Take up columns whose zeros in front would be lost as numbers: "01" is not "1"."""
        for name, k in list(self.digits.items()):
            cell = row[k].strip()
            if len(cell) > 1 and cell[0] == "0" and cell.isdigit():
                self.zeros.append(name)
                del self.digits[name]

    def _thousands(self) -> bool:
        """Whether points stand between thousands."""
        thousands = False
        for k, cells in self.unclear.items():
            numbers = [c for c in cells if is_number(c)]
            if 2 * len(numbers) < len(cells):
                continue
            points = points_between_thousands(numbers)
            if points is None:
                cell = next(c for c in numbers if "." in c)
                raise InputError(
                    f"{self.shown}, column {self.names[k].strip()!r}: {cell!r} {both(cell)}"
                )
            thousands = thousands or points
        return thousands

    def _not_csv(self, error: csv.Error) -> str:
        """What to say of a row that ``csv`` cannot read."""
        reason = str(error)
        if "end of data" in reason:
            reason = "a quote begins there that does not end: end it, or take it out"
        elif "expected after" in reason:
            reason = "a cell continues after the quote that ends it: write a quote within quotes twice, or take it out"
        elif "field limit" in reason:
            reason = (
                f"a cell has more than {csv.field_size_limit():,} characters: is a quote missing?"
            )
        where = f"row {self.count + 1}" if self.width else "the names of the columns"
        return f"cannot read {self.shown}, {where}: {reason}"


def _check_header(shown: str, header: list[str], separator: str) -> None:
    names = [n.strip() for n in header]
    twice = [n for n, count in Counter(names).items() if n and count > 1]
    if twice:
        raise InputError(f"{shown}: two columns are named {twice[0]!r}: rename one")
    numbers = all(is_number(n) for n in names) and names != [str(k) for k in range(len(names))]
    if numbers or _DATE.match(names[0]):
        raise InputError(
            f"{shown}: the first line is {separator.join(names[:4])!r}: give the columns names in a "
            "line of their own"
        )
