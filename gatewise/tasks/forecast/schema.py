"""What ``config.json`` of a forecaster holds, and every rule that its values keep.

A model comes from anywhere. So each value is read in its own type, what selects behaviour is one of a
closed set, numbers lie within bounds, and parts that belong together fit: after that, no code asks again.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields, is_dataclass
from typing import Any, Literal

from pydantic import Field

from gatewise.errors import InputError
from gatewise.tasks.data.calendar import Calendar, holiday_code
from gatewise.tasks.data.clock import DAY, Clock, in_calendar
from gatewise.tasks.data.encoding import Column, Encoder
from gatewise.tasks.data.series import Feature, Features, Layout
from gatewise.tasks.data.zones import is_zone
from gatewise.tasks.forecast.baselines import LEVELS, Baseline, Blend
from gatewise.tasks.forecast.config import Config
from gatewise.tasks.forecast.domain import Domain
from gatewise.tasks.forecast.error_paths import ErrorPaths
from gatewise.tasks.forecast.frames import Library
from gatewise.tasks.forecast.known_effect import KnownEffect, Term
from gatewise.tasks.forecast.metrics import Row
from gatewise.tasks.forecast.options import Options
from gatewise.tasks.forecast.recent_best import RecentBest
from gatewise.tasks.forecast.spans import Spans
from gatewise.tasks.model_files import LARGE, ModelConfig, parse_config

# 3: the state of exponential smoothing at the end of each series
SCHEMA = 3
INT64 = (-(2**63), 2**63 - 1)
MOST_SEASONS = 100

# field -> its least and its largest value, for every number in the file
BOUNDS: dict[type, dict[str, tuple[float, float]]] = {
    Clock: {"step": (1, LARGE), "origin": INT64, "within": (-3, 31 * DAY)},
    Calendar: {
        "week": (0, 10_079),
        "shut": (0, 10_079),
        "closures": (-719_162, 2_932_896),
        "open_value": (-math.inf, math.inf),
    },
    Feature: {"low": (-math.inf, math.inf), "high": (-math.inf, math.inf), "decimals": (0, 15)},
    Column: {"mean": (-math.inf, math.inf), "scale": (5e-324, math.inf), "codes": (0, LARGE)},
    Config: {
        "seasons": (2, 100_000),
        "patch": (1, 2**31),
        "context": (1, LARGE),
        "block": (1, 2**31),
        "units": (1, 10_000),
        "steps": (0, LARGE),
        "batch": (1, LARGE),
        "members": (1, 100),
        "prior": (0, math.inf),
        "trend": (0, 2**31),
        "forget": (0, 1),
    },
    Spans: dict.fromkeys(("stop", "calibrate", "report", "end"), INT64),
    Baseline: {"season": (1, 100_000)},
    RecentBest: {"ahead": (1, 2**31), "memory": (2, 2**31), "default": (0, LARGE)},
    Domain: {"low": (-math.inf, math.inf), "high": (-math.inf, math.inf)},
    Term: {
        "column": (0, LARGE),
        "at": (-1e300, 1e300),
        "scale": (5e-324, 1e300),
        "low": (-1e300, 1e300),
        "high": (-1e300, 1e300),
    },
}


class SavedForecaster(ModelConfig):
    """The file as a whole."""

    kind: Literal["forecaster"]
    options: Options
    layout: Layout
    columns: tuple[str, str, str]
    clock: Clock
    features: Features
    encoder: Encoder
    choices: Config
    spans: Spans
    baselines: tuple[Baseline | Blend | RecentBest, ...]
    base: int
    steps: int
    evaluation: list[Row]
    ids: tuple[str, ...]
    keys: tuple[str, ...]
    seen: dict[str, int]
    frame: Library
    stopped: tuple[int, int] | None = None
    validation: dict[str, float] = Field(default_factory=dict)
    domains: tuple[Domain, ...] = ()
    effect: KnownEffect | None = None
    unfinished: int | None = None
    paths: ErrorPaths | None = None


def parse(text: bytes, where: str) -> SavedForecaster:
    """Read a configuration. ``where`` names the file.

    Raises InputError, in one sentence, for everything that is not one of this schema.
    """
    config = parse_config(text, where, SavedForecaster, SCHEMA)
    for name, problem in _problems(config):
        if problem:
            raise InputError(f"{where} is damaged: {name}: {problem}")
    return config


def _problems(config: SavedForecaster) -> Iterator[tuple[str, str]]:
    """Names of parts with what is wrong with them, or ""; a rule may trust those before it."""
    for name in ("clock", "features", "encoder", "choices", "spans", "baselines"):
        yield name, _out_of_bounds(getattr(config, name))
    yield "clock", _clock(config.clock)
    yield "clock.calendar", _slots_of_week(config.clock)
    if config.clock.calendar is not None and config.clock.calendar.column:
        absent = config.clock.calendar.column not in config.features.names("known")
        yield "clock.calendar.column", "it is no known covariate" if absent else ""
    yield "choices.seasons", _seasons(config.choices.seasons)
    yield "columns", "" if config.columns[0] != config.columns[1] else "two have the same name"
    for part in ("past", "known", "static"):
        columns, features = getattr(config.encoder, part), getattr(config.features, part)
        yield f"encoder.{part}", _columns(columns, features)
    yield "encoder.calendar", _calendar(config)
    yield "spans", "" if _ascending(config.spans) else "they do not follow each other"
    yield "baselines", _baselines(config)
    if not 0 <= config.base < len(config.baselines):
        yield "base", f"there is no baseline number {config.base}"
    yield "effect", _effect(config)
    yield "steps", "" if 0 <= config.steps <= LARGE else "out of range"
    yield "stopped", "" if all(0 <= n <= LARGE for n in config.stopped or ()) else "out of range"
    yield "paths", _paths(config)
    yield "unfinished", "" if 0 <= (config.unfinished or 0) <= LARGE else "out of range"
    yield "domains", _domains(config)
    yield "evaluation", _evaluation(config.evaluation, config.options.levels)
    if len(set(config.ids)) != len(config.ids) or not config.ids:
        yield "ids", "there is no series, or two have the same name"
    if len(config.keys) != len(config.ids):
        yield "keys", f"there are {len(config.keys)} for {len(config.ids)} ids"
    inside = all(INT64[0] <= n <= INT64[1] for n in config.seen.values())
    yield "seen", "" if inside else "out of range"


def _out_of_bounds(value: Any) -> str:
    """The first number of a record, or of records in it, that is out of bounds; "" if there is none."""
    if isinstance(value, tuple):
        return next(filter(None, map(_out_of_bounds, value)), "")
    if not is_dataclass(value):
        return ""
    bounds: Mapping[str, tuple[float, float]] = BOUNDS.get(type(value), {})
    for field in fields(value):
        part = getattr(value, field.name)
        if field.name in bounds:
            low, high = bounds[field.name]
            numbers = part if isinstance(part, tuple) else () if part is None else (part,)
            if not all(low <= number <= high for number in numbers):
                return f"{field.name} is out of range"
        elif problem := _out_of_bounds(part):
            return f"{field.name}.{problem}"
    return ""


def _clock(clock: Clock) -> str:
    if clock.zone and not is_zone(clock.zone):
        return f"there is no time zone {clock.zone!r:.80}"
    if clock.zone and not clock.datetimes:
        return "whole numbers have no time zone"
    return "" if in_calendar(clock, 0, 0) else "origin lies outside the calendar"


def _slots_of_week(clock: Clock) -> str:
    """What is wrong with the calendar of a clock; "" if nothing."""
    calendar = clock.calendar
    if calendar is None:
        return ""
    for slots in (calendar.week, calendar.shut, *calendar.patterns):
        if list(slots) != sorted(set(slots)) or (slots and slots[-1] >= clock.slots):
            return "slots that the week does not have"
    if any(not 0 <= k < len(calendar.patterns) for k in calendar.pattern_of.values()):
        return "a pattern that is not there"
    if list(calendar.closures) != sorted(set(calendar.closures)):
        return "closures are not ascending"
    for code in calendar.holidays:
        try:
            if holiday_code(code) != code:
                return f"there are no holidays of {code!r:.80}"
        except InputError as error:
            return f"{error!s:.200}"
    return ""


def _seasons(seasons: tuple[int, ...]) -> str:
    fit = len(seasons) <= MOST_SEASONS and list(seasons) == sorted(set(seasons))
    return "" if fit else f"at most {MOST_SEASONS}, ascending"


def _columns(columns: tuple[Column, ...], features: tuple[Feature, ...]) -> str:
    """Whether the encoder's columns are those of the features, with codes that there are."""
    if len(columns) != len(features):
        return f"{len(columns)} columns for {len(features)} features"
    for column, feature in zip(columns, features, strict=True):
        codes = column.codes
        if (codes is None) != feature.numeric:
            return f"{feature.name!r:.80} is numbers in one place and categories in the other"
        if codes and (list(codes) != sorted(set(codes)) or codes[-1] >= feature.codes - 1):
            return f"{feature.name!r:.80} has no such categories"
    return ""


