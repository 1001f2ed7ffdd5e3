"""What is said of steps: one of several classes, several labels at once, or values."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Literal

import numpy as np

from gatewise.arrays import Array, Bools, Floats, Ints
from gatewise.errors import InputError, some_of
from gatewise.tasks.data.cells import LARGEST, is_missing
from gatewise.tasks.sequences.alike import warn_of_alike

What = Literal["class", "several", "value"]
WHATS: tuple[What, ...] = ("class", "several", "value")
MOST_CLASSES = 10_000
SHOWN = 6  # classes that the plan names


@dataclass(frozen=True)
class StepLabels:
    """What is said of S steps.

    Attributes:
        what: "class", "several" or "value".
        classes: of "class" the K labels in order; of others the names of the K columns.
        values: [S, 1] codes of classes, or [S, K] truths (0 and 1) or values; NaN where not known.
    """

    what: What
    classes: Array
    values: Floats

    @property
    def known(self) -> Bools:
        """[S] steps of which anything is known."""
        return np.asarray(~np.isnan(self.values).all(1))

    @property
    def codes(self) -> Ints:
        """[S] of "class": the code of each step; -1 where not known."""
        known = np.nan_to_num(self.values[:, 0], nan=-1)
        return np.asarray(known, dtype=np.int64)

    def codes_at(self, places: Ints) -> Ints:
        """[n] of "class": the codes of known steps."""
        return np.asarray(self.values[places, 0].astype(np.int64))

    @property
    def counts(self) -> Ints:
        """[K] steps of each class or label; of "value" those that are known."""
        if self.what == "class":
            return np.asarray(np.bincount(self.codes[self.known], minlength=len(self.classes)))
        held = ~np.isnan(self.values) if self.what == "value" else self.values == 1
        return np.asarray(held.sum(0))

    def strata(self, starts: Ints) -> Ints:
        """[N] what parts share evenly: the rarest class or label of a sequence, or the rank of its mean."""
        rarest = np.zeros(len(starts) - 1, dtype=np.int64)
        if self.what == "value":
            sums = np.add.reduceat(np.nan_to_num(self.values).sum(1), starts[:-1])
            return np.argsort(np.argsort(sums / np.diff(starts))) * 5 // len(rarest)
        rare_first = np.argsort(self.counts, kind="stable")
        for k, (begin, end) in enumerate(pairwise(starts)):
            part = self.values[begin:end]
            here = (
                np.isin(rare_first, part[~np.isnan(part)])
                if self.what == "class"
                else (part == 1).any(0)[rare_first]
            )
            rarest[k] = np.argmax(here) if here.any() else len(rare_first)
        return rarest

    def describe(self) -> list[str]:
        """For people."""
        known = int(self.known.sum())
        missing = len(self.values) - known
        gaps = f"; {missing} steps have no label, and count nowhere" if missing else ""
        if self.what == "value":
            low, high = np.nanmin(self.values), np.nanmax(self.values)
            return [f"values   from {low:.4g} to {high:.4g} at {known} steps{gaps}"]
        order = np.argsort(-self.counts, kind="stable")
        shown = some_of((f"{self.classes[k]} {self.counts[k]}" for k in order), SHOWN)
        title = "classes " if self.what == "class" else "labels  "
        return [f"{title} steps of each: {shown}{gaps}"]


def read_labels(y: Any, names: tuple[str, ...], what: What | None) -> StepLabels:
    """Read what is said of steps.

    Args:
        y: [S] or [S, K]; NaN, None and empty texts are not known.
        names: of the columns.
        what: None: texts, truth values and whole numbers are classes, columns of 0 and 1 several labels, other
            numbers values.

    Raises InputError for what is no label, for a single class, and where nothing is known.
    """
    if y is None:
        raise InputError(
            "this SequenceTagger requires y to be passed, but the target y is None: give an array of labels for "
            "each sequence, or name the label column of a table with label="
        )
    array = np.asarray(y)
    if array.dtype.kind not in "OUTfiub":
        raise InputError(f"Unknown label type: labels are texts or numbers, not {array.dtype}")
    if array.dtype.kind in "OUT":
        numbers = _numbers(array)
        if numbers is None:
            return _classes_of_texts(array, what)
        array = numbers
    values = array.astype(np.float64)
    wrong = np.argwhere(np.abs(values) > LARGEST)
    if len(wrong):
        is_infinite = np.isinf(values[tuple(wrong[0])])
        size = "infinite" if is_infinite else "too large for a measurement"
        raise InputError(f"the label of step {wrong[0][0]} is {size}")
    known = values[~np.isnan(values)]
    if not len(known):
        raise InputError("no step has a label: all of them are missing")
    whole = bool((known == np.round(known)).all())
    if what is None:
        if values.ndim == 2 and values.shape[1] > 1:
            what = "several" if np.isin(known, (0, 1)).all() else "value"
        else:
            what = "class" if whole else "value"
    columns = values.reshape(len(values), -1)
    if what == "value":
        if np.ptp(known) == 0:
            raise InputError(f"all values to learn are {known[0]:g}: there is nothing to learn")
        return StepLabels("value", np.array(names), columns)
    if what == "several":
        if not np.isin(known, (0, 1)).all():
            raise InputError("several labels at once are columns of 0 and 1 (NaN where not known)")
        return StepLabels("several", np.array(names), columns)
    if columns.shape[1] > 1:
        raise InputError("one class a step is one column of labels, not several")
    classes, codes = np.unique(known, return_inverse=True)
    integer = whole and np.abs(known).max() < 2**53
    shown = classes.astype(bool if array.dtype == bool else np.int64) if integer else classes
    return _coded(shown, codes, ~np.isnan(columns[:, 0]))


def _numbers(array: Array) -> Floats | None:
    """Objects as numbers with NaN; None where there are texts among them."""
    numbers = np.full(array.shape, np.nan)
    for place, value in np.ndenumerate(array):
        if is_missing(value):
            continue
        if isinstance(value, str) or not isinstance(value, int | float | np.number | np.bool_):
            return None
        numbers[place] = float(value)
    return numbers


def _classes_of_texts(array: Array, what: What | None) -> StepLabels:
    if array.ndim == 2 and array.shape[1] == 1:
        array = array[:, 0]
    if array.ndim != 1 or what not in (None, "class"):
        raise InputError("texts are classes, one a step: several labels or values are numbers")
    held = np.array([not is_missing(value) for value in array])
    kinds = {type(value).__name__ for value in array[held]}
    if len(kinds) > 1 and not kinds <= {"str", "str_"}:
        raise InputError(f"labels are of several types ({', '.join(sorted(kinds))}): make them one")
    if not held.any():
        raise InputError("no step has a label: all of them are missing")
    classes, codes = np.unique(array[held].astype(str), return_inverse=True)
    warn_of_alike(classes)
    return _coded(classes, codes, held)


def _coded(classes: Array, codes: Ints, held: Bools) -> StepLabels:
    if len(classes) < 2:
        raise InputError(
            f"there is one class only ({classes.tolist()[0]!r}), and a tagger needs at least two"
        )
    if len(classes) > MOST_CLASSES:
        raise InputError(
            f'there are {len(classes):,} classes: are these values? Give what="value" then'
        )
    values = np.full((len(held), 1), np.nan)
    values[held, 0] = codes
    return StepLabels("class", classes, values)
