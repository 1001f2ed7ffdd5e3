"""The pictures of a classifier's report."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, PercentFormatter

from gatewise.tasks.classify.report.facts import Example
from gatewise.tasks.report.svg import INK, MODEL, MUTED, drawn

HALF, NARROW = 410.0, 345.0  # points: of half of the page, of a phone
MOST_CHANNELS = 6  # that are drawn of a sequence
# the page's colours of a quantity above and below zero
FOR, AGAINST = (88, 118, 236), (226, 116, 58)


def example(name: str, one: Example) -> str:
    """The values of a sequence, and under them what each step adds to the answer."""

    def draw(figure: Figure) -> None:
        ratio = [3.0, 1.0] if not one.tokens else [0.01, 1.0]
        top, below = figure.subplots(2, 1, gridspec_kw={"height_ratios": ratio})
        length = len(one.values)
        if one.tokens:
            top.set_visible(False)
        else:
            for k, column in enumerate(one.values.T[:MOST_CHANNELS]):
                top.plot(
                    np.arange(length) + 0.5,
                    column,
                    color=INK,
                    alpha=max(0.25, 0.95 - 0.15 * k),
                    linewidth=1.1,
                )
            top.set_xlim(0, max(length, 1))
            top.set_xticks([])
            top.yaxis.set_major_locator(MaxNLocator(nbins=3))
        size = max(float(np.abs(one.evidence).max()), 1e-12)
        picture = np.zeros((1, len(one.evidence), 4), np.uint8)
        picture[0, :, :3] = np.where((one.evidence >= 0)[:, None], FOR, AGAINST)
        picture[0, :, 3] = np.round(255 * np.abs(one.evidence) / size)
        below.imshow(picture, aspect="auto", interpolation="nearest", extent=(0, length, 0, 1))
        below.set_yticks([])
        below.grid(visible=False)
        below.xaxis.set_major_locator(MaxNLocator(integer=True, nbins=6))
        below.set_xlabel("step")
        if one.tokens and len(one.tokens) <= 24:
            below.set_xticks(np.arange(length) + 0.5, [t[:12] for t in one.tokens])

    words = f"{one.name}: {one.answer}, is {one.truth}"
    return drawn(name, NARROW, 225 if not one.tokens else 110, words, draw)


def by_length(name: str, ranges: Sequence[tuple[int, int, int, float]]) -> str:
    """Share of wrong answers in each range of lengths."""

    def draw(figure: Figure) -> None:
        axes = figure.subplots()
        places = np.arange(len(ranges))
        axes.bar(places, [wrong for *_, wrong in ranges], color=MODEL, alpha=0.75, width=0.6)
        axes.set_xticks(places, [f"{low}–{high}" for low, high, *_ in ranges])
        axes.set_ylim(0, max(0.05, 1.15 * max(wrong for *_, wrong in ranges)))
        axes.yaxis.set_major_formatter(PercentFormatter(1.0, symbol=" %"))
        axes.yaxis.set_major_locator(MaxNLocator(nbins=5))
        axes.set_xlabel("steps")

    return drawn(name, HALF, 235, "share of wrong answers by length", draw)


def reliability(name: str, bins: Sequence[tuple[float, float, int]]) -> str:
    """Share of right answers against the probability of the answer; larger dots hold more sequences."""

    def draw(figure: Figure) -> None:
        axes = figure.subplots()
        total = sum(count for *_, count in bins)
        low = min(0.5, min(min(sure, right) for sure, right, _ in bins))
        axes.plot([low, 1], [low, 1], color=MUTED, linewidth=0.9, dashes=(2, 2))
        axes.scatter(
            [sure for sure, *_ in bins],
            [right for _, right, _ in bins],
            s=[20 + 400 * count / total for *_, count in bins],
            color=MODEL,
            alpha=0.75,
            clip_on=False,
        )
        axes.set_xlim(low, 1.0)
        axes.set_ylim(low - 0.02, 1.02)
        axes.set_xlabel("probability of the answer")
        axes.yaxis.set_major_formatter(PercentFormatter(1.0, decimals=0, symbol=" %"))

    return drawn(name, HALF, 235, "share of right answers by probability", draw)
