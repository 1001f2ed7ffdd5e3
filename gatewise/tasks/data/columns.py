"""Columns of a frame as arrays: numbers, texts by code, times. What cannot be read is named by row.

Rows are counted as a person counts them: the first below the header is row 1.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import narwhals as nw
import numpy as np
from numpy.typing import NDArray

from gatewise.errors import InputError, nearest
from gatewise.tasks.data.clock import Times, parse
from gatewise.tasks.data.dates import iso, written_otherwise
from gatewise.tasks.data.lines import CONTROL, said
from gatewise.tasks.data.zones import is_zone

Floats = NDArray[np.float64]
Codes = NDArray[np.int64]
Kind = Literal["time", "integer", "number", "text", "empty"]
LARGEST = 1e30
MISSING = ("", "na", "nan", "n/a", "null", "none")


class Columns:
    """The columns of an eager frame of narwhals.

    ``zones`` are those of columns of times in UTC; ``before`` rows of the table come before these.
    """

    def __init__(self, frame: Any, zones: Mapping[str, str] | None = None, before: int = 0) -> None:
        self.frame, self.zones, self.before = frame, zones or {}, before
        self.names: list[str] = [str(c) for c in frame.columns]
        self.rows = len(frame)
        self.library = str(frame.implementation.name).lower()
        self.notes: list[str] = []
        self.named = set(self.names)
        self._kinds: dict[str, Kind] = {}
        self._held: dict[str, tuple[Any, Any]] = {}
        for name in self.names:
            if CONTROL.search(name):
                raise InputError(f"the name of the column {name!r}: {said(name)}")

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
        values = [v for v in column.to_list() if not is_missing(v)]
        if not values:
            return "empty"
        if any(not is_number(v) for v in values):
            return "text"
        return "integer" if all(is_whole(v) for v in values) else "number"

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
        if dtype == nw.Float64:
            return np.array(column.to_numpy(), dtype=float)
        if dtype.is_numeric() or dtype == nw.Boolean:
            return np.array(column.cast(nw.Float64).to_numpy(), dtype=float)
        given = column.to_list()
        for k, value in enumerate(given):
            if not is_missing(value) and not is_number(value):
                raise InputError(
                    f"column {name!r}, row {k + 1}: {value!r} is not a number; write 1234.5"
                )
        return np.array([np.nan if is_missing(v) else float(v) for v in given])

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
        codes = np.array(
            [
                -1 if is_missing(v) else seen.setdefault(_text(v), len(seen))
                for v in self.frame[name].to_list()
            ],
            dtype=np.int64,
        )
        for text, code in seen.items():
            if CONTROL.search(text):
                row = self.before + int(np.argmax(codes == code)) + 1
                raise InputError(f"column {name!r}, row {row}: {said(text)}")
        order = sorted(seen)
        place = np.empty(len(seen) + 1, dtype=np.int64)
        place[[seen[text] for text in order]] = np.arange(len(order))
        place[-1] = -1
        return tuple(order), place[codes]

    def times(self, name: str) -> tuple[Times, str | None]:
        """Whole numbers with None, or microseconds since 1970 with the time zone ("" without one).

        Times without a zone are wall times; the others are UTC. Raises InputError.
        """
        column = self.frame[name]
        kind = self.kind(name)
        if column.null_count():
            row = column.is_null().to_list().index(True) + 1
            raise InputError(f"column {name!r}, row {row}: the time is missing")
        if kind == "integer":
            values = self.whole(name)
            if values is None or max(abs(int(values.min())), abs(int(values.max()))) >= 2**62:
                raise InputError(f"column {name!r}: the whole numbers are too large for times")
            return from_whole(values, name)
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
            raise InputError(f"column {name!r}: times are dates or whole numbers, not fractions")
        return self._parsed([str(t).strip() for t in column.to_list()], name)

    def _parsed(self, texts: list[str], name: str) -> tuple[Times, str | None]:
        """Times from texts in ISO 8601, or as they are written otherwise, which is noted."""
        if not written_otherwise(texts[0]):
            return parse(texts, name)
        found = iso(texts, name)
        if found is None:
            return parse(texts, name)
        self.notes.append(f"column {name!r}: {found[1]}")
        return parse(found[0], name)

    def first(self, name: str) -> Any:
        """The first value that is there."""
        values = self.frame[name].drop_nulls()
        return values[0] if len(values) else None


def check_size(values: Floats, name: str, before: int = 0) -> None:
    """Raises InputError for numbers that no measurement has, and single precision has not either."""
    wrong = np.abs(values) > LARGEST
    if wrong.any():
        row = int(np.argmax(wrong))
        raise InputError(
            f"column {name!r}, row {before + row + 1}: {values[row]:g} is too large to be a "
            "measurement; leave it empty, or take another unit"
        )


def is_missing(value: object) -> bool:
    """Whether a cell stands for no value."""
    return value is None or value != value or str(value).strip().lower() in MISSING


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


def _text(value: object) -> str:
    """As a person would write it: 3, not 3.0, in a column of whole numbers with gaps."""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip()


def from_whole(values: Times, name: str) -> tuple[Times, str | None]:
    """Times of whole numbers: dates such as 20240131, time since 1970, or numbers as they are."""
    if are_dates(values):
        return dates_of(values, name)
    low, high = int(values.min()), int(values.max())
    for unit in (1, 1_000, 1_000_000, 1_000_000_000):  # of a second, since 1970: 2001 to 2096
        if 10**9 * unit <= low and high < 4 * 10**9 * unit:
            return values * (1_000_000 // unit) if unit <= 10**6 else values // 1000, "UTC"
    return values, None


def are_dates(values: Times) -> bool:
    """Whether whole numbers are dates such as 20240131."""
    if not len(values) or values.min() < 1000_01_01 or values.max() > 2999_12_31:
        return False
    month, day = values // 100 % 100, values % 100
    return bool(np.all((month >= 1) & (month <= 12) & (day >= 1) & (day <= 31)))


def dates_of(values: Times, name: str) -> tuple[Times, str]:
    """The times of such dates, in microseconds, without a zone. Raises InputError."""
    months = ((values // 10_000 - 1970) * 12 + values // 100 % 100 - 1).astype("datetime64[M]")
    days = months.astype("datetime64[D]") + (values % 100 - 1)
    wrong = days.astype("datetime64[M]") != months
    if wrong.any():
        row = int(np.argmax(wrong))
        raise InputError(f"column {name!r}, row {row + 1}: {values[row]} is not a date")
    return days.astype("datetime64[us]").astype(np.int64), ""
