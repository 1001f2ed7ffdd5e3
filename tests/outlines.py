"""Reports without the drawing of their pictures, for tests that look at something else.

A picture is put on its figure as always. Laying it out and writing it takes three quarters of the time of a
report, and most of that of a small fit at the command line.
"""

from __future__ import annotations

from typing import TextIO

import pytest
from matplotlib.figure import Figure

from gatewise.tasks.report import svg


class Outline:
    """A canvas that writes an empty picture of the right size."""

    def __init__(self, figure: Figure) -> None:
        self.figure = figure

    def print_svg(self, out: TextIO, metadata: object = None) -> None:
        width, height = self.figure.get_size_inches() * 72
        out.write(f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}"/>')


def draw_outlines(monkeypatch: pytest.MonkeyPatch) -> None:
    """Until the end of the test, pictures of reports are outlines."""
    monkeypatch.setattr(svg, "FigureCanvasSVG", Outline)
