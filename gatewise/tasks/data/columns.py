"""Columns of a frame as arrays: numbers, texts by code, times. What cannot be read is named by row.

Rows are counted as a person counts them: the first below the header is row 1.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Literal

import narwhals as nw
import numpy as np

from gatewise.arrays import Floats, Ints
from gatewise.errors import InputError, nearest
from gatewise.tasks.data import numerals
from gatewise.tasks.data.cells import (
    NO_NUMBER,
    CellFormat,
    check_size,
    is_missing,
    is_number,
    is_whole,
    read_numbers,
    without,
)
from gatewise.tasks.data.clock import Times
from gatewise.tasks.data.lines import CONTROL, describe_control
from gatewise.tasks.data.numerals import Numeral
from gatewise.tasks.data.text_times import times_of_texts
from gatewise.tasks.data.units import (
    LEAST,
    is_measured,
    powers_written_out,
    shared_unit,
    without_flags,
    without_unit,
)
from gatewise.tasks.data.whole_times import times_of_numbers
from gatewise.tasks.data.zones import is_zone

Codes = Ints
FIRST = 20  # cells that show whether a column may be one of numbers
Kind = Literal["time", "integer", "number", "text", "empty"]
_MONTH = re.compile(r"(0?[1-9]|1[0-2])\.(19|20|21)\d\d")  # 01.2024 is no number


class Columns:
    """The columns of an eager frame of narwhals.

    ``zones`` are those of columns of times in UTC; ``before`` rows of the table come before these. ``series`` is the
    column that says which series a row is of, where the shape of the table says so.
    """

    series: str | None = None

    def __init__(
        self,
        frame: Any,
        zones: Mapping[str, str] | None = None,
        before: int = 0,
        cell_format: CellFormat | None = None,
    ) -> None:
        self.frame, self.zones, self.before = frame, zones or {}, before
        self.cell_format = cell_format or CellFormat()
        self.names: list[str] = [str(c) for c in frame.columns]
        self.rows = len(frame)
        self.library = str(frame.implementation.name).lower()
        self.notes: list[str] = []
        self.named = set(self.names)
        self._kinds: dict[str, Kind] = {}
        self._held: dict[str, tuple[Any, Any]] = {}
        self._read: dict[str, tuple[Floats, Numeral] | str] = {}
        for name in self.names:
            if CONTROL.search(name):
                raise InputError(f"the name of the column {name!r}: {describe_control(name)}")

    def check(self, name: str) -> None:
        """Raises InputError, with the nearest name, if there is no such column."""
        if name not in self.named:
            raise InputError(
                f"there is no column {name!r}.{nearest(name, self.names)} "
                f"The columns are {', '.join(map(repr, self.names[:20]))}"
            )

    def kind(self, name: str) -> Kind:
        """What a column holds; texts that are all numbers are numbers, and "empty" has no value."""
        if name not in self._kinds:
            self._kinds[name] = self._kind(name)
        return self._kinds[name]

    def _column(self, name: str) -> tuple[Any, Any]:
        """A column and its type, which the library takes long to find: there may be thousands."""
        if name not in self._held:
            column = self.frame[name]
            self._held[name] = column, column.dtype
        return self._held[name]

    def _kind(self, name: str) -> Kind:
        column, dtype = self._column(name)
        if column.null_count() == len(column):
            return "empty"
        if dtype.is_temporal():
            return "time"
        if dtype.is_integer():
            return "integer"
        if dtype.is_numeric() or dtype == nw.Boolean:
            return "empty" if dtype.is_float() and np.isnan(column.to_numpy()).all() else "number"
        cells = column.to_list()
        words = self._missing_words(name)
        if words:
            cells = [v for v in cells if _text(v).lower() not in words]
        first = [v for v in cells[:FIRST] if not is_missing(v)]
        first = first or [v for v in cells if not is_missing(v)][:1]
        if not first:
            return "empty"
        # most columns of texts and of dates are known by their first cells
        texts = [str(v).strip() for v in first]
        if not any(t.lower() in NO_NUMBER or numerals.could_be(t) for t in texts):
            return self._kind_with_unit(name) if any(map(is_measured, texts)) else "text"
        values = {str(v).strip() for v in cells if not is_missing(v)}
        if all(map(is_whole, values)):
            return "integer"
        if all(map(_MONTH.fullmatch, values)):
            return "text"
        if all(map(is_number, values)):
            return "number"
        read = self._numerals(name)
        if isinstance(read, str):
            return "text"
        present = read[0][~np.isnan(read[0])]
        if not len(present):  # dashes and the like: nothing says that they are numbers
            return "text"
        return "integer" if np.all(present == np.floor(present)) else "number"

    def _kind_with_unit(self, name: str) -> Kind:
        """The kind of a column in which a unit stands behind the numbers, or might."""
        read = self._numerals(name)
        if isinstance(read, str) or len(np.unique(read[0][~np.isnan(read[0])])) < LEAST:
            return "text"
        return "number"

    def _numerals(self, name: str) -> tuple[Floats, Numeral] | str:
        """A column of texts as numbers and how they are written; or what is wrong with it."""
        if name not in self._read:
            cells = [None if v is None else str(v).strip() for v in self._column(name)[0].to_list()]
            present = list(dict.fromkeys(c for c in cells if c and not is_missing(c)))
            plain = powers_written_out(present) or without_flags(
                [c for c in present if c.lower() not in NO_NUMBER]
            )
            unit = "" if plain else shared_unit(present)
            if plain or unit:
                cells = [c and plain.get(c, without_unit(c, unit)) for c in cells]
            read = read_numbers(cells, name, self.before, self.cell_format)
            if (plain or unit) and not isinstance(read, str):
                read = read[0], replace(read[1], usual=False)
            self._read[name] = read
        return self._read[name]

    def numeral(self, name: str) -> Numeral | None:
        """How the numbers of a column of texts are written; None of other columns."""
        read = self._read.get(name)
        return read[1] if isinstance(read, tuple) else None

    def mostly_numbers(self, name: str) -> bool:
        """Whether a column of texts has numbers in most cells: it is one of numbers then, and some are wrong."""
        values = [str(v).strip() for v in self.frame[name].to_list() if not is_missing(v)]
        sample = values[:: max(1, len(values) // 1000)]
        numbers = sum(numerals.could_be(v) and not numerals.is_limit(v) for v in sample)
        return 2 * numbers > len(sample) > 2

    def numbers(self, name: str) -> Floats:
        """Its numbers, NaN where missing. Raises InputError for texts and infinite values."""
        values = self.floats(name)
        if np.isinf(values).any():
            row = int(np.argmax(np.isinf(values))) + 1
            raise InputError(f"column {name!r}, row {row}: the value is infinite; leave it empty")
        check_size(values, name)
        return values

    def floats(self, name: str) -> Floats:
        """Its numbers, as ``numbers`` gives them, infinite ones too."""
        column, dtype = self._column(name)
        if dtype.is_temporal():
            raise InputError(f"column {name!r} holds times, not numbers")
        if dtype.is_numeric() or dtype == nw.Boolean:
            wide = column if dtype == nw.Float64 else column.cast(nw.Float64)
            return without(np.array(wide.to_numpy(), dtype=float), self.cell_format.missing(name))
        read = self._numerals(name)
        if isinstance(read, str):
            raise InputError(read)
        values, numeral = read
        if not numeral.usual:
            self._note(name, values)
        return without(values.copy(), self.cell_format.missing(name))

    def _note(self, name: str, values: Floats) -> None:
        """Say once how numbers are read that are not written as usual."""
        for cell, value in zip(self._column(name)[0].to_list(), values.tolist(), strict=True):
            text = str(cell).strip()
            if is_missing(cell) or value != value or (is_number(text) and float(text) == value):
                continue
            sentence = f"column {name!r}: {text} is read as {_written(value)}"
            if numerals.is_limit(text):
                sentence += f", its limit; --missing {shlex.quote(text)} takes it as missing"
            if sentence not in self.notes:
                self.notes.append(sentence)
            return

    def whole(self, name: str) -> Codes | None:
        """A column of whole numbers; None if some are missing or do not fit into 64 bits."""
        column = self.frame[name]
        if column.null_count():
            return None
        if column.dtype.is_integer() and column.dtype != nw.UInt64:
            return np.array(column.to_numpy(), dtype=np.int64)
        try:
            return np.array([int(v) for v in column.to_list()], dtype=np.int64)
        except (ValueError, OverflowError):
            return None

    def texts(self, name: str) -> tuple[tuple[str, ...], Codes]:
        """Its different texts, sorted, and for each row which of them it is; -1 where missing."""
        seen: dict[str, int] = {}
        words = self._missing_words(name)
        codes = np.array(
            [
                -1
                if is_missing(v) or _text(v).lower() in words
                else seen.setdefault(_text(v), len(seen))
                for v in self.frame[name].to_list()
            ],
            dtype=np.int64,
        )
        for text, code in seen.items():
            if CONTROL.search(text):
                row = self.before + int(np.argmax(codes == code)) + 1
                raise InputError(f"column {name!r}, row {row}: {describe_control(text)}")
        order = sorted(seen)
        place = np.empty(len(seen) + 1, dtype=np.int64)
        place[[seen[text] for text in order]] = np.arange(len(order))
        place[-1] = -1
        return tuple(order), place[codes]

    def _missing_words(self, name: str) -> set[str]:
        """What a person says stands for a missing value in a column, as ``_text`` writes cells, in small letters."""
        words = [word.strip().lower() for word in self.cell_format.missing(name)]
        return {*words, *(_text(float(word)) for word in words if is_number(word))}

    def times(self, name: str) -> tuple[Times, str | None]:
        """Whole numbers with None, or microseconds since 1970 with the time zone ("" without one).

        Times without a zone are wall times; the others are UTC. Raises InputError.
        """
        column = self.frame[name]
        kind = self.kind(name)
        if column.null_count():
            row = column.is_null().to_list().index(True) + 1
            raise InputError(
                f"column {name!r}, row {row}: the time is missing. If the row is a total, take it out"
            )
        if kind == "integer" and "%" in (self.cell_format.options.date_format or ""):
            texts = [str(v).strip() for v in column.to_list()]
            return times_of_texts(texts, name, self.cell_format)[:2]
        if kind == "integer":
            values = self.whole(name)
            if values is None or max(abs(int(values.min())), abs(int(values.max()))) >= 2**62:
                raise InputError(f"column {name!r}: the whole numbers are too large for times")
            return times_of_numbers(values, name, self.cell_format)
        if kind == "time":
            zone = getattr(column.dtype, "time_zone", None)
            try:
                moments = column.cast(nw.Datetime("us", zone)).dt.timestamp("us")
            except Exception:  # durations, times of day: whatever the library says to them
                raise InputError(
                    f"column {name!r} holds {column.dtype}, which is no point in time"
                ) from None
            named = str(self.zones.get(name, zone or ""))
            known = not named or is_zone(named)  # else an offset such as UTC+01:00
            return np.asarray(moments.to_numpy(), dtype=np.int64), named if known else "UTC"
        if column.dtype.is_numeric():
            return times_of_numbers(self.floats(name), name, self.cell_format)
        texts = [str(t).strip() for t in column.to_list()]
        times, zone, note = times_of_texts(texts, name, self.cell_format)
        if note and note not in self.notes:
            self.notes.append(note)
        return times, zone

    def is_clock(self, name: str) -> bool:
        """Whether a column holds times of day, as a type of its own."""
        return bool(self._column(name)[1] == nw.Time)

    def different(self, name: str) -> int:
        """How many different values a column has."""
        if self.kind(name) in ("integer", "number"):
            return len(np.unique(self.numbers(name)))
        if self.kind(name) == "time":
            return len(np.unique(self.times(name)[0]))
        return len(self.texts(name)[0])

    def first(self, name: str) -> Any:
        """The first value that is there."""
        values = self.frame[name].drop_nulls()
        return values[0] if len(values) else None


def _text(value: object) -> str:
    """As a person would write it: 3, not 3.0, in a column of whole numbers with gaps."""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip()


def _written(value: float) -> str:
    return str(int(value)) if value.is_integer() else f"{value:.12g}"
