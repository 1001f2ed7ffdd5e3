"""Simple forecasts that every model must be measured against, all causal.

A baseline is prepared once for a series and then answers for any cutoff by looking values up: what it
looks up for the cutoff c was computed from values before c only.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
CYCLES = 4  # that a seasonal mean averages


@dataclass(frozen=True)
class Baseline:
    """A naive forecast: ``kind`` is "naive", "mean" or "drift", over a season (1: none).

    naive repeats the last season; mean repeats the mean of the last four; drift adds to the last
    season the mean change from one season to the next over the whole history.
    """

    kind: str
    season: int

    @property
    def name(self) -> str:
        if self.season == 1:
            return {"naive": "last value", "mean": f"mean of {CYCLES} values", "drift": "drift"}[
                self.kind
            ]
        return f"seasonal {self.kind} {self.season}"

    def prepare(self, y: Floats) -> Floats:
        """What forecasts look up, [2, n]: a value at each time, and the change a season to add.

        ``y`` [n] is one series, NaN where a value is missing.
        """
        values = carried(y, self.season)
        change = np.zeros(len(y))
        if self.kind == "mean":
            values = np.where(np.isnan(m := _mean(y, self.season)), values, m)
        elif self.kind == "drift":
            change = _change(y, self.season)
        return np.stack([values, change])

    def forecast(self, prepared: Floats, cuts: Ints, horizon: int) -> Floats:
        """Forecasts [B, horizon] of the times cuts, cuts + 1, ...; NaN where nothing was seen.

        ``prepared`` [2, n] has at least ``season`` columns before each cut.
        """
        ahead = np.arange(horizon)
        values = prepared[0][cuts[:, None] - self.season + ahead % self.season]
        if self.kind == "drift":
            values = values + prepared[1][cuts - 1][:, None] * (1 + ahead // self.season)
        return np.asarray(values)


def family(seasons: tuple[int, ...]) -> tuple[Baseline, ...]:
    """All baselines for the seasons of some data; the last value is always among them."""
    kinds = ("naive", "mean", "drift")
    found = [Baseline(kind, s) for s in (seasons or (1,)) for kind in kinds]
    return tuple(found if not seasons else [Baseline("naive", 1), *found])


def carried(y: Floats, season: int) -> Floats:
    """At each time the last value seen at the same place of the season, else the last value seen."""
    rows = -(-len(y) // season)
    grid = np.full((rows, season), np.nan)
    grid.reshape(-1)[: len(y)] = y
    last = np.where(np.isnan(grid), 0, np.arange(rows)[:, None])
    np.maximum.accumulate(last, axis=0, out=last)
    filled = np.take_along_axis(grid, last, axis=0).reshape(-1)[: len(y)]
    if season > 1 and np.isnan(filled).any():
        filled = np.where(np.isnan(filled), carried(y, 1), filled)
    return filled


def _mean(y: Floats, season: int) -> Floats:
    """Mean of what was seen at the same place of the last seasons."""
    total, count = np.zeros(len(y)), np.zeros(len(y))
    for k in range(CYCLES):
        lag = k * season
        if lag >= len(y):
            break
        past = y[: len(y) - lag]
        total[lag:] += np.nan_to_num(past)
        count[lag:] += ~np.isnan(past)
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)


def _change(y: Floats, season: int) -> Floats:
    """Mean change from one season to the next, over all that was seen up to each time."""
    steps = np.zeros(len(y))
    seen = np.zeros(len(y))
    if season < len(y):
        change = y[season:] - y[:-season]
        steps[season:] = np.nan_to_num(change)
        seen[season:] = ~np.isnan(change)
    return np.asarray(np.cumsum(steps) / np.maximum(np.cumsum(seen), 1))
