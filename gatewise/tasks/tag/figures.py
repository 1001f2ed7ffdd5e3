"""Figures of a tagger at every step, beside those of its baselines."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from gatewise.arrays import Floats, Ints
from gatewise.tasks.sequences import class_figures, value_figures
from gatewise.tasks.sequences.class_figures import Row as ClassRow
from gatewise.tasks.sequences.value_figures import Row as ValueRow
from gatewise.tasks.tag.labels import StepLabels

Row = ClassRow | ValueRow


def row_of(name: str, labels: StepLabels, said: Floats, places: Ints) -> Row:
    """Figures over some known steps.

    Several labels: the mean over the labels of their figures.

    Args:
        name: of the tagger.
        labels: the truth of S steps.
        said: [S, K] probabilities or values.
        places: [n] of the steps.
    """
    said = said[places]
    if labels.what == "class":
        answer = said.argmax(-1)
        # a threshold is never in doubt: its logarithm says nothing
        probability = None if np.isin(said, (0, 1)).all() else said
        return class_figures.row_of(
            name, labels.codes_at(places), answer, said.shape[1], probability
        )
    truth = labels.values[places]
    held = ~np.isnan(truth)
    if labels.what == "value":
        return value_figures.row_of(name, truth[held], said[held])
    rows = [
        class_figures.row_of(
            name,
            truth[held[:, k], k].astype(np.int64),
            (said[held[:, k], k] >= 0.5).astype(np.int64),
            2,
            np.stack([1 - said[held[:, k], k], said[held[:, k], k]], axis=1),
        )
        for k in range(truth.shape[1])
        if held[:, k].any()
    ]
    figures = np.array(
        [[r.accuracy, r.balanced, r.macro_f1, r.log_loss] for r in rows], dtype=float
    )
    return ClassRow(name, *map(float, figures.mean(0)))


def ordered(rows: Sequence[Row]) -> list[Row]:
    """Best first."""
    if isinstance(rows[0], ValueRow):
        return list(value_figures.ordered(rows))  # type: ignore[arg-type]
    # frames of no event are most: a class counts as much as another
    return sorted(rows, key=lambda row: (-row.macro_f1, -row.accuracy))  # type: ignore[union-attr]


def format_table(rows: Sequence[Row]) -> list[str]:
    """For people, a line each."""
    if isinstance(rows[0], ValueRow):
        return value_figures.format_table(rows)  # type: ignore[arg-type]
    return class_figures.format_table(rows)  # type: ignore[arg-type]