def _paths(config: SavedForecaster) -> str:
    """Whether the numbers on errors are of this horizon and these levels, and can be true."""
    paths = config.paths
    if paths is None:
        return ""
    if len(paths.size) != config.options.horizon or len(paths.limits) != len(config.options.levels):
        return "they are of another horizon or of other levels"
    true = min(paths.size) >= 0 and 0 <= paths.common < 1 and 0 <= paths.decay < 1
    return "" if true else "out of range"


def _domains(config: SavedForecaster) -> str:
    """Whether there is a domain for each target or for none, with a lower bound below the upper one."""
    domains = config.domains
    if len(domains) not in (0, max(1, len(config.features.target))):
        return f"{len(domains)} domains for {len(config.features.target)} targets"
    crossed = any(d.low is not None and d.high is not None and d.low >= d.high for d in domains)
    return "a lower bound is not below the upper one" if crossed else ""


def _calendar(config: SavedForecaster) -> str:
    calendar = config.encoder.calendar
    if len(set(calendar)) != len(calendar):
        return "a cycle stands there twice"
    return "whole numbers have no calendar" if calendar and not config.clock.datetimes else ""


def _ascending(spans: Spans) -> bool:
    return spans.stop <= spans.calibrate <= spans.report <= spans.end


def _baselines(config: SavedForecaster) -> str:
    lags = config.choices.running.lags
    simple = [b for b in config.baselines if not isinstance(b, RecentBest)]
    plain = [p for b in simple for p in (b.parts if isinstance(b, Blend) else (b,))]
    for recent in (b for b in config.baselines if isinstance(b, RecentBest)):
        others = recent.others == config.baselines[:-1] == tuple(simple)
        if not others or recent.default >= len(simple):
            return "the choice between them is one between others"
    other = next((b.season for b in plain if b.season not in lags), None)
    if other is not None:
        return f"{other} is none of the seasons"
    season = config.choices.running.season if config.choices.levels else None
    levels = [b.season for b in plain if b.kind in LEVELS]
    if not config.choices.trend and any(b.kind == "trend" for b in plain):
        return "there is no level of a trend"
    return "" if set(levels) <= {season} else "there is no level beside that season"


