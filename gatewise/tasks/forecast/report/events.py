"""Promotions, holidays and closures: rare values of known covariates, to be marked in pictures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from gatewise.arrays import Floats, Ints
from gatewise.errors import some_of
from gatewise.tasks.data.series import Feature, Series, Table

# kinds of events that are marked, each with its own mark: as characters, and as matplotlib calls them
MARKS = "▲■◆"
SHAPES = ("^", "s", "D")
# a value is rare if at most so large a share of the rows has it
RARE = 0.3
# values that a column of numbers may have, for its rare ones to be events
MOST_VALUES = 2
# names of categories in a label
MOST_NAMES = 3

# by label: the numbers of the points of a picture at which there is such an event
Marks = Mapping[str, Ints]


@dataclass(frozen=True)
class EventKind:
    """The rare values of one known covariate: ``column`` is its number."""

    label: str
    column: int
    values: tuple[float, ...]


@dataclass(frozen=True)
class Events:
    """The kinds of events of a table, and when they were.

    Attributes:
        kinds: at most as many as there are marks.
        known: for each series by its name the position of the first row that is kept, and known covariates
            [m, K] from there on, those of future rows as well.
    """

    kinds: tuple[EventKind, ...]
    known: Mapping[str, tuple[int, Floats]]

    @property
    def labels(self) -> tuple[str, ...]:
        return tuple(kind.label for kind in self.kinds)

    def at(self, series: str, positions: Ints) -> dict[str, Ints]:
        """Which of the positions have an event, for each kind."""
        if series not in self.known:
            return {}
        start, known = self.known[series]
        inside = (positions >= start) & (positions < start + len(known))
        marks = {}
        for kind in self.kinds:
            values = np.full(len(positions), np.nan)
            values[inside] = known[positions[inside] - start, kind.column]
            marks[kind.label] = np.flatnonzero(np.isin(values, kind.values))
        return marks


NONE = Events((), {})


def events_of(table: Table, count: int | None = None) -> Events:
    """The events of a table. ``count``: of each series only so many values before its end; None: all."""
    kinds = [
        kind
        for k, feature in enumerate(table.features.known)
        if (kind := _kind(feature, k, table.series)) is not None
    ][: len(MARKS)]
    if not kinds:
        return NONE
    known = {}
    for s in table.series:
        first = 0 if count is None else max(0, len(s.values) - count)
        known[s.id] = (s.start + first, s.known[first:].copy() if first else s.known)
    return Events(tuple(kinds), known)


def _kind(feature: Feature, column: int, series: tuple[Series, ...]) -> EventKind | None:
    """The rare values of a covariate; None if it has none, or is a measurement."""
    values, counts = np.unique(
        np.concatenate([s.known[:, column] for s in series]), return_counts=True
    )
    seen = ~np.isnan(values)
    values, counts = values[seen], counts[seen]
    if len(values) < 2 or (feature.numeric and len(values) > MOST_VALUES):
        return None
    rare = values[counts <= RARE * counts.sum()]
    if not len(rare) or counts[~np.isin(values, rare)].sum() == 0:
        return None
    if feature.categories is None:
        value = float(rare[0])
        label = feature.name if value == 1 else f"{feature.name} = {value:g}"
    else:
        names = [feature.categories[int(v)] for v in rare if v < len(feature.categories)]
        label = f"{feature.name}: {some_of((n or 'empty' for n in names), MOST_NAMES)}"
    return EventKind(label, column, tuple(map(float, rare)))
