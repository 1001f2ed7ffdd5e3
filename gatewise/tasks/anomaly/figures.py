"""Figures of a detector: its forecasts beside baselines, and its scores where true anomalies are known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from sklearn.metrics import average_precision_score, roc_auc_score

from gatewise.arrays import Bools, Floats, Ints


@dataclass(frozen=True)
class Row:
    """How far one forecast is off, in standard deviations of each channel.

    Attributes:
        name: of the forecast.
        mae: mean absolute error.
        rmse: root of the mean squared error.
    """

    name: str
    mae: float
    rmse: float

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)


def row_of(name: str, residuals: Floats) -> Row:
    """Figures of errors [n, C], NaN where not known."""
    return Row(name, float(np.nanmean(np.abs(residuals))), float(np.sqrt(np.nanmean(residuals**2))))


def format_table(rows: Sequence[Row]) -> list[str]:
    """For people, a line each."""
    width = max(len(row.name) for row in rows)
    lines = [f"{'':{width}}    MAE   RMSE"]
    return lines + [f"{row.name:{width}}  {row.mae:5.3f}  {row.rmse:5.3f}" for row in rows]


@dataclass(frozen=True)
class ScoreRow:
    """How well scores tell anomalies that are known.

    Attributes:
        name: of the scores.
        auc: chance that a step of an anomaly has a higher score than another one.
        precision: average precision.
        hits: sequences with an anomaly whose highest score lies in one, or within ``APART`` steps of it.
        sequences: that have an anomaly.
    """

    name: str
    auc: float
    precision: float
    hits: int
    sequences: int

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)


# steps around a true anomaly that count as its place, as the archive of anomalies has it
NEAR = 100


def score_row(name: str, scores: Floats, truth: Bools, starts: Ints) -> ScoreRow:
    """Figures for scores [S] and [S] whether a step belongs to an anomaly; both kinds of steps occur."""
    hits = sequences = 0
    for begin, end in pairwise(starts):
        places = np.flatnonzero(truth[begin:end])
        if len(places):
            sequences += 1
            peak = int(np.argmax(scores[begin:end]))
            hits += bool(np.abs(places - peak).min() <= NEAR)
    auc = float(roc_auc_score(truth, scores))
    return ScoreRow(name, auc, float(average_precision_score(truth, scores)), hits, sequences)


def format_scores(rows: Sequence[ScoreRow]) -> list[str]:
    """For people, a line each."""
    width = max(len(row.name) for row in rows)
    lines = [f"{'':{width}}    AUC  average precision  highest score at an anomaly"]
    for row in rows:
        lines.append(
            f"{row.name:{width}}  {row.auc:5.3f}  {row.precision:17.3f}  {row.hits} of {row.sequences}"
        )
    return lines