def _effect(config: SavedForecaster) -> str:
    """Whether the effect is one of the known covariates that there are, with a weight for each term."""
    effect, known = config.effect, len(config.features.known)
    if effect is None:
        return ""
    weights = [*(t.weights for t in effect.targets), *effect.own.values()]
    columns = [t.column for t in effect.terms if t.cycle is None]
    columns += [column for t in effect.targets for column, _ in t.closed]
    if len(effect.targets) != max(1, len(config.features.target)):
        return f"{len(effect.targets)} targets for {len(config.features.target)} columns"
    if any(not 0 <= column < known for column in columns):
        return "it names a known covariate that does not exist"
    if any(len(w) != len(effect.terms) for w in weights):
        return "there is not a weight for each term"
    numbers = [*(n for w in weights for n in w), *(v for t in effect.targets for _, v in t.closed)]
    if not all(math.isfinite(n) for n in numbers):
        return "a weight is not finite"
    if any((t.cycle is None) == (t.kind in ("cos", "sin")) for t in effect.terms):
        return "a wave is none of the calendar"
    if effect.cycles and not config.clock.datetimes:
        return "whole numbers have no calendar"
    return _out_of_bounds(effect.terms)


def _evaluation(rows: list[Row], levels: Sequence[int]) -> str:
    """Figures by level are those of the model's levels, or none."""
    for row in rows:
        for by_level in (
            row.coverage,
            row.width,
            row.coverage_by_step,
            row.width_by_step,
        ):
            if by_level and sorted(by_level) != sorted(levels):
                return f"{row.name!r:.80} has figures of other levels"
    return ""
