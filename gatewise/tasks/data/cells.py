"""Cells of a table as people write them: missing, a number, too large to be one."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from gatewise.arrays import Floats
from gatewise.errors import InputError
from gatewise.tasks.data import numerals
from gatewise.tasks.data.numerals import Numeral
from gatewise.tasks.data.read_options import ReadOptions

LARGEST = 1e30
_LENGTH = re.compile(r"\d+:[0-5]\d(:[0-5]\d)?|(\d+ ?[dhms](in|ec)?\.? ?){2,}")
MISSING = ("", "na", "nan", "n/a", "#n/a", "#na", "null", "<na>")
# among numbers these are no values either; among texts they may be categories
NO_NUMBER = (
    *MISSING,
    "none",
    "-",
    "–",
    "—",
    ".",
    "..",
    "...",
    "?",
    "#nv",
    "#nul!",
    "#null!",
    "n.a.",
    "k.a.",
    "n.v.",
    "n.d.",
    "s.d.",
    "nil",
    ":",
    "\\n",
    "(null)",
    "unavailable",
    "unknown",
    "missing",
    "no data",
    "n/d",
)


@dataclass(frozen=True)
class CellFormat:
    """How the cells of a table are read.

    Attributes:
        decimal: what stands before the decimals of numbers; None: each column is to tell.
        options: what a person has said.
        ask_excel_dates: whether whole numbers that may be dates of Excel are asked about; a later table is
            read as that of training was.
        own_missing: what stands for a missing value in some columns, in the place of ``options.missing``.
    """

    decimal: str | None = None
    options: ReadOptions = field(default_factory=ReadOptions)
    ask_excel_dates: bool = True
    own_missing: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def missing(self, name: str) -> tuple[str, ...]:
        """What stands for a missing value in a column."""
        return self.own_missing.get(name, self.options.missing)


def is_missing(value: object) -> bool:
    """Whether a cell stands for no value."""
    if value is None or (not hasattr(value, "__len__") and value != value):
        return True
    return str(value).strip().lower() in MISSING


def is_number(value: object) -> bool:
    """Whether a text is a number."""
    try:
        float(str(value))
    except ValueError:
        return False
    return "_" not in str(value)


def is_whole(value: object) -> bool:
    """Whether a text is a whole number."""
    text = str(value).strip()
    return text.removeprefix("-").isdecimal() and len(text) < 19


def check_size(values: Floats, name: str, before: int = 0) -> None:
    """Raises InputError for numbers that no measurement has, and single precision has not either."""
    wrong = np.abs(values) > LARGEST
    if wrong.any():
        row = int(np.argmax(wrong))
        raise InputError(
            f"column {name!r}, row {before + row + 1}: {values[row]:g} is too large to be a "
            "measurement; leave it empty, or take another unit"
        )


def without(values: Floats, missing: Sequence[str]) -> Floats:
    """The values, in place, with NaN where they are what a person says is missing, also in single precision."""
    for code in map(float, filter(is_number, missing)):
        is_code = values == code
        if abs(code) < np.finfo(np.float32).max:
            is_code |= values == float(np.float32(code))
        values[is_code] = np.nan
    return values


def read_numbers(
    texts: Sequence[str | None], name: str, before: int, cell_format: CellFormat
) -> tuple[Floats, Numeral] | str:
    """The numbers of a column of texts, NaN where missing; or what is wrong, with the row.

    ``before`` rows come before these.
    """
    words = {w.strip().lower() for w in cell_format.missing(name)}
    first: dict[str, int] = {}
    for k, text in enumerate(texts):
        if text is not None and text.lower() not in NO_NUMBER and text.lower() not in words:
            first.setdefault(text, k)
    plain = cell_format.decimal != "," and all(map(is_number, first))
    if plain:
        reading: Any = np.array([float(t) for t in first]), Numeral()
    else:
        reading = numerals.read(list(first), cell_format.options.decimal or cell_format.decimal)
    if isinstance(reading, numerals.Problem):
        text = list(first)[reading.place]
        if text.startswith("#"):
            return (
                f"column {name!r}, row {before + first[text] + 1}: {text!r} is an error of Excel: correct it, leave the "
                f"cell empty, or take it as missing (--missing {shlex.quote(text)})"
            )
        what = reading.what
        if text.casefold() == name.casefold():
            return (
                f"column {name!r}, row {before + first[text] + 1} repeats the name of the column: if another table begins "
                "there, take it out"
            )
        if _LENGTH.fullmatch(text):
            return (
                f"column {name!r}, row {before + first[text] + 1}: {text!r} is a length of time or a time of day: to forecast "
                "it, write it as a number, such as 7.5 (hours)"
            )
        if what == numerals.NO_NUMBER:
            what += f", or take it as missing (--missing {shlex.quote(text)})"
        return f"column {name!r}, row {before + first[text] + 1}: {text!r} {what}"
    values, numeral = reading
    number = dict(zip(first, values.tolist(), strict=True))
    return np.array([np.nan if t is None else number.get(t, np.nan) for t in texts]), numeral
