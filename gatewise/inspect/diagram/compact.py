"""Takes idle space out of a layout: lattice lines that every wire merely crosses."""

from __future__ import annotations

import itertools
from dataclasses import replace

from gatewise.inspect.diagram.lattice import Net, Point, Port, Shape, Sink
from gatewise.inspect.diagram.layout import Layout
from gatewise.inspect.diagram.shapes import apart

_APART = 3  # lattice steps from the area of one element to that of the next
_LABELS = 2  # from one label beside the cell to the next


def compact(whole: Layout) -> Layout:
    """The same layout without the lattice lines on which nothing happens.

    A line stays where it keeps two elements, or two labels outside of the cell, from coming too close.
    """
    for axis in (0, 1):
        line = 2
        while line < (whole.width, whole.height)[axis] - 2:
            if _idle(whole, axis, line):
                whole = _without(whole, axis, line)
            else:
                line += 1
    return whole


def _idle(whole: Layout, axis: int, line: int) -> bool:
    for net in whole.nets:
        if any(a[axis] == b[axis] == line for a, b in net.lines):
            return False
        if any(point[axis] == line for point in _events(net)):
            return False
    before = [s for s in whole.shapes.values() if _end(s, axis) < line]
    after = [s for s in whole.shapes.values() if _start(s, axis) > line]
    if len(before) + len(after) < len(whole.shapes):
        return False
    for a, b in itertools.product(before, after):
        if _start(b, axis) - _end(a, axis) <= _APART and _abreast(a, b, 1 - axis):
            return False
    return not any(
        a < line < b and b - a <= least
        for (a, least), (b, _) in itertools.pairwise(_labels(whole, axis))
    )


def _labels(whole: Layout, axis: int) -> list[tuple[int, int]]:
    """Where labels stand outside along the axis, and how far the next one must be from each."""
    elements = whole.diagram.elements
    if axis == 0:
        starts = [
            (n.start.point[0], elements[n.name])
            for n in whole.nets
            if n.start is not None and elements[n.name].kind == "input"
        ]
        starts.sort(key=lambda pair: pair[0])
        spaces = [apart(a, b) for (_, a), (_, b) in itertools.pairwise(starts)]
        return [(x, space) for (x, _), space in zip(starts, [*spaces, 0], strict=False)]
    border = (1, whole.width - 2)
    ports = [p for n in whole.nets for p in (n.start, *(s.taken for s in n.sinks)) if p is not None]
    rows = {p.point[1] for p in ports if p.point[0] in border and p.direction[1] == 0}
    return [(y, _LABELS) for y in sorted(rows)]


def _events(net: Net) -> list[Point]:
    """Corners, branches and ends of a net."""
    ways: dict[Point, list[Point]] = {}
    for a, b in net.lines:
        ways.setdefault(a, []).append((b[0] - a[0], b[1] - a[1]))
        ways.setdefault(b, []).append((a[0] - b[0], a[1] - b[1]))
    points = [p for p, w in ways.items() if len(w) != 2 or w[0] != (-w[1][0], -w[1][1])]
    ends = [net.start, *(s.taken for s in (*net.sinks, *net.rail_sinks))]
    return points + [e.point for e in ends if e is not None]


def _start(shape: Shape, axis: int) -> int:
    return shape.y - shape.reach_y if axis else shape.x - shape.reach_x


def _end(shape: Shape, axis: int) -> int:
    return shape.y + shape.reach_y if axis else shape.x + shape.reach_x


def _abreast(a: Shape, b: Shape, axis: int) -> bool:
    return _start(a, axis) <= _end(b, axis) + 1 and _start(b, axis) <= _end(a, axis) + 1


def _without(whole: Layout, axis: int, line: int) -> Layout:
    def move(point: Point) -> Point:
        x, y = point
        return (x, y - (y > line)) if axis else (x - (x > line), y)

    def port(p: Port | None) -> Port | None:
        return None if p is None else replace(p, point=move(p.point))

    def sinks(items: tuple[Sink, ...]) -> tuple[Sink, ...]:
        return tuple(Sink((), s.owner, port(s.taken)) for s in items)

    def net(n: Net) -> Net:
        moved = {(move(a), move(b)) for a, b in n.lines}
        lines = {(a, b) for a, b in moved if a != b}
        rail_sinks = sinks(n.rail_sinks)
        return Net(n.name, (), list(sinks(tuple(n.sinks))), (), rail_sinks, port(n.start), lines)

    shapes = {}
    for at, s in whole.shapes.items():
        x, y = move((s.x, s.y))
        shapes[at] = replace(s, x=x, y=y)
    size = (whole.width - (axis == 0), whole.height - (axis == 1))
    return Layout(whole.diagram, *size, shapes, tuple(net(n) for n in whole.nets))
