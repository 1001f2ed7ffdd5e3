"""Statistics carried along a series from row to row: everything the network and the baselines look up.

Every quantity is a recurrence, so that new rows cost the same however long the history is, and rows
that come in pieces give what they give at once. A mean over what was seen at the same place of the
season forgets a quarter with each season.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from gatewise.arrays import Bools, Floats
from gatewise.tasks.forecast.recurrences import (
    decayed,
    latest_of_season,
    mean_or,
    moving_mean,
    steps_since,
    trended_mean,
)

# share of a seasonal mean that is forgotten each season: about seven seasons count
FORGET = 0.25
# the recent deviation is at least this share of the series' usual one
QUIET = 0.1
TINY = 1e-3
# share of what a place of the season differs by that is forgotten each season: some thirty seasons count; or few, where
# the season is no whole number of steps and its places move on: a year has 52.18 weeks
FORGET_PROFILE, FORGET_MOVING = 0.03, 0.25
# how far from the mean of the season a value counts in that: in scales, or in its usual distances from there, which those of
# a sine reach
WILD, WAVE = 3.0, 1.6
# recent mean errors up to which an error counts in the next mean: a shift of the level is one season of them
WILD_ERROR = 5.0
# steps over which the level beside the season forgets: a season, eight seasons; each within bounds
FAST, SLOW = (4, 30), (56, 400)
# steps over which the level of a trend forgets: few, as the mean change already is of the whole history
TREND = 4
# values of a series after which nothing is assumed of it any more
ASSUMED = 15


@dataclass(frozen=True)
class OnlineStats:
    """The running statistics and their parameters.

    Attributes:
        seasons: steps in each.
        patch: values that the network reads at one step.
        recent: steps whose mean is the level.
        memory: steps over which the scale, the mean distance from the level, forgets.
        log: values are logarithms, whose scale does not go with their level.
        prior: the scale that is assumed of a series before its values show it, as a share of the level and in
            units; it counts as the first value, and less and less as more come in.
        levels: whether a level beside the season is carried as well; older models have none.
        trend: steps over which the level that the mean change continues forgets; 0: none is carried.
        forget: share of the profile of the season that is forgotten each season; 0: as of older models, which cut
            a long and smooth season, as they measure by the scale alone.
    """

    seasons: tuple[int, ...]
    patch: int
    recent: int
    memory: int
    log: bool
    prior: tuple[float, float] = (0.0, 0.0)
    levels: bool = False
    trend: int = 0
    forget: float = 0.0

    @property
    def season(self) -> int:
        """The first season; 1 where there is none."""
        return (self.seasons or (1,))[0]

    @property
    def lags(self) -> tuple[int, ...]:
        return (1, *self.seasons)

    @property
    def tail(self) -> int:
        """Values that are kept as they came: a season, or a patch."""
        return max(self.patch, self.recent, *self.lags)

    @cached_property
    def places(self) -> dict[str, slice]:
        """Where each quantity stands in the carry of a series, [width]."""
        sizes = {"tail": self.tail, "level": self.patch + 1, "scale": self.patch + 1}
        sizes |= {"age": 1, "spread": 2, "usual": 3}
        for s in self.lags:
            sizes |= {
                f"last {s}": s,
                f"sum {s}": s,
                f"count {s}": s,
                f"moved {s}": 2,
                f"missed {s}": 2,
            }
            if self.levels:
                sizes |= {f"every {s}": 2, f"limit {s}": s}
        if self.levels:
            sizes |= {"profile sum": self.season, "profile count": self.season}
            sizes |= {"fast": 2, "slow": 2}
        if self.trend:
            sizes |= {"trend": 3}
        if self.forget and self.season > 1:
            sizes |= {"away": 2}
        ends = np.cumsum(list(sizes.values()))
        return {n: slice(int(e) - k, int(e)) for (n, k), e in zip(sizes.items(), ends, strict=True)}

    @property
    def width(self) -> int:
        return max(int(p.stop) for p in self.places.values())

    def empty(self) -> Floats:
        """The carry of a series before its first row, [width]."""
        carry = np.zeros(self.width)
        for name, place in self.places.items():
            if name in ("tail", "level", "scale") or name.startswith(("last", "limit")):
                carry[place] = np.nan
        return carry

    def advance(self, carry: Floats, y: Floats) -> tuple[dict[str, Floats], Floats]:
        """Take up the next values.

        Args:
            carry: [width].
            y: [n] values in order, NaN where missing.

        Returns:
            What is known after each of them, a dict of arrays [n]: ``level``, ``scale``, ``age``
            (steps since a value was seen), and for each lag s ``last s``, ``mean s``, ``change s``
            (from one season to the next) and ``error s`` (how far off the last season was). With
            ``levels`` also ``profile`` (by how much the place of the season differs from its mean), and ``fast``
            and ``slow``, the level of what the profile leaves; with ``trend`` such a level that the mean change
            has brought up to now. And the new carry.
        """
        if not len(y):
            return {}, carry
        old = {name: carry[place] for name, place in self.places.items()}
        new: dict[str, Floats] = {}
        seen = ~np.isnan(y)
        values = np.where(seen, y, 0.0)
        raw = np.concatenate([old["tail"], y])
        new["tail"] = raw[-self.tail :]
        known = {"age": steps_since(seen, old["age"][0])}
        new["age"] = known["age"][-1:]
        for s in self.lags:
            last = latest_of_season(y, old[f"last {s}"])
            total = decayed(FORGET * values, old[f"sum {s}"], 1 - FORGET)
            count = decayed(FORGET * seen, old[f"count {s}"], 1 - FORGET)
            moved = y - raw[self.tail - s : self.tail - s + len(y)]
            step = old[f"moved {s}"][0] + np.cumsum(np.nan_to_num(moved))
            steps = old[f"moved {s}"][1] + np.cumsum(~np.isnan(moved))
            known[f"last {s}"], known[f"mean {s}"] = last, mean_or(total, count, last)
            known[f"change {s}"] = step / np.maximum(steps, 1)
            missed = np.abs(y - np.concatenate([old[f"last {s}"], last])[: len(y)])
            if self.levels:
                usual, new[f"every {s}"] = self._recent(missed, old[f"every {s}"])
                limits = np.concatenate([old[f"limit {s}"], usual])
                new[f"limit {s}"], limit = limits[-s:], WILD_ERROR * limits[: len(y)]
                missed = np.where(limit > 0, np.minimum(missed, limit), missed)
            known[f"error {s}"], new[f"missed {s}"] = self._recent(missed, old[f"missed {s}"])
            for name, values_ in (("last", last), ("sum", total), ("count", count)):
                new[f"{name} {s}"] = np.concatenate([old[f"{name} {s}"], values_])[-s:]
            new[f"moved {s}"] = np.array([step[-1], steps[-1]])
        known["level"] = level = moving_mean(
            raw[self.tail - self.recent + 1 :], self.recent, known["last 1"]
        )
        known["scale"], new["spread"], new["usual"] = self._scale(values, seen, level, old)
        if self.levels:
            self._take_levels(values, seen, raw, old, known, new)
        for name in ("level", "scale"):
            new[name] = np.concatenate([old[name], known[name]])[-self.patch - 1 :]
        return known, np.concatenate([new[name] for name in self.places])

    def _take_levels(
        self,
        values: Floats,
        seen: Bools,
        raw: Floats,
        old: Mapping[str, Floats],
        known: dict[str, Floats],
        new: dict[str, Floats],
    ) -> None:
        """Add the profile of the season, and the level beside it, to what is known and what is carried."""
        s = self.season
        sums, counts = old["profile sum"], old["profile count"]
        profile = np.zeros(len(values))
        before = profile
        if s > 1:
            mean = known["level"]
            if s != self.recent:
                mean = moving_mean(raw[self.tail - s + 1 :], s, known["last 1"])
            # a shift of the level is far from the mean of its first season, and is not of the season
            far = np.where(seen, values - np.nan_to_num(mean), 0.0)
            limit = WILD * known["scale"]
            if self.forget:
                limit = np.maximum(limit, WAVE * self._away(far, seen, old, new))
            far = np.clip(far, -limit, limit)
            forget = self.forget or FORGET_PROFILE
            total = decayed(np.where(seen, forget * far, 0.0), sums, 1 - forget)
            count = decayed(np.where(seen, forget, 0.0), counts, 1 - forget)
            profile = mean_or(total, count, profile)
            earlier = mean_or(sums, counts, np.zeros(s))
            before = np.concatenate([earlier, profile])[: len(values)]
            sums, counts = (np.concatenate(p)[-s:] for p in ((sums, total), (counts, count)))
        new["profile sum"], new["profile count"] = sums, counts
        known["profile"] = profile
        beside = np.where(seen, values - before, 0.0)
        for name, memory in self._memories.items():
            keep = 1 - 1 / memory
            total = decayed(beside, old[name][:1], keep)
            count = decayed(seen.astype(float), old[name][1:], keep)
            known[name] = mean_or(total, count, np.full(len(values), np.nan))
            new[name] = np.array([total[-1], count[-1]])
        if self.trend:
            total, count, ages = old["trend"][:, None]
            keep = 1 - 1 / self.trend
            counts = decayed(seen.astype(float), count, keep)
            ages = decayed(keep * np.concatenate([count, counts[:-1]]), ages, keep)
            totals = decayed(beside, total, keep)
            known["trend"] = trended_mean(totals, counts, ages, known[f"change {s}"] / s)
            new["trend"] = np.array([totals[-1], counts[-1], ages[-1]])

    def _away(
        self, far: Floats, seen: Bools, old: Mapping[str, Floats], new: dict[str, Floats]
    ) -> Floats:
        """The usual distance [n] from the mean of the season before each value; 0 where none was seen."""
        keep = 1 - 1 / max(self.memory, 2 * self.season)
        total = decayed(np.abs(far), old["away"][:1], keep)
        count = decayed(seen.astype(float), old["away"][1:], keep)
        new["away"] = np.array([total[-1], count[-1]])
        total, count = (
            np.append(b, a[:-1]) for b, a in zip(old["away"], (total, count), strict=True)
        )
        return mean_or(total, count, np.zeros(len(far)))

    @property
    def _memories(self) -> dict[str, int]:
        """Steps over which the levels beside the season forget."""
        return {
            "fast": int(np.clip(self.season, *FAST)),
            "slow": int(np.clip(8 * self.season, *SLOW)),
        }

    def _scale(
        self, values: Floats, seen: Bools, level: Floats, old: Mapping[str, Floats]
    ) -> tuple[Floats, Floats, Floats]:
        """The recent mean distance from the level; of a series that hardly moves, a tenth of its usual."""
        keep = 1 - 1 / self.memory
        away = np.where(seen, np.abs(values - level), 0.0)
        total = decayed(away, old["spread"][:1], keep)
        count = decayed(seen.astype(float), old["spread"][1:], keep)
        number = old["usual"][0] + np.cumsum(seen)
        sums = old["usual"][1] + np.cumsum(values)
        far = np.where(seen, np.abs(values - sums / np.maximum(number, 1)), 0.0)
        fars = old["usual"][2] + np.cumsum(far)
        least = np.maximum(
            QUIET * fars / np.maximum(number, 1), TINY * (1.0 if self.log else np.abs(level))
        )
        assumed = self.prior[0] * np.abs(level) + self.prior[1]
        # the first value shows no spread: what is assumed stands in its place, and fades as values come in
        fading = np.clip(1 - (count - 1) / ASSUMED, 0, 1)
        mean = (total + fading * assumed) / np.maximum(count, 1e-300)
        scale = np.maximum(mean, np.where(least > 0, least, TINY))
        return (
            np.where(np.isnan(scale), 1.0, scale),
            np.array([total[-1], count[-1]]),
            np.array([number[-1], sums[-1], fars[-1]]),
        )

    def _recent(self, values: Floats, before: Floats) -> tuple[Floats, Floats]:
        """Their recent mean, and its new sum and count; NaN is left out, and where nothing was seen."""
        seen, keep = ~np.isnan(values), 1 - 1 / self.memory
        total = decayed(np.where(seen, values, 0.0), before[:1], keep)
        count = decayed(seen.astype(float), before[1:], keep)
        mean = np.where(count > 0, total / np.where(count > 0, count, 1.0), np.nan)
        return mean, np.array([total[-1], count[-1]])

    def before(self, carry: Floats) -> dict[str, Floats]:
        """The latest values of everything that ``advance`` returns, as far as they are carried.

        Each is an array that ends at the last time taken up; ``tail`` has the values themselves.
        """
        old = {name: carry[place] for name, place in self.places.items()}
        known = {name: old[name] for name in ("tail", "level", "scale", "age")}
        for s in self.lags:
            last = known[f"last {s}"] = old[f"last {s}"]
            known[f"mean {s}"] = mean_or(old[f"sum {s}"], old[f"count {s}"], last)
            step, steps = old[f"moved {s}"]
            known[f"change {s}"] = np.array([step / max(steps, 1)])
            total, count = old[f"missed {s}"]
            known[f"error {s}"] = np.array([total / count if count > 0 else np.nan])
        if self.levels:
            sums, counts = old["profile sum"], old["profile count"]
            known["profile"] = mean_or(sums, counts, np.zeros(len(sums)))
            for name in self._memories:
                total, count = old[name]
                known[name] = np.array([total / count if count > 0 else np.nan])
        if self.trend:
            values, counted, ages = old["trend"][:, None]
            slope = known[f"change {self.season}"] / self.season
            known["trend"] = trended_mean(values, counted, ages, slope)
        return known
