"""Forecasts of a fitted model as a frame: from the end of its series, or of the series of another table."""

from __future__ import annotations

import warnings
from typing import Any, get_args

import numpy as np

from gatewise.arrays import Floats
from gatewise.errors import InputError, InputWarning, OptionError
from gatewise.tasks.data.clock import Clock
from gatewise.tasks.data.series import too_short
from gatewise.tasks.forecast.error_paths import Point
from gatewise.tasks.forecast.fitted import Fitted
from gatewise.tasks.forecast.frames import ColumnNames, Forecasts, frame_of
from gatewise.tasks.forecast.future_steps import Future
from gatewise.tasks.forecast.series_state import SeriesState

# longest horizon of a forecast, unless the model was fitted with a longer one
FARTHEST = 100_000


def predict(
    fitted: Fitted,
    horizon: int | None,
    data: Any,
    future: Any,
    baseline: str | None = None,
    best: bool = False,
    point: str | None = None,
    total: bool = False,
) -> Any:
    """See ``Forecaster.predict``."""
    if point not in (None, *get_args(Point)):
        raise OptionError(f"point is one of {', '.join(get_args(Point))}, not {point!r}")
    baseline = _chosen(fitted, baseline, best)
    steps = checked_horizon(horizon, fitted.options.horizon)
    ends, clock, naming, known = fitted.ends, fitted.clock, fitted.naming(None, baseline), None
    if data is not None:
        table = fitted.read(data, future)
        choices = fitted.choices
        doubt = too_short(table.series, max((choices.patch, *choices.seasons)))
        if doubt:
            warnings.warn(doubt, InputWarning, stacklevel=3)
        clock, naming = table.clock, fitted.naming(table, baseline)
        ends = fitted.updater.start(table.series, clock, smoothing=baseline is not None)
    elif future is not None:
        known = fitted.read_future(future)
    if baseline is not None and (total or point is not None):
        raise InputError(
            "the mean, the median and the total are those of the network, not of a baseline"
        )
    if total and point is not None:
        raise InputError("a total is the mean of the total: leave point out")
    if total:
        return _total(fitted, ends, clock, naming, steps, known)
    forecasts = Forecasts(
        ids=ends.ids,
        keys=ends.keys,
        targets=ends.targets,
        position=ends.position,
        # steps that are closed are left out
        ahead=fitted.predictor.ahead(ends, clock, steps, known),
        quantiles=(
            fitted.predictor.forecast(ends, clock, steps, known)
            if baseline is None
            else fitted.predictor.baseline(baseline, ends, clock, steps, known)[..., None]
        ),
        trained=fitted.options.horizon,
    )
    if point is not None:
        which: Point = "mean" if point == "mean" else "median"
        _replace_point(
            forecasts.quantiles, fitted.predictor.point(which, ends, clock, steps, known)
        )
    return frame_of(forecasts, naming, clock)


def _replace_point(quantiles: Floats, point: Floats) -> None:
    """Put other point forecasts [N, h] into quantiles [N, h, Q], which stay in order."""
    middle = quantiles.shape[-1] // 2
    quantiles[..., middle] = point
    low, high = quantiles[..., :middle], quantiles[..., middle + 1 :]
    np.minimum(low, point[..., None], out=low)
    np.maximum(high, point[..., None], out=high)


def _total(
    fitted: Fitted,
    ends: SeriesState,
    clock: Clock,
    naming: ColumnNames,
    steps: int,
    known: Future | None,
) -> Any:
    """A frame with a row for each series: the total of all steps, at the time of the last one."""
    forecasts = Forecasts(
        ids=ends.ids,
        keys=ends.keys,
        targets=ends.targets,
        position=ends.position,
        ahead=fitted.predictor.ahead(ends, clock, steps, known)[:, -1:],
        quantiles=fitted.predictor.total(ends, clock, steps, known)[:, None],
        trained=1 if steps <= fitted.options.horizon else 0,
    )
    return frame_of(forecasts, naming, clock)


def _chosen(fitted: Fitted, baseline: str | None, best: bool) -> str | None:
    """The baseline to forecast with; None for the model itself. Raises InputError."""
    if baseline is not None and best:
        raise InputError("give either a baseline or best, not both")
    if best:
        return None if fitted.best == fitted.name else fitted.best
    return baseline


def checked_horizon(horizon: Any, trained: int) -> int:
    """The steps to forecast, those of the fit for None. Raises InputError for a horizon out of range."""
    steps = trained if horizon is None else horizon
    if isinstance(steps, bool) or not isinstance(steps, int | np.integer) or steps < 1:
        raise OptionError(f"the horizon must be a whole number of at least 1, not {steps!r}")
    if steps > max(FARTHEST, trained):
        raise OptionError(f"the horizon must be at most {FARTHEST:,} steps, not {steps:,}")
    return int(steps)
