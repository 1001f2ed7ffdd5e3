"""A laid-out diagram as SVG: one file that needs nothing else, no scripts and no fonts of its own."""

from __future__ import annotations

from dataclasses import dataclass
from xml.sax.saxutils import escape, quoteattr

from gatewise.inspect.diagram import Diagram, Element, Wire, diagram
from gatewise.inspect.diagram_layout import is_box
from gatewise.inspect.diagram_paths import Pixel, Shown, chains, show
from gatewise.inspect.diagram_routes import Net
from gatewise.inspect.diagram_wiring import OUTPUT, STEP, Layout, half_width, layout
from gatewise.inspect.symbols import Span, flat, spans, symbol
from gatewise.ir import Program

_SERIF = "'STIX Two Text','Cambria Math',Cambria,'Times New Roman',Times,serif"
_SANS = "system-ui,'Segoe UI',Helvetica,Arial,sans-serif"
_INK, _QUIET, _PAPER, _BODY, _EDGE = "#263238", "#5f6b73", "#ffffff", "#f4f8f5", "#9db5a5"
_STATES = ("#1a5fb4", "#b3541e", "#7b3fa0", "#00766c", "#a32c52", "#5d6a00")
_INPUTS = ("#2e7d32", "#4e6b1f", "#00695c", "#6b5b00")
_FILL = {
    "gate": ("#fff6d6", "#b58900"),
    "linear": ("#e4edf8", "#5a7fae"),
    "function": ("#fdeae6", "#c25b4a"),
    "operator": ("#fdeae6", "#c25b4a"),
}
_SIDE, _ABOVE, _BELOW = 58, 92, 64  # pixels around the body of the cell


def svg(program: Program) -> str:
    """The diagram of a cell as SVG text."""
    return draw(layout(diagram(program)))


def draw(place: Layout) -> str:
    """A finished layout as SVG text."""
    return _Drawing(place).text()


@dataclass(frozen=True)
class _Legend:
    """One line of the key: how its sign is drawn and what it means."""

    sign: str
    meaning: str


