"""The baselines that every model is measured against, all causal.

They look up what ``running`` carries along: for a cutoff c only what was computed from values before c.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from gatewise.tasks.forecast.gather import pieces

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Kind = Literal["naive", "mean", "drift"]


@dataclass(frozen=True)
class Baseline:
    """A naive forecast: ``kind`` is "naive", "mean" or "drift", over a season (1: none).

    naive repeats the last season; mean repeats the recent mean at each place of the season, which
    forgets a quarter with each; drift adds to the last season the mean change from one season to the
    next over the whole history.
    """

    kind: Kind
    season: int

    @property
    def name(self) -> str:
        if self.season == 1:
            return {"naive": "last value", "mean": "recent mean", "drift": "drift"}[self.kind]
        return f"seasonal {self.kind} {self.season}"

    def at(self, tracks: dict[str, Floats], cuts: Ints, horizon: int) -> Floats:
        """Forecasts [..., horizon] of times cuts [...] and on, from tracks with a season before each."""
        s, ahead = self.season, np.arange(horizon)
        track = tracks[f"{'mean' if self.kind == 'mean' else 'last'} {s}"]
        season = pieces(track, cuts - s, min(s, horizon))
        values: Floats = season.take(ahead % s, axis=-1)
        if self.kind == "drift":
            values += tracks[f"change {s}"][cuts - 1][..., None] * (1 + ahead // s)
        unseen = np.isnan(season)
        if unseen.any():  # of this place of the season: the last value instead
            last = tracks["last 1"][cuts - 1][..., None]
            values = np.where(unseen.take(ahead % s, axis=-1), last, values)
        return values


def family(seasons: tuple[int, ...]) -> tuple[Baseline, ...]:
    """All baselines for the seasons of some data; the last value is always among them."""
    kinds: tuple[Kind, ...] = ("naive", "mean", "drift")
    seasonal = [Baseline(kind, s) for s in (seasons or (1,)) for kind in kinds]
    return tuple(seasonal if not seasons else [Baseline("naive", 1), *seasonal])
