"""How a CSV text is written: its separator, where its names of columns stand, how its numbers are written.

All of it is found in the first lines.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from gatewise.tasks.data.layout import Layout, Row, layout_of, rows_of
from gatewise.tasks.data.lines import blank
from gatewise.tasks.data.numerals import could_be, digits_of, evidence, grouped_by_habit
from gatewise.tasks.data.read_options import ReadOptions

SEPARATORS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}
SAMPLE = 200  # lines that decide how a text is written
_SEP_LINE = re.compile(r'"?sep=(.)"?\s*', re.IGNORECASE)
_MONTH = re.compile(r"(0?[1-9]|1[0-2])\.(19|20|21)\d\d")
_DOTTED = re.compile(r"\d{1,2}\.\d{1,2}\.\d{2}")
_ZEROS = re.compile(r"0\d+")


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


def find_dialect(lines: Sequence[str], options: ReadOptions) -> tuple[Dialect, Layout]:
    """How a text is written, from its first lines."""
    told = _SEP_LINE.fullmatch(lines[0].strip("\ufeff")) if lines else None
    separator = options.sep or (told[1] if told else _separator(lines))
    rows = rows_of(lines, separator, 1 if told else 0)
    layout, names, body = layout_of(rows, bool(told))
    dialect = Dialect(separator, texts=_texts(names, body), digits=_digits(names, body))
    if options.decimal is not None:
        return replace(dialect, decimal=options.decimal, decided=True), layout
    decimal, decided = _decimal(body, separator)
    return replace(dialect, decimal=decimal, decided=decided), layout


# --- parts ----------------------------------------------------------------------------------------


def _separator(lines: Sequence[str]) -> str:
    """The separator with which most lines have the same number of columns, and more than one."""
    best, highest = ",", (0.0, 0)
    filled_lines = [line for line in lines if not blank(line)]
    for separator in SEPARATORS:
        widths = [len(r.cells) for r in rows_of(filled_lines, separator, 0)]
        wide = Counter(w for w in widths if w > 1)
        if wide:
            width, count = wide.most_common(1)[0]
            score = (round(count / len(widths), 2), width)
            best, highest = (separator, score) if score > highest else (best, highest)
    return best


def _texts(names: Sequence[str], body: Sequence[Row]) -> tuple[str, ...]:
    """Columns of months such as 01.2023, and of numbers that begin with zeros, which would be lost."""
    text_columns = []
    for k, name in enumerate(names):
        cells = [r.cells[k] for r in body if k < len(r.cells) and r.cells[k]]
        zeros = any(map(_ZEROS.fullmatch, cells)) and all(map(str.isdigit, cells))
        if cells and (zeros or all(map(_MONTH.fullmatch, cells))):
            text_columns.append(name)
    return tuple(text_columns)


def _digits(names: Sequence[str], body: Sequence[Row]) -> tuple[str, ...]:
    """Columns of digits alone."""
    columns = [
        [r.cells[k] for r in body if k < len(r.cells) and r.cells[k]] for k in range(len(names))
    ]
    return tuple(
        n for n, cells in zip(names, columns, strict=True) if cells and all(map(str.isdigit, cells))
    )


def _decimal(body: Sequence[Row], separator: str) -> tuple[str, bool]:
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