class _Drawing:
    def __init__(self, place: Layout) -> None:
        self.place, self.diagram = place, place.diagram
        self.right = _SIDE + (place.width - 1) * STEP
        self.bottom = _ABOVE + (place.height - 1) * STEP
        self.colors = _colors(self.diagram)
        self.shown = [show(place, net, self.pixel) for net in place.nets]
        self.width = self.right + _SIDE

    def pixel(self, point: tuple[float, float]) -> Pixel:
        """Lattice to pixels."""
        return _SIDE + point[0] * STEP, _ABOVE + point[1] * STEP

    def text(self) -> str:
        key = self._key()
        height = self.bottom + _BELOW + key[1]
        d = self.diagram
        parts = [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {self.width} {height}" '
            f'width="{self.width}" height="{height}" role="img" '
            f'style="max-width:100%;height:auto" font-family="{_SANS}">',
            f"<title>{_safe(d.name)}</title>",
            f"<desc>{_safe(d.doc)}</desc>",
            f'<rect width="{self.width}" height="{height}" fill="{_PAPER}"/>',
            *self._heading(),
            f'<rect x="{_SIDE}" y="{_ABOVE}" width="{self.right - _SIDE}" '
            f'height="{self.bottom - _ABOVE}" rx="14" fill="{_BODY}" stroke="{_EDGE}" '
            'stroke-width="1.5"/>',
            *(self._net(net, shown) for net, shown in zip(self.place.nets, self.shown, strict=True)),
            *self._ends(),
            *(self._element(i, e) for i, e in enumerate(d.elements)),
            *self._names(),
            *key[0],
            "</svg>",
        ]
        return "\n".join(part for part in parts if part) + "\n"

    # --- around the cell ------------------------------------------------------------------------

    def _heading(self) -> list[str]:
        name = f'<text x="16" y="26" font-size="16" font-weight="600" fill="{_INK}">{_safe(self.diagram.name)}</text>'
        room = int((self.width - 32) / 6.1)
        lines = _wrapped(self.diagram.doc.partition("\n")[0], room)
        return [
            name,
            *(
                f'<text x="16" y="{44 + 15 * k}" font-size="12" fill="{_QUIET}">{_safe(line)}</text>'
                for k, line in enumerate(lines[:1])
            ),
        ]

    def _ends(self) -> list[str]:
        """Labels where vectors enter and leave the cell."""
        parts = []
        for net in self.place.nets:
            element = self.diagram.elements[net.name]
            if element.kind == "state" and net.start is not None:
                _, y = self.pixel(net.start.point)
                runs = spans(symbol(element.name, "t-1"))
                parts.append(_label(_SIDE - 16, y + 5, runs, self.colors[net.name], "end"))
            if element.kind == "input" and net.start is not None:
                x, _ = self.pixel(net.start.point)
                runs = spans(symbol(element.name, "" if element.note == "static" else "t"))
                parts.append(self._bubble(x, self.bottom + 34, runs, self.colors[net.name]))
            for sink in net.sinks:
                if sink.taken is None or isinstance(sink.owner, Wire):
                    continue
                x, y = self.pixel(sink.taken.point)
                color = self.colors[net.name]
                if sink.owner == OUTPUT:
                    runs = spans(symbol(self.diagram.results[0][0], "t"))
                    parts.append(self._bubble(x, _ABOVE - 34, runs, color))
                else:
                    runs = spans(symbol(str(sink.owner), "t"))
                    parts.append(_label(self.right + 18, y + 5, runs, color, "start"))
        return parts

    def _bubble(self, x: float, y: float, runs: list[Span], color: str) -> str:
        half = max(16.0, 4.2 * len(flat(runs)) + 6)
        shape = (
            f'<rect x="{x - half:g}" y="{y - 16:g}" width="{2 * half:g}" height="32" rx="16" '
            f'fill="{_PAPER}" stroke="{color}" stroke-width="1.6"/>'
        )
        return shape + _label(x, y + 5, runs, color, "middle")

    # --- wires ----------------------------------------------------------------------------------

    def _net(self, net: Net, shown: Shown) -> str:
        color = self.colors[net.name]
        halo, lines = [], []
        for chain in chains(shown):
            dash = ' stroke-dasharray="5 3.5"' if chain.dashed else ""
            halo.append(chain.path)
            lines.append(f'<path d="{chain.path}"{dash}/>')
        dots = "".join(f'<circle cx="{x:g}" cy="{y:g}" r="3"/>' for x, y in shown.dots)
        tips = "".join(f'<path d="{tip}"/>' for tip in shown.tips)
        return (
            f'<g fill="none" stroke="{_BODY}" stroke-width="5.5"><path d="{" ".join(halo)}"/></g>'
            f'<g fill="none" stroke="{color}" stroke-width="1.8" stroke-linejoin="round">'
            f"{''.join(lines)}</g>"
            f'<g fill="{color}">{dots}{tips}</g>' + self._marks(shown)
        )

    def _marks(self, shown: Shown) -> str:
        return "".join(
            f'<text x="{x:g}" y="{y:g}" font-size="11" font-weight="600" text-anchor="middle" '
            f'fill="{_INK}">{_safe(mark)}</text>'
            for x, y, mark in shown.marks
        )

    # --- elements -------------------------------------------------------------------------------

    def _element(self, at: int, e: Element) -> str:
        if at not in self.place.shapes:
            return ""
        shape = self.place.shapes[at]
        x, y = self.pixel((shape.x, shape.y))
        tip = f"<title>{_safe((e.name + ' = ' if e.name else '') + e.equation)}</title>"
        if e.kind == "bus":
            half = shape.reach_y * STEP + 7
            return (
                f'<g>{tip}<rect x="{x - 3:g}" y="{y - half:g}" width="6" height="{2 * half:g}" rx="3" '
                f'fill="{_INK}"/></g>'
            )
        fill, edge = _FILL[e.kind]
        half = half_width(e)
        tall = 23 if is_box(e) else 11
        round_ = 7 if is_box(e) else 11
        box = (
            f'<rect x="{x - half:g}" y="{y - tall:g}" width="{2 * half:g}" height="{2 * tall:g}" '
            f'rx="{round_}" fill="{fill}" stroke="{edge}" stroke-width="1.5"/>'
        )
        return f"<g>{tip}{box}{self._inside(e, x, y)}</g>"

    def _inside(self, e: Element, x: float, y: float) -> str:
        if not is_box(e):
            size = 16 if len(e.label) == 1 else 13
            return (
                f'<text x="{x:g}" y="{y + size * 0.34:g}" font-size="{size}" text-anchor="middle" '
                f'fill="{_INK}" font-family="{_SERIF}">{_safe(e.label)}</text>'
            )
        name = spans(symbol(e.name)) if e.name else []
        lines = []
        small = " ".join(filter(None, [e.label if name else "", e.note]))
        big = name or [Span(e.label or "W", italic=not e.label)]
        lines.append(_label(x, y + (0 if small else 6), big, _INK, "middle", 18))
        if small:
            lines.append(
                f'<text x="{x:g}" y="{y + 15:g}" font-size="12" text-anchor="middle" fill="{_QUIET}" '
                f'font-family="{_SERIF}">{_safe(small)}</text>'
            )
        return "".join(lines)

    def _names(self) -> list[str]:
        """Names of quantities that circles and ovals make, where there is room beside them."""
        results = {at for _, at in self.diagram.results}
        parts = []
        for at, shape in self.place.shapes.items():
            e = self.diagram.elements[at]
            if is_box(e) or not e.name or at in results or "(" in e.label:
                continue
            runs = spans(symbol(e.name))
            x, y = self.pixel((shape.x, shape.y))
            parts.append(_label(x + half_width(e) + 2, y - 9, runs, _QUIET, "start", 13))
        return parts

    # --- the key --------------------------------------------------------------------------------

    def _key(self) -> tuple[list[str], int]:
        entries = self._entries()
        x, y, parts = 16.0, self.bottom + _BELOW + 14.0, []
        for entry in entries:
            wide = 34 + 5.7 * len(entry.meaning) + 14
            if x + wide > self.width - 8 and x > 16:
                x, y = 16.0, y + 22
            parts.append(f'<g transform="translate({x:g} {y:g})">{entry.sign}')
            parts.append(
                f'<text x="32" y="4" font-size="11" fill="{_QUIET}">{_safe(entry.meaning)}</text></g>'
            )
            x += wide
        return parts, int(y - self.bottom - _BELOW) + 16

    def _entries(self) -> list[_Legend]:
        kinds = {e.kind for i, e in enumerate(self.diagram.elements) if i in self.place.shapes}
        wires = self.diagram.wires
        entries = []
        for kind, meaning in (
            ("gate", "weighted sum, squashed"),
            ("linear", "weighted sum"),
        ):
            if kind in kinds:
                fill, edge = _FILL[kind]
                entries.append(_Legend(f'<rect x="2" y="-8" width="24" height="16" rx="4" fill="{fill}" stroke="{edge}"/>', meaning))
        if kinds & {"function", "operator"}:
            fill, edge = _FILL["operator"]
            entries.append(_Legend(f'<circle cx="14" r="8" fill="{fill}" stroke="{edge}"/>', "unit by unit"))
        if "bus" in kinds:
            entries.append(_Legend(f'<rect x="12" y="-9" width="5" height="18" rx="2.5" fill="{_INK}"/>', "joined"))
        if any(w.how == "diagonal" for w in wires):
            entries.append(_Legend(f'<path d="M2 0H26" stroke="{_INK}" stroke-width="1.8" stroke-dasharray="5 3.5"/>', "one weight a unit"))
        boxes = {i for i, e in enumerate(self.diagram.elements) if is_box(e)}
        if any(w.how == "plain" and w.mark in ("+", "-") and w.target in boxes for w in wires):
            entries.append(_Legend(f'<text x="14" y="5" font-size="14" font-weight="600" text-anchor="middle" fill="{_INK}">+</text>', "added as it is"))
        return entries


