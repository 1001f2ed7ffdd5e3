"""Colours, letters and small pieces of SVG that the drawing is made of."""

from __future__ import annotations

from xml.sax.saxutils import escape

from gatewise.inspect.diagram.elements import Diagram
from gatewise.inspect.diagram.frame import frame
from gatewise.inspect.symbols import Span

SERIF = "'STIX Two Text','Cambria Math',Cambria,'Times New Roman',Times,serif"
SANS = "system-ui,'Segoe UI',Helvetica,Arial,sans-serif"
INK, QUIET, PAPER, BODY, EDGE = "#263238", "#55616a", "#ffffff", "#f4f8f5", "#9db5a5"
FILL = {  # inside, outline
    "gate": ("#fff6d6", "#b58900"),
    "linear": ("#e4edf8", "#5a7fae"),
    "function": ("#fdeae6", "#c25b4a"),
    "operator": ("#fdeae6", "#c25b4a"),
}
_STATES = ("#1a5fb4", "#b3541e", "#7b3fa0", "#00766c", "#a32c52", "#5d6a00")
_INPUTS = ("#2e7d32", "#6b5b00", "#00695c", "#4e6b1f")


def colors(d: Diagram) -> dict[int, str]:
    """The colour of the wires of each element: a state keeps its own through the whole step."""
    color_of = dict.fromkeys(range(len(d.elements)), INK)
    of_state = {name: _STATES[k % len(_STATES)] for k, (name, _) in enumerate(d.results)}
    for state, path in frame(d).spines.items():
        for at in (state, *path):
            color_of[at] = of_state[d.elements[state].name]
    inputs = [at for at, e in enumerate(d.elements) if e.kind == "input"]
    color_of |= {at: _INPUTS[k % len(_INPUTS)] for k, at in enumerate(inputs)}
    for name, at in reversed(d.results):
        if d.elements[at].kind not in ("input", "state"):
            color_of[at] = of_state[name]
    color_of |= {at: of_state[e.name] for at, e in enumerate(d.elements) if e.kind == "state"}
    return color_of


def safe(text: str) -> str:
    """Text for XML: escaped, without characters that XML forbids."""
    return escape("".join(ch for ch in text if ch.isprintable() or ch in " \n"))


def words(
    x: float,
    y: float,
    text: str,
    size: float,
    color: str = INK,
    anchor: str = "start",
    more: str = "",
) -> str:
    """A line of text; ``more`` are further attributes."""
    return (
        f'<text x="{x:g}" y="{y:g}" font-size="{size:g}" fill="{color}" text-anchor="{anchor}"'
        f"{' ' if more else ''}{more}>{safe(text)}</text>"
    )


def formula(x: float, y: float, runs: list[Span], color: str, anchor: str, size: float = 17) -> str:
    """A symbol with its indices."""
    shift, parts, level = {0: 0.0, -1: 0.28, 1: -0.38}, [], 0
    for run in runs:
        dy = (shift[run.level] - shift[level]) * size
        small = f' font-size="{size * 0.68:.1f}"' if run.level else ""
        style = ' font-style="italic"' if run.italic else ""
        move = f' dy="{dy:.1f}"' if dy else ""
        parts.append(f"<tspan{small}{style}{move}>{safe(run.text)}</tspan>")
        level = run.level
    return (
        f'<text x="{x:g}" y="{y:g}" font-size="{size:g}" text-anchor="{anchor}" fill="{color}" '
        f'font-family="{SERIF}" xml:space="preserve">{"".join(parts)}</text>'
    )


def box(x: float, y: float, half_x: float, half_y: float, corner: float, kind: str) -> str:
    """A shape around a point."""
    fill, edge = FILL[kind]
    return (
        f'<rect x="{x - half_x:g}" y="{y - half_y:g}" width="{2 * half_x:g}" '
        f'height="{2 * half_y:g}" rx="{corner:g}" fill="{fill}" stroke="{edge}" stroke-width="1.5"/>'
    )
