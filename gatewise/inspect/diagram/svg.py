"""A laid-out diagram as SVG: one file that needs nothing else, no scripts and no fonts of its own."""

from __future__ import annotations

import textwrap

from gatewise.inspect.diagram.compact import compact
from gatewise.inspect.diagram.elements import Element
from gatewise.inspect.diagram.graph import graph
from gatewise.inspect.diagram.key import key
from gatewise.inspect.diagram.lattice import Net
from gatewise.inspect.diagram.layout import Layout, layout
from gatewise.inspect.diagram.paths import Pixel, Shown, chains, show
from gatewise.inspect.diagram.shapes import (
    STEP,
    half_bubble,
    half_height,
    half_width,
    inside,
    outside,
)
from gatewise.inspect.diagram.theme import (
    BODY,
    EDGE,
    INK,
    PAPER,
    QUIET,
    SANS,
    SERIF,
    box,
    colors,
    formula,
    safe,
    words,
)
from gatewise.inspect.diagram.wiring import OUTPUT, Exit
from gatewise.inspect.symbols import Span, flat, spans, symbol
from gatewise.ir import Program

_SIDE, _BUBBLE, _BELOW, _LEAST = 60, 34, 76, 380  # pixels around the body; the least width


def svg(program: Program) -> str:
    """The diagram of a cell as SVG text.

    Raises GatewiseError if its wires are too tangled to be laid without ambiguity.
    """
    return draw(compact(layout(graph(program))))


def draw(place: Layout) -> str:
    """A finished layout as SVG text."""
    return _Drawing(place).text()


