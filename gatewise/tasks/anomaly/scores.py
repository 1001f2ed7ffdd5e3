"""Scores of steps: how far values are from the forecast, in units of the usual error; and ranked places."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from gatewise.arrays import Floats, Ints

NORMAL = 1.4826  # the deviation of normal errors over their median size
APART = 50  # steps between two places at least, and of a stretch of quiet steps
FAR = 6.0  # deviations of the highest scores of stretches, above which one is not quiet


@dataclass(frozen=True)
class Anomaly:
    """A stretch of steps that stands out.

    Attributes:
        rank: from 1 on.
        sequence: its number.
        begin, end: its steps, in its sequence; ``end`` is not in it.
        peak: the step with the highest score.
        score: that score.
        flagged: whether it is above the threshold.
    """

    rank: int
    sequence: int
    begin: int
    end: int
    peak: int
    score: float
    flagged: bool

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)


def usual_errors(residuals: Floats) -> Floats:
    """[C] the deviation of errors [n, C], from their median: a few large ones do not count."""
    size = np.nanmedian(np.abs(residuals), axis=0) * NORMAL
    deviation = np.nanstd(residuals, axis=0)
    usual = np.where(size > 0, size, deviation)
    return np.asarray(np.where(usual > 0, usual, 1.0))


def scores_of(residuals: Floats, usual: Floats, starts: Ints, smooth: int) -> Floats:
    """[S] the root of the mean square of the errors [S, C] over the channels, in usual errors.

    Smoothed by the mean over the last ``smooth`` steps. Steps without an error have the score 0.
    """
    square = (residuals / usual) ** 2
    known = ~np.isnan(square)
    count = known.sum(1)
    each: Floats = np.sqrt(np.where(known, square, 0.0).sum(1) / np.maximum(count, 1))
    if smooth == 1:
        return each
    scores = np.empty_like(each)
    for begin, end in pairwise(starts):
        total = np.concatenate([[0.0], each[begin:end].cumsum()])
        high = np.arange(1, end - begin + 1)
        low = np.maximum(high - smooth, 0)
        scores[begin:end] = (total[high] - total[low]) / smooth
    return scores


def highest_usual(scores: Floats) -> float:
    """The highest of quiet scores [n], without the stretches that stand out themselves.

    Data that are taken for quiet may hold an anomaly, which must not set the threshold that it is measured by. So
    stretches of ``APART`` steps are left out whose highest score is more than ``FAR`` deviations above the
    median of all of them (the deviation is that of the median distance).
    """
    count = max(1, len(scores) // APART)
    highest = np.array([part.max() for part in np.array_split(scores, count)])
    middle = np.median(highest)
    bound = middle + FAR * NORMAL * np.median(np.abs(highest - middle))
    usual = highest[highest <= bound]
    return float(usual.max() if len(usual) else highest.max())


def ranked(scores: Floats, starts: Ints, threshold: float, count: int) -> list[Anomaly]:
    """The places with the highest scores, at least ``APART`` steps from each other."""
    left = scores.copy()
    places: list[Anomaly] = []
    while len(places) < count and len(left):
        at = int(np.argmax(left))
        score = float(left[at])
        if not score > 0:
            break
        k = int(np.searchsorted(starts, at, side="right")) - 1
        low, high = int(starts[k]), int(starts[k + 1])
        # as far as it is above the threshold, or half as high
        level = min(threshold, score / 2)
        begin, end = at, at + 1
        while begin > low and scores[begin - 1] >= level:
            begin -= 1
        while end < high and scores[end] >= level:
            end += 1
        left[max(low, begin - APART) : min(high, end + APART)] = 0
        places.append(
            Anomaly(len(places) + 1, k, begin - low, end - low, at - low, score, score >= threshold)
        )
    return places


def format_places(places: Sequence[Anomaly]) -> list[str]:
    """For people, a line each."""
    several = any(place.sequence for place in places)
    lines = [f"rank  {'sequence  ' if several else ''}steps              peak     score"]
    for place in places:
        mark = "" if place.flagged else "  (below the threshold)"
        name = f"{place.sequence:8d}  " if several else ""
        steps = f"{place.begin} to {place.end - 1}"
        lines.append(
            f"{place.rank:4d}  {name}{steps:14}  {place.peak:7d}  {place.score:8.2f}{mark}"
        )
    return lines
