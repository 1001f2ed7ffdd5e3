"""Forecasts as frames of pandas, Polars or PyArrow."""

from __future__ import annotations

import importlib.util
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

import narwhals as nw
import numpy as np

from gatewise.arrays import Floats, Ints
from gatewise.errors import InputError
from gatewise.tasks.data.clock import Clock
from gatewise.tasks.data.series import Feature
from gatewise.tasks.data.zones import known_name

BEYOND = "beyond_horizon"
Library = Literal["pandas", "polars", "pyarrow"]


@dataclass(frozen=True)
class ColumnNames:
    """How frames are written.

    Attributes:
        model: name of the column of point forecasts.
        id, time: names of columns; no id ("") for a table of one series.
        levels: of the intervals, ascending.
        frame: the library of the frames.
        target: name of the column that was forecast.
        targets: names of the columns that were forecast, each of which gets columns of its own;
            () for one target, or where every column is a series.
    """

    model: str
    id: str
    time: str
    levels: tuple[int, ...]
    frame: Library
    target: str
    targets: tuple[str, ...] = ()

    def columns(self, quantiles: Floats, prefix: str = "") -> dict[str, Floats]:
        """Quantiles [M, Q] as columns: the point forecast, the limits of each interval."""
        middle = quantiles.shape[-1] // 2
        frame = {f"{prefix}{self.model}": quantiles[:, middle]}
        for k, level in enumerate(self.levels):
            frame[f"{prefix}{self.model}-lo-{level}"] = quantiles[:, middle - 1 - k]
            frame[f"{prefix}{self.model}-hi-{level}"] = quantiles[:, middle + 1 + k]
        return frame


@dataclass(frozen=True)
class Forecasts:
    """Forecasts of N series.

    Attributes:
        ids, keys, targets: see ``state.Ends``.
        position: [N] of the first step.
        quantiles: [N, h, Q].
        ahead: [N, h] the steps forecast, counted from ``position``: 0 is the first.
        trained: steps of the horizon that training has known; later ones are marked.
        cutoff: [N] the last position that was known; None for forecasts from the end.
        truth: [N, h] the actual values, where they are known.
    """

    ids: tuple[str, ...]
    keys: tuple[str, ...]
    targets: Ints
    position: Ints
    ahead: Ints
    quantiles: Floats
    trained: int
    cutoff: Ints | None = None
    truth: Floats | None = None


def library_of(name: str) -> Library:
    """The library of that name, if forecasts can be given back in it and it is here; pandas if not."""
    # from the closed set, not the name itself: to look for a dotted name imports what is before the dot
    known = next((library for library in get_args(Library) if library == name), None)
    return known if known and importlib.util.find_spec(known) else "pandas"


def frame_of(forecasts: Forecasts, naming: ColumnNames, clock: Clock) -> Any:
    """A row for each series and step; for several targets for each key and time."""
    count, steps, _ = forecasts.quantiles.shape
    position = (forecasts.position[:, None] + forecasts.ahead).reshape(-1)
    cutoff = np.repeat(
        np.zeros(count, np.int64) if forecasts.cutoff is None else forecasts.cutoff, steps
    )
    row, first = _rows(forecasts, naming, position, cutoff)
    names = np.repeat(np.array(forecasts.keys if naming.targets else forecasts.ids, object), steps)
    table: dict[str, Any] = {naming.id: names[first].tolist()} if naming.id else {}
    table[naming.time] = _times(clock, position[first])
    if forecasts.cutoff is not None:
        table["cutoff"] = _times(clock, cutoff[first])
    flat, of = forecasts.quantiles.reshape(count * steps, -1), np.repeat(forecasts.targets, steps)
    for t, target in enumerate(naming.targets or (naming.target,)):
        here = of == t if naming.targets else np.ones(len(of), bool)
        columns = naming.columns(flat, f"{target}-" if naming.targets else "")
        if forecasts.truth is not None:
            columns = {target: forecasts.truth.reshape(-1), **columns}
        for name, values in columns.items():
            if name in table and name in (naming.id, naming.time, "cutoff"):
                raise InputError(
                    f"the table's column {name!r} has the name of a column of forecasts: rename it"
                )
            table[name] = np.full(len(first), np.nan)
            table[name][row[here]] = values[here]
    if steps > forecasts.trained:
        table[BEYOND] = np.zeros(len(first), bool)
        np.logical_or.at(table[BEYOND], row, np.tile(np.arange(steps) >= forecasts.trained, count))
    frame = nw.from_dict(table, backend=naming.frame)
    for column in (naming.time, *(["cutoff"] if forecasts.cutoff is not None else [])):
        frame = in_zone(frame, column, clock)
    return frame.to_native()


def _rows(
    forecasts: Forecasts, naming: ColumnNames, position: Ints, cutoff: Ints
) -> tuple[Ints, Ints]:
    """The row of each forecast [N * h], and for each row one of its forecasts."""
    if not naming.targets:
        every = np.arange(len(position))
        return every, every
    rank = {key: k for k, key in enumerate(dict.fromkeys(forecasts.keys))}
    key = np.repeat([rank[k] for k in forecasts.keys], len(position) // len(forecasts.keys))
    # rows are sorted by these, in this order
    cells = np.stack([cutoff, key, position], axis=1)
    _, first, row = np.unique(cells, axis=0, return_index=True, return_inverse=True)
    return row.reshape(-1), first


def _times(clock: Clock, positions: Ints) -> Any:
    times = clock.at(positions)
    return times.astype("datetime64[us]") if clock.datetimes else times


def in_zone(frame: Any, column: str, clock: Clock) -> Any:
    """The frame with its times in UTC moved to the zone of the clock, if that has one."""
    if not clock.zone:
        return frame
    # Polars knows zones by their names in the database of time zones alone
    zone = known_name(clock.zone) if frame.implementation.is_polars() else clock.zone
    when = nw.col(column).dt.replace_time_zone("UTC").dt.convert_time_zone(zone)
    return frame.with_columns(when)


def rounded(
    frame: Any, features: Sequence[Feature], digits: int | None = None, whole_numbers: bool = False
) -> Any:
    """A frame of forecasts with as many decimals as the data have.

    Args:
        frame: of the forecasts, or of cross-validation.
        features: of the targets, which know their decimals.
        digits: decimals of all columns, where they are named.
        whole_numbers: forecasts are whole numbers, and are written as such where they are (a mean is not).
    """
    whole = nw.from_native(frame, eager_only=True)
    own = {f.name: f.decimals for f in features}
    shared = (
        None if None in own.values() or not own else max(d for d in own.values() if d is not None)
    )
    columns = []
    for name in whole.columns:
        if not whole[name].dtype.is_float():
            continue
        target = next((t for t in own if name == t or name.startswith(f"{t}-")), None)
        decimals = digits if digits is not None else own[target] if target else shared
        if decimals is not None:
            column = nw.col(name).round(decimals)
            # figures without decimals are whole numbers: 52, not 52.0
            integers = decimals == 0 or (whole_numbers and digits is None and _whole(whole[name]))
            integers = integers and bool(whole[name].is_finite().all())
            columns.append(column.cast(nw.Int64) if integers else column)
    return whole.with_columns(*columns).to_native() if columns else frame


def _whole(column: nw.Series[Any]) -> bool:
    values = column.to_numpy()
    return bool(np.all(values == np.round(values)))
