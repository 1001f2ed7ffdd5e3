"""Covariate columns: what kind they are, their values as numbers, the rows that reach into the future."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from gatewise.arrays import Bools, Floats, Ints
from gatewise.errors import InputError, some_of
from gatewise.tasks.data.columns import Columns
from gatewise.tasks.data.disk_arrays import allocate
from gatewise.tasks.data.instants import is_date
from gatewise.tasks.data.series import Feature, Features

MANY = 256  # different texts above which a column that is mostly different ones is no category
FAR = 3.0  # ranges of training beside its own, from which a value is far outside


EMPTY = ""  # the category of empty cells


def feature_of(columns: Columns, name: str, history: Bools | None = None) -> Feature:
    """What a column holds, as training sees it. Raises InputError if it cannot be a covariate.

    Args:
        history: [n] the rows whose empty cells are a category, as of days that are no holiday; None if
            empty cells are missing values. An empty cell of a later row is a value that nobody knows yet.
    """
    columns.check(name)
    kind = columns.kind(name)
    if kind == "empty":
        raise InputError(f"column {name!r} has no value in any row: leave it out")
    if kind == "time" or (kind == "text" and is_date(columns.first(name))):
        raise InputError(f"column {name!r} holds times: turn them into numbers or texts first")
    if kind == "text" and columns.mostly_numbers(name):
        columns.numbers(name)  # says which cell is none
    if kind == "text":
        categories, codes = columns.texts(name)
        if len(categories) > max(MANY, columns.rows // 2):
            raise InputError(
                f"column {name!r} has {len(categories)} different texts in {columns.rows} rows, "
                f"such as {categories[0]!r}: that is no category; leave it out"
            )
        if history is not None and np.any(history & (codes < 0)):
            categories = (EMPTY, *categories)
        return Feature(name, categories)
    return with_range(Feature(name), columns.numbers(name))


def with_range(feature: Feature, values: Floats) -> Feature:
    """A feature of numbers with the range of values of which some are there."""
    return replace(feature, low=float(np.nanmin(values)), high=float(np.nanmax(values)))


def encode(columns: Columns, features: Sequence[Feature], doubts: list[str]) -> Floats:
    """The columns as [rows, F] numbers or codes; what training has not seen is added to the doubts."""
    encoded = allocate((columns.rows, len(features)))
    for k, feature in enumerate(features):
        columns.check(feature.name)
        if feature.categories is None:
            encoded[:, k] = columns.numbers(feature.name)
            doubts.extend(note_outside(feature, encoded[:, k]))
        else:
            texts, codes = columns.texts(feature.name)
            place = {text: n for n, text in enumerate(feature.categories)}
            new = [text for text in texts if text not in place]
            table = np.array([*(place.get(t, len(place)) for t in texts), place.get(EMPTY, np.nan)])
            encoded[:, k] = table[codes]
            if new:
                doubts.append(
                    f"column {feature.name!r}: {_list_texts(new)} did not occur in training and "
                    "count as unknown"
                )
    return encoded


def note_outside(feature: Feature, values: Floats) -> list[str]:
    """A sentence if values lie far outside the range that training has seen, as in another unit."""
    seen = values[~np.isnan(values)]
    if not feature.numeric or not len(seen):
        return []
    width = feature.high - feature.low or abs(feature.high) or 1.0
    middle = float(np.median(seen))
    low, high = float(seen.min()), float(seen.max())
    beside = max(feature.low - middle, middle - feature.high) > 0.1 * width
    if not beside and max(feature.low - low, high - feature.high) <= FAR * width:
        return []
    return [
        f"column {feature.name!r} runs from {low:g} to {high:g}, far outside what training "
        f"has seen ({feature.low:g} to {feature.high:g}): is it in another unit?"
    ]


def check_static(values: Floats, rows: Ints, features: Sequence[Feature], key: str) -> Floats:
    """The one value [S] of each static column in a series' rows [n, S]. Raises InputError if it changes."""
    constants = np.full(len(features), np.nan)
    for k, feature in enumerate(features):
        present = np.flatnonzero(~np.isnan(values[:, k]))
        if not len(present):
            continue
        constants[k] = values[present[0], k]
        other = present[values[present, k] != constants[k]]
        if len(other):
            raise InputError(
                f"column {feature.name!r} is static but changes within "
                + (f"series {key!r}" if key else "the series")
                + f", in rows {rows[present[0]] + 1} and {rows[other[0]] + 1}: name it as known or past"
            )
    return constants


def on_grid(positions: Ints, values: Floats, low: int, high: int) -> Floats:
    """Rows [n, F] at their positions of low .. high - 1; NaN where there is none."""
    grid = allocate((high - low, values.shape[1]))
    if not values.shape[1]:
        return grid
    inside = (positions >= low) & (positions < high)
    grid[positions[inside] - low] = values[inside]
    return grid


def needed(
    known: Floats, features: Features, key: str, steps: int, show: Callable[[int], str]
) -> None:
    """Raises InputError if known covariates [m, K] do not have a value for each of the next steps.

    Args:
        show: the time of a step of the horizon, counted from 0, as text.
    """
    present = np.zeros((steps, len(features.known)), dtype=bool)
    present[: len(known)] = ~np.isnan(known[:steps])
    for k, feature in enumerate(features.known):
        absent = np.flatnonzero(~present[:, k])
        if len(absent):
            raise InputError(
                f"column {feature.name!r} is needed for each of the {steps} steps that are forecast"
                + (f", of series {key!r}" if key else "")
                + f", and has no value at {show(int(absent[0]))}: give the rows that are known "
                "(future=frame, --future FILE)"
            )


def _list_texts(texts: Sequence[str]) -> str:
    return some_of(map(repr, texts), 3)
