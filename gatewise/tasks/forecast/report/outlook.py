"""The forecasts that follow the last rows of series, with the values before them: to be drawn and listed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gatewise.arrays import Floats, Ints
from gatewise.errors import InputError, some_of
from gatewise.tasks.data.clock import Clock
from gatewise.tasks.forecast.fitted import Fitted
from gatewise.tasks.forecast.future_steps import Future
from gatewise.tasks.forecast.prediction import checked_horizon
from gatewise.tasks.forecast.report.events import NONE, Events, events_of
from gatewise.tasks.forecast.report.facts import Outlook
from gatewise.tasks.forecast.series_state import SeriesState

# names of series in a message
MOST_IDS = 10
# values drawn before a forecast, where there are so many
LEAST_PAST = 24


def outlooks(
    fitted: Fitted,
    ends: SeriesState,
    clock: Clock,
    steps: int,
    future: Future | None = None,
    tails: Mapping[str, Floats] | None = None,
    events: Events = NONE,
) -> list[Outlook]:
    """The forecasts of series from their ends.

    Args:
        fitted: the model.
        ends: the state of the series.
        clock: that of their positions.
        steps: to forecast.
        future: known covariates of these steps.
        tails: the last values of series by name; of others those are shown that the state carries, a
            season or a patch.
        events: promotions, holidays and closures, to be marked.

    Raises InputError if a known covariate is missing.
    """
    quantiles = fitted.predictor.forecast(ends, clock, steps, future)
    ahead = fitted.predictor.ahead(ends, clock, steps, future)
    middle = len(fitted.levels)
    decimals = [f.decimals for f in fitted.features.target]
    if fitted.domains and all(domain.whole for domain in fitted.domains):
        decimals = [0]
    known = [d for d in decimals if d is not None]
    pages = []
    for k, name in enumerate(ends.ids):
        past = (tails or {}).get(name)
        if past is None:
            past = carried(fitted, ends, k)
        position = int(ends.position[k]) + np.concatenate([np.arange(-len(past), 0), ahead[k]])
        pages.append(
            Outlook(
                series=name,
                times=times_of(clock, position),
                past=past,
                point=quantiles[k, :, middle],
                limits={
                    level: quantiles[k][:, [middle - 1 - n, middle + 1 + n]]
                    for n, level in enumerate(fitted.levels)
                },
                steps=shown_times(clock, position[len(past) :]),
                decimals=max(known) if len(known) == len(decimals) and known else None,
                marks=events.at(name, position),
            )
        )
    return pages


def outlook_of(
    fitted: Fitted,
    series: str | None = None,
    horizon: int | None = None,
    data: Any = None,
    future: Any = None,
) -> Outlook:
    """The forecast of one series.

    Args:
        fitted: the model.
        series: its name; None: the first one.
        horizon: steps; None: that of the fit.
        data: a table whose series are continued; None: those of training, of which the last season is shown.
        future: known covariates of the steps to forecast.

    Raises InputError for a name that no series has, and as ``Forecaster.predict`` does.
    """
    steps = checked_horizon(horizon, fitted.options.horizon)
    known, tails, table, events = None, {}, None, NONE
    ends, clock = fitted.ends, fitted.clock
    if data is not None:
        table = fitted.read(data, future)
        ids: Sequence[str] = [s.id for s in table.series]
    else:
        known = None if future is None else fitted.read_future(future)
        ids = ends.ids
    name = ids[0] if series is None else series
    if name not in ids:
        raise InputError(f"there is no series {name!r}: name one of {some_of(ids, MOST_IDS)}")
    if table is not None:
        one = table.series[ids.index(name)]
        events = events_of(table)
        clock = table.clock
        ends = fitted.updater.start([one], clock, smoothing=False)
        tails = {name: one.values[-max(LEAST_PAST, 3 * steps, *fitted.choices.seasons) :]}
    else:
        ends = ends.take([ids.index(name)])
    return outlooks(fitted, ends, clock, steps, known, tails, events)[0]


def carried(fitted: Fitted, ends: SeriesState, k: int) -> Floats:
    """The last values that the state of series number k carries, from the first one that was seen."""
    running = fitted.choices.running
    tail: Floats = ends.before.carries[k][running.places["tail"]]
    seen = np.flatnonzero(~np.isnan(tail))
    tail = tail[min(int(seen[0]), len(tail) - 1) if len(seen) else len(tail) - 1 :]
    return np.exp(tail) if running.log else tail


def times_of(clock: Clock, positions: Ints) -> NDArray[np.generic]:
    """Numbers, or times as a clock on the wall shows them."""
    times = clock.wall_times(positions)
    return times.astype("datetime64[us]") if clock.datetimes else times


def shown_times(clock: Clock, positions: Ints) -> Sequence[str]:
    """Times for people, without seconds where there are none."""
    texts = [clock.show(int(t)) for t in clock.at(positions)]
    if all(text[16:19] == ":00" for text in texts):
        return [text[:16] + text[19:] for text in texts]
    return texts
