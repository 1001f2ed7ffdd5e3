"""The pictures of a report, each for a wide place and for a narrow one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import matplotlib.dates as dates
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import FixedLocator, MaxNLocator, PercentFormatter
from numpy.typing import NDArray

from gatewise.arrays import Array
from gatewise.tasks.forecast.metrics import Row
from gatewise.tasks.forecast.report.events import SHAPES
from gatewise.tasks.forecast.report.facts import Gates, Outlook, Window, is_gate
from gatewise.tasks.report.svg import INK, LIGHT, MODEL, MUTED, PAGE, SIMPLE, Palette, drawn

# widths in points: the page, half of it, a phone
WIDE, HALF, NARROW = 840.0, 410.0, 345.0
# baselines that are drawn beside the model
MOST_OTHERS = 4


def forecast(name: str, window: Window, width: float, height: float) -> str:
    """The history, the forecast with its intervals, and the actual values."""

    def draw(figure: Figure) -> None:
        axes = figure.subplots()
        known = len(window.past)
        ahead, before = window.times[known:], window.times[:known]
        for _, limits in sorted(window.limits.items(), reverse=True):
            axes.fill_between(
                _ahead(window, ahead), *_from(window, limits), color=MODEL, alpha=0.16, linewidth=0
            )
        axes.plot(ahead, window.baseline, color=SIMPLE, linewidth=1.3, dashes=(3, 2))
        axes.plot(before, window.past, color=INK, linewidth=1.3)
        axes.plot(_ahead(window, ahead), _joined(window, window.truth), color=INK, linewidth=1.3)
        axes.plot(ahead, window.point, color=MODEL, linewidth=2.1)
        if len(ahead) == 1:
            axes.plot(ahead, window.truth, "o", color=INK, markersize=4)
            axes.plot(ahead, window.point, "o", color=MODEL, markersize=5)
        axes.axvline(before[-1], color=MUTED, linewidth=0.8, dashes=(2, 2))
        _mark(axes, window, PAGE.warm)
        _time(axes, window.times, width)

    words = f"forecast of {window.series}, {window.place}; mean error {window.error:.3g}"
    return drawn(name, width, height, words, draw)


def outlook(name: str, following: Outlook, width: float, height: float) -> str:
    """The last values of a series, and the forecast that follows with its intervals."""
    words = f"forecast of {following.series}, from {following.steps[0]} to {following.steps[-1]}"
    return drawn(
        name, width, height, words, lambda figure: draw_outlook(figure, following, width, PAGE)
    )


def draw_outlook(figure: Figure, following: Outlook, width: float, colours: Palette) -> None:
    """Put an outlook on a figure."""
    axes = figure.subplots()
    ahead, before = following.times[len(following.past) :], following.times[: len(following.past)]
    for _, limits in sorted(following.limits.items(), reverse=True):
        axes.fill_between(
            _ahead(following, ahead),
            *_from(following, limits),
            color=colours.model,
            alpha=0.16,
            linewidth=0,
        )
    axes.plot(before, following.past, color=colours.ink, linewidth=1.3)
    axes.plot(ahead, following.point, color=colours.model, linewidth=2.1)
    if len(before) == 1:
        axes.plot(before, following.past, "o", color=colours.ink, markersize=4)
    if len(ahead) == 1:
        axes.plot(ahead, following.point, "o", color=colours.model, markersize=5)
    axes.axvline(before[-1], color=colours.muted, linewidth=0.8, dashes=(2, 2))
    _mark(axes, following, colours.warm)
    _time(axes, following.times, width, colours)


def alone(figure: Figure, following: Outlook, model_name: str, width: float) -> None:
    """Put an outlook on a figure that stands by itself, with its title and a legend."""
    draw_outlook(figure, following, width, LIGHT)
    keys: list[Any] = [
        Line2D([], [], color=LIGHT.ink, linewidth=1.3, label="last values"),
        Line2D([], [], color=LIGHT.model, linewidth=2.1, label=model_name),
    ]
    if following.limits:
        levels = " % and ".join(map(str, sorted(following.limits)))
        keys.append(Patch(color=LIGHT.model, alpha=0.3, linewidth=0, label=f"{levels} % intervals"))
    for (label, at), shape in zip(following.marks.items(), SHAPES, strict=False):
        if len(at):
            keys.append(
                Line2D([], [], color=LIGHT.warm, marker=shape, linestyle="none", label=label)
            )
    figure.suptitle(f"{following.series}, from {following.steps[0]}", x=0.01, ha="left", size=12)
    figure.legend(handles=keys, loc="outside lower left", ncols=3)


def by_step(name: str, rows: Sequence[Row], model_name: str) -> str:
    """Mean error at each step of the horizon, of the model and of baselines."""

    def draw(figure: Figure) -> None:
        axes = figure.subplots()
        others = [row for row in rows if row.name != model_name][:MOST_OTHERS]
        for k, row in reversed(list(enumerate(others))):
            axes.plot(
                *_steps(row.by_step),
                color=SIMPLE,
                alpha=1 - 0.2 * k,
                linewidth=1.3,
                dashes=(3, 2) if k == 0 else (1, 0),
            )
        mine = next(row for row in rows if row.name == model_name)
        axes.plot(*_steps(mine.by_step), color=MODEL, linewidth=2.2)
        if len(mine.by_step) == 1:
            axes.plot([1], mine.by_step, "o", color=MODEL)
        axes.set_ylim(bottom=0)
        _steps_axis(axes)

    return drawn(name, HALF, 235, "mean absolute error by step of the horizon", draw)


def coverage(name: str, row: Row) -> str:
    """Share of values inside each interval at each step, and what it should be."""

    def draw(figure: Figure) -> None:
        axes = figure.subplots()
        lowest = min(min(c) for c in row.coverage_by_step.values())
        for k, (level, shares) in enumerate(sorted(row.coverage_by_step.items(), reverse=True)):
            axes.axhline(level / 100, color=MUTED, linewidth=0.9, dashes=(2, 2))
            axes.plot(*_steps(shares), color=MODEL, alpha=1 - 0.35 * k, linewidth=2)
            if len(shares) == 1:
                axes.plot([1], shares, "o", color=MODEL, alpha=1 - 0.35 * k)
        bottom = min(0.5, max(0.0, lowest - 0.05))
        axes.set_ylim(bottom, 1.005)
        _steps_axis(axes)
        axes.yaxis.set_major_locator(FixedLocator(coverage_ticks(bottom, sorted(row.coverage))))
        axes.yaxis.set_major_formatter(PercentFormatter(1.0, decimals=0, symbol=" %"))

    return drawn(name, HALF, 235, "coverage of the intervals by step of the horizon", draw)


def coverage_ticks(bottom: float, levels: Sequence[int]) -> list[float]:
    """Ticks of an axis of coverage: every level of the intervals, and round numbers that leave them room."""
    promised = [level / 100 for level in levels]
    size = 1.0 - bottom
    rounded = np.arange(np.ceil(bottom * 10), 11)[:: 1 if size <= 0.5 else 2] / 10
    free = [v for v in rounded if all(abs(v - p) >= 0.08 * size for p in promised)]
    return sorted([*promised, *map(float, free)])


def gates(name: str, shown: Gates, width: float) -> str:
    """The values that the network read, and under them each quantity of its cell: a row a unit.

    A gate is the stronger the further it is open; a signed quantity is in one colour above zero and in
    another below.
    """

    def draw(figure: Figure) -> None:
        count = len(shown.quantities)
        top, *lower = figure.subplots(
            count + 1, 1, sharex=True, gridspec_kw={"height_ratios": [1.3] + [1.0] * count}
        )
        steps = len(next(iter(shown.quantities.values())))
        patch = len(shown.values) / steps
        top.plot(
            (np.arange(len(shown.values)) + 0.5) / patch - steps,
            shown.values,
            color=INK,
            linewidth=1.2,
        )
        top.set_ylabel("values", rotation=0, ha="right", va="center")
        top.yaxis.set_major_locator(MaxNLocator(nbins=3))
        order = _order(shown)
        for axes, (title, values) in zip(lower, shown.quantities.items(), strict=True):
            axes.imshow(
                _picture(values[:, order].T),
                aspect="auto",
                interpolation="nearest",
                extent=(-steps, 0, 0, values.shape[1]),
            )
            axes.set_ylabel(title, rotation=0, ha="right", va="center", color=INK)
            axes.set_yticks([])
            axes.grid(visible=False)
            axes.spines["bottom"].set_visible(False)
        lower[-1].xaxis.set_major_locator(MaxNLocator(integer=True, nbins=8))
        lower[-1].set_xlabel("steps of the network before the forecast")

    height = 90 + 62 * len(shown.quantities)
    return drawn(name, width, height, "what the quantities of the cell do over a window", draw)


def _picture(values: Array) -> NDArray[np.uint8]:
    """[units, T] as red, green, blue and opacity: the page shows through where there is nothing."""
    gate = is_gate(values)
    size = values if gate else np.abs(values) / max(float(np.abs(values).max()), 1e-12)
    pixels = np.zeros((*values.shape, 4), np.uint8)
    pixels[..., :3] = np.where((values >= 0)[..., None], (88, 118, 236), (226, 116, 58))
    pixels[..., 3] = np.round(255 * size)
    return pixels


def _order(shown: Gates) -> Array:
    """Units by the mean of the second gate (of an LSTM the forget gate), the most open on top."""
    opened = [v for v in shown.quantities.values() if is_gate(v)] or list(shown.quantities.values())
    first = opened[min(1, len(opened) - 1)]
    return np.asarray(np.argsort(-first.mean(0)))


def _mark(axes: Axes, shown: Window | Outlook, colour: str) -> None:
    """Marks of events along the lower edge."""
    for (_, at), shape in zip(shown.marks.items(), SHAPES, strict=False):
        if len(at):
            axes.plot(
                shown.times[at],
                np.full(len(at), 0.03),
                shape,
                color=colour,
                markersize=5,
                clip_on=False,
                transform=axes.get_xaxis_transform(),
            )


def _joined(window: Window, ahead: Array) -> Array:
    """With the last known value before it, so that a line has no gap at the cutoff."""
    return np.concatenate([window.past[-1:], ahead])


def _ahead(window: Window | Outlook, ahead: Array) -> Array:
    return np.concatenate([window.times[len(window.past) - 1 : len(window.past)], ahead])


def _from(window: Window | Outlook, limits: Array) -> tuple[Array, Array]:
    """Limits that open from the last known value; from the first forecast where that is missing."""
    last = window.past[-1]
    start = np.full((1, 2), last) if np.isfinite(last) else limits[:1]
    both = np.concatenate([start, limits])
    return both[:, 0], both[:, 1]


def _steps(values: Sequence[float]) -> tuple[Array, Sequence[float]]:
    return np.arange(1, len(values) + 1), values


def _steps_axis(axes: Axes) -> None:
    axes.xaxis.set_major_locator(MaxNLocator(integer=True, nbins=8, min_n_ticks=1))
    axes.yaxis.set_major_locator(MaxNLocator(nbins=5))
    axes.set_xlabel("step of the horizon")


def _time(axes: Axes, times: Array, width: float, colours: Palette = PAGE) -> None:
    axes.yaxis.set_major_locator(MaxNLocator(nbins=5))
    fewest, most = (3, 8) if width > NARROW else (2, 5)
    if np.issubdtype(times.dtype, np.datetime64):
        # with (2, 5) and (3, 8) there is an interval for any range; others find none and warn
        locator: Any = dates.AutoDateLocator(minticks=fewest, maxticks=most)  # type: ignore[no-untyped-call]
        years = ["", *["%Y"] * 5]
        formatter: Any = dates.ConciseDateFormatter(locator, offset_formats=years)  # type: ignore[no-untyped-call]
        axes.xaxis.set_major_locator(locator)
        axes.xaxis.set_major_formatter(formatter)
        axes.xaxis.get_offset_text().set_color(colours.muted)
    else:
        axes.xaxis.set_major_locator(MaxNLocator(nbins=most))
    axes.spines["bottom"].set_color(colours.line)