class _Drawing:
    def __init__(self, place: Layout) -> None:
        self.place, self.diagram = place, place.diagram
        body = (place.width - 1) * STEP
        self.width = max(_LEAST, body + 2 * _SIDE)
        self.left = (self.width - body) // 2
        doc = self.diagram.doc.strip().partition("\n\n")[0]
        room = int((self.width - 32) / 6.2)
        self.heading = textwrap.wrap(doc, room, max_lines=3, placeholder=" …")
        self.top = 26 + 15 * len(self.heading) + 2 * _BUBBLE
        self.right, self.bottom = self.left + body, self.top + (place.height - 1) * STEP
        self.colors = colors(self.diagram)
        self.results = {at for _, at in self.diagram.results}

    def pixel(self, point: tuple[float, float]) -> Pixel:
        """Lattice to pixels."""
        return self.left + point[0] * STEP, self.top + point[1] * STEP

    def text(self) -> str:
        """The whole file."""
        signs, tall = key(self.diagram, self.bottom + _BELOW + 8, self.width)
        height = self.bottom + _BELOW + tall
        d = self.diagram
        parts = [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {self.width:g} {height:g}" '
            f'width="{self.width:g}" height="{height:g}" role="img" '
            f'style="max-width:100%;height:auto" font-family="{SANS}">',
            f"<title>{safe(d.name)}</title>",
            f"<desc>{safe(d.doc)}</desc>",
            f'<rect width="100%" height="100%" fill="{PAPER}"/>',
            words(16, 27, d.name, 16, more='font-weight="600"'),
            *(words(16, 46 + 15 * k, line, 12, QUIET) for k, line in enumerate(self.heading)),
            f'<rect x="{self.left}" y="{self.top}" width="{self.right - self.left}" '
            f'height="{self.bottom - self.top}" rx="14" fill="{BODY}" stroke="{EDGE}" '
            'stroke-width="1.5"/>',
            *(self._net(net) for net in self.place.nets),
            *self._outside(),
            *(self._element(at) for at in self.place.shapes),
            *signs,
            "</svg>",
        ]
        return "\n".join(parts) + "\n"

    # --- around the cell ------------------------------------------------------------------------

    def _outside(self) -> list[str]:
        """Labels where vectors enter and leave the cell."""
        parts = []
        for net in self.place.nets:
            e, color = self.diagram.elements[net.name], self.colors[net.name]
            if net.start is not None:
                x, y = self.pixel(net.start.point)
                if e.kind == "state":
                    parts.append(
                        formula(self.left - 18, y + 5, spans(symbol(e.name, "t-1")), color, "end")
                    )
                elif e.kind == "input":
                    parts.append(_bubble(x, self.bottom + _BUBBLE + 4, outside(e), color))
            for sink in net.sinks:
                if sink.taken is None:
                    continue
                x, y = self.pixel(sink.taken.point)
                if sink.owner == OUTPUT:
                    runs = spans(symbol(self.diagram.results[0][0], "t"))
                    parts.append(_bubble(x, self.top - _BUBBLE - 4, runs, color))
                elif isinstance(sink.owner, Exit):
                    runs = spans(symbol(sink.owner.state, "t"))
                    parts.append(formula(self.right + 20, y + 5, runs, color, "start"))
        return parts

    # --- wires ----------------------------------------------------------------------------------

    def _net(self, net: Net) -> str:
        """A vector: first a band in the colour of the ground, so that it passes over what it crosses."""
        shown, color = show(self.place, net, self.pixel), self.colors[net.name]
        pieces = chains(shown)
        lines = [
            f'<path d="{c.path}"{" stroke-dasharray=" + chr(34) + "5 3.5" + chr(34) if c.dashed else ""}/>'
            for c in pieces
        ]
        dots = [f'<circle cx="{x:g}" cy="{y:g}" r="3"/>' for x, y in shown.dots]
        tips = [f'<path d="{tip}"/>' for tip in shown.tips]
        band = " ".join(c.path for c in pieces)
        return (
            f'<path d="{band}" fill="none" stroke="{BODY}" stroke-width="5.5"/>'
            f'<g fill="none" stroke="{color}" stroke-width="1.8">{"".join(lines)}</g>'
            f'<g fill="{color}">{"".join(dots)}{"".join(tips)}</g>{self._marks(shown)}'
        )

    def _marks(self, shown: Shown) -> str:
        """What tells operands apart, beside the tip of an arrow where no other wire runs."""
        parts = []
        for places, mark in shown.marks:
            free = (p for p in places if not self._occupied(p[0] - 4, p[1], 8))
            x, y = next(free, places[0])
            parts.append(words(x, y, mark, 11, anchor="middle", more='font-weight="600"'))
        return "".join(parts)

    # --- elements -------------------------------------------------------------------------------

    def _element(self, at: int) -> str:
        e, shape = self.diagram.elements[at], self.place.shapes[at]
        x, y = self.pixel((shape.x, shape.y))
        name = f"{e.name} = " if e.name and e.kind != "bus" else ""
        tip = f"<title>{safe(name + e.equation)}</title>"
        if e.kind == "bus":
            half = shape.reach_y * STEP + 7
            bar = f'<rect x="{x - 3:g}" y="{y - half:g}" width="6" height="{2 * half:g}" rx="3" fill="{INK}"/>'
            return f"<g>{tip}{bar}</g>"
        corner = 7 if e.is_box else half_height(e)
        outline = box(x, y, half_width(e), half_height(e), corner, e.kind)
        return f"<g>{tip}{outline}{self._inside(e, at, x, y)}</g>{self._name(e, at, x, y)}"

    def _inside(self, e: Element, at: int, x: float, y: float) -> str:
        big, small = inside(e, at in self.results)
        if not e.is_box:
            size = 16 if len(e.label) == 1 else 13
            return formula(x, y + size * 0.34, big, INK, "middle", size)
        parts = [formula(x, y + (0 if small else 6), big, INK, "middle", 18)]
        if small:
            parts.append(words(x, y + 15, small, 12, QUIET, "middle", f'font-family="{SERIF}"'))
        return "".join(parts)

    def _name(self, e: Element, at: int, x: float, y: float) -> str:
        """The name of what a circle or oval makes, at a corner of it that no wire runs through."""
        if e.is_box or not e.name or at in self.results or "(" in e.label:
            return ""
        runs = spans(symbol(e.name))
        wide, half = 6.5 * len(flat(runs)) + 4, half_width(e) - 4
        corners = [(x + side * half, y + down, side) for down in (-15, 22) for side in (1, -1)]
        corners += [(x + side * (half + 10), y + 5, side) for side in (1, -1)]
        free = (c for c in corners if not self._occupied(c[0], c[1], c[2] * wide))
        at_x, at_y, side = next(free, corners[0])
        return formula(at_x, at_y, runs, QUIET, "start" if side > 0 else "end", 13)

    def _occupied(self, x: float, y: float, wide: float) -> bool:
        """Whether a wire runs through a line of letters from x on, to the right or to the left."""
        left, right = min(x, x + wide), max(x, x + wide)
        ends = [(self.pixel(a), self.pixel(b)) for net in self.place.nets for a, b in net.lines]
        return any(
            min(ax, bx) < right
            and max(ax, bx) > left
            and min(ay, by) < y + 4
            and max(ay, by) > y - 9
            for (ax, ay), (bx, by) in ends
        )


def _bubble(x: float, y: float, runs: list[Span], color: str) -> str:
    half = half_bubble(runs)
    outline = (
        f'<rect x="{x - half:g}" y="{y - 16:g}" width="{2 * half:g}" height="32" rx="16" '
        f'fill="{PAPER}" stroke="{color}" stroke-width="1.6"/>'
    )
    return outline + formula(x, y + 5, runs, color, "middle")
