"""A picture of matplotlib as a file that stands by itself, PNG or SVG."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import matplotlib
from matplotlib.figure import Figure

from gatewise.tasks.report.svg import LIGHT, PAGE, STYLE

# pixels of a PNG in a point of 1/72 inch
SHARP = 2


def save(path: Path, width: float, height: float, draw: Callable[[Figure], None]) -> None:
    """Write a picture to a file, whose ending is .png or .svg.

    Args:
        path: of the file; it is overwritten.
        width, height: in points; text is about 10 points high.
        draw: puts it on a figure, in the colours of ``svg.LIGHT``.

    Raises OSError where the system refuses.
    """
    with matplotlib.rc_context(_style()):
        figure = Figure(figsize=(width / 72, height / 72), layout="constrained")
        figure.get_layout_engine().set(w_pad=0.12, h_pad=0.12)  # type: ignore[union-attr, call-arg]
        draw(figure)
        kind = path.suffix.lower().removeprefix(".")
        # the same forecast is the same file
        nothing: dict[str, Any] = {"Date": None} if kind == "svg" else {"Software": None}
        figure.savefig(path, format=kind, dpi=72 * SHARP, metadata=nothing)


def _style() -> dict[Any, Any]:
    """The style of the pages' pictures, with colours in place of the stand-ins."""
    colours = dict(zip(asdict(PAGE).values(), asdict(LIGHT).values(), strict=True))
    # the pages' paper is nothing, a word with other meanings in a style
    del colours[PAGE.paper]
    style = {
        key: colours.get(value, value) if isinstance(value, str) else value
        for key, value in STYLE.items()
    }
    return style | {"savefig.facecolor": LIGHT.paper, "figure.facecolor": LIGHT.paper}
