"""Forecasts of a fitted model as a frame: from the end of its series, or of the series of another table."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np

from gatewise.errors import InputError, InputWarning, OptionError
from gatewise.tasks.data.series import too_short
from gatewise.tasks.forecast.fitted import Fitted
from gatewise.tasks.forecast.frames import Forecasts, frame_of

# longest horizon of a forecast, unless the model was fitted with a longer one
FARTHEST = 100_000


def predict(
    fitted: Fitted,
    horizon: int | None,
    data: Any,
    future: Any,
    baseline: str | None = None,
    best: bool = False,
) -> Any:
    """See ``Forecaster.predict``."""
    simple = _simple(fitted, baseline, best)
    steps = checked_horizon(horizon, fitted.options.horizon)
    ends, clock, naming, known = fitted.ends, fitted.clock, fitted.naming(None, simple), None
    if data is not None:
        table = fitted.read(data, future)
        choices = fitted.choices
        doubt = too_short(table.series, max((choices.patch, *choices.seasons)))
        if doubt:
            warnings.warn(doubt, InputWarning, stacklevel=3)
        clock, naming = table.clock, fitted.naming(table, simple)
        ends = fitted.predictor.start(table.series, clock, smoothing=simple is not None)
    elif future is not None:
        known = fitted.read_future(future)
    forecasts = Forecasts(
        ids=ends.ids,
        keys=ends.keys,
        targets=ends.targets,
        position=ends.position,
        # steps that are closed are left out
        ahead=fitted.predictor.ahead(ends, clock, steps, known),
        quantiles=(
            fitted.predictor.forecast(ends, clock, steps, known)
            if simple is None
            else fitted.predictor.baseline(simple, ends, clock, steps, known)[..., None]
        ),
        trained=fitted.options.horizon,
    )
    return frame_of(forecasts, naming, clock)


def _simple(fitted: Fitted, baseline: str | None, best: bool) -> str | None:
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