def _colors(d: Diagram) -> dict[int, str]:
    """A colour for the wires of each element: a state keeps its own through the whole step."""
    from gatewise.inspect.diagram_layout import _frame

    colors = dict.fromkeys(range(len(d.elements)), _INK)
    states = {name: _STATES[k % len(_STATES)] for k, (name, _) in enumerate(d.results)}
    frame = _frame(d)
    inputs = 0
    for at, e in enumerate(d.elements):
        if e.kind == "input":
            colors[at] = _INPUTS[inputs % len(_INPUTS)]
            inputs += 1
        if e.kind == "state":
            colors[at] = states[e.name]
            for step in frame.spines.get(at, ()):
                colors[step] = states[e.name]
    for name, at in reversed(d.results):
        if d.elements[at].kind not in ("input", "state"):
            colors[at] = states[name]
    return colors


def _label(
    x: float, y: float, runs: list[Span], color: str, anchor: str, size: int = 17
) -> str:
    """A symbol with its indices."""
    parts, level = [], 0
    for run in runs:
        shift = {0: 0.0, -1: 0.28, 1: -0.38}
        dy = (shift[run.level] - shift[level]) * size
        small = f' font-size="{size * 0.68:.1f}"' if run.level else ""
        style = ' font-style="italic"' if run.italic else ""
        move = f' dy="{dy:.1f}"' if dy else ""
        parts.append(f"<tspan{small}{style}{move}>{_safe(run.text)}</tspan>")
        level = run.level
    return (
        f'<text x="{x:g}" y="{y:g}" font-size="{size}" text-anchor="{anchor}" fill="{color}" '
        f'font-family="{_SERIF}">{"".join(parts)}</text>'
    )


def _safe(text: str) -> str:
    """Text for XML: escaped, without characters that XML forbids."""
    return escape("".join(ch for ch in text if ch.isprintable() or ch in " \n"))


def _attribute(text: str) -> str:
    return quoteattr(text)


def _wrapped(text: str, room: int) -> list[str]:
    import textwrap

    return textwrap.wrap(text, max(room, 20), max_lines=2, placeholder=" …") or []
