"""Stretches of steps by label, for events: which labels make events, and where they are looked for."""

from __future__ import annotations

from typing import Any

import numpy as np

from gatewise.arrays import Array, Floats, Ints
from gatewise.errors import InputError
from gatewise.tasks.steps.windows import Spans
from gatewise.tasks.tag.events import Track
from gatewise.tasks.tag.labels import StepLabels, What


def event_labels(what: What, classes: Array, counts: Ints, background: Any) -> tuple[int, ...]:
    """Numbers of the classes or labels whose runs are events: all but the background, the most frequent class.

    Raises InputError for a background that is no class.
    """
    if what == "value":
        return ()
    if what == "several":
        return tuple(range(len(classes)))
    known = classes.tolist()
    if background is not None and background not in known:
        raise InputError(
            f"background is one of the classes, not {background!r}; there are {known[:10]}"
        )
    rest = int(np.argmax(counts)) if background is None else known.index(background)
    return tuple(k for k in range(len(known)) if k != rest)


def tracks_of(
    labels: StepLabels, said: Floats | None, spans: Spans, events: tuple[int, ...]
) -> list[Track]:
    """A track for every span and label; ``said`` are probabilities [S, K], or None for the truth alone."""
    tracks = []
    for begin, end in zip(spans.begin, spans.end, strict=True):
        truth = labels.values[begin:end]
        for k in events:
            column = 0 if labels.what == "class" else k
            value = k if labels.what == "class" else 1
            probability = np.zeros(end - begin) if said is None else said[begin:end, k]
            track = Track(probability, truth[:, column] == value, ~np.isnan(truth[:, column]))
            if track.known.any():
                tracks.append(track)
    return tracks
