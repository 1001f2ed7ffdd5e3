"""Events from probabilities at every step, and how they compare with the true ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from gatewise.arrays import Bools, Floats

HOUR = 3600.0


@dataclass(frozen=True)
class Detection:
    """How probabilities become events.

    Attributes:
        on: the probability at which an event begins.
        off: the probability down to which it lasts (hysteresis).
        least: steps of an event at least; shorter ones are dropped.
        gap: pauses of up to so many steps between two events are closed.
    """

    on: float = 0.5
    off: float = 0.3
    least: int = 1
    gap: int = 0


@dataclass(frozen=True)
class Event:
    """Steps that belong together.

    Attributes:
        begin, end: its steps; ``end`` is not in it.
        peak: the step of the highest probability; of a true event the middle.
        score: that probability.
    """

    begin: int
    end: int
    peak: int
    score: float


def events_of(probability: Floats, how: Detection) -> list[Event]:
    """The events in probabilities [T]: first hysteresis, then gaps are closed, then short ones dropped."""
    runs = [
        (begin, end)
        for begin, end in runs_of(probability >= how.off)
        if probability[begin:end].max() >= how.on
    ]
    joined: list[tuple[int, int]] = []
    for begin, end in runs:
        if joined and begin - joined[-1][1] <= how.gap:
            joined[-1] = joined[-1][0], end
        else:
            joined.append((begin, end))
    events = []
    for begin, end in joined:
        if end - begin >= how.least:
            peak = begin + int(np.argmax(probability[begin:end]))
            events.append(Event(begin, end, peak, float(probability[peak])))
    return events


def true_events(truth: Bools) -> list[Event]:
    """The runs of steps where something is the case."""
    return [Event(b, e, (b + e - 1) // 2, 1.0) for b, e in runs_of(truth)]


def runs_of(inside: Bools) -> list[tuple[int, int]]:
    """Begin and end of the runs of true values."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], inside, [False]]).astype(np.int8)))
    return [(int(b), int(e)) for b, e in zip(edges[::2], edges[1::2], strict=True)]


@dataclass(frozen=True)
class EventRow:
    """The events of one tagger beside the true ones.

    Attributes:
        name: of the tagger.
        events: true ones.
        hits: true ones that were found.
        false: found ones where there is none.
        steps: that were looked at.
        delay: median steps from the true beginning to the one that was found (of point events, from the true
            middle to the peak); None without a hit.
    """

    name: str
    events: int
    hits: int
    false: int
    steps: int
    delay: float | None

    @property
    def recall(self) -> float:
        """Share of the true events that were found; 1 where there are none."""
        return self.hits / self.events if self.events else 1.0

    @property
    def precision(self) -> float:
        """Share of what was found that is true; 1 where nothing was found."""
        return self.hits / (self.hits + self.false) if self.hits + self.false else 1.0

    @property
    def f1(self) -> float:
        """The harmonic mean of recall and precision."""
        return 2 * self.hits / max(1, self.hits + self.false + self.events)

    def false_an_hour(self, rate: float) -> float:
        """False alarms an hour at so many steps a second."""
        return self.false * HOUR * rate / self.steps

    def to_dict(self) -> dict[str, Any]:
        return asdict(self) | {"recall": self.recall, "precision": self.precision, "f1": self.f1}


@dataclass(frozen=True)
class Track:
    """A stretch of steps in a row, for one label.

    Attributes:
        probability: [T].
        truth: [T] whether the label is true.
        known: [T] whether that is known.
    """

    probability: Floats
    truth: Bools
    known: Bools


def compared(name: str, tracks: Sequence[Track], how: Detection, tolerance: int | None) -> EventRow:
    """Compare events with the true ones.

    A true event is found where an event overlaps it that has not found an earlier one, and an event that overlaps
    none is false. With a ``tolerance``
    events are points: each is found by one whose peak is at most so many steps from its middle, and
    every other one is false. Events on steps of which nothing is known count nowhere.
    """
    total = hits = false = steps = 0
    delays: list[int] = []
    for track in tracks:
        steps += int(track.known.sum())
        truth = true_events(track.truth & track.known)
        said = [e for e in events_of(track.probability, how) if track.known[e.begin : e.end].any()]
        total += len(truth)
        if tolerance is None:
            pairs, wrong = _overlapping(truth, said)
            delays += [s.begin - t.begin for t, s in pairs]
        else:
            pairs, wrong = _near(truth, said, tolerance)
            delays += [s.peak - t.peak for t, s in pairs]
        hits, false = hits + len(pairs), false + wrong
    delay = float(np.median(delays)) if delays else None
    return EventRow(name, total, hits, false, steps, delay)


