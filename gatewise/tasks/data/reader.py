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

from gatewise.arrays import Floats, Ints
from gatewise.errors import InputError, InputWarning, OptionError
from gatewise.tasks.data.calendar_options import CalendarChoice
from gatewise.tasks.data.clock import Clock, Times
from gatewise.tasks.data.columns import Columns
from gatewise.tasks.data.covariates import encode, note_outside
from gatewise.tasks.data.cross_tables import unpivoted
from gatewise.tasks.data.derived_columns import without_derived
from gatewise.tasks.data.future import future_rows as future_rows
from gatewise.tasks.data.joined_ids import joined_parts, with_joined_id
from gatewise.tasks.data.known_ahead import known_ahead
from gatewise.tasks.data.merged_cells import with_merged_cells
from gatewise.tasks.data.named_step import bring_to_step, step_of
from gatewise.tasks.data.names import list_names
from gatewise.tasks.data.observed_steps import ObservedSteps
from gatewise.tasks.data.opening import columns_of as columns_of
from gatewise.tasks.data.read_options import ReadOptions
from gatewise.tasks.data.remarks import note_constant, note_ended, note_total
from gatewise.tasks.data.roles import Roles, detect_roles
from gatewise.tasks.data.rounding import round_to_clock, round_uneven
from gatewise.tasks.data.row_tables import row_columns, row_series, row_values
from gatewise.tasks.data.series import Features, Layout
from gatewise.tasks.data.series import Series as Series
from gatewise.tasks.data.series import Table as Table
from gatewise.tasks.data.series_builder import SeriesBuilder
from gatewise.tasks.data.table_calendar import note_left_out, without_left_out
from gatewise.tasks.data.table_features import features_of
from gatewise.tasks.data.targets import choose_targets
from gatewise.tasks.data.time_step import infer
from gatewise.tasks.data.timestamps import Keys, keys_of, sort_rows, times_of
from gatewise.tasks.data.zones import is_zone, no_zone, to_wall

Names = str | Sequence[str] | None


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
    calendar: Names = None,
    pace: Clock | None = None,
    single: bool = False,
) -> Table:
    """Find the series in a pandas or Polars frame. Missing values and gaps in time become NaN.

    Args:
        data: the frame, or a Table that is given back as it is.
        time: the column of times: dates, ISO 8601 texts or whole numbers. Looked for if left out
            (also as columns year, month, day, hour); without any, rows are consecutive steps.
        target: the column or columns to forecast.
        id: the column that says which series a row belongs to, or several with commas between them.
        known, past, static: columns of covariates; see Features. Rows at the end without a target
            carry the known ones on into the future.
        zone: the time zone of times that carry none, such as Europe/Berlin.
        future: a frame of more rows (id, time, known covariates) that follow those of the data.
        like: columns as training has seen them: covariates are those, with its categories, and
            values far outside its ranges are noted.
        clock: of training: positions are counted as there.
        reading: how the table is written, where it can be read in more than one way.
        calendar: which days and hours are observed; see ``CalendarChoice``. None: found in the data.
        pace: the clock of training: the table has its step and its calendar, and positions of its own.
        single: training has seen one series alone: a column of ids that differ in every row numbers the rows.

    Raises:
        InputError: for columns that are not there (with the nearest name), dates that cannot be read
            (with their row), times that occur twice, infinite values, and tables with no values.

    Warns (InputWarning) where values lie far outside the ranges of ``like``, or texts are not among its
    categories.
    """
    if isinstance(data, Table):
        return data
    options = ReadOptions.of(reading)
    if zone and not is_zone(zone):
        raise OptionError(no_zone(zone))
    columns = columns_of(data, options, ask_excel_dates=like is None)
    named = (time, *_names(target), *_names(known), *_names(past))
    if type(columns) is Columns and not columns.named.intersection(n for n in named if n):
        columns = with_merged_cells(unpivoted(columns))
    joined = joined_parts(columns, id)
    columns = with_joined_id(columns, id)
    choice = CalendarChoice.of(calendar, columns.names)
    known = [*_names(known), *(c for c in choice.columns if c not in _names(known))]
    if like is not None:
        known, past, static = (like.names(part) for part in ("known", "past", "static"))
        seen = [n for n in like.names("target") if n in columns.named]
        if target is None and seen:
            target = seen
    of_training = pace or clock
    roles = detect_roles(
        columns,
        time=time,
        target=_names(target),
        id=id,
        known=_names(known),
        past=_names(past),
        static=_names(static),
        table="first" if like is None else "single" if single else "later",
        sub_daily=None if of_training is None else of_training.sub_daily,
    )
    roles = replace(roles, left_out=(*roles.left_out, *joined))
    named_zone = zone or (clock.zone if clock else "")
    reader = _Reader(columns, roles, named_zone, like, clock, future, options, choice, pace)
    table = reader.table()
    for doubt in dict.fromkeys(reader.doubts):
        warnings.warn(doubt, InputWarning, stacklevel=2)
    return table


