"""Figures of a fitted tagger on other sequences."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from gatewise.errors import InputError, some_of
from gatewise.tasks.sequences.training_copies import are_copies, count_copies, figures_with_copies
from gatewise.tasks.steps.source import StepSource
from gatewise.tasks.steps.windows import Spans
from gatewise.tasks.tag.events import EventRow, compared, format_events
from gatewise.tasks.tag.figures import Row, format_table, row_of
from gatewise.tasks.tag.fitted import Fitted
from gatewise.tasks.tag.labels import StepLabels
from gatewise.tasks.tag.tracks import tracks_of


@dataclass(frozen=True)
class Evaluation:
    """Figures on sequences that are no copies of training sequences, and of all.

    Attributes:
        sequences, steps: how many there are, and how many steps have a label.
        seen: how many sequences are equal to one of training.
        row: figures of the steps of the others; None if there are none.
        all: of all.
        majority: those of the most frequent class of training (the mean of values), on the same steps as ``row``.
        events: of the events of the others; None for values.
        rate: steps a second; None where it is not known.
    """

    sequences: int
    steps: int
    seen: int
    row: Row | None
    all: Row
    majority: Row | None
    events: EventRow | None
    rate: float | None

    def describe(self) -> list[str]:
        """For people."""
        lines = [f"{count_copies(self.sequences, self.seen)}; {self.steps} labelled steps", ""]
        if self.row is not None and self.majority is not None:
            lines += format_table([self.row, self.majority])
        if self.events is not None:
            lines += ["", "events", *format_events([self.events], self.rate)]
        lines += figures_with_copies(format_table([self.all]), self.seen)
        return lines

    def to_dict(self) -> dict[str, Any]:
        rows = {"row": self.row, "all": self.all, "majority": self.majority, "events": self.events}
        return {
            "sequences": self.sequences,
            "steps": self.steps,
            "seen": self.seen,
            **{name: None if row is None else row.to_dict() for name, row in rows.items()},
        }


def evaluate(fitted: Fitted, source: StepSource) -> Evaluation:
    """Measure a tagger. Raises InputError for labels that it does not know."""
    labels, data = known_labels(fitted, source), source.sequences
    said = fitted.said(data)
    copy = are_copies(fitted, data)
    new = Spans.whole(data.starts, np.flatnonzero(~copy))
    everywhere = np.flatnonzero(labels.known)
    row = majority = events = None
    if len(new):
        places = new.places()
        places = places[labels.known[places]]
        if len(places):
            row = row_of(fitted.name, labels, said, places)
            simple = np.tile(_majority(fitted), (len(said), 1))
            majority = row_of(
                "mean" if fitted.what == "value" else "majority", labels, simple, places
            )
        if fitted.events:
            tracks = tracks_of(labels, said, new, fitted.events)
            if tracks:
                tolerance = fitted.options.tolerance
                events = compared(fitted.name, tracks, fitted.detection, tolerance)
    return Evaluation(
        len(data),
        len(everywhere),
        int(copy.sum()),
        row,
        row_of(fitted.name, labels, said, everywhere),
        majority,
        events,
        fitted.options.rate,
    )


def _majority(fitted: Fitted) -> np.ndarray:
    if fitted.what == "value":
        return np.array(fitted.mean)
    counts = np.array(fitted.counts, dtype=float)
    return counts / counts.sum() if fitted.what == "class" else np.zeros(len(counts))


def known_labels(fitted: Fitted, source: StepSource) -> StepLabels:
    """What is said of the steps, in the codes of training. Raises InputError for what training has not seen."""
    if source.y is None:
        raise InputError("evaluating needs labels: give y, or a table with the label column")
    array = np.asarray(source.y)
    width = 1 if fitted.what == "class" else len(fitted.classes)
    columns = array.reshape(len(array), -1)
    if columns.shape[1] != width:
        raise InputError(
            f"the model says {width} things of a step, and there are {columns.shape[1]} columns of labels"
        )
    if fitted.what != "class":
        values = columns.astype(np.float64)
        if fitted.what == "several" and not np.isin(values[~np.isnan(values)], (0, 1)).all():
            raise InputError("several labels at once are columns of 0 and 1 (NaN where not known)")
        labels = StepLabels(fitted.what, fitted.classes, values)
    else:
        labels = StepLabels("class", fitted.classes, _codes(fitted, columns[:, 0]))
    if not labels.known.any():
        raise InputError("no step has a label: all of them are missing")
    return labels


def _codes(fitted: Fitted, column: np.ndarray) -> np.ndarray:
    """[S, 1] codes of labels, NaN where missing."""
    known = fitted.classes.tolist()
    texts = fitted.classes.dtype.kind in "OUT"
    code: dict[Any, int] = {label: k for k, label in enumerate(known)}
    codes = np.full((len(column), 1), np.nan)
    for k, value in enumerate(column.tolist()):
        if value is None or value != value or (texts and str(value).strip() == ""):
            continue
        label = str(value) if texts else value
        if label not in code:
            raise InputError(
                f"step {k} has the label {value!r:.80}, which training has not seen; there are "
                f"{some_of(map(repr, known), 10)}"
            )
        codes[k] = code[label]
    return codes
