"""The steps after the ends of series: which of them are open, and their known covariates."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from gatewise.arrays import Floats, Ints
from gatewise.errors import InputError
from gatewise.tasks.data.clock import Clock
from gatewise.tasks.data.covariates import needed
from gatewise.tasks.data.series import Features
from gatewise.tasks.forecast.series_state import SeriesState

# known covariates of later steps, as ``reader.future_rows`` returns them
Future = Mapping[str, tuple[Ints, Floats]]
# steps that are looked at, at least, before a calendar is said to forbid them all
MOST_CLOSED = 10_000


def open_steps(
    ends: SeriesState, clock: Clock, features: Features, steps: int, future: Future | None = None
) -> Ints:
    """The next steps [N, steps] that are open, counted from the end of each series: 0 is the first.

    Raises InputError for a calendar that leaves none.
    """
    calendar, reach = clock.calendar, steps
    if calendar is None:
        return np.broadcast_to(np.arange(steps), (len(ends), steps))
    while True:
        closed = np.stack(
            [
                clock.closed(at + np.arange(reach), name)
                for name, at in zip(ends.ids, ends.position, strict=True)
            ]
        )
        if calendar.column:
            column = features.names("known").index(calendar.column)
            said = _known_grid(ends, features, reach, future or {})[..., column]
            closed |= ~np.isnan(said) & (said != calendar.open_value)
        if np.all((~closed).sum(1) >= steps):
            return np.argsort(closed, axis=1, kind="stable")[:, :steps]
        if reach > MOST_CLOSED + 10 * steps:
            raise InputError(
                f"the calendar forbids all slots: of the next {reach} steps fewer than {steps} are open"
            )
        reach *= 2


def known_ahead(
    ends: SeriesState, clock: Clock, features: Features, offsets: Ints, future: Future
) -> Floats:
    """The known covariates [N, reach, K] up to the last of the steps to forecast.

    Raises InputError where one of these has none.
    """
    grid = _known_grid(ends, features, int(offsets.max()) + 1, future)
    column = clock.calendar.column if clock.calendar is not None else ""
    if column:  # what nobody has said to be closed is open
        values = grid[..., features.names("known").index(column)]
        values[np.isnan(values)] = clock.calendar.open_value if clock.calendar else np.nan
    for k, (key, at) in enumerate(zip(ends.keys, ends.position, strict=True)):

        def show(step: int, places: Ints = at + offsets[k]) -> str:
            return clock.show(int(clock.at(places[step : step + 1])[0]))

        needed(grid[k, offsets[k]], features, key, offsets.shape[1], show)
    return grid


def _known_grid(ends: SeriesState, features: Features, steps: int, future: Future) -> Floats:
    """The known covariates [N, steps, K] that are given; NaN where none are."""
    grid = np.full((len(ends), steps, len(features.known)), np.nan)
    if not features.known:
        return grid
    known_steps = min(steps, ends.future.shape[1])
    grid[:, :known_steps] = ends.future[:, :known_steps]
    for k, (key, at) in enumerate(zip(ends.keys, ends.position, strict=True)):
        positions, values = future.get(key, future.get("", (np.zeros(0, np.int64), grid[0, :0])))
        step = positions - at
        inside = (step >= 0) & (step < steps)
        grid[k, step[inside]] = values[inside]
    return grid
