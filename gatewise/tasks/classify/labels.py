"""Labels as people have them, checked and numbered."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.utils import column_or_1d
from sklearn.utils.multiclass import check_classification_targets

from gatewise.arrays import Array, Ints
from gatewise.errors import InputError, InputWarning
from gatewise.tasks.data.cells import is_missing, is_number
from gatewise.tasks.sequences.alike import warn_of_alike

SHOWN = 5  # classes that a message names


@dataclass(frozen=True)
class Labels:
    """The classes of N sequences.

    Attributes:
        classes: [K] different labels, in order.
        codes: [N] numbers of classes.
    """

    classes: Array
    codes: Ints

    @property
    def counts(self) -> Ints:
        """[K] sequences of each class."""
        return np.bincount(self.codes, minlength=len(self.classes))

    def describe(self) -> list[str]:
        """For people."""
        order = np.argsort(-self.counts, kind="stable")
        shown = ", ".join(f"{self.classes[k]} {self.counts[k]}" for k in order[:SHOWN])
        more = (
            f", {len(order) - SHOWN} more (the rarest {self.counts.min()})"
            if len(order) > SHOWN
            else ""
        )
        return [f"classes  {len(order)}: {shown}{more}"]


def read_labels(y: Any, count: int) -> Labels:
    """Number the labels of ``count`` sequences.

    Raises InputError for missing labels, for a single class, and, in scikit-learn's words, for what are no
    labels. Warns (InputWarning) of classes with a single sequence.
    """
    if y is None:
        raise InputError(
            "this SequenceClassifier requires y to be passed, but the target y is None: give labels, or "
            "name the label column of a table with label="
        )
    if isinstance(y, list | tuple):
        # as an array, a missing label among texts would be the text "nan"
        _check_each(y)
    values = np.asarray(y)
    if values.dtype.kind not in "OUSTfiub" and values.ndim == 1:
        raise InputError(
            f"Unknown label type: labels are texts or whole numbers, not {values.dtype}"
        )
    try:
        labels = column_or_1d(values, warn=True)
    except ValueError as error:
        raise InputError(f"{error} A classifier learns one label for each sequence") from None
    if len(labels) != count:
        raise InputError(
            f"there are {count} sequences and {len(labels)} labels: inconsistent numbers of samples"
        )
    if labels.dtype.kind in "Of":
        _check_each(labels.tolist())
    try:
        check_classification_targets(_without_fractions(labels))
    except (ValueError, TypeError) as error:
        raise InputError(str(error)) from None
    classes, codes = np.unique(labels, return_inverse=True)
    if len(classes) < 2:
        raise InputError(
            f"there is one class only ({classes.tolist()[0]!r}), and a classifier needs at least two"
        )
    if classes.dtype.kind in "OU" and 2 * len(classes) > len(labels):
        _check_no_values(classes.tolist())
    encoded = Labels(classes, codes.astype(np.int64))
    warn_of_alike(classes)
    lonely = classes[encoded.counts == 1]
    if len(lonely):
        names = ", ".join(map(str, lonely[:SHOWN])) + (" and more" if len(lonely) > SHOWN else "")
        warnings.warn(
            f"{len(lonely)} of {len(classes)} classes have a single sequence ({names}): the figures say nothing "
            "of them",
            InputWarning,
            stacklevel=4,
        )
    return encoded


def _without_fractions(labels: Array) -> Array:
    """Grades such as 2.5 that occur at least twice on average as their codes; other labels as they are.

    scikit-learn takes any fraction for a measurement.
    """
    if labels.dtype.kind != "f" or not np.isfinite(labels).all() or (labels % 1 == 0).all():
        return labels
    classes, codes = np.unique(labels, return_inverse=True)
    return codes if 2 * len(classes) <= len(labels) else labels


def _check_no_values(classes: Sequence[Any]) -> None:
    """Raises InputError for texts that are fractions, mostly different ones."""
    if all(map(is_number, classes)) and any(float(text) % 1 for text in classes):
        raise InputError(
            f"the labels are numbers that nearly all differ, such as {classes[len(classes) // 2]}: values are learned by a "
            "SequenceRegressor (gatewise fit regress)"
        )


def _check_each(labels: Sequence[Any]) -> None:
    """Raises InputError for missing labels, and for texts beside other values."""
    missing = [k for k, value in enumerate(labels) if is_missing(value)]
    if missing:
        more = f" and {len(missing) - 1} more" if len(missing) > 1 else ""
        raise InputError(
            f"the label of sequence {missing[0]}{more} is missing (NaN): leave these sequences out"
        )
    texts = sum(isinstance(value, str) for value in labels)
    if texts not in (0, len(labels)):
        kinds = sorted({type(value).__name__ for value in labels})
        raise InputError(f"labels are of several types ({', '.join(kinds)}): make them one")
