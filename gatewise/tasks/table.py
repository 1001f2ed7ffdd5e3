"""Tables as people have them, understood as series on a regular time grid.

Four layouts: *long* (a row is one series at one time), *wide* (a row is a time, a column a series),
*rows* (a row is a whole series, as in the M4 files) and *single* (a time and a value).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import narwhals as nw
import numpy as np
from numpy.typing import NDArray

from gatewise.errors import InputError, nearest
from gatewise.tasks.clock import Clock, Times, infer, instant, parse

Floats = NDArray[np.float64]
IDS = ("unique_id", "series_id", "id", "series", "item_id")
TIMES = (
    "ds",
    "date",
    "datetime",
    "timestamp",
    "time",
    "month",
    "week",
    "day",
    "quarter",
    "year",
    "t",
)
LEAST_COLUMNS = 8  # of values, for a row to be a series


@dataclass(frozen=True)
class Series:
    """Values [n] at positions ``start``, ``start + 1``, ... of the clock; NaN is a missing one."""

    id: str
    start: int
    values: Floats

    @property
    def missing(self) -> int:
        return int(np.isnan(self.values).sum())


@dataclass(frozen=True)
class Table:
    """Series of one clock, and how they stood in the file.

    Attributes:
        layout: "long", "wide", "rows" or "single".
        series: at least one; every one begins and ends with a value that is there.
        clock: what positions stand for.
        id, time, target: names of columns, for what is given back.
        frame: the library of the table given ("pandas" or "polars").
        notes: what was inferred or left out, in sentences.
    """

    layout: Literal["long", "wide", "rows", "single"]
    series: tuple[Series, ...]
    clock: Clock
    id: str
    time: str
    target: str
    frame: str
    notes: tuple[str, ...] = ()

    @property
    def values(self) -> int:
        """Values that are there, of all series."""
        return sum(len(s.values) - s.missing for s in self.series)

    @property
    def length(self) -> int:
        """The median length of the series."""
        return int(np.median([len(s.values) for s in self.series]))

    def describe(self) -> list[str]:
        """The table in lines for people."""
        lengths = sorted(len(s.values) for s in self.series)
        span = f"{lengths[0]}" if lengths[0] == lengths[-1] else f"{lengths[0]} to {lengths[-1]}"
        first = min(s.start for s in self.series)
        last = max(s.start + len(s.values) for s in self.series) - 1
        ends = [self.clock.show(int(t)) for t in self.clock.at(np.array([first, last]))]
        missing = sum(s.missing for s in self.series)
        return [
            f"layout   {self.layout}: {len(self.series)} series of {span} steps",
            f"time     {self.clock.describe()}, {ends[0]} to {ends[1]}",
            f"missing  {missing} of {self.values + missing} values"
            + (", masked" if missing else ""),
            *(f"note     {note}" for note in self.notes),
        ]


def read(path: str | Path) -> Any:
    """A CSV or Parquet file as a frame of pandas or Polars. Raises InputError."""
    import importlib.util

    path = Path(path)
    if not path.is_file():
        raise InputError(f"there is no file {path}")
    backend: Any = next((b for b in ("pandas", "polars") if importlib.util.find_spec(b)), None)
    if backend is None:
        raise InputError('reading a table needs pandas or polars: pip install "gatewise[forecast]"')
    parquet = path.suffix.lower() in (".parquet", ".pq")
    try:
        if path.stat().st_size == 0:
            raise InputError(f"{path} is empty")
        frame = (nw.read_parquet if parquet else nw.read_csv)(str(path), backend=backend)
    except UnicodeDecodeError as error:
        raise InputError(
            f"{path} is not UTF-8 text (byte {error.start}): save it again as UTF-8"
        ) from None
    except InputError:
        raise
    except Exception as error:  # whatever the library raises for a file it cannot read
        raise InputError(f"cannot read {path}: {str(error).splitlines()[0]}") from None
    if not len(frame):
        raise InputError(f"{path} has a header and no rows")
    return frame.to_native()


def understand(
    data: Any,
    *,
    time: str | None = None,
    target: str | Sequence[str] | None = None,
    id: str | None = None,
) -> Table:
    """Find the series in a pandas or Polars frame. Missing values and gaps in time become NaN.

    Args:
        data: the frame, or a Table that is given back as it is.
        time: the column of times: dates, ISO 8601 texts or whole numbers. Looked for if left out;
            without any, rows are consecutive steps.
        target: the column or columns to forecast.
        id: the column that says which series a row belongs to.

    Raises:
        InputError: for columns that are not there (with the nearest name), dates that cannot be read
            (with their row), times that occur twice, infinite values, and tables with no values.
    """
    if isinstance(data, Table):
        return data
    try:
        frame = nw.from_native(data, eager_only=True)
    except TypeError:
        raise InputError(
            f"a table is a frame of pandas or Polars, not {type(data).__name__}"
        ) from None
    if not len(frame):
        raise InputError("the table has no rows")
    targets = [target] if isinstance(target, str) else list(target or ())
    for name in filter(None, (time, id, *targets)):
        if name not in frame.columns:
            raise InputError(
                f"there is no column {name!r}.{nearest(name, frame.columns)} "
                f"The columns are {', '.join(map(repr, frame.columns[:20]))}"
            )
    return _Reader(frame, time, targets, id).table()


class _Reader:
    """One reading of a frame: finds the columns, then the series."""

    def __init__(self, frame: Any, time: str | None, targets: list[str], id: str | None) -> None:
        self.frame, self.targets = frame, targets
        self.notes: list[str] = []
        known = [c for c in frame.columns if str(c).lower() in IDS and c not in targets]
        self.id = id or next((c for c in known if c != time), None)
        self.time = time or self._find_time()

    def table(self) -> Table:
        if self.time is None and not self.targets and (columns := self._row_columns()):
            return self._rows(columns)
        values = self._values()
        times, clock_kind = self._times()
        keys = self._keys()
        layout: Literal["long", "wide", "single"] = "wide" if len(values) > 1 else "single"
        if self.id is not None:
            layout = "long"
        pieces = []
        for key, rows in keys.items():
            order = rows[np.argsort(times[rows], kind="stable")]
            self._check_distinct(times[order], order, key, clock_kind)
            pieces.append((key, order))
        clock = infer((times[o] for _, o in pieces), *clock_kind)
        several = len(values) > 1
        series = [
            _place(
                f"{key}/{name}" if several and key else key or name,
                clock.positions(times[o]),
                column[o],
            )
            for key, o in pieces
            for name, column in values.items()
        ]
        if any(np.any(np.diff(times[r]) < 0) for r in keys.values()):
            self.notes.append("rows were not in the order of time and have been sorted")
        return self._made(layout, series, clock, next(iter(values)) if not several else "y")

    def _made(self, layout: Any, series: list[Series | None], clock: Clock, target: str) -> Table:
        there = tuple(s for s in series if s is not None)
        if not there:
            raise InputError("the table has no values: every cell of the target is missing")
        if len(there) < len(series):
            self.notes.append(f"{len(series) - len(there)} series without any value are left out")
        if clock.zoned:
            self.notes.append("times carry time zones; they are kept in UTC")
        return Table(
            layout, there, clock, self.id or "unique_id", self.time or "ds", target,
            str(self.frame.implementation.name).lower(), tuple(self.notes),
        )  # fmt: skip

    # --- which column is what -------------------------------------------------------------------

    def _find_time(self) -> str | None:
        columns = [c for c in self.frame.columns if c not in (self.id, *self.targets)]
        named = sorted(
            (c for c in columns if str(c).lower() in TIMES),
            key=lambda c: TIMES.index(str(c).lower()),
        )
        for c in [*named, *columns[:1]]:
            dtype = self.frame[c].dtype
            if dtype.is_temporal() or (dtype.is_integer() and c in named):
                return str(c)
            first = self.frame[c].drop_nulls()
            if not dtype.is_numeric() and len(first) and (c in named or _is_date(first[0])):
                return str(c)
        return None

    def _row_columns(self) -> list[str]:
        """The columns of values where every row is a series: many numbers behind one name."""
        first, *rest = self.frame.columns
        names = self.frame[first].to_list()
        if (
            len(rest) < LEAST_COLUMNS
            or self.frame[first].dtype.is_numeric()
            or len(set(names)) < len(names)
        ):
            return []
        numbers = [
            c
            for c in rest
            if self.frame[c].dtype.is_numeric() or self.frame[c].null_count() == len(names)
        ]
        return rest if len(numbers) == len(rest) else []

    def _values(self) -> dict[str, Floats]:
        """The columns to forecast, by name."""
        others = [c for c in self.frame.columns if c not in (self.time, self.id)]
        chosen = self.targets
        if not chosen and self.id is not None and "y" in others:
            chosen = ["y"]
        if not chosen:
            chosen = [c for c in others if self.frame[c].dtype.is_numeric()]
            left = [repr(c) for c in others if c not in chosen]
            if left:
                self.notes.append(f"not numbers and left out: {', '.join(left)}")
        if not chosen:
            only = str(self.frame.columns[0])
            if len(self.frame.columns) == 1 and any(mark in only for mark in ";\t|"):
                raise InputError(
                    f"the table has one column, {only!r}: separate its columns by commas"
                )
            raise InputError(
                "the table has no column of numbers to forecast: name one as the target"
            )
        return {str(c): self._numbers(c) for c in chosen}

    def _numbers(self, name: str) -> Floats:
        column = self.frame[name]
        if not column.dtype.is_numeric():
            for k, value in enumerate(column.to_list()):
                if not _missing(value) and not _is_number(value):
                    raise InputError(f"column {name!r}, row {k + 1}: {value!r} is not a number")
            return np.array([np.nan if _missing(v) else float(v) for v in column.to_list()])
        values = np.array(column.cast(nw.Float64).to_numpy(), dtype=float)
        if np.isinf(values).any():
            row = int(np.argmax(np.isinf(values))) + 1
            raise InputError(f"column {name!r}, row {row}: the value is infinite; leave it empty")
        return values

    def _times(self) -> tuple[Times, tuple[bool, bool]]:
        """Times as numbers; whether they are plain integers, and whether they had zones."""
        if self.time is None:
            if self.id is not None:
                raise InputError("a table with several series needs a column of times: name it")
            self.notes.append("no column of times was found: rows are taken as consecutive steps")
            return np.arange(len(self.frame)), (True, False)
        column = self.frame[self.time]
        if column.null_count():
            row = column.is_null().to_list().index(True) + 1
            raise InputError(f"column {self.time!r}, row {row}: the time is missing")
        if column.dtype.is_integer():
            return np.asarray(column.to_numpy(), dtype=np.int64), (True, False)
        if column.dtype.is_temporal():
            zone = getattr(column.dtype, "time_zone", None)
            moments = column.cast(nw.Datetime("us", zone)).dt.timestamp("us")
            return np.asarray(moments.to_numpy(), dtype=np.int64), (False, zone is not None)
        if column.dtype.is_numeric():
            raise InputError(
                f"column {self.time!r}: times are dates or whole numbers, not fractions"
            )
        times, zoned = parse(column.to_list(), self.time)
        return times, (False, zoned)

    def _keys(self) -> dict[str, NDArray[np.int64]]:
        """Row numbers by series."""
        if self.id is None:
            return {"": np.arange(len(self.frame))}
        names = [str(n) for n in self.frame[self.id].to_list()]
        labels, codes = np.unique(names, return_inverse=True)
        order = np.argsort(codes, kind="stable")
        cuts = np.searchsorted(codes[order], np.arange(1, len(labels)))
        return dict(zip(map(str, labels), np.split(order, cuts), strict=True))

    def _check_distinct(self, times: Times, rows: Any, key: str, kind: tuple[bool, bool]) -> None:
        twice = np.flatnonzero(np.diff(times) == 0)
        if not len(twice):
            return
        a, b = rows[twice[0]] + 1, rows[twice[0] + 1] + 1
        shown = Clock("integer" if kind[0] else "fixed", 1, 0).show(int(times[twice[0]]))
        where = f" of series {key!r}" if key else ""
        hint = (
            ""
            if self.id
            else ". If they belong to different series, name the column that says which"
        )
        raise InputError(
            f"the time {shown}{where} occurs twice, in rows {min(a, b)} and {max(a, b)}{hint}"
        )

    def _rows(self, columns: list[str]) -> Table:
        """One row a series: the last values of all rows stand at the same time."""
        first = self.frame.columns[0]
        grid = np.stack([self._numbers(c) for c in columns], axis=1)
        series: list[Series | None] = []
        for name, row in zip(self.frame[first].to_list(), grid, strict=True):
            seen = np.flatnonzero(~np.isnan(row))
            end = int(seen[-1]) + 1 if len(seen) else 0
            series.append(_place(str(name), np.arange(end) - end, row[:end]))
        self.notes.append("rows carry no dates: time is counted back from each row's last value")
        return self._made("rows", series, Clock("integer", 1, 0), "y")


def _place(id: str, positions: Times, values: Floats) -> Series | None:
    """A series on its grid, from its first value to its last; None if it has no value."""
    seen = np.flatnonzero(~np.isnan(values))
    if not len(seen):
        return None
    positions, values = positions[seen[0] : seen[-1] + 1], values[seen[0] : seen[-1] + 1]
    y = np.full(int(positions[-1] - positions[0]) + 1, np.nan)
    y[positions - positions[0]] = values
    return Series(id, int(positions[0]), y)


def _missing(value: object) -> bool:
    return value is None or value != value or str(value).strip() in ("", "NA", "NaN", "nan", "null")


def _is_number(value: object) -> bool:
    try:
        return bool(np.isfinite(float(str(value))))
    except ValueError:
        return False


def _is_date(value: object) -> bool:
    try:
        instant(str(value))
    except ValueError:
        return False
    return True
