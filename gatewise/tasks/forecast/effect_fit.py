"""Fits what known covariates do to a target: a regression in which level and season are left free.

Each series has a level for every stretch of some seasons and a value for each place of the season; these fixed effects
are taken out of target and covariates alike (Frisch & Waugh 1933), by turns. What remains of the covariates explains
what remains of the target. Factors are fitted as a Poisson regression is, by weighted regressions in turn, so that zeros
do no harm (Santos Silva & Tenreyro 2006). Wild values count less (Huber 1964).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from gatewise.arrays import Floats, Ints
from gatewise.tasks.data.clock import DAY, Clock
from gatewise.tasks.data.encoding import Cycle
from gatewise.tasks.data.series import Feature, Series
from gatewise.tasks.forecast.known_effect import (
    BEYOND,
    EffectKind,
    KnownEffect,
    TargetEffect,
    Term,
    closed_rows,
    moments_of,
)

# rows that are fitted to, at most: the last ones of each series
MOST_ROWS = 60_000
# series with weights of their own, at most
MOST_OWN = 2_000
# numbers with at most so many different values have a term for each
FEW = 12
# quantiles of a number at which its slope may change
BENDS = (1 / 3, 2 / 3)
# waves of a cycle of the calendar
WAVES = 3
YEAR = 365.25 * DAY
# a closure: rows with the value, at least; the share of them that is zero, at least; that of the others, at most
CLOSED_ROWS, CLOSED_SHARE, OPEN_SHARE = 3, 0.95, 0.5
# seasons in a stretch with a level of its own, and steps of it at least
STRETCH, LEAST_STRETCH = 4, 28
# rounds of weighted regressions, of which the first count all values alike; turns of taking means out
ROUNDS, ALIKE, TURNS = 8, 4, 8
# usual sizes of effects, in logarithms or in units of a series' spread; and how they differ between series
USUAL, DIFFERENT = {"factor": 1.0, "shift": 3.0}, {"factor": 0.15, "shift": 0.5}
# errors beyond so many usual ones count less
WILD = 3.0


@dataclass(frozen=True)
class _Rows:
    """The rows of all series of one target that are fitted to: [n] each, terms [n, F]."""

    y: Floats
    terms: Floats
    series: Ints
    groups: tuple[Ints, ...]


def fitted_effect(
    series: Sequence[Series],
    features: Sequence[Feature],
    clock: Clock,
    seasons: Sequence[int],
    stop: int,
    kind: EffectKind,
    cycles: Sequence[Cycle],
) -> KnownEffect:
    """The effect of known covariates, from the rows before position ``stop``.

    Args:
        series: whose known covariates are ``features``.
        features: of the known covariates.
        clock: of the positions.
        seasons: of the series, ascending.
        stop: what comes at this position or later is not looked at.
        kind: of the effect. Factors need values of at least zero.
        cycles: of the calendar that are a part of it. With the year among them, stretches are years.
    """
    past = [_before(s, stop) for s in series]
    past = [s for s in past if len(s.values)]
    terms = (*_terms(past, features), *_waves(cycles))
    season = max((s for s in seasons if STRETCH * s <= max(len(p.values) for p in past)), default=1)
    stretch = max(STRETCH * season, LEAST_STRETCH)
    if "year" in cycles:
        stretch = round(YEAR / step_length(clock))
    series_of: dict[int, list[Series]] = {}
    for s in past:
        series_of.setdefault(s.target, []).append(s)
    targets: list[TargetEffect] = []
    own: dict[str, tuple[float, ...]] = {}
    for number in range(max(s.target for s in series) + 1):
        mine = series_of.get(number, [])
        closed = _closed(mine, features)
        rows = _rows(mine, terms, closed, clock, season, stretch, cycles)
        pooled, each = _weights(rows, len(mine), kind, "year" in cycles)
        targets.append(TargetEffect(closed, tuple(map(float, pooled))))
        if 1 < len(series) <= MOST_OWN:
            own |= {s.id: tuple(map(float, w)) for s, w in zip(mine, each, strict=True)}
    return KnownEffect(kind, terms, tuple(targets), own)


def _before(s: Series, stop: int) -> Series:
    count = max(0, min(len(s.values), stop - s.start))
    return Series(
        s.id, s.start, s.values[:count], s.past[:count], s.known[:count], s.static, s.key, s.target
    )


def _terms(past: Sequence[Series], features: Sequence[Feature]) -> tuple[Term, ...]:
    """The columns of the regression, from the values that training has seen."""
    terms: list[Term] = []
    for k, feature in enumerate(features):
        values = np.concatenate([s.known[:, k] for s in past])
        values = values[~np.isnan(values)]
        different = np.unique(values)
        # nothing can be learned of what never changes
        if len(different) < 2:
            continue
        if not feature.numeric:
            # the most frequent one is what the others are compared with, and the unknown are taken for
            counts = np.unique(values, return_counts=True)[1]
            others = np.delete(different, np.argmax(counts))
            terms += [Term("is", k, float(v)) for v in others if v < len(feature.categories or ())]
            continue
        low, high = float(different[0]), float(different[-1])
        wide = BEYOND * (high - low)
        scale = float(values.std()) or 1.0
        terms.append(Term("value", k, float(values.mean()), scale, low - wide, high + wide))
        if 2 < len(different) <= FEW:
            terms += [Term("is", k, float(v)) for v in different]
        elif len(different) > FEW:
            bends = np.unique(np.quantile(values, BENDS))
            terms += [Term("above", k, float(b), scale, low - wide, high + wide) for b in bends]
    return tuple(terms)


def _waves(cycles: Sequence[Cycle]) -> list[Term]:
    return [
        Term(kind, 0, float(n), cycle=cycle)
        for cycle in cycles
        for n in range(1, WAVES + 1)
        for kind in ("cos", "sin")
    ]


def step_length(clock: Clock) -> float:
    """Microseconds of a step, on the average."""
    return float(clock.step) * (YEAR / 12 if clock.kind == "month" else 1.0)


def _closed(past: Sequence[Series], features: Sequence[Feature]) -> tuple[tuple[int, float], ...]:
    """Covariates and values at which the target is zero, while it is usually not."""
    y = np.concatenate([s.values for s in past])
    known = np.concatenate([s.known for s in past])
    known, zero = known[~np.isnan(y)], y[~np.isnan(y)] == 0
    closures = []
    for k in range(len(features)):
        different = np.unique(known[:, k][~np.isnan(known[:, k])])
        for value in (
            different if 2 <= len(different) <= max(FEW, len(features[k].categories or ())) else ()
        ):
            rows = known[:, k] == value
            if rows.sum() >= CLOSED_ROWS and zero[rows].mean() >= CLOSED_SHARE:
                closures.append((k, float(value)))
    others = ~closed_rows(known, closures)
    usual = others.any() and zero[others].mean() <= OPEN_SHARE
    return tuple(closures) if usual else ()


def _rows(
    past: Sequence[Series],
    terms: Sequence[Term],
    closed: Sequence[tuple[int, float]],
    clock: Clock,
    season: int,
    stretch: int,
    cycles: Sequence[Cycle],
) -> _Rows:
    most = max(LEAST_STRETCH, MOST_ROWS // max(1, len(past)))
    y, columns, of, place, level = [], [], [], [], []
    for k, s in enumerate(past):
        positions = np.arange(s.start, s.end)
        use = np.flatnonzero(~np.isnan(s.values) & ~closed_rows(s.known, closed))[-most:]
        moments = moments_of(clock, s.start, len(positions), cycles)[use]
        y.append(s.values[use])
        columns.append(
            np.stack([t.of(s.known[use], moments) for t in terms], axis=1)
            if terms
            else np.zeros((len(use), 0))
        )
        of.append(np.full(len(use), k))
        place.append(k * season + positions[use] % season)
        level.append((positions[use] - s.start) // stretch + 1_000_000 * k)
    _, stretches = np.unique(np.concatenate(level), return_inverse=True)
    places = np.unique(np.concatenate(place), return_inverse=True)[1]
    groups = (stretches,) if season == 1 else (stretches, places)
    x = np.concatenate(columns)
    return _Rows(np.concatenate(y), x, np.concatenate(of), groups)


def _weights(rows: _Rows, count: int, kind: EffectKind, yearly: bool) -> tuple[Floats, Floats]:
    """Weights of the terms [F] for a new series, and [N, F] for each series."""
    x, of = rows.terms, rows.series
    size = _sizes(rows.y, of, count, kind)
    if not x.shape[1] or len(x) < 3:
        return np.zeros(x.shape[1]), np.zeros((count, x.shape[1]))
    y = rows.y / size[of]
    # within years the level may follow a line
    trend = [np.linspace(-1, 1, len(y))[:, None]] if yearly and count == 1 else []
    x = np.concatenate([x, *trend], axis=1)
    fit = y if kind == "shift" else np.log((np.maximum(y, 0) + y.mean()) / 2 + 1e-9)
    trust = np.ones(len(y))
    for turn in range(ROUNDS if kind == "factor" else ALIKE):
        if kind == "factor":
            mean = np.exp(np.clip(fit, -10, 10))
            target, weight = np.log(mean) + (y - mean) / mean, mean * trust
        else:
            target, weight = y, trust
        free = _within(np.column_stack([target, x]), weight, rows.groups)
        beta, variance = _pooled(free, weight, of, count, kind)
        error = free[:, 0] - free[:, 1:] @ beta
        fit = target - error
        if turn + 1 >= ALIKE or kind == "shift":
            far = np.abs(error) * np.sqrt(weight / np.maximum(trust, 1e-12)) / np.sqrt(variance[of])
            trust = np.minimum(1.0, WILD / np.maximum(far, 1e-12))
    each = _each(free, weight, of, beta, variance, kind)
    terms = rows.terms.shape[1]
    beta, each = beta[:terms], each[:, :terms]
    if kind == "shift":
        return beta * (np.median(size)), each * size[:, None]
    return beta, each


def _sizes(y: Floats, of: Ints, count: int, kind: EffectKind) -> Floats:
    """What each series is measured by, [N]: its mean, or its mean distance from that."""
    number = np.maximum(np.bincount(of, minlength=count), 1)
    mean = np.bincount(of, y, count) / number
    if kind == "shift":
        mean = np.bincount(of, np.abs(y - mean[of]), count) / number
    usual = float(np.median(mean[mean > 0])) if (mean > 0).any() else 1.0
    return np.where(mean > 0, mean, usual)


def _within(columns: Floats, weight: Floats, groups: Sequence[Ints]) -> Floats:
    """Columns [n, C] less their weighted means in each group, of one sort of groups after another."""
    within = columns.copy()
    totals = [np.maximum(np.bincount(g, weight), 1e-12) for g in groups]
    for _ in range(TURNS if len(groups) > 1 else 1):
        for group, total in zip(groups, totals, strict=True):
            for c in range(within.shape[1]):
                within[:, c] -= (np.bincount(group, weight * within[:, c]) / total)[group]
    return within


def _pooled(
    free: Floats, weight: Floats, of: Ints, count: int, kind: EffectKind
) -> tuple[Floats, Floats]:
    """Weights [F] shared by all series, and the variance of the errors of each, [N]."""
    y, x = free[:, 0], free[:, 1:]
    number = np.maximum(np.bincount(of, minlength=count), 1)
    variance = np.bincount(of, weight * y**2, count) / number
    least = 1e-6 * float(np.mean(variance)) + 1e-12
    # the second time with the errors that the first leaves
    for _ in range(2):
        w = weight / np.maximum(variance, least)[of]
        matrix = (x * w[:, None]).T @ x + np.eye(x.shape[1]) / USUAL[kind] ** 2
        beta = np.asarray(np.linalg.solve(matrix, (x * w[:, None]).T @ y))
        variance = np.bincount(of, weight * (y - x @ beta) ** 2, count) / number
    return beta, np.maximum(variance, least)


def _each(
    free: Floats, weight: Floats, of: Ints, beta: Floats, variance: Floats, kind: EffectKind
) -> Floats:
    """Weights [N, F] of each series: the shared ones, moved by as much as its own rows can tell."""
    weights = np.tile(beta, (len(variance), 1))
    if len(weights) == 1 or len(weights) > MOST_OWN:
        return weights
    error = free[:, 0] - free[:, 1:] @ beta
    prior = np.eye(len(beta)) / DIFFERENT[kind] ** 2
    order = np.argsort(of, kind="stable")
    for rows in np.split(order, np.flatnonzero(np.diff(of[order])) + 1):
        k = of[rows[0]]
        x, w = free[rows, 1:], weight[rows, None] / variance[k]
        weights[k] += np.linalg.solve((x * w).T @ x + prior, (x * w).T @ error[rows])
    return weights
