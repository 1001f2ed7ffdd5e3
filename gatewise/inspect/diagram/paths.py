"""Laid wires as things to draw: lines with round corners, arrow tips, dots, marks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from gatewise.inspect.diagram.elements import Wire
from gatewise.inspect.diagram.lattice import Direction, Net, Port
from gatewise.inspect.diagram.layout import Layout
from gatewise.inspect.diagram.shapes import half_height, half_width

Pixel = tuple[float, float]
Pixels = Callable[[tuple[float, float]], Pixel]
_ROUND, _TIP, _HALF_TIP = 6.0, 8.0, 3.7
_OUTSIDE = 26.0  # how far a wire stands out of the cell


@dataclass(frozen=True)
class Chain:
    """One unbranched piece of a wire as SVG path data."""

    path: str
    dashed: bool


@dataclass(frozen=True)
class Shown:
    """One net in pixels: its graph of points, with what marks its ends."""

    links: dict[Pixel, list[Pixel]]
    dashed: frozenset[Pixel]  # ends that are reached through one weight a unit
    dots: list[Pixel]
    tips: list[str]
    marks: list[tuple[tuple[Pixel, Pixel], str]]  # two places beside an end, either will do


def show(place: Layout, net: Net, pixel: Pixels) -> Shown:
    """A net of a layout in pixels, its ends drawn on to the edges of what they touch."""
    links: dict[Pixel, list[Pixel]] = {}

    def link(a: Pixel, b: Pixel) -> None:
        links.setdefault(a, []).append(b)
        links.setdefault(b, []).append(a)

    for a, b in sorted(net.lines):
        link(pixel(a), pixel(b))
    if net.start is not None:
        x, y = net.start.direction
        end = _edge(place, net.name, Port(net.start.point, (-x, -y)), pixel)
        link(pixel(net.start.point), end)
    dashed: set[Pixel] = set()
    tips: list[str] = []
    marks: list[tuple[tuple[Pixel, Pixel], str]] = []
    for sink in (*net.sinks, *net.rail_sinks):
        if sink.taken is None:
            continue
        target = sink.owner.target if isinstance(sink.owner, Wire) else None
        end = _edge(place, target, sink.taken, pixel)
        link(pixel(sink.taken.point), end)
        is_bus = target is not None and place.diagram.elements[target].kind == "bus"
        if not is_bus:
            tips.append(_tip(end, sink.taken.direction))
        if isinstance(sink.owner, Wire):
            if sink.owner.how == "diagonal":
                dashed.add(end)
            mark = sink.owner.mark.replace("-", "−")
            if mark:
                marks.append((_beside(end, sink.taken.direction), mark))
    dots = [p for p, ways in links.items() if len(ways) > 2]
    return Shown(links, frozenset(dashed), dots, tips, marks)


def _edge(place: Layout, element: int | None, port: Port, pixel: Pixels) -> Pixel:
    """Where the stub of a port meets the edge of an element, or ends outside of the cell."""
    x, y = pixel(port.point)
    dx, dy = port.direction
    shape = None if element is None else place.shapes.get(element)
    if element is None or shape is None:  # an input, a state, an output: outside of the cell
        reach = _OUTSIDE if dx else _OUTSIDE + 4
        return x + dx * reach, y + dy * reach
    cx, cy = pixel((shape.x, shape.y))
    e = place.diagram.elements[element]
    if e.kind == "bus":
        return cx - dx * 3, y
    if dx:
        return cx - dx * half_width(e), y
    return x, cy - dy * half_height(e)


def _tip(end: Pixel, direction: Direction) -> str:
    (x, y), (dx, dy) = end, direction
    bx, by = x - dx * _TIP, y - dy * _TIP
    ax, ay = -dy * _HALF_TIP, dx * _HALF_TIP
    return f"M{x:g} {y:g}L{bx + ax:g} {by + ay:g}L{bx - ax:g} {by - ay:g}Z"


def _beside(end: Pixel, direction: Direction) -> tuple[Pixel, Pixel]:
    """Where a mark may stand: on either side of the tip of an arrow."""
    (x, y), (dx, dy) = end, direction
    if dx:
        return (x - dx * 9, y - 6), (x - dx * 9, y + 13)
    return (x + 9, y - dy * 8 + 4), (x - 9, y - dy * 8 + 4)


def chains(shown: Shown) -> list[Chain]:
    """The unbranched pieces of a net."""
    nodes = [p for p, ways in shown.links.items() if len(ways) != 2]
    pieces, walked = [], set[tuple[Pixel, Pixel]]()
    for node in nodes:
        for neighbour in shown.links[node]:
            if (node, neighbour) in walked:
                continue
            points = [node, neighbour]
            while len(shown.links[points[-1]]) == 2:
                a, b = shown.links[points[-1]]
                points.append(b if a == points[-2] else a)
            walked.add((node, neighbour))
            walked.add((points[-1], points[-2]))
            dashed = points[0] in shown.dashed or points[-1] in shown.dashed
            pieces.append(Chain(_rounded(_straightened(points)), dashed))
    return pieces


def _straightened(points: list[Pixel]) -> list[Pixel]:
    corners = points[:1]
    for before, here, after in zip(points, points[1:], points[2:], strict=False):
        turn = (here[0] - before[0]) * (after[1] - here[1]) != (here[1] - before[1]) * (
            after[0] - here[0]
        )
        if turn:
            corners.append(here)
    return [*corners, points[-1]]


def _rounded(points: list[Pixel]) -> str:
    """Path data with corners rounded."""
    path = f"M{points[0][0]:g} {points[0][1]:g}"
    for before, here, after in zip(points, points[1:], points[2:], strict=False):
        a, b = _towards(here, before), _towards(here, after)
        path += f"L{a[0]:g} {a[1]:g}Q{here[0]:g} {here[1]:g} {b[0]:g} {b[1]:g}"
    return path + f"L{points[-1][0]:g} {points[-1][1]:g}"


def _towards(here: Pixel, other: Pixel) -> Pixel:
    length = abs(other[0] - here[0]) + abs(other[1] - here[1])
    part = min(_ROUND, length / 2) / length
    return here[0] + (other[0] - here[0]) * part, here[1] + (other[1] - here[1]) * part
