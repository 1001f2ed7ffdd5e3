"""Tables as people have them, understood as series on a regular time grid.

Four layouts: *long* (a row is one series at one time), *wide* (a row is a time, a column a series),
*rows* (a row is a whole series, as in the M4 files) and *single* (a time and a value).
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gatewise.errors import InputError, InputWarning
from gatewise.tasks.data.clock import Clock, Times, infer
from gatewise.tasks.data.columns import Columns
from gatewise.tasks.data.covariates import (
    EMPTY,
    check_static,
    encode,
    feature_of,
    note_outside,
    on_grid,
    with_range,
)
from gatewise.tasks.data.disk_arrays import allocate
from gatewise.tasks.data.future import cell_text, combine_rows
from gatewise.tasks.data.future import future_rows as future_rows
from gatewise.tasks.data.opening import columns_of as columns_of
from gatewise.tasks.data.read_options import ReadOptions
from gatewise.tasks.data.remarks import note_constant, note_ended
from gatewise.tasks.data.roles import (
    Roles,
    choose_targets,
    detect_roles,
    known_ahead,
    list_names,
    row_columns,
)
from gatewise.tasks.data.series import Feature, Features, Layout, decimals_of
from gatewise.tasks.data.series import Series as Series
from gatewise.tasks.data.series import Table as Table
from gatewise.tasks.data.steps import Rows, bring_to_step, round_to_clock, round_uneven, step_of
from gatewise.tasks.data.timestamps import Keys, keys_of, sort_rows, take_rows, times_of

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Names = str | Sequence[str] | None
MOST_ROWS = 1_000_000  # of a series with gaps whose numbers are kept
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
    reading: ReadOptions | Mapping[str, Any] | None = None,
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
        reading: how the table is written, where it can be read in more than one way.

    Raises:
        InputError: for columns that are not there (with the nearest name), dates that cannot be read
            (with their row), times that occur twice, infinite values, and tables with no values.

    Warns (InputWarning) where values lie far outside the ranges of ``like``, or texts are not among its
    categories.
    """
    if isinstance(data, Table):
        return data
    options = ReadOptions.of(reading)
    columns = columns_of(data, options, ask_excel_dates=like is None)
    if like is not None:
        known, past, static = (like.names(part) for part in ("known", "past", "static"))
        seen = [n for n in like.names("target") if n in columns.named]
        if target is None and seen:
            target = seen
    parts = detect_roles(
        columns,
        time=time,
        target=_names(target),
        id=id,
        known=_names(known),
        past=_names(past),
        static=_names(static),
    )
    named_zone = zone or (clock.zone if clock else "")
    reader = _Reader(columns, parts, named_zone, like, clock, future, options)
    table = reader.table()
    for doubt in dict.fromkeys(reader.doubts):
        warnings.warn(doubt, InputWarning, stacklevel=2)
    return table


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
        options: ReadOptions,
    ) -> None:
        self.options = options
        self.columns, self.parts, self.zone, self.like = columns, parts, zone, like
        self.clock, self.future = clock, future
        self.notes: list[str] = list(parts.notes)
        self.doubts: list[str] = []

    def table(self) -> Table:
        if not self.parts.time and not self.parts.target and (names := self._row_columns()):
            return self._rows(names)
        self._check_target()
        target = self.parts.target or choose_targets(self.columns, self.parts, self.notes)
        used = self.parts.taken.union(target)
        unused = [n for n in self.columns.names if n not in used]
        if unused and self.parts.target and self.like is None:
            self.notes.append(
                f"not used unless named as known, past or static: {list_names(unused)}"
            )
        values = {name: self.columns.numbers(name) for name in target}
        keys = keys_of(self.columns, self.parts.id)
        times, zone = times_of(self.columns, self.parts, keys, self.zone, self.notes)
        self._check_zone(zone)
        times, clock = self._on_steps(times, zone, keys)
        rows = sort_rows(self.columns, self.parts, keys, times, zone, self.options.agg, self.notes)
        clock = clock or infer(
            (times[r.first] for r in rows.values()), zone is None, zone or "", list(keys)
        )
        features = self._features(values)
        if self.like is None:
            self.notes.extend(known_ahead(self.columns, values, unused, self.parts.id))
        series = self._series(values, rows, clock, times, features)
        layout: Layout = "long" if self.parts.id else "wide" if len(values) > 1 else "single"
        return self._table_of(layout, series, clock, features)

    def _check_target(self) -> None:
        """Raises InputError for a later table without any of the columns that the model forecasts."""
        if self.like is None or self.parts.target:
            return
        missing = list_names(self.like.names("target"))
        raise InputError(
            f"there is no column {missing}, which the model forecasts; the table has "
            f"{list_names(self.columns.names)}: rename a column, or fit a model of this table"
        )

    def _on_steps(self, times: Times, zone: str | None, keys: Keys) -> tuple[Times, Clock | None]:
        """Times brought to the step that is named, or to that of a clock that runs a little unevenly.

        And the clock, if it is known: that of training, or of the named step.
        """
        freq = self.options.freq
        if freq is not None and self.clock is None:
            times, step = bring_to_step(times, freq, zone)
            return times, step.clock
        if freq is not None and self.clock is not None:
            return replace(step_of(freq, zone), clock=self.clock).of(times), self.clock
        if zone is None:
            return times, self.clock
        if self.clock is not None:
            rounding = round_to_clock(self.clock, times)
            self.doubts.extend([rounding.note] if rounding else [])
        else:
            groups = (rows[np.argsort(times[rows], kind="stable")] for rows in keys.values())
            rounding = round_uneven(times, groups, zone)
            self.notes.extend([rounding.note] if rounding else [])
        return (rounding.times if rounding else times), self.clock

    def _check_zone(self, zone: str | None) -> None:
        """Raises InputError if the times are not of the kind that those of training were."""
        clock = self.clock
        if clock is None:
            return
        if clock.datetimes == (zone is None):
            kind = "dates" if clock.datetimes else "whole numbers"
            raise InputError(f"the times are not {kind}, which those of training were")
        if clock.zone and not zone:
            raise InputError("the times carry no time zone, and those of training did: name it")

    def _features(self, values: dict[str, Floats]) -> Features:
        """The columns that are read, as training has seen them; or as found, for training."""
        if self.like is not None:
            seen = {f.name: f for f in self.like.target}
            for name, column in values.items():
                if name in seen:
                    self.doubts.extend(note_outside(seen[name], column))
            return self.like
        targets = [
            replace(with_range(Feature(n), v), decimals=decimals_of(v))
            if np.isfinite(v).any()
            else Feature(n)
            for n, v in values.items()
        ]
        history = np.any([~np.isnan(v) for v in values.values()], axis=0)
        if len(history) != self.columns.rows:  # a row is a series
            history = None
        parts = {
            part: tuple(
                feature_of(self.columns, name, history if part == "known" else None)
                for name in getattr(self.parts, part)
            )
            for part in ("past", "known", "static")
        }
        for feature in parts["known"]:
            if feature.categories and EMPTY in feature.categories:
                self.notes.append(
                    f"column {feature.name!r}: empty cells are a category of their own"
                )
        return Features(tuple(targets), **parts)

    def _series(
        self,
        values: dict[str, Floats],
        rows_of: dict[str, Rows],
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
        how = self.options.agg or "first"
        # a later table may have some of the targets only
        place = {name: k for k, name in enumerate(features.names("target"))}
        for key, rows in rows_of.items():
            positions = clock.positions(take_rows(times, rows.first))
            _check_dense(positions, clock, key)
            ahead_positions, ahead_values = ahead.get(
                key, ahead.get("", (positions[:0], known[:0]))
            )
            self._check_agreement(
                positions, known[rows.first], ahead_positions, ahead_values, features, clock, key
            )
            low = int(positions[0])
            high = max(
                int(positions[-1]) + 1,
                int(ahead_positions[-1]) + 1 if len(ahead_positions) else low,
            )
            known_positions = np.concatenate([positions, ahead_positions])
            known_values = np.concatenate([combine_rows(known, features.known, rows), ahead_values])
            grids = (
                on_grid(positions, combine_rows(past, features.past, rows), low, high),
                on_grid(known_positions, known_values, low, high),
            )
            fixed = check_static(static[rows.index], rows.index, features.static, key)
            for name, column in values.items():
                k = place[name]
                one = f"{key}/{name}" if key and len(values) > 1 else key or name
                # where no two rows are of one time: the array itself, not a copy
                distinct = rows.starts is None
                y = take_rows(column, rows.index) if distinct else rows.combined(column, how)
                out.append(_place(one, key, k, positions, y, grids, fixed, rows.first))
        return out

    def _check_agreement(
        self,
        positions: Ints,
        known: Floats,
        ahead: Ints,
        later: Floats,
        features: Features,
        clock: Clock,
        key: str,
    ) -> None:
        """Raises InputError where future rows say something else than the table does at the same time."""
        shared, mine, theirs = np.intersect1d(positions, ahead, return_indices=True)
        if not len(shared):
            return
        both = ~np.isnan(known[mine]) & ~np.isnan(later[theirs])
        wrong = np.argwhere(both & (known[mine] != later[theirs]))
        if len(wrong):
            k, column = (int(n) for n in wrong[0])
            feature = features.known[column]
            moment = clock.show(int(clock.at(shared[k : k + 1])[0]))
            cells = [
                cell_text(feature, float(v[place][column]))
                for v, place in ((known, mine[k]), (later, theirs[k]))
            ]
            raise InputError(
                f"column {feature.name!r}: at {moment}{f' of series {key!r}' if key else ''} the table has "
                f"{cells[0]} and the future rows have {cells[1]}: give rows that follow the table, or mend one "
                "of them"
            )

    def _ahead(self, features: Features, clock: Clock) -> dict[str, tuple[Ints, Floats]]:
        """Known covariates in the future: positions [m] and values [m, K] of each key."""
        if self.future is None:
            return {}
        if not features.known:
            raise InputError("there are future rows, but no covariate is named as known")
        return future_rows(
            self.future,
            id=self.parts.id,
            time=self.parts.time or None,
            zone=self.zone,
            features=features,
            clock=clock,
            reading=self.options,
        )

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
            positions = np.arange(end) - end
            series.append(_place(name, name, 0, positions, row[:end], (empty, empty), fixed))
        self.notes.append("rows carry no dates: time is counted back from each row's last value")
        return self._table_of("rows", series, Clock("integer", 1, 0), features)

    def _table_of(
        self, layout: Layout, series: list[Series | None], clock: Clock, features: Features
    ) -> Table:
        present = tuple(s for s in series if s is not None)
        if not present:
            raise InputError("the table has no values: every cell of the target is missing")
        if len(present) < len(series):
            self.notes.append(f"{len(series) - len(present)} series without any value are left out")
        if not features.known:  # with known covariates, such rows are the future
            self.notes.extend(note_ended(present, clock))
        self.notes.extend(note_constant(present))
        names = features.names("target")
        return Table(
            layout=layout,
            series=present,
            clock=clock,
            id=self.parts.id or "unique_id",
            time=self.parts.time or "ds",
            target=names[0] if len(names) == 1 else "y",
            frame=self.columns.library,
            notes=(*self.columns.notes, *self.notes),
            features=features,
        )


def _place(
    id: str,
    key: str,
    target: int,
    positions: Times,
    values: Floats,
    covariates: tuple[Floats, Floats],
    static: Floats,
    rows: Ints | None = None,
) -> Series | None:
    """A series on its grid, from its first value to its last; None if it has no value.

    The covariates [n, P] and [n + f, K] begin at the first position. Series share them. ``rows`` [n] are the
    numbers of the rows in the table, from 0.
    """
    seen = ~np.isnan(values)
    if not seen.any():
        return None
    low = int(positions[0])
    span = slice(int(np.argmax(seen)), len(seen) - int(np.argmax(seen[::-1])))
    positions, values = positions[span], values[span]
    start, end = int(positions[0]), int(positions[-1]) + 1
    y = values
    if len(values) < end - start:
        y = allocate((end - start,))
        y[positions - start] = values
    past, known = covariates
    return Series(
        id=id,
        start=start,
        values=y,
        past=past[start - low : end - low],
        known=known[start - low :],
        static=static,
        key=key,
        target=target,
        rows=None if rows is None else _numbers(positions, rows[span]),
    )


def _numbers(positions: Times, rows: Ints) -> int | tuple[Ints, Ints] | None:
    """Where values stand in the table, as ``Series.rows`` has it. Of large series with gaps it is not kept."""
    if len(rows) == positions[-1] - positions[0] + 1 and np.all(np.diff(rows) == 1):
        return int(rows[0] - positions[0]) + 1
    return (positions, rows + 1) if len(rows) <= MOST_ROWS else None


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


def _names(names: Names) -> list[str]:
    return [names] if isinstance(names, str) else list(names or ())
