"""The pictures of a report at every step."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from gatewise.arrays import Floats, Ints
from gatewise.tasks.report.svg import MODEL, MUTED, SIMPLE, WARM, drawn

WIDE = 1040.0  # points: of the page
CHANNELS = 4  # that a picture shows
POINTS = 1500  # of a line


@dataclass(frozen=True)
class Strip:
    """A narrow panel below the values.

    Attributes:
        name: of what it shows.
        line: [T] what the model says.
        truth: [T] what is true, drawn behind it; NaN where not known. None: nothing.
        level: a threshold; None: none.
        top: of the axis; None: as high as the line.
    """

    name: str
    line: Floats
    truth: Floats | None
    level: float | None
    top: float | None


@dataclass(frozen=True)
class Timeline:
    """A stretch of steps.

    Attributes:
        title, text: what it is.
        begin: its first step.
        values: [T, C] what was read, NaN where missing; [T, 0] of tokens.
        channels: their names.
        strips: panels below.
        marks: steps that are marked in the values, each with its begin and its end.
        second: [T] a second line in the values, such as what was filled in; None: none.
        band: [T, 2] limits around it; None: none.
    """

    title: str
    text: str
    begin: int
    values: Floats
    channels: tuple[str, ...]
    strips: tuple[Strip, ...]
    marks: tuple[tuple[int, int], ...] = ()
    second: Floats | None = None
    band: Floats | None = None


def timeline(name: str, one: Timeline) -> str:
    """Values over time, and a strip for each thing that is said of them."""
    length = max(len(one.values), *(len(s.line) for s in one.strips), 1)
    every = max(1, length // POINTS)
    steps = (one.begin + np.arange(length))[::every]
    panels = (1 if one.values.shape[1] else 0) + len(one.strips)

    def draw(figure: Figure) -> None:
        heights = ([2.4] if one.values.shape[1] else []) + [1.0] * len(one.strips)
        axes = figure.subplots(panels, 1, sharex=True, squeeze=False, height_ratios=heights)[:, 0]
        rest = list(axes)
        if one.values.shape[1]:
            _values(rest.pop(0), one, steps, every)
        for panel, strip in zip(rest, one.strips, strict=True):
            _strip(panel, strip, steps, every)
        axes[-1].set_xlim(steps[0], steps[-1] + 1)
        axes[-1].xaxis.set_major_locator(MaxNLocator(integer=True, nbins=8))
        axes[-1].set_xlabel("step")

    height = (150 if one.values.shape[1] else 30) + 62 * len(one.strips)
    return drawn(name, WIDE, height, f"{one.title}: {one.text}", draw)


def _values(axes: Axes, one: Timeline, steps: Ints, every: int) -> None:
    for k in range(min(one.values.shape[1], CHANNELS)):
        axes.plot(
            steps, one.values[::every, k], color=MUTED, alpha=max(0.3, 0.9 - 0.2 * k), linewidth=1.0
        )
    if one.band is not None:
        axes.fill_between(
            steps, one.band[::every, 0], one.band[::every, 1], color=MODEL, alpha=0.2, linewidth=0
        )
    if one.second is not None:
        axes.plot(steps, one.second[::every], color=MODEL, linewidth=1.6)
    for begin, end in one.marks:
        axes.axvspan(begin, end, color=WARM, alpha=0.22, linewidth=0)
    axes.yaxis.set_major_locator(MaxNLocator(nbins=4))


def _strip(axes: Axes, strip: Strip, steps: Ints, every: int) -> None:
    top = strip.top if strip.top is not None else max(1e-12, 1.05 * float(np.nanmax(strip.line)))
    if strip.truth is not None and strip.top is not None:
        axes.fill_between(
            steps,
            0,
            top * (strip.truth[::every] > 0),
            color=WARM,
            alpha=0.3,
            step="post",
            linewidth=0,
        )
    elif strip.truth is not None:
        axes.plot(steps, strip.truth[::every], color=MUTED, linewidth=1.0)
    axes.plot(steps, strip.line[::every], color=MODEL, linewidth=1.3)
    if strip.level is not None:
        axes.axhline(strip.level, color=SIMPLE, linewidth=0.9, dashes=(2, 2))
    if strip.top is not None:
        axes.set_ylim(0, top)
    axes.yaxis.set_major_locator(MaxNLocator(nbins=2))
    axes.set_title(strip.name, fontsize=10)
