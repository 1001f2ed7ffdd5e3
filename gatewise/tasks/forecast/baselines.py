"""The baselines that every model is measured against, all causal, and the mean of two of them.

They look up what ``running`` carries along: for a cutoff c only what was computed from values before c.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from gatewise.arrays import Floats, Ints
from gatewise.tasks.forecast.gather import pieces

Kind = Literal["naive", "mean", "drift", "level", "trend", "regression"]
# those with a level beside the profile of the season
LEVELS: tuple[Kind, ...] = ("level", "trend", "regression")
# where each kind is looked up; "last" for those that are not here
TRACKS = {"mean": "mean", "level": "fast", "trend": "trend", "regression": "slow"}


@dataclass(frozen=True)
class Baseline:
    """A simple forecast of one ``kind`` over a season (1: none).

    naive repeats the last season; mean repeats the recent mean at each place of the season, which
    forgets a quarter with each; drift adds to the last season the mean change from one season to the
    next over the whole history; level has a long memory for how the places of the season differ, and a
    short one for the level that they differ from; trend lets such a level go on by the mean change, as Theta
    does by half of it (Assimakopoulos & Nikolopoulos 2000), and so repeats no noise of the last season; regression
    has a long memory for both, as a regression on the season has.
    """

    kind: Kind
    season: int

    @property
    def name(self) -> str:
        if self.season == 1:
            return {"naive": "last value", "mean": "recent mean"}.get(self.kind, self.kind)
        if self.kind == "regression":
            return f"regression {self.season}"
        return f"seasonal {self.kind} {self.season}"

    def at(self, tracks: dict[str, Floats], cuts: Ints, horizon: int) -> Floats:
        """Forecasts [..., horizon] of times cuts [...] and on, from tracks with a season before each."""
        s, ahead = self.season, np.arange(horizon)
        if self.kind in LEVELS:
            profile = pieces(tracks["profile"], cuts - s, min(s, horizon)).take(ahead % s, axis=-1)
            level = self._level(tracks, cuts[..., None], 1 + ahead)
            return np.asarray(np.nan_to_num(profile) + level)
        track = tracks[f"{TRACKS.get(self.kind, 'last')} {s}"]
        season = pieces(track, cuts - s, min(s, horizon))
        values: Floats = season.take(ahead % s, axis=-1)
        if self.kind == "drift":
            values += tracks[f"change {s}"][cuts - 1][..., None] * (1 + ahead // s)
        unseen = np.isnan(season)
        if unseen.any():  # of this place of the season: the last value instead
            last = tracks["last 1"][cuts - 1][..., None]
            values = np.where(unseen.take(ahead % s, axis=-1), last, values)
        return values

    def lead(self, tracks: dict[str, Floats], cuts: Ints, step: int) -> Floats:
        """The forecast [...] of a single step after cuts [...], 1 for the first; NaN where nothing was seen."""
        s, place = self.season, cuts - self.season + (step - 1) % self.season
        if self.kind in LEVELS:
            return np.nan_to_num(tracks["profile"][place]) + self._level(tracks, cuts, step)
        values = tracks[f"{TRACKS.get(self.kind, 'last')} {s}"][place]
        if self.kind == "drift":
            values = values + tracks[f"change {s}"][cuts - 1] * (1 + (step - 1) // s)
        return np.asarray(values)

    def _level(self, tracks: dict[str, Floats], cuts: Ints, step: int | Ints) -> Floats:
        """The level at steps after cutoffs, in the shape of both together."""
        level = tracks[TRACKS[self.kind]][cuts - 1]
        if self.kind == "trend":
            level = level + tracks[f"change {self.season}"][cuts - 1] / self.season * step
        return np.asarray(level)


@dataclass(frozen=True)
class Blend:
    """The mean of two simple forecasts, which is often nearer than both, as their errors differ (Bates & Granger 1969)."""

    parts: tuple[Baseline, Baseline]

    @property
    def name(self) -> str:
        first, second = self.parts
        return f"mean of {first.name} and {second.name}"

    def at(self, tracks: dict[str, Floats], cuts: Ints, horizon: int) -> Floats:
        """As ``Baseline.at``."""
        first, second = (part.at(tracks, cuts, horizon) for part in self.parts)
        return (first + second) / 2

    def lead(self, tracks: dict[str, Floats], cuts: Ints, step: int) -> Floats:
        """As ``Baseline.lead``."""
        first, second = (part.lead(tracks, cuts, step) for part in self.parts)
        return (first + second) / 2


# what follows from the history of a series alone
Simple = Baseline | Blend


def family(seasons: tuple[int, ...]) -> tuple[Baseline, ...]:
    """All baselines for the seasons of some data; the last value is always among them."""
    kinds: tuple[Kind, ...] = ("naive", "mean", "drift")
    seasonal = [Baseline(kind, s) for s in (seasons or (1,)) for kind in kinds]
    if not seasons:
        return (*seasonal, Baseline("trend", 1), Baseline("regression", 1))
    levels = [Baseline(kind, seasons[0]) for kind in LEVELS]
    return (Baseline("naive", 1), *seasonal, *levels)
