"""Choices made from the data before training: spans, seasons, scale, sizes. Options override them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np

from gatewise.arrays import Floats
from gatewise.errors import InputError
from gatewise.tasks.data.clock import DAY, Clock
from gatewise.tasks.data.reader import Series, Table
from gatewise.tasks.forecast.baselines import Simple
from gatewise.tasks.forecast.domain import Domain, describe_domains
from gatewise.tasks.forecast.known_effect import KnownEffect
from gatewise.tasks.forecast.options import Options
from gatewise.tasks.forecast.recent_best import RecentBest
from gatewise.tasks.forecast.running_stats import (
    FORGET_MOVING,
    FORGET_PROFILE,
    TREND,
    OnlineStats,
)
from gatewise.tasks.forecast.seasons import find_seasons
from gatewise.tasks.forecast.spans import Spans

# weeks in a year, nearly
YEAR_OF_WEEKS = 52
# values that one step of the network reads, at most
LONGEST_PATCH = 64
# steps to allow for a cycle where no season was found
UNKNOWN = 64
# steps of a block of the horizon, at most, where a step reads one value
LONGEST_BLOCK = 24
# patches in a stretch of training
DAYS = 24
# steps whose mean is the level where no season is short enough
RECENT = 8
# seasons over which the scale forgets
MEMORY = 14
# passes over all cutoffs in a training
PASSES = 8
# training steps, at least and at most
STEPS = (300, 1500)
# up to so many cutoffs: stretches in a batch
BATCHES = ((10_000, 16), (100_000, 32), (np.inf, 64))
# up to so many values: units
UNITS = ((500, 16), (5_000, 32), (50_000, 64), (np.inf, 128))
# three networks are trained if a training puts at most so many values times units through one
CHEAP = 1e8
# series and values of each whose scale is looked at, at most
MOST_SERIES, MOST_STEPS = 1000, 1000
# series are of one size if the scales of most lie within this factor
ALIKE = 30.0
# logarithms are taken from this slope of log spread on log level
GROWS = 0.5


@dataclass(frozen=True)
class BatchShape:
    """How training reads a batch of series.

    Attributes:
        batch: stretches of series in it.
        length: steps of the network in a stretch.
        least: steps of its series that a cutoff needs before it.
    """

    batch: int
    length: int
    least: int


@dataclass(frozen=True)
class Config:
    """The options of a fit after the automatic choices.

    Attributes:
        seasons: the lengths of the seasons, in steps.
        log: whether it works on logarithms.
        patch: values that are read at one step of the network.
        context: values in a stretch of training.
        block: steps of the horizon that are made at one step of the decoder.
        units: the size of the recurrent layer.
        steps: training steps, at most.
        batch: stretches in a training step.
        members: networks whose mean is the forecast.
        prior: the usual scale of a series, as a share of its level and in its units: what is assumed of one
            of which little is known. (0, 0): nothing, as in older models.
        levels: whether a level beside the season is carried; older models have none.
        trend: steps over which the level of the trend forgets; 0: older models have none.
        forget: share of the profile of the season that is forgotten each season; 0: as in older models.
    """

    seasons: tuple[int, ...]
    log: bool
    patch: int
    context: int
    block: int
    units: int
    steps: int
    batch: int
    members: int
    prior: tuple[float, float] = (0.0, 0.0)
    levels: bool = False
    trend: int = 0
    forget: float = 0.0

    @property
    def running(self) -> OnlineStats:
        """The recurrences that are carried along a series."""
        season = self.seasons[0] if self.seasons else 0
        recent = season if 0 < season <= LONGEST_PATCH else RECENT
        return OnlineStats(
            self.seasons,
            self.patch,
            recent,
            MEMORY * recent,
            self.log,
            self.prior,
            self.levels,
            self.trend,
            self.forget,
        )

    @property
    def least(self) -> int:
        """Steps of its series that a cutoff needs before it: two seasons, if that is not too long."""
        return max(2, min(self.context, 2 * max(self.seasons, default=1)))

    @property
    def stretches(self) -> BatchShape:
        """How training reads a batch."""
        return BatchShape(self.batch, self.context // self.patch, self.least)

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)

    def describe(self) -> list[str]:
        """For people, one choice a line."""
        networks = "" if self.members == 1 else f", the mean of {self.members} networks"
        return [
            f"seasons  {', '.join(map(str, self.seasons)) or 'none found'}",
            f"scale    {'logarithms' if self.log else 'as given'}, each series by its own recent level "
            "and spread",
            f"network  {self.units} units; a step reads {_values(self.patch)}{networks}",
            f"training at most {self.steps} steps of {self.batch} stretches of {self.context} values",
        ]


@dataclass(frozen=True)
class FitPlan:
    """What ``fit`` will do with a table."""

    table: Table
    options: Options
    spans: Spans
    choices: Config
    baselines: tuple[Simple | RecentBest, ...]
    domains: tuple[Domain, ...] = ()
    effect: KnownEffect | None = None

    def describe(self) -> list[str]:
        """For people, a line each."""
        features = self.table.features
        domains = describe_domains(self.domains, features.names("target"), self.options)
        choices = self.choices.describe()
        if self.effect is not None:
            what = self.effect.describe(features.known)
            choices.insert(1, f"effect   of known covariates, apart from the season: {what}")
        spans = self.spans.describe(self.options.horizon)
        return [*self.table.describe(), *domains, *spans, *choices]


def seasons_of(
    series: Sequence[Series], clock: Clock, spans: Spans, options: Options
) -> tuple[int, ...]:
    """The seasons of series, ascending: those of the options, or found in the training span."""
    seasons = options.seasons
    if seasons is None:
        seasons = find_seasons(_past(series, spans), clock.cycles())
    return tuple(sorted({int(s) for s in seasons}))


def auto_config(
    table: Table,
    spans: Spans,
    options: Options,
    effect: KnownEffect | None = None,
    seasons: tuple[int, ...] | None = None,
) -> Config:
    """Choose the options that are None, from the training span alone.

    Args:
        table, spans, options: of the fit.
        effect: of known covariates, which is taken off first.
        seasons: where they were found before; else None.
    """
    horizon = options.horizon
    if effect is not None:
        table = replace(table, series=effect.taken_off(table.series, table.clock))
    past = _past(table.series, spans)
    if seasons is None:
        seasons = seasons_of(table.series, table.clock, spans, options)
    length = int(np.median([len(y) for y in past]))
    log = options.log
    lowest = {s.id: float(np.nanmin(s.values, initial=np.inf)) for s in table.series}
    name = min(lowest, key=lowest.__getitem__)
    positive = lowest[name] > 0
    if log and not positive:
        raise InputError(
            f"series {name!r} has the value {lowest[name]:g}, and log=True needs values above zero: leave log out"
        )
    if log is None:
        # what is left of a target after a sum may be anything
        log = (
            (effect is None or effect.kind == "factor")
            and positive
            and spread_grows(past, max(8, *seasons) if seasons else 8)
        )
    patch = options.patch
    if patch is None:
        short = seasons[0] if seasons else 1
        patch = _part_of(short) if length >= 6 * short else 1
    stretch = _stretch(horizon, seasons, length, patch, options.context)
    windows = sum(max(0, len(y) - horizon) for y in past)
    batch = options.batch or next(b for most, b in BATCHES if windows <= most)
    units = options.units or next(u for rows, u in UNITS if table.values < rows)
    steps = options.steps
    if steps is None:
        steps = int(np.clip(PASSES * windows / (batch * stretch), *STEPS))
    members = options.members or (3 if steps * batch * stretch * units <= CHEAP else 1)
    # at most half of the horizon, so that the decoder learns to continue within it
    block = min(patch if patch > 1 else LONGEST_BLOCK, -(-horizon // 2))
    return Config(
        seasons,
        bool(log),
        int(patch),
        stretch * int(patch),
        int(block),
        units,
        steps,
        batch,
        members,
        usual_scale(past, bool(log), positive),
        levels=True,
        trend=TREND,
        forget=forgotten(table.clock, seasons),
    )


def forgotten(clock: Clock, seasons: tuple[int, ...]) -> float:
    """The share of the profile of the season that is forgotten each season."""
    weeks = clock.kind == "integer" or clock.step == 7 * DAY
    return FORGET_MOVING if seasons[:1] == (YEAR_OF_WEEKS,) and weeks else FORGET_PROFILE


def usual_scale(series: Sequence[Floats], log: bool, positive: bool) -> tuple[float, float]:
    """The usual mean distance of values from their level: as a share of the level, or in units.

    In units it is for logarithms, and where values go below zero and series are of one size.

    Args:
        series: with at least one value each.
        log: whether they are measured in logarithms.
        positive: whether all values of all series are above zero.
    """
    scales, levels = [], []
    for y in series[:: max(1, len(series) // MOST_SERIES)]:
        seen = y[-MOST_STEPS:]
        seen = seen[~np.isnan(seen)]
        seen = np.log(seen) if log else seen
        if len(seen) > 1:
            scales.append(float(np.abs(seen - seen.mean()).mean()))
            levels.append(float(abs(seen.mean())))
    if not scales:
        return 0.0, 0.0
    alike = np.quantile(scales, 0.9) <= ALIKE * np.quantile(scales, 0.1)
    if log or (alike and not positive):
        return 0.0, float(np.median(scales))
    return float(np.median(np.array(scales) / np.maximum(levels, 1e-300))), 0.0


def spread_grows(series: Sequence[Floats], block: int) -> bool:
    """Whether blocks with a higher level have a wider spread, within the series and between them."""
    points = []
    for y in series:
        for k in range(0, len(y) - block + 1, block):
            part = y[k : k + block]
            part = part[~np.isnan(part)]
            if len(part) >= 4 and (spread := float(part.std())) > 0:
                points.append((np.log(part.mean()), np.log(spread)))
    if len(points) < 4:
        return False
    level, spread_ = np.array(points).T
    level = level - level.mean()
    size = float(level @ level)
    return size > 1e-6 * len(points) and float(level @ (spread_ - spread_.mean())) / size > GROWS


def _part_of(season: int) -> int:
    """Values that one step reads: a season, or of a long one the largest part that divides it."""
    return max(k for k in range(1, LONGEST_PATCH + 1) if season % k == 0)


def _past(series: Sequence[Series], spans: Spans) -> list[Floats]:
    """The values of the training span, of series that have some."""
    past = [s.values[: max(0, spans.stop - s.start)] for s in series]
    return [y for y in past if len(y) > 2]


def _stretch(
    horizon: int, seasons: tuple[int, ...], length: int, patch: int, context: int | None
) -> int:
    """Steps of the network in a stretch; at most as many as there is history for."""
    if context is None:
        cycle = max(seasons, default=UNKNOWN)
        reach = 2 * max(horizon, cycle)
        context = int(np.clip(reach, 32, 512)) if patch == 1 else max(DAYS * patch, reach)
    return max(2, min(-(-context // patch), (length - horizon) // patch))


def _values(count: int) -> str:
    return "one value" if count == 1 else f"{count} values"


def check_series(series: Sequence[Series], log: bool) -> None:
    """Raises InputError if a model on logarithms gets values that are not above zero."""
    for s in series:
        if log and np.nanmin(s.values, initial=np.inf) <= 0:
            raise InputError(
                f"series {s.id!r} has the value {np.nanmin(s.values):g}, but the model works on "
                "logarithms and was trained on values above zero"
            )
