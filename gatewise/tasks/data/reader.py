"""Tables as people have them, understood as series on a regular time grid.

Four layouts: *long* (a row is one series at one time), *wide* (a row is a time, a column a series),
*rows* (a row is a whole series, as in the M4 files) and *single* (a time and a value).
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import narwhals as nw
import numpy as np
from numpy.typing import NDArray

from gatewise import settings
from gatewise.errors import InputError, InputWarning
from gatewise.tasks.data.clock import Clock, Times, infer
from gatewise.tasks.data.columns import Columns
from gatewise.tasks.data.covariates import (
    check_static,
    encode,
    feature_of,
    on_grid,
    outside,
    ranged,
)
from gatewise.tasks.data.disk_arrays import allocate
from gatewise.tasks.data.files import read_noting, size_of
from gatewise.tasks.data.roles import Roles, detect_roles, listed, row_columns, usable
from gatewise.tasks.data.series import Feature, Features, Layout
from gatewise.tasks.data.series import Series as Series
from gatewise.tasks.data.series import Table as Table
from gatewise.tasks.data.spool import spool
from gatewise.tasks.data.timestamps import distinct, keys_of, taken, times_of

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Names = str | Sequence[str] | None
MEMORY_PER_BYTE = 4  # that a table takes for each byte of its file, roughly
SPARSE = 1000  # steps for each row, above which a table is taken to have a wrong time in it


def read_table(
    data: Any,
    *,
    time: str | None = None,
    target: Names = None,
    id: str | None = None,
    known: Names = (),
    past: Names = (),
    static: Names = (),
    zone: str | None = None,
    future: Any = None,
    like: Features | None = None,
    clock: Clock | None = None,
) -> Table:
    """Find the series in a pandas or Polars frame. Missing values and gaps in time become NaN.

    Args:
        data: the frame, or a Table that is given back as it is.
        time: the column of times: dates, ISO 8601 texts or whole numbers. Looked for if left out
            (also as columns year, month, day, hour); without any, rows are consecutive steps.
        target: the column or columns to forecast.
        id: the column that says which series a row belongs to.
        known, past, static: columns of covariates; see Features. Rows at the end without a target
            carry the known ones on into the future.
        zone: the time zone of times that carry none, such as Europe/Berlin.
        future: a frame of more rows (id, time, known covariates) that follow those of the data.
        like: columns as training has seen them: covariates are those, with its categories, and
            values far outside its ranges are noted.
        clock: of training: positions are counted as there.

    Raises:
        InputError: for columns that are not there (with the nearest name), dates that cannot be read
            (with their row), times that occur twice, infinite values, and tables with no values.

    Warns (InputWarning) where values lie far outside the ranges of ``like``, or texts are not among its
    categories.
    """
    if isinstance(data, Table):
        return data
    columns = columns_of(data)
    if like is not None:
        known, past, static = (like.names(part) for part in ("known", "past", "static"))
        seen = [n for n in like.names("target") if n in columns.named]
        if target is None and seen:
            target = seen
    parts = detect_roles(
        columns, time=time, target=_names(target), id=id, known=_names(known), past=_names(past),
        static=_names(static),
    )  # fmt: skip
    reader = _Reader(columns, parts, zone or (clock.zone if clock else ""), like, clock, future)
    table = reader.table()
    for doubt in dict.fromkeys(reader.doubts):
        warnings.warn(doubt, InputWarning, stacklevel=2)
    return table


def columns_of(data: Any) -> Columns:
    """The columns of a frame or a file with rows. Raises InputError for anything else."""
    if isinstance(data, str | Path):
        path = Path(data)
        large = MEMORY_PER_BYTE * size_of(path) > settings.TABLE_MEMORY.get()
        if large and (spooled := spool(path)) is not None:
            return spooled
        frame, notes = read_noting(path)
        columns = columns_of(frame)
        columns.notes.extend(notes)
        return columns
    try:
        given, zones = _plain(data)
        frame = nw.from_native(given, eager_only=True)
    except nw.exceptions.DuplicateError:
        raise InputError("two columns of the table have the same name: rename one") from None
    except TypeError:
        raise InputError(
            f"a table is a frame of pandas or Polars, or the path of a file, not a "
            f"{type(data).__name__}"
        ) from None
    if not len(frame):
        raise InputError("the table has no rows")
    return Columns(frame, zones)


def _plain(data: Any) -> tuple[Any, dict[str, str]]:
    """A pandas frame with what stands in its index, periods as times, and times with zones in UTC.

    The zones are given beside it: Narwhals does not know all names. Other frames stay as they are.
    """
    if not hasattr(data, "iloc") or not hasattr(data, "columns"):
        return data, {}
    index = data.index
    if any(n is not None for n in index.names) or (
        type(index).__name__ != "Index"
        and (hasattr(index, "to_pydatetime") or hasattr(index, "to_timestamp"))
    ):
        names = [n if n is not None else "ds" for n in index.names]
        data = data.rename_axis(index=names).reset_index()
    if not all(isinstance(c, str) for c in data.columns):
        data = data.set_axis([str(c) for c in data.columns], axis=1)
    zones = {c: str(t.tz) for c, t in data.dtypes.items() if getattr(t, "tz", None) is not None}
    periods = [c for c, t in data.dtypes.items() if str(t).startswith("period")]
    changed = {c: data[c].dt.to_timestamp() for c in periods}
    changed |= {c: data[c].dt.tz_convert("UTC") for c in zones}
    return data.assign(**changed), zones


class _Reader:
    """One reading of a table whose columns are told apart."""

    def __init__(
        self,
        columns: Columns,
        parts: Roles,
        zone: str,
        like: Features | None,
        clock: Clock | None,
        future: Any,
    ) -> None:
        self.columns, self.parts, self.zone, self.like = columns, parts, zone, like
        self.clock, self.future = clock, future
        self.notes: list[str] = list(parts.notes)
        self.doubts: list[str] = []

    def table(self) -> Table:
        if not self.parts.time and not self.parts.target and (names := self._row_columns()):
            return self._rows(names)
        target = self.parts.target or usable(self.columns, self.parts, self.notes)
        used = self.parts.taken.union(target)
        unused = [n for n in self.columns.names if n not in used]
        if unused and self.parts.target and self.like is None:
            self.notes.append(f"not used unless named as known, past or static: {listed(unused)}")
        values = {name: self.columns.numbers(name) for name in target}
        keys = keys_of(self.columns, self.parts.id)
        times, zone = times_of(self.columns, self.parts, keys, self.zone, self.notes)
        keys = distinct(self.columns, self.parts, keys, times, zone, self.notes)
        clock = self.clock or infer(
            (times[o] for o in keys.values()), zone is None, zone or "", list(keys)
        )
        self._check_clock(clock, zone)
        features = self._features(values)
        series = self._series(values, keys, clock, times, features)
        layout: Layout = "long" if self.parts.id else "wide" if len(values) > 1 else "single"
        return self._made(layout, series, clock, features)

    def _check_clock(self, clock: Clock, zone: str | None) -> None:
        if clock.datetimes == (zone is None):
            there = "dates" if clock.datetimes else "whole numbers"
            raise InputError(f"the times are not {there}, which those of training were")
        if clock.zone and not zone:
            raise InputError("the times carry no time zone, and those of training did: name it")

    def _features(self, values: dict[str, Floats]) -> Features:
        """The columns that are read, as training has seen them; or as found, for training."""
        if self.like is not None:
            seen = {f.name: f for f in self.like.target}
            for name, column in values.items():
                if name in seen:
                    self.doubts.extend(outside(seen[name], column))
            return self.like
        targets = [
            ranged(Feature(n), v) if np.isfinite(v).any() else Feature(n) for n, v in values.items()
        ]
        parts = {
            part: tuple(feature_of(self.columns, name) for name in getattr(self.parts, part))
            for part in ("past", "known", "static")
        }
        return Features(tuple(targets), **parts)

    def _series(
        self,
        values: dict[str, Floats],
        keys: dict[str, Ints],
        clock: Clock,
        times: Times,
        features: Features,
    ) -> list[Series | None]:
        past, known, static = (
            encode(self.columns, part, self.doubts)
            for part in (features.past, features.known, features.static)
        )
        ahead = self._ahead(features, clock)
        out: list[Series | None] = []
        for key, rows in keys.items():
            positions = clock.positions(taken(times, rows))
            _check_dense(positions, clock, key)
            at, more = ahead.get(key, ahead.get("", (positions[:0], known[:0])))
            low = int(positions[0])
            high = max(int(positions[-1]) + 1, int(at[-1]) + 1 if len(at) else low)
            grids = (
                on_grid(positions, past[rows], low, high),
                on_grid(np.concatenate([positions, at]), np.concatenate([known[rows], more]), low, high),
            )  # fmt: skip
            fixed = check_static(static[rows], rows, features.static, key)
            for k, (name, column) in enumerate(values.items()):
                one = f"{key}/{name}" if key and len(values) > 1 else key or name
                out.append(_place(one, key, k, positions, taken(column, rows), grids, fixed))
        return out

    def _ahead(self, features: Features, clock: Clock) -> dict[str, tuple[Ints, Floats]]:
        """Known covariates in the future: positions [m] and values [m, K] of each key."""
        if self.future is None:
            return {}
        if not features.known:
            raise InputError("there are future rows, but no covariate is named as known")
        return future_rows(
            self.future, id=self.parts.id, time=self.parts.time or None, zone=self.zone,
            features=features, clock=clock,
        )  # fmt: skip

    def _row_columns(self) -> list[str]:
        left = (*self.parts.static, *self.parts.known, *self.parts.past)
        names = row_columns(self.columns, left)
        if names and (wrong := (*self.parts.known, *self.parts.past)):
            raise InputError(
                f"column {wrong[0]!r}: a table of one series a row has static covariates only"
            )
        return names

    def _rows(self, names: list[str]) -> Table:
        """One row a series: the last values of all rows stand at the same time."""
        first = self.columns.names[0]
        texts, codes = self.columns.texts(first)
        ids = [texts[c] for c in codes]
        grid = np.stack([self.columns.numbers(c) for c in names], axis=1)
        if not np.isfinite(grid).any():
            raise InputError("the table has no values: every cell is missing")
        features = self._features({"y": grid})
        static = encode(self.columns, features.static, self.doubts)
        series: list[Series | None] = []
        for name, row, fixed in zip(ids, grid, static, strict=True):
            seen = np.flatnonzero(~np.isnan(row))
            end = int(seen[-1]) + 1 if len(seen) else 0
            empty = np.zeros((end, 0))
            at = np.arange(end) - end
            series.append(_place(name, name, 0, at, row[:end], (empty, empty), fixed))
        self.notes.append("rows carry no dates: time is counted back from each row's last value")
        return self._made("rows", series, Clock("integer", 1, 0), features)

    def _made(
        self, layout: Layout, series: list[Series | None], clock: Clock, features: Features
    ) -> Table:
        there = tuple(s for s in series if s is not None)
        if not there:
            raise InputError("the table has no values: every cell of the target is missing")
        if len(there) < len(series):
            self.notes.append(f"{len(series) - len(there)} series without any value are left out")
        if not features.known:  # with known covariates, such rows are the future
            self.notes.extend(_ended(there, clock))
        self.notes.extend(_still(there))
        names = features.names("target")
        return Table(
            layout, there, clock, self.parts.id or "unique_id", self.parts.time or "ds",
            names[0] if len(names) == 1 else "y", self.columns.library,
            (*self.columns.notes, *self.notes), features,
        )  # fmt: skip


def future_rows(
    data: Any,
    *,
    id: str | None,
    time: str | None,
    zone: str,
    features: Features,
    clock: Clock,
) -> dict[str, tuple[Ints, Floats]]:
    """The known covariates of a frame, for each key: positions [m], ascending, and values [m, K].

    A frame without the id column holds for all series; its key is then "". Raises InputError, and warns
    as ``read_table`` does.
    """
    notes: list[str] = []
    doubts: list[str] = []
    columns = columns_of(data)
    own = id if id in columns.names else None
    named = time if time in columns.names else None
    known = list(features.names("known"))
    parts = detect_roles(columns, time=named, target=[], id=own, known=known, past=[], static=[])
    if not parts.time:
        raise InputError("the future rows need a column of times: name it as in the table")
    keys = keys_of(columns, parts.id)
    times, found = times_of(columns, parts, keys, zone or clock.zone, notes)
    if clock.datetimes == (found is None):
        raise InputError("the times of the future rows are of another kind than those of the table")
    keys = distinct(columns, parts, keys, times, found, notes)
    values = encode(columns, features.known, doubts)
    for doubt in doubts:
        warnings.warn(doubt, InputWarning, stacklevel=2)
    return {key: (clock.positions(times[rows]), values[rows]) for key, rows in keys.items()}


def _place(
    id: str,
    key: str,
    target: int,
    positions: Times,
    values: Floats,
    covariates: tuple[Floats, Floats],
    static: Floats,
) -> Series | None:
    """A series on its grid, from its first value to its last; None if it has no value.

    The covariates [n, P] and [n + f, K] begin at the first position. Series share them.
    """
    seen = ~np.isnan(values)
    if not seen.any():
        return None
    low = int(positions[0])
    there = slice(int(np.argmax(seen)), len(seen) - int(np.argmax(seen[::-1])))
    positions, values = positions[there], values[there]
    start, end = int(positions[0]), int(positions[-1]) + 1
    y = values
    if len(values) < end - start:
        y = allocate((end - start,))
        y[positions - start] = values
    past, known = covariates
    return Series(
        id, start, y, past[start - low : end - low], known[start - low :], static, key, target
    )


def _check_dense(positions: Times, clock: Clock, key: str) -> None:
    """Raises InputError for a series that is nearly all gap: a time in it is wrong."""
    span = int(positions[-1]) - int(positions[0]) + 1
    if span <= 10_000 + SPARSE * len(positions):
        return
    at = int(np.argmax(np.diff(positions)))
    ends = [clock.show(int(t)) for t in clock.at(positions[at : at + 2])]
    raise InputError(
        f"{f'series {key!r}' if key else 'the table'} has {len(positions)} rows for {span} steps "
        f"({clock.describe()}), with nothing between {ends[0]} and {ends[1]}: is one of them wrong?"
    )


def _ended(series: Sequence[Series], clock: Clock) -> list[str]:
    """A sentence on series whose last rows have no value."""
    early = [s for s in series if len(s.known) > len(s.values)]
    if not early:
        return []
    s = max(early, key=lambda one: len(one.known) - len(one.values))
    last = clock.show(int(clock.at(np.array([s.end - 1]))[0]))
    others = f", and {len(early) - 1} more end early" if len(early) > 1 else ""
    return [
        f"{s.id} has no value after {last}, {len(s.known) - len(s.values)} steps before the end of the "
        f"table{others}: a forecast begins where the values end"
    ]


def _still(series: Sequence[Series]) -> list[str]:
    """A sentence each on series that never change, on those that have stopped changing, on zeros."""
    never, since = [], []
    for s in series:
        count = len(s.values) - s.missing
        other = (s.values != s.values[-1]) & ~np.isnan(s.values)
        last = len(other) - int(np.argmax(other[::-1]))
        run = int(np.count_nonzero(~np.isnan(s.values[last:])))
        if not other.any():
            never.append(s.id)
        elif run >= max(20, count // 10) and s.values[-1] != 0:
            since.append(f"{s.id} ({run} times)")
    out = []
    for names, what in (
        (never, "never changing"),
        (since, "ending in one value over and over, as of a stuck sensor"),
    ):
        if names:
            more = f" and {len(names) - 3} more" if len(names) > 3 else ""
            out.append(f"{len(names)} series {what}: {', '.join(names[:3])}{more}")
    zeros = sum(int(np.count_nonzero(s.values == 0)) for s in series)
    share = zeros / sum(len(s.values) - s.missing for s in series)
    if share >= 0.05:
        out.append(f"{share:.0%} of the values are 0, where errors in percent (sMAPE) say little")
    return out


def _names(names: Names) -> list[str]:
    return [names] if isinstance(names, str) else list(names or ())
