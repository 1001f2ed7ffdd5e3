"""The frames in which forecasts are given back."""

from __future__ import annotations

import importlib.util
from dataclasses import dataclass, field
from typing import Any

import narwhals as nw
import numpy as np
from numpy.typing import NDArray

from gatewise.tasks.clock import Clock

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
BEYOND = "beyond_horizon"


@dataclass(frozen=True)
class Naming:
    """How frames are written.

    Attributes:
        model: name of the column of point forecasts.
        id, time: names of columns.
        levels: of the intervals, ascending.
        frame: the library of the frames ("pandas" or "polars").
        targets: names of the columns that were forecast, each of which gets columns of its own;
            () for one target, or where every column is a series.
    """

    model: str
    id: str
    time: str
    levels: tuple[int, ...]
    frame: str
    targets: tuple[str, ...] = ()

    def columns(self, quantiles: Floats, prefix: str = "") -> dict[str, Floats]:
        """Quantiles [M, Q] as columns: the point forecast, the limits of each interval."""
        middle = quantiles.shape[-1] // 2
        out = {f"{prefix}{self.model}": quantiles[:, middle]}
        for k, level in enumerate(self.levels):
            out[f"{prefix}{self.model}-lo-{level}"] = quantiles[:, middle - 1 - k]
            out[f"{prefix}{self.model}-hi-{level}"] = quantiles[:, middle + 1 + k]
        return out


@dataclass(frozen=True)
class Made:
    """Forecasts of N series.

    Attributes:
        ids, keys, targets: see ``state.Ends``.
        position: [N] of the first step.
        quantiles: [N, h, Q].
        extra: more columns, each [N, h].
        trained: steps of the horizon that training has known; later ones are marked.
    """

    ids: tuple[str, ...]
    keys: tuple[str, ...]
    targets: Ints
    position: Ints
    quantiles: Floats
    trained: int
    extra: dict[str, Any] = field(default_factory=dict)


def frame_of(made: Made, naming: Naming, clock: Clock) -> Any:
    """A row for each series and step; for several targets for each key and time."""
    count, steps, _ = made.quantiles.shape
    position = (made.position[:, None] + np.arange(steps)).reshape(-1)
    flat = made.quantiles.reshape(count * steps, -1)
    beyond = np.tile(np.arange(steps) >= made.trained, count)
    if not naming.targets:
        out: dict[str, Any] = {naming.id: np.repeat(np.array(made.ids, object), steps).tolist()}
        out[naming.time] = _times(clock, position)
        out |= {name: _flat(clock, name, values) for name, values in made.extra.items()}
        out |= naming.columns(flat)
    else:
        keys = np.repeat(np.array(made.keys, object), steps).tolist()
        rank = {key: k for k, key in enumerate(dict.fromkeys(made.keys))}
        cells = list(zip(keys, position.tolist(), strict=True))
        rows = sorted(set(cells), key=lambda cell: (rank[cell[0]], cell[1]))
        place = {cell: k for k, cell in enumerate(rows)}
        row = np.array([place[cell] for cell in cells])
        out = {naming.id: [k for k, _ in place]}
        out[naming.time] = _times(clock, np.array([p for _, p in place], dtype=np.int64))
        of = np.repeat(made.targets, steps)
        for t, target in enumerate(naming.targets):
            here = of == t
            for name, values in naming.columns(flat, f"{target}-").items():
                out[name] = np.full(len(place), np.nan)
                out[name][row[here]] = values[here]
        marks = np.zeros(len(place), bool)
        np.logical_or.at(marks, row, beyond)
        beyond = marks
    if steps > made.trained:
        out[BEYOND] = beyond
    kind: Any = naming.frame if importlib.util.find_spec(naming.frame) else "pandas"
    frame = in_zone(nw.from_dict(out, backend=kind), naming.time, clock)
    if "cutoff" in out:
        frame = in_zone(frame, "cutoff", clock)
    return frame.to_native()


def _flat(clock: Clock, name: str, values: Any) -> Any:
    values = np.asarray(values).reshape(-1)
    return _times(clock, values) if name == "cutoff" else values


def _times(clock: Clock, positions: Ints) -> Any:
    times = clock.at(positions)
    return times.astype("datetime64[us]") if clock.datetimes else times


def in_zone(frame: Any, column: str, clock: Clock) -> Any:
    """The frame with its times in UTC moved to the zone of the clock, if that has one."""
    if not clock.zone:
        return frame
    when = nw.col(column).dt.replace_time_zone("UTC").dt.convert_time_zone(clock.zone)
    return frame.with_columns(when)