def _overlapping(
    truth: Sequence[Event], said: Sequence[Event]
) -> tuple[list[tuple[Event, Event]], int]:
    """Pairs of events that overlap, each used once, and the number of events that overlap no true one.

    An event that overlaps several true ones has found the first of them only: else one that never ends would
    have found them all.
    """
    pairs: list[tuple[Event, Event]] = []
    touching: set[int] = set()
    taken: set[int] = set()
    for t in truth:
        over = [k for k, s in enumerate(said) if s.begin < t.end and t.begin < s.end]
        touching |= set(over)
        free = [k for k in over if k not in taken]
        if free:
            pairs.append((t, said[free[0]]))
            # those that a true event is broken into belong to it, but for one that goes on into the next
            taken |= {k for k in free if said[k].end <= t.end} | {free[0]}
    return pairs, len(said) - len(touching)


def _near(
    truth: Sequence[Event], said: Sequence[Event], tolerance: int
) -> tuple[list[tuple[Event, Event]], int]:
    """Pairs of points, the nearest first, each used once; and the number of events that are left."""
    peaks = [np.array([e.peak for e in events], dtype=np.int64) for events in (truth, said)]
    distance = np.abs(np.subtract.outer(*peaks))
    near = np.argwhere(distance <= tolerance)
    apart = sorted((int(distance[j, k]), int(j), int(k)) for j, k in near)
    taken: dict[int, int] = {}
    used: set[int] = set()
    for _, j, k in apart:
        if j not in taken and k not in used:
            taken[j] = k
            used.add(k)
    return [(truth[j], said[k]) for j, k in sorted(taken.items())], len(said) - len(taken)


def format_events(rows: Sequence[EventRow], rate: float | None) -> list[str]:
    """For people, a line each."""
    width = max(len(row.name) for row in rows)
    alarms = "false an hour" if rate else "false alarms"
    lines = [f"{'':{width}}  events   found  precision  {alarms:>13}  onset"]
    for row in rows:
        false = f"{row.false_an_hour(rate):13.1f}" if rate else f"{row.false:13d}"
        delay = "–" if row.delay is None else f"{row.delay:+.0f}"
        delay = f"{row.delay / rate:+.3g} s" if rate and row.delay is not None else delay
        lines.append(
            f"{row.name:{width}}  {row.events:6d}  {100 * row.recall:4.0f} %  {100 * row.precision:7.1f} %  {false}  {delay}"
        )
    return lines


def chosen_detection(
    truth: Sequence[Track],
    validation: Sequence[Track],
    tolerance: int | None,
    on: float | None,
    off: float | None,
    least: int | None,
    gap: int | None,
) -> Detection:
    """How probabilities become events, where it is not given.

    The least duration and the gap are a third of what nearly all true events and pauses of training last; the
    threshold is the one with the best F1 of events on the validation part.

    Args:
        truth: tracks of training; of these only the truth is looked at.
        validation: tracks to choose the threshold by.
        tolerance: as ``compared`` has it.
        on, off, least, gap: what is given; None: it is chosen.
    """
    durations, pauses = [], []
    for track in truth:
        events = true_events(track.truth & track.known)
        durations += [e.end - e.begin for e in events]
        pauses += [b.begin - a.end for a, b in pairwise(events)]
    if least is None:
        least = max(1, int(np.percentile(durations, 5) / 3)) if durations else 1
    if gap is None:
        gap = int(np.percentile(pauses, 5) / 3) if pauses else 0
    best, score = Detection(), -1.0
    for high in (on,) if on is not None else (0.5, 0.4, 0.6, 0.3, 0.7, 0.2, 0.8):
        how = Detection(high, min(high, off) if off is not None else 0.6 * high, least, gap)
        row = compared("", validation, how, tolerance)
        if row.f1 > score:
            best, score = how, row.f1
    return best
