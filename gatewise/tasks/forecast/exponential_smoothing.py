"""Exponential smoothing, from statsforecast, as a forecast to be measured against."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from gatewise.tasks.forecast.dataset import Cutoffs, SeriesDataset

Floats = NDArray[np.float64]
# seasons of history that it is fitted to
SEASONS = 20
# steps of history, where there is no season
STEPS = 100


def smoothing_forecast(store: SeriesDataset, cuts: Cutoffs) -> tuple[str, Floats]:
    """The name of the baseline and its forecasts [B, h] at cutoffs, in the units of the data set.

    Seasonal for the first season (each place of the season by itself), simple where there is none; the
    factors are fitted at every cutoff, on the values before it. Gaps are bridged with the last
    value seen at the same place of the season.
    """
    from statsforecast.models import (
        SeasonalExponentialSmoothingOptimized,
        SimpleExponentialSmoothingOptimized,
    )

    season = (store.running.seasons or (1,))[0]
    simple = SimpleExponentialSmoothingOptimized()
    model: Any = simple
    if season > 1:
        model = SeasonalExponentialSmoothingOptimized(season_length=season)
    values, longest = store.tracks[f"last {season}"], SEASONS * season if season > 1 else STEPS
    places: dict[int, float] = {}  # by the last value of a place of the season

    def place(last: int) -> float:
        """Neighbouring cutoffs share all places of the season but one."""
        if last not in places:
            history = values[last + season - longest : last + 1 : season].copy()
            places[last] = float(simple.forecast(y=history, h=1)["mean"][0])
        return places[last]

    out = np.empty((len(cuts), store.horizon))
    for k, (at, first) in enumerate(zip(cuts.at, store.first[cuts.series], strict=True)):
        history = values[max(first, at - longest) : at]
        history = history[~np.isnan(history)]
        if len(history) < 2 * season + 2:
            out[k] = history[-1] if len(history) else np.nan
        elif season > 1 and len(history) == longest:
            out[k] = np.resize([place(int(at) + j) for j in range(-season, 0)], store.horizon)
        else:
            out[k] = model.forecast(y=history, h=store.horizon)["mean"]
    return f"exponential smoothing{f' {season}' if season > 1 else ''}", out
