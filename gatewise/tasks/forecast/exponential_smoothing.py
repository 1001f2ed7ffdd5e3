"""Exponential smoothing, from statsforecast: a baseline at cutoffs, and its state at the end of series."""

from __future__ import annotations

from typing import Any

import numpy as np

from gatewise.arrays import Floats, Ints
from gatewise.tasks.forecast.cutoffs import Cutoffs
from gatewise.tasks.forecast.dataset import SeriesDataset
from gatewise.tasks.forecast.running_stats import OnlineStats

# seasons of history that it is fitted to
SEASONS = 20
# steps of history, where there is no season
STEPS = 100


def smoothing_season(running: OnlineStats) -> int:
    """The season whose places are smoothed each by itself; 1 where there is none."""
    return (running.seasons or (1,))[0]


def smoothing_name(running: OnlineStats) -> str:
    """The name of the baseline."""
    season = smoothing_season(running)
    return f"exponential smoothing{f' {season}' if season > 1 else ''}"


def smoothing_forecast(store: SeriesDataset, cuts: Cutoffs) -> tuple[str, Floats]:
    """The name of the baseline and its forecasts [B, h] at cutoffs, in the units of the data set.

    Seasonal for the first season (each place of the season by itself), simple where there is none; the
    factors are fitted at every cutoff, on the values before it. Gaps are bridged with the last
    value seen at the same place of the season.
    """
    smoother = _Smoother(store)
    forecasts = np.empty((len(cuts), store.horizon))
    for k, (at, first) in enumerate(zip(cuts.at, store.first[cuts.series], strict=True)):
        forecasts[k] = np.resize(smoother.season(int(at), int(first))[:, 0], store.horizon)
    return smoothing_name(store.running), forecasts


def smoothing_after(before: Floats, store: SeriesDataset) -> Floats:
    """The state of the smoothing after the rows of a data set, [N, S, 2].

    Args:
        before: [N, S, 2] the level and the factor at each place of the season (position modulo S). NaN
            for a series that begins: its factors are fitted to its rows. The levels of other series
            move on with the factors that they have; a missing value changes nothing. With an S of 0
            there is no state, and none is made.
        store: of the rows.
    """
    after = before.copy()
    season = before.shape[1]
    if not season:
        return after
    smoother = _Smoother(store, factors=True)
    for state, first, start, length in zip(
        after, store.first, store.start, store.length, strict=True
    ):
        if np.isnan(state).all():
            places = (start + length + np.arange(season)) % season
            state[places] = smoother.season(int(first + length), int(first))
            continue
        for step in np.flatnonzero(~np.isnan(store.flat[first : first + length])):
            place = (start + step) % season
            level, factor = state[place]
            state[place, 0] = level + factor * (store.flat[first + step] - level)
    return after


def smoothing_ahead(state: Floats, position: Ints, steps: int) -> Floats:
    """Forecasts [N, steps] from a state [N, S, 2] at the positions [N] of the first steps."""
    places = (position[:, None] + np.arange(steps)) % state.shape[1]
    return np.take_along_axis(state[..., 0], places, axis=1)


class _Smoother:
    """Fits the smoothing to the history before cutoffs. ``factors``: whether these are wanted too."""

    def __init__(self, store: SeriesDataset, factors: bool = False) -> None:
        from statsforecast.models import (
            SeasonalExponentialSmoothingOptimized,
            SimpleExponentialSmoothingOptimized,
        )

        self._size = smoothing_season(store.running)
        self._longest = SEASONS * self._size if self._size > 1 else STEPS
        self._values, self._factors = store.tracks[f"last {self._size}"], factors
        self._simple: Any = SimpleExponentialSmoothingOptimized()
        self._seasonal: Any = SeasonalExponentialSmoothingOptimized(season_length=self._size)
        # by the last value of a place of the season: neighbouring cutoffs share all of them but one
        self._places: dict[int, tuple[float, float]] = {}

    def season(self, at: int, first: int) -> Floats:
        """The level and the factor at each place of the season, [S, 2], from the step ``at`` on.

        ``first`` is the first place of the series in the data set.
        """
        season = self._size
        history = self._values[max(first, at - self._longest) : at]
        history = history[~np.isnan(history)]
        if len(history) < 2 * season + 2:
            # too few to fit: the last value, which each new one replaces
            return np.tile([history[-1] if len(history) else np.nan, 1.0], (season, 1))
        if season == 1:
            return np.array([self._fit(history)])
        if len(history) == self._longest:
            return np.array([self._place(at + j) for j in range(-season, 0)])
        forecast = self._seasonal.forecast(y=history, h=season, fitted=self._factors)
        factors = np.full(season, np.nan)
        if self._factors:
            for j, level in enumerate(forecast["mean"]):
                own = slice((len(history) + j) % season, None, season)
                factors[j] = _factor(history[own], forecast["fitted"][own], level)
        return np.stack([forecast["mean"], factors], axis=1)

    def _place(self, last: int) -> tuple[float, float]:
        if last not in self._places:
            begin = last + self._size - self._longest
            self._places[last] = self._fit(self._values[begin : last + 1 : self._size].copy())
        return self._places[last]

    def _fit(self, history: Floats) -> tuple[float, float]:
        forecast = self._simple.forecast(y=history, h=1, fitted=self._factors)
        level = float(forecast["mean"][0])
        return level, _factor(history, forecast["fitted"], level) if self._factors else np.nan


def _factor(values: Floats, fitted: Floats, level: float) -> float:
    """The factor by which levels followed the values: read off where a value was farthest from its level."""
    levels = np.append(fitted, level)
    error = np.nan_to_num(values - fitted)
    far = int(np.argmax(np.abs(error)))
    return float((levels[far + 1] - levels[far]) / error[far]) if error[far] else 1.0
