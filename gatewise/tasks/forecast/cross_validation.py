"""Rolling-origin cross-validation: refit at each origin, or update the state from one to the next."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np

from gatewise.errors import InputError
from gatewise.tasks.data.reader import Table
from gatewise.tasks.data.series import Series
from gatewise.tasks.forecast.fitted import Fitted
from gatewise.tasks.forecast.frames import Forecasts, frame_of
from gatewise.tasks.forecast.options import Options


def cross_validation(
    table: Table,
    options: Options,
    windows: int,
    step: int | None,
    refit: bool,
    fit: Callable[[Table], Fitted],
) -> Any:
    """See ``Forecaster.cross_validation``. ``fit`` trains a new model on a table."""
    step = options.horizon if step is None else step
    for name, value in (("windows", windows), ("step", step)):
        if isinstance(value, bool) or not isinstance(value, int) or value < 1:
            raise InputError(f"{name} must be a whole number of at least 1, not {value!r}")
    end = max(s.end for s in table.series)
    last = end - options.horizon
    # closed steps are not forecast, so that the same number of others reaches further
    while last > 0 and np.sum(~table.clock.closed(np.arange(last, end))) < options.horizon:
        last -= 1
    origins = [last - step * k for k in range(windows)][::-1]
    fitted = fit(before(table, None, origins[0]))
    parts = [_forecast(fitted, table, origins[0])]
    for earlier, origin in pairwise(origins):
        if refit:
            fitted = fit(before(table, None, origin))
        else:
            fitted = fitted.updated(fitted.read_later(before(table, earlier, origin)))
        parts.append(_forecast(fitted, table, origin))
    forecasts = parts[0] if len(parts) == 1 else _joined(parts)
    return frame_of(forecasts, fitted.naming(table), table.clock)


def before(table: Table, low: int | None, origin: int) -> Table:
    """The rows at positions low .. origin - 1, with the known covariates of later steps.

    Raises InputError if there are none.
    """
    series = [part for s in table.series if (part := _part(s, low, origin)) is not None]
    if not series:
        raise InputError("the series are too short for so many windows: use fewer")
    return replace(table, series=tuple(series), notes=())


def _part(s: Series, low: int | None, origin: int) -> Series | None:
    seen = np.flatnonzero(~np.isnan(s.values[: max(0, origin - s.start)]))
    begin = 0 if low is None else max(0, low - s.start)
    seen = seen[seen >= begin]
    if not len(seen):
        return None
    a, b = (int(seen[0]) if low is None else begin), max(begin, origin - s.start)
    b = min(b, len(s.values))
    return replace(
        s,
        start=s.start + a,
        values=s.values[a:b],
        past=s.past[a:b],
        known=s.known[a:],
        closed=None if s.closed is None else s.closed[a:b],
    )


def _forecast(fitted: Fitted, table: Table, origin: int) -> Forecasts:
    """Forecasts from an origin of the series that reach it, with the truth."""
    ends = fitted.ends
    here = np.flatnonzero(ends.position == origin)
    ends = ends.take(here.tolist())
    quantiles = fitted.predictor.forecast(ends, fitted.clock, fitted.options.horizon)
    ahead = fitted.predictor.ahead(ends, fitted.clock, fitted.options.horizon)
    by_id = {s.id: s for s in table.series}
    truth = np.full(quantiles.shape[:2], np.nan)
    for row, steps, name in zip(truth, ahead, ends.ids, strict=True):
        s = by_id[name]
        came = s.values[origin - s.start :]
        inside = steps < len(came)
        row[inside] = came[steps[inside]]
    return Forecasts(
        ids=ends.ids,
        keys=ends.keys,
        targets=ends.targets,
        position=ends.position,
        ahead=ahead,
        quantiles=quantiles,
        trained=fitted.options.horizon,
        cutoff=np.full(len(ends), origin - 1),
        truth=truth,
    )


def _joined(parts: list[Forecasts]) -> Forecasts:
    def join(name: str) -> Any:
        return np.concatenate([getattr(m, name) for m in parts])

    return Forecasts(
        sum((m.ids for m in parts), ()),
        sum((m.keys for m in parts), ()),
        join("targets"),
        join("position"),
        join("ahead"),
        join("quantiles"),
        parts[0].trained,
        join("cutoff"),
        join("truth"),
    )