class _Reader:
    """One reading of a table whose columns are told apart."""

    def __init__(
        self,
        columns: Columns,
        roles: Roles,
        zone: str,
        like: Features | None,
        clock: Clock | None,
        future: Any,
        options: ReadOptions,
        choice: CalendarChoice,
        pace: Clock | None,
    ) -> None:
        self.options, self.choice, self.pace = options, choice, pace
        self.columns, self.roles, self.zone, self.like = columns, roles, zone, like
        self.clock, self.future = clock, future
        self.notes: list[str] = list(roles.notes)
        self.doubts: list[str] = []

    def table(self) -> Table:
        if not self.roles.time and not self.roles.target:
            names = row_columns(self.columns, self.roles)
            if names:
                return self._rows(names)
        self._check_target()
        target = self.roles.target or choose_targets(self.columns, self.roles, self.notes)
        used = self.roles.taken.union(target)
        unused = [n for n in self.columns.names if n not in used]
        if unused and self.roles.target and self.like is None:
            self.notes.append(
                f"not used unless named as known, past or static: {list_names(unused)}"
            )
        values = {name: self.columns.numbers(name) for name in target}
        keys = keys_of(self.columns, self.roles.id)
        times, zone = times_of(self.columns, self.roles, keys, self.zone, self.notes)
        if not self.roles.target and self.like is None and len(target) > 1:
            walls = None if zone is None else to_wall(times, zone) if zone else times
            target = without_derived(target, values, walls, self.notes)
            values = {name: values[name] for name in target}
        self._check_zone(zone)
        times, clock = self._on_steps(times, zone, keys)
        rows = sort_rows(self.columns, self.roles, keys, times, zone, self.options.agg, self.notes)
        clock = clock or infer(
            (times[r.first] for r in rows.values()), zone is None, zone or "", list(keys), self.pace
        )
        features = self._features(values)
        observed = ObservedSteps(self.columns, self.choice, self.like, self.pace or self.clock)
        values, clock = observed.apply(values, clock, times, rows, features)
        if clock.share < 1:
            present = np.any([~np.isnan(v) for v in values.values()], axis=0)
            rows, left_out, first = without_left_out(rows, clock, times, present)
            if left_out:
                (self.notes if self.like is None else self.doubts).append(
                    note_left_out(clock, times, left_out, first)
                )
        if self.like is None:
            self.notes.extend(known_ahead(self.columns, values, unused, self.roles.id))
        builder = SeriesBuilder(self.columns, features, clock, times, self.options.agg, self.doubts)
        series = builder.series(values, rows, self._ahead(features, clock))
        layout: Layout = "long" if self.roles.id else "wide" if len(values) > 1 else "single"
        return self._table_of(layout, series, clock, features)

    def _check_target(self) -> None:
        """Raises InputError for a later table without any of the columns that the model forecasts."""
        if self.like is None or self.roles.target:
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
        if self.like is None:
            return features_of(self.columns, self.roles, values, self.notes)
        seen = {f.name: f for f in self.like.target}
        for name, column in values.items():
            if name in seen:
                self.doubts.extend(note_outside(seen[name], column))
        return self.like

    def _ahead(self, features: Features, clock: Clock) -> dict[str, tuple[Ints, Floats]]:
        """Known covariates in the future: positions [m] and values [m, K] of each key."""
        if self.future is None:
            return {}
        if not features.known:
            raise InputError(
                "future rows were given, but no covariate is named as known: name it with known=, or leave them out"
            )
        return future_rows(
            self.future,
            id=self.roles.id,
            time=self.roles.time or None,
            zone=self.zone,
            features=features,
            clock=clock,
            reading=self.options,
        )

    def _rows(self, names: list[str]) -> Table:
        """The table of a series a row, from the columns of values."""
        values = row_values(self.columns, names)
        features = self._features({"y": values})
        static = encode(self.columns, features.static, self.doubts)
        series = row_series(self.columns, values, static)
        self.notes.append("rows carry no dates: time is counted back from each row's last value")
        return self._table_of("rows", series, Clock("integer", 1, 0), features)

    def _table_of(
        self, layout: Layout, series: list[Series | None], clock: Clock, features: Features
    ) -> Table:
        present = tuple(s for s in series if s is not None)
        if not present:
            words = " or ".join(self.options.missing)
            why = f", or is {words}, which stands for a missing value (--missing)" if words else ""
            raise InputError(f"the table has no values: every cell of the target is missing{why}")
        if len(present) < len(series):
            self.notes.append(f"{len(series) - len(present)} series without any value are left out")
        if not features.known:  # with known covariates, such rows are the future
            self.notes.extend(note_ended(present, clock))
        self.notes.extend(note_constant(present))
        self.notes.extend(note_total(present) if self.like is None else [])
        names = features.names("target")
        return Table(
            layout=layout,
            series=present,
            clock=clock,
            id=self.roles.id or "unique_id",
            time=self.roles.time or "ds",
            target=names[0] if len(names) == 1 else "y",
            frame=self.columns.library,
            notes=(*self.columns.notes, *self.notes),
            features=features,
        )


def _names(names: Names) -> list[str]:
    return [names] if isinstance(names, str) else list(names or ())
