"""The lattice that wires run on, and what is laid there.

Wires may cross at right angles but never share a piece of line or a corner, and none enters the area of
an element except through one of its ports; so what a picture shows is never ambiguous.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from dataclasses import dataclass, field

Point = tuple[int, int]
Direction = tuple[int, int]
Line = tuple[Point, Point]  # two neighbouring points, in order

RIGHT, LEFT, UP, DOWN = (1, 0), (-1, 0), (0, -1), (0, 1)
DIRECTIONS = (RIGHT, LEFT, UP, DOWN)
NEAR = 0.6  # what it costs more to step to a point beside an element


@dataclass(frozen=True, slots=True)
class Shape:
    """The area that an element blocks: its centre and how far it reaches, in lattice steps."""

    x: int
    y: int
    reach_x: int
    reach_y: int

    def holds(self, point: Point) -> bool:
        """Whether a lattice point lies in the area."""
        return abs(point[0] - self.x) <= self.reach_x and abs(point[1] - self.y) <= self.reach_y


@dataclass(frozen=True, slots=True)
class Port:
    """Where a wire meets an element: the last free point, the way on from there, what it costs.

    The way leads into the element where a wire ends, and away from it where one starts.
    """

    point: Point
    direction: Direction
    cost: float = 0.0


@dataclass
class Sink:
    """One end of a wire: where it may be, whose it is (the caller's to say), where it is.

    One that comes ``first`` is laid before the others.
    """

    ports: tuple[Port, ...]
    owner: object = None
    taken: Port | None = None
    first: bool = False


@dataclass
class Net:
    """One vector: where it may start and must go; once laid, where it starts and which lines it takes.

    ``rail`` are straight pieces that lie there beforehand, and ``rail_sinks`` the ends on them.
    """

    name: int
    starts: tuple[Port, ...]
    sinks: list[Sink]
    rail: tuple[tuple[Point, Point], ...] = ()
    rail_sinks: tuple[Sink, ...] = ()
    start: Port | None = None
    lines: set[Line] = field(default_factory=set)


class Lattice:
    """The drawing area with its elements, and the wires laid so far."""

    def __init__(self, width: int, height: int, shapes: Iterable[Shape]) -> None:
        inside = [(x, y) for x in range(1, width - 1) for y in range(1, height - 1)]
        self.weight = dict.fromkeys(inside, 1.0)  # of a step to each point that wires may use
        for shape in shapes:
            around = itertools.product(
                range(shape.x - shape.reach_x - 1, shape.x + shape.reach_x + 2),
                range(shape.y - shape.reach_y - 1, shape.y + shape.reach_y + 2),
            )
            for point in around:
                if shape.holds(point):
                    self.weight.pop(point, None)
                elif point in self.weight:
                    self.weight[point] = 1.0 + NEAR
        self.lines: set[Line] = set()
        # point -> net -> the directions in which it goes on from there
        self.at: dict[Point, dict[int, set[Direction]]] = {}

    # --- laying and taking up -------------------------------------------------------------------

    def lay(self, net: Net, path: list[Point]) -> None:
        """Lay a net along a path of neighbouring points."""
        for a, b in itertools.pairwise(path):
            line = (a, b) if a < b else (b, a)
            net.lines.add(line)
            self.lines.add(line)
            self.hold(net, a, (b[0] - a[0], b[1] - a[1]))
            self.hold(net, b, (a[0] - b[0], a[1] - b[1]))

    def passable(self, net: Net, point: Point, direction: Direction) -> bool:
        """Whether a net may run through a point: the others there are straight, at a right angle."""
        return all(
            name == net.name
            or (
                len(ways) == 2
                and direction not in ways
                and (-direction[0], -direction[1]) not in ways
            )
            for name, ways in self.at.get(point, {}).items()
        )

    def hold(self, net: Net, point: Point, direction: Direction) -> None:
        """Note that a net goes a way from a point."""
        self.at.setdefault(point, {}).setdefault(net.name, set()).add(direction)

    def lay_rail(self, net: Net) -> None:
        """Lay the pieces that are settled beforehand."""
        for a, b in net.rail:
            self.lay(net, _between(a, b))
        for sink in net.rail_sinks:
            if sink.taken is not None:
                self.hold(net, sink.taken.point, sink.taken.direction)

    def trim(self, net: Net) -> None:
        """Take away what leads nowhere: the end of a rail that was met further up."""
        ends = [p for line in net.lines for p in line if len(self.at[p][net.name]) == 1]
        while ends:
            end = ends.pop()
            ((x, y),) = self.at[end].pop(net.name)
            if not self.at[end]:
                del self.at[end]
            before = (end[0] + x, end[1] + y)
            line = (end, before) if end < before else (before, end)
            net.lines.discard(line)
            self.lines.discard(line)
            ways = self.at[before][net.name]
            ways.discard((-x, -y))
            if len(ways) == 1:
                ends.append(before)

    def take_up(self, net: Net) -> None:
        """Take up everything of a net but its rail."""
        self.lines -= net.lines
        for point in [p for p, nets in self.at.items() if net.name in nets]:
            del self.at[point][net.name]
            if not self.at[point]:
                del self.at[point]
        net.lines, net.start = set(), None
        for sink in net.sinks:
            sink.taken = None
        self.lay_rail(net)


def _between(a: Point, b: Point) -> list[Point]:
    steps = max(abs(b[0] - a[0]), abs(b[1] - a[1]), 1)
    return [
        (a[0] + (b[0] - a[0]) * k // steps, a[1] + (b[1] - a[1]) * k // steps)
        for k in range(steps + 1)
    ]
