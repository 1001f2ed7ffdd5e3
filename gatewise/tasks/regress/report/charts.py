"""The pictures of a regressor's report."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from gatewise.tasks.regress.report.facts import Shown
from gatewise.tasks.report.svg import MODEL, MUTED, drawn

HALF = 410.0  # points: of half of the page
MOST_POINTS = 2000  # of a picture
SEED = 0  # of which sequences are drawn where there are more


def scatter(name: str, shown: Shown) -> str:
    """What the network said against what is true."""
    rows = _drawn_places(len(shown.truth))

    def draw(figure: Figure) -> None:
        axes = figure.subplots()
        truth, answer = shown.truth[rows].reshape(-1), shown.answer[rows].reshape(-1)
        ends = [min(truth.min(), answer.min()), max(truth.max(), answer.max())]
        axes.plot(ends, ends, color=MUTED, linewidth=0.9, dashes=(2, 2))
        axes.scatter(truth, answer, s=12, color=MODEL, alpha=0.6, clip_on=False)
        axes.set_xlabel("true value")
        axes.xaxis.set_major_locator(MaxNLocator(nbins=6))
        axes.yaxis.set_major_locator(MaxNLocator(nbins=5))

    return drawn(name, HALF, 300, "values said against true values", draw)


def errors(name: str, shown: Shown) -> str:
    """Errors against the length, or against the value where all lengths are the same."""
    rows = _drawn_places(len(shown.truth))
    ragged = shown.lengths.min() < shown.lengths.max()

    def draw(figure: Figure) -> None:
        axes = figure.subplots()
        width = shown.truth.shape[1]
        lengths = np.repeat(shown.lengths[rows], width)
        along = lengths if ragged else shown.truth[rows].reshape(-1)
        axes.axhline(0, color=MUTED, linewidth=0.9, dashes=(2, 2))
        axes.scatter(
            along,
            (shown.answer - shown.truth)[rows].reshape(-1),
            s=12,
            color=MODEL,
            alpha=0.6,
            clip_on=False,
        )
        axes.set_xlabel("steps" if ragged else "true value")
        axes.xaxis.set_major_locator(MaxNLocator(nbins=6))
        axes.yaxis.set_major_locator(MaxNLocator(nbins=5))

    return drawn(name, HALF, 300, "errors", draw)


def _drawn_places(count: int) -> np.ndarray:
    """Places of at most ``MOST_POINTS`` sequences."""
    order = np.random.default_rng(SEED).permutation(count)
    return np.sort(order[:MOST_POINTS])
