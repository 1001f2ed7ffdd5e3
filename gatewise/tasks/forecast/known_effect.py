"""What known covariates do to a target, so that it can be taken off a series and put back for a forecast.

A value is ``base * factor + shift``: the base is what the season is looked up in and the network corrects, factor
and shift follow from the known covariates of the same step. So past promotions and closures do not go into the
seasonal base, and those of the horizon come into its forecast.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np

from gatewise.arrays import Bools, Floats, Ints
from gatewise.tasks.data.clock import Clock
from gatewise.tasks.data.encoding import Cycle, place_in
from gatewise.tasks.data.future import cell_text
from gatewise.tasks.data.series import Feature, Series

TermKind = Literal["value", "above", "is", "cos", "sin"]
EffectKind = Literal["factor", "shift"]
# a factor lies between its inverse and this
MOST_FACTOR = 50.0
# a number may lie so many ranges of training outside of it before it is held
BEYOND = 0.5
# effects that are told to people, at most
TOLD = 6


@dataclass(frozen=True)
class Term:
    """One column of the regression.

    Attributes:
        kind: "value" (a number, less ``at``, divided by ``scale``), "above" (the same where it is above zero),
            "is" (1 where the value or the category is ``at``); "cos" and "sin" of the calendar, ``at`` waves a cycle.
        column: the number of the known covariate; 0 for the calendar.
        at, scale: see ``kind``.
        low, high: numbers are held within.
        cycle: of the calendar; None for a covariate.
    """

    kind: TermKind
    column: int = 0
    at: float = 0.0
    scale: float = 1.0
    low: float = 0.0
    high: float = 0.0
    cycle: Cycle | None = None

    def of(self, known: Floats, moments: Ints) -> Floats:
        """The column [n] for known covariates [n, K] and the local times [n]; 0 where a value is missing."""
        if self.cycle is not None:
            turn = 2 * np.pi * self.at * place_in(moments, self.cycle)
            return np.asarray(np.cos(turn) if self.kind == "cos" else np.sin(turn))
        values = known[:, self.column]
        if self.kind == "is":
            return np.asarray(values == self.at, dtype=float)
        scaled = np.nan_to_num((np.clip(values, self.low, self.high) - self.at) / self.scale)
        return np.asarray(np.maximum(scaled, 0.0) if self.kind == "above" else scaled)


@dataclass(frozen=True)
class TargetEffect:
    """The effect on one target.

    Attributes:
        closed: known covariates and their values at which the target is zero, as of a shop that is closed.
        weights: of the terms, for a series that training has not seen.
    """

    closed: tuple[tuple[int, float], ...]
    weights: tuple[float, ...]


@dataclass(frozen=True)
class KnownEffect:
    """The effect of known covariates, fitted by a regression.

    Attributes:
        kind: "factor": the base is multiplied by the exponential of the terms' sum; "shift": the sum is added.
        terms: the columns of the regression.
        targets: a record for each target.
        own: the weights of each series of training; {} for a single series.
    """

    kind: EffectKind
    terms: tuple[Term, ...]
    targets: tuple[TargetEffect, ...]
    own: dict[str, tuple[float, ...]] = field(default_factory=dict)

    @property
    def cycles(self) -> tuple[Cycle, ...]:
        """The cycles of the calendar that have a part in it."""
        return tuple(dict.fromkeys(t.cycle for t in self.terms if t.cycle is not None))

    def at(self, series: Series, known: Floats, clock: Clock) -> tuple[Floats, Floats]:
        """Factor [n] and shift [n] at the steps of known covariates [n, K], from the first step of a series on."""
        target = self.targets[min(series.target, len(self.targets) - 1)]
        weights = np.array(self.own.get(series.id, target.weights))
        moments = moments_of(clock, series.start, len(known), self.cycles)
        total = np.zeros(len(known))
        for term, weight in zip(self.terms, weights, strict=True):
            total += weight * term.of(known, moments)
        factor, shift = np.ones(len(known)), np.zeros(len(known))
        if self.kind == "factor":
            factor = np.exp(np.clip(total, -np.log(MOST_FACTOR), np.log(MOST_FACTOR)))
        else:
            shift = total
        shut = closed_rows(known, target.closed)
        return np.where(shut, 0.0, factor), np.where(shut, 0.0, shift)

    def base(self, series: Series, clock: Clock) -> Floats:
        """The values [n] of a series with the effect taken off; NaN where it is closed."""
        factor, shift = self.at(series, series.known[: len(series.values)], clock)
        return without(series.values, factor, shift)

    def taken_off(self, series: Sequence[Series], clock: Clock) -> tuple[Series, ...]:
        """The series with the effect taken off."""
        return tuple(replace(s, values=self.base(s, clock)) for s in series)

    def describe(self, features: Sequence[Feature]) -> str:
        """For people, in one line."""
        parts = []
        for k, feature in enumerate(features):
            texts = [cell_text(feature, value) for column, value in self._closed if column == k]
            if texts:
                parts.append(f"zero where {feature.name} is {' or '.join(texts)}")
        effects = [part for k, f in enumerate(features) for part in self._of(k, f)]
        more = len(effects) - TOLD
        parts += effects[:TOLD] + ([f"{more} more"] if more > 0 else [])
        parts += [f"the time of the {cycle}" for cycle in self.cycles]
        return ", ".join(parts) or "no effect"

    @property
    def _closed(self) -> tuple[tuple[int, float], ...]:
        return self.targets[0].closed

    def _of(self, column: int, feature: Feature) -> list[str]:
        """What values of one covariate do, each in words."""
        terms = [
            (t, w)
            for t, w in zip(self.terms, self.targets[0].weights, strict=True)
            if t.column == column and t.cycle is None
        ]
        if not terms:
            return []
        if not feature.numeric:
            sizes = [(t.at, w) for t, w in terms if (column, t.at) not in self._closed]
            return [f"{feature.name} {cell_text(feature, at)} {self._size(w)}" for at, w in sizes]
        ends = np.full((2, column + 1), np.nan)
        ends[:, column] = feature.low, feature.high
        low, high = np.sum([w * t.of(ends, np.zeros(2, np.int64)) for t, w in terms], axis=0)
        if any((column, value) in self._closed for value in ends[:, column]):
            return []
        plain = (feature.low, feature.high) == (0.0, 1.0)
        span = "" if plain else f" from {feature.low:g} to {feature.high:g}"
        return [f"{feature.name}{span} {self._size(float(high - low))}"]

    def _size(self, weight: float) -> str:
        return f"x{np.exp(weight):.2f}" if self.kind == "factor" else f"{weight:+.3g}"


def without(values: Floats, factor: Floats, shift: Floats) -> Floats:
    """The base [n] of values; NaN where the factor is zero, as nothing can be seen of it there."""
    shut = factor == 0
    return np.where(shut, np.nan, (values - shift) / np.where(shut, 1.0, factor))


def closed_rows(known: Floats, closed: Sequence[tuple[int, float]]) -> Bools:
    """Which rows [n] of known covariates [n, K] have one of these values."""
    is_closed = np.zeros(len(known), dtype=bool)
    for column, value in closed:
        is_closed |= known[:, column] == value
    return is_closed


def moments_of(clock: Clock, start: int, count: int, cycles: Sequence[Cycle]) -> Ints:
    """The local times [count] of positions from ``start`` on, where cycles of the calendar need them."""
    if not cycles:
        return np.zeros(count, np.int64)
    return clock.wall_times(np.arange(start, start + count))


def unlike_history(
    series: Sequence[Series], features: Sequence[Feature], later: Mapping[str, Floats] | None = None
) -> list[str]:
    """A sentence on each known covariate that never changes in the history, and is another value in the future.

    Args:
        series: with the known covariates of training.
        features: the known covariates.
        later: known covariates [m, K] of later rows; None: those that stand after the last value.
    """
    doubts = []
    past = np.concatenate([s.known[: len(s.values)] for s in series])
    pieces = [s.known[len(s.values) :] for s in series] if later is None else list(later.values())
    future = np.concatenate(pieces) if pieces else past[:0]
    for k, feature in enumerate(features):
        before, after = (np.unique(v[~np.isnan(v)]) for v in (past[:, k], future[:, k]))
        new = np.setdiff1d(after, before)
        if len(before) == 1 and len(new):
            doubts.append(
                f"the known covariate {feature.name!r} is {cell_text(feature, before[0])} throughout the history, "
                f"and {cell_text(feature, new[0])} in the future: nothing can be learned of what that does, and the "
                "forecast takes no account of it"
            )
    return doubts
