"""A small picture of a forecast, written without matplotlib: a page may hold hundreds of them."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import numpy as np

from gatewise.arrays import Floats
from gatewise.tasks.forecast.report.events import MARKS
from gatewise.tasks.forecast.report.facts import Outlook

WIDTH, HEIGHT = 460.0, 170.0
# room for text at the left and below, and so that a line at the edge is whole
LEFT, BELOW, EDGE = 62.0, 20.0, 6.0


def sketch(outlook: Outlook) -> str:
    """The last values, the forecast and its intervals, as an ``<svg>`` element with the page's colours."""
    count = len(outlook.times)
    values = [outlook.past, outlook.point, *outlook.limits.values()]
    finite = np.concatenate([v[np.isfinite(v)] for v in values])
    low, high = (float(finite.min()), float(finite.max())) if len(finite) else (0.0, 1.0)
    span = (high - low) or 1.0
    x = np.linspace(LEFT, WIDTH - EDGE, count)

    def y(v: Floats) -> Floats:
        return EDGE + (HEIGHT - BELOW - 2 * EDGE) * (1 - (v - low) / span)

    words = f"forecast of {outlook.series}, from {outlook.steps[0]} to {outlook.steps[-1]}"
    root = ET.Element("svg", viewBox=f"0 0 {WIDTH:g} {HEIGHT:g}", role="img")
    root.set("aria-label", words)
    known = len(outlook.past)
    ahead = slice(known, None)
    for _, limits in sorted(outlook.limits.items(), reverse=True):
        edge = [*_points(x[ahead], y(limits[:, 0])), *_points(x[ahead], y(limits[:, 1]))[::-1]]
        ET.SubElement(
            root, "polygon", points=" ".join(edge), style="fill: var(--model); opacity: 0.16"
        )
    cut = f"{x[known - 1]:.1f}"
    ET.SubElement(
        root,
        "line",
        x1=cut,
        x2=cut,
        y1="0",
        y2=f"{HEIGHT - BELOW:g}",
        style="stroke: var(--muted); stroke-width: 0.8; stroke-dasharray: 3 3",
    )
    for mark, marked in zip(MARKS, outlook.marks.values(), strict=False):
        for place in x[marked]:
            _text(root, mark, float(place), HEIGHT - BELOW + 2, "middle", "warm")
    _line(root, x[:known], y(outlook.past), "ink", 1.3)
    _line(root, x[ahead], y(outlook.point), "model", 2.1)
    for value in (low, high):
        at = float(y(np.array([value]))[0])
        _text(root, f"{value:.4g}", LEFT - 8, min(max(at + 4, 11), HEIGHT - BELOW - 2), "end")
    _text(
        root,
        outlook.steps[0],
        float(x[known - 1]),
        HEIGHT - 4,
        "start" if known < count / 2 else "end",
    )
    return ET.tostring(root, encoding="unicode")


def _points(x: Floats, y: Floats) -> list[str]:
    return [f"{a:.1f},{b:.1f}" for a, b in zip(x, y, strict=True)]


def _line(root: ET.Element, x: Floats, y: Floats, colour: str, width: float) -> None:
    """One path, broken where values are missing; a value that stands alone is a dot."""
    seen = np.flatnonzero(np.isfinite(y))
    runs = np.split(seen, np.flatnonzero(np.diff(seen) > 1) + 1)
    parts = [
        f"M{' '.join(_points(x[run], y[run]))}{'h0' if len(run) == 1 else ''}"
        for run in runs
        if len(run)
    ]
    style = f"fill: none; stroke: var(--{colour}); stroke-width: {width}; stroke-linecap: round"
    if parts:
        ET.SubElement(root, "path", d="".join(parts), style=style)


def _text(
    root: ET.Element, text: str, x: float, y: float, anchor: str, colour: str = "muted"
) -> None:
    size = 11 if colour == "muted" else 9
    style = f"font-size: {size}px; fill: var(--{colour}); text-anchor: {anchor}"
    ET.SubElement(root, "text", x=f"{x:.1f}", y=f"{y:.1f}", style=style).text = text
