"""Pictures of matplotlib as SVG that takes its colours and type from the page around it.

A chart is drawn with stand-in colours; what is written has ``var(--ink)`` and the like in their place,
so that one picture serves a light and a dark page and needs no script.
"""

from __future__ import annotations

import io
import re
import xml.etree.ElementTree as ET
from collections.abc import Callable
from dataclasses import dataclass

import matplotlib
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure

# stand-ins, by the name of the page's variable
INK, MUTED, LINE, MODEL, SIMPLE, WARM = (f"#0000{k:02x}" for k in range(0xA1, 0xA7))
VARIABLES = {
    INK: "ink",
    MUTED: "muted",
    LINE: "line",
    MODEL: "model",
    SIMPLE: "simple",
    WARM: "warm",
}


@dataclass(frozen=True)
class Palette:
    """The colours of a picture, by what they are used for."""

    ink: str
    muted: str
    line: str
    model: str
    simple: str
    warm: str
    paper: str = "none"


# replaced by the variables of the page
PAGE = Palette(INK, MUTED, LINE, MODEL, SIMPLE, WARM)
# of a picture that stands by itself: the page's in light mode
LIGHT = Palette("#1f1d1a", "#736e66", "#e8e3da", "#3f5bd8", "#a49b8d", "#d8602a", "#ffffff")

STYLE = {
    "axes.edgecolor": LINE,
    "axes.facecolor": "none",
    "axes.labelcolor": MUTED,
    "axes.spines.left": False,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.grid": True,
    "axes.grid.axis": "y",
    "axes.axisbelow": True,
    "axes.labelsize": 10.5,
    "axes.xmargin": 0.0,
    "axes.titlesize": 11.0,
    "axes.titlecolor": INK,
    "axes.titlelocation": "left",
    "axes.unicode_minus": True,
    "figure.facecolor": "none",
    "font.size": 10.5,
    "font.sans-serif": ["DejaVu Sans"],
    "grid.color": LINE,
    "grid.linewidth": 0.8,
    "legend.frameon": False,
    "lines.linewidth": 1.7,
    "lines.solid_capstyle": "round",
    "lines.solid_joinstyle": "round",
    "path.simplify": True,
    "savefig.facecolor": "none",
    "svg.fonttype": "none",
    "svg.hashsalt": "gatewise",
    "text.color": INK,
    "text.parse_math": False,
    "xtick.color": LINE,
    "xtick.labelcolor": MUTED,
    "xtick.labelsize": 10,
    "ytick.color": LINE,
    "ytick.labelcolor": MUTED,
    "ytick.labelsize": 10,
    "ytick.major.size": 0.0,
    "xtick.major.size": 3.0,
    "date.autoformatter.minute": "%H:%M",
}
KEPT = re.compile(r"(?:url\(#|href=\"#)([^)\"]+)")


def drawn(
    name: str, width: float, height: float, describe: str, draw: Callable[[Figure], None]
) -> str:
    """A picture as an ``<svg>`` element.

    Args:
        name: of the picture, which no other one in the page has.
        width, height: in points; text is about 10 points high.
        describe: for those who cannot see it.
        draw: puts it on a figure.
    """
    with matplotlib.rc_context(STYLE):  # type: ignore[arg-type]
        figure = Figure(figsize=(width / 72, height / 72), layout="constrained")
        figure.get_layout_engine().set(w_pad=0.02, h_pad=0.02)  # type: ignore[union-attr, call-arg]
        draw(figure)
        text = io.StringIO()
        nothing = dict.fromkeys(("Date", "Creator", "Format", "Type"))
        # ``figure.savefig`` would draw twice, the first time for the layout
        FigureCanvasSVG(figure).print_svg(text, metadata=nothing)  # type: ignore[no-untyped-call]
    return _themed(text.getvalue(), name, describe)


def _themed(text: str, name: str, describe: str) -> str:
    for stand_in, variable in VARIABLES.items():
        text = text.replace(stand_in, f"var(--{variable})")
    used = set(KEPT.findall(text))
    root = ET.fromstring(text)
    for parent in list(root.iter()):
        parent.tag = parent.tag.rpartition("}")[2]
        for child in list(parent):
            if child.tag.endswith(("}metadata", "}style")):
                parent.remove(child)
        for key in list(parent.attrib):
            value = parent.attrib.pop(key)
            key = key.rpartition("}")[2]
            if key == "id" and value not in used:
                continue
            if key == "id":
                value = f"{name}-{value}"
            elif key == "style":
                value = re.sub(r"font-family:[^;]*;?|font: [^;]*?px [^;]*;?", _size, value)
            value = re.sub(r"url\(#", f"url(#{name}-", value)
            if key == "href" and value.startswith("#"):
                value = f"#{name}-{value[1:]}"
            parent.attrib[key] = value
    size = root.attrib["viewBox"]
    root.attrib.clear()
    root.attrib |= {"viewBox": size, "role": "img", "aria-label": describe}
    return ET.tostring(root, encoding="unicode")


def _size(match: re.Match[str]) -> str:
    """Of a font only its size: the family is the page's."""
    size = re.search(r"[\d.]+px", match.group())
    return f"font-size: {size.group()};" if size else ""
