"""Rows that reach into the future: the known covariates of what is forecast."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from gatewise.arrays import Floats, Ints
from gatewise.errors import InputError, InputWarning
from gatewise.tasks.data.clock import Clock
from gatewise.tasks.data.covariates import encode
from gatewise.tasks.data.joined_ids import with_joined_id
from gatewise.tasks.data.named_step import step_of
from gatewise.tasks.data.opening import columns_of
from gatewise.tasks.data.read_options import ReadOptions
from gatewise.tasks.data.roles import detect_roles
from gatewise.tasks.data.rounding import round_to_clock
from gatewise.tasks.data.series import Feature, Features
from gatewise.tasks.data.series_rows import Rows
from gatewise.tasks.data.timestamps import keys_of, sort_rows, times_of


def future_rows(
    data: Any,
    *,
    id: str | None,
    time: str | None,
    zone: str,
    features: Features,
    clock: Clock,
    reading: ReadOptions | None = None,
) -> dict[str, tuple[Ints, Floats]]:
    """The known covariates of a frame, for each key: positions [m], ascending, and values [m, K].

    A frame without the id column holds for all series; its key is then "". Raises InputError, and warns
    as ``read_table`` does.
    """
    notes: list[str] = []
    doubts: list[str] = []
    options = reading or ReadOptions()
    columns = columns_of(data, options, ask_excel_dates=False)
    columns = with_joined_id(columns, id)
    id_column = id if id in columns.names else None
    time_column = time if time in columns.names else None
    known = list(features.names("known"))
    roles = detect_roles(
        columns,
        time=time_column,
        target=[],
        id=id_column,
        known=known,
        past=[],
        static=[],
        table="single",
        sub_daily=clock.sub_daily,
    )
    if not roles.time:
        raise InputError("the future rows need a column of times: name it as in the table")
    keys = keys_of(columns, roles.id)
    times, table_zone = times_of(columns, roles, keys, zone or clock.zone, notes)
    if clock.datetimes == (table_zone is None):
        raise InputError("the times of the future rows are of another kind than those of the table")
    if options.freq is not None:
        times = replace(step_of(options.freq, table_zone), clock=clock).of(times)
    elif uneven := round_to_clock(clock, times):
        times = uneven.times
    rows = sort_rows(columns, roles, keys, times, table_zone, options.agg, notes)
    values = encode(columns, features.known, doubts)
    inside = {key: r.at(~clock.left_out(times[r.index]), times) for key, r in rows.items()}
    left_out = sum(len(r.index) - len(inside[key].index) for key, r in rows.items())
    if left_out and not (clock.calendar and clock.calendar.column):  # that one says the same
        doubts.append(
            f"{left_out} of the future rows lie outside the calendar ({clock.describe_calendar()}) and are ignored"
        )
    rows = {key: r for key, r in inside.items() if len(r.index)}
    for doubt in doubts:
        warnings.warn(doubt, InputWarning, stacklevel=2)
    return {
        key: (clock.positions(times[r.first]), combine_rows(values, features.known, r))
        for key, r in rows.items()
    }


def combine_rows(values: Floats, features: Sequence[Feature], rows: Rows) -> Floats:
    """Covariates [n, F] of rows that become one: the mean of numbers, the first of texts."""
    if rows.starts is None:
        return values[rows.index]
    columns = [
        rows.combined(values[:, k], "mean" if feature.numeric else "first")
        for k, feature in enumerate(features)
    ]
    return np.stack(columns, axis=1) if columns else np.zeros((len(rows.first), 0))


def cell_text(feature: Feature, value: float) -> str:
    """A value as it stands in the table."""
    if feature.categories is None:
        return f"{value:g}"
    return repr(feature.categories[int(value)]) if value < len(feature.categories) else "another"
