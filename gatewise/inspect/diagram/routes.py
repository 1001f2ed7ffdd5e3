"""Wires on a lattice: every vector finds its way around the elements, with few bends and crossings.

Each wire is found as a cheapest path (Dijkstra's search with Hart, Nilsson & Raphael's bound); then,
one by one, wires are taken up and laid again among the others.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable
from dataclasses import dataclass

from gatewise.inspect.diagram.lattice import (
    DIRECTIONS,
    LEFT,
    Direction,
    Lattice,
    Line,
    Net,
    Point,
    Port,
    Sink,
)

_BEND, _CROSSING, _BACKWARD, _BRANCH = 4.0, 3.0, 1.0, 2.0
_AGAINST = 3.0  # for each step that a target stands left of its source
_HOPELESS = 1.3  # while they are laid, wires cost less than this times what the picture costs


def lay_all(
    lattice: Lattice, nets: list[Net], rounds: int, limit: float = float("inf")
) -> float | None:
    """Lay all nets, then take each up and lay it again, so many rounds.

    Returns what the picture costs, or None if a net has no way or the cost is hopelessly above
    ``limit``.
    """
    for net in nets:
        lattice.lay_rail(net)
    waiting, failures, spent = list(nets), 0, 0.0
    while waiting:
        net = waiting.pop(0)
        cost = _route(lattice, net)
        if cost is not None:
            spent += cost
            if spent > _HOPELESS * limit:
                return None
            continue
        failures += 1
        lattice.take_up(net)
        rivals = _rivals(lattice, net, nets)
        if failures > 3 * len(nets) or not rivals:
            return None
        for other in rivals:  # make room: this one first, then those that were there
            lattice.take_up(other)
        waiting = [net, *rivals, *(n for n in waiting if n not in rivals)]
    for _ in range(rounds):
        for net in nets:
            lattice.take_up(net)
            if _route(lattice, net) is None:
                return None
    return price(lattice, nets)


def price(lattice: Lattice, nets: list[Net]) -> float:
    """What a finished picture costs: length, corners, branches, crossings, nearness, ways back."""
    total = float(len(lattice.lines))
    for net in nets:
        ends = [s.taken for s in (*net.sinks, *net.rail_sinks)]
        if net.start is not None:
            x = net.start.point[0]
            total += _AGAINST * sum(max(0, x - end.point[0]) for end in ends if end is not None)
    for point, here in lattice.at.items():
        total += (lattice.weight.get(point, 1.0) - 1.0) + _CROSSING * (len(here) - 1)
        for ways in here.values():
            if len(ways) > 2:
                total += _BRANCH
            elif sum(x for x, _ in ways) or sum(y for _, y in ways):
                total += _BEND
    return total


def _rivals(lattice: Lattice, net: Net, nets: list[Net]) -> list[Net]:
    """Nets that sit on the ports that another one needs."""
    points = {p.point for p in net.starts} | {p.point for s in net.sinks for p in s.ports}
    names = {name for point in points for name in lattice.at.get(point, {})}
    return [n for n in nets if n.name in names and n is not net]


def _distance(points: set[Point], sink: Sink) -> int:
    return min(abs(x - p.point[0]) + abs(y - p.point[1]) for x, y in points for p in sink.ports)


# --- one net --------------------------------------------------------------------------------------


def _route(lattice: Lattice, net: Net) -> float | None:
    """Lay a net from its start to its rail and its sinks, nearest first; None if there is no way."""
    total: float | None = 0.0
    waiting = list(net.sinks)
    rail = set(net.lines)  # not yet connected
    while (waiting or rail) and total is not None:
        points = {p for line in net.lines - rail for p in line} or {p.point for p in net.starts}
        waiting.sort(key=lambda s: (not s.first, _distance(points, s)))
        if rail and not (waiting and waiting[0].first):
            cost, rail = _to_rail(lattice, net, rail), set()
        else:
            cost = _to_sink(lattice, net, waiting.pop(0), rail)
        total = None if cost is None else total + cost
    if total is not None:
        lattice.trim(net)
    return total


def _to_rail(lattice: Lattice, net: Net, rail: set[Line]) -> float | None:
    """Connect the start of a net, or what of it lies already, with its rail."""
    goals: dict[Point, list[Port]] = {}
    for point in {p for line in rail for p in line}:
        ways = lattice.at[point][net.name]
        for direction in DIRECTIONS:
            if (-direction[0], -direction[1]) not in ways:
                end_on = len(ways) == 1 and direction in ways
                goals.setdefault(point, []).append(
                    Port(point, direction, 0.0 if end_on else _BRANCH)
                )
    return _connect(lattice, net, goals, rail, None)


def _to_sink(lattice: Lattice, net: Net, sink: Sink, rail: set[Line]) -> float | None:
    """Connect a net, or its start if nothing of it lies yet, with one of its sinks."""
    goals: dict[Point, list[Port]] = {}
    for port in sink.ports:
        taken = lattice.at.get(port.point, {}).get(net.name, ())
        if lattice.passable(net, port.point, port.direction) and port.direction not in taken:
            goals.setdefault(port.point, []).append(port)
    return _connect(lattice, net, goals, rail, sink)


def _connect(
    lattice: Lattice, net: Net, goals: dict[Point, list[Port]], rail: set[Line], sink: Sink | None
) -> float | None:
    starts = net.starts if net.start is None else ()
    route = _Search(lattice, net, goals, merging=sink is None).run(
        starts, _branches(lattice, net, rail)
    )
    if route is None:
        return None
    if route.start is not None:
        net.start = route.start
        x, y = route.start.direction
        lattice.hold(net, route.start.point, (-x, -y))
    lattice.lay(net, route.path)
    if sink is not None:
        sink.taken = route.end
        lattice.hold(net, route.end.point, route.end.direction)
    return route.cost


def _branches(lattice: Lattice, net: Net, rail: set[Line]) -> list[tuple[Point, set[Direction]]]:
    """Points of a laid net from which it may branch, with the ways that are taken there."""
    points = {p for line in net.lines - rail for p in line}
    if net.start is not None:
        points.add(net.start.point)
    return [(p, lattice.at[p][net.name]) for p in sorted(points) if len(lattice.at[p]) == 1]


# --- one connection -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Route:
    cost: float
    path: list[Point]
    start: Port | None
    end: Port


_Key = tuple[Point, Direction | None]


class _Search:
    """A cheapest path for one connection. ``merging``: the goals are points of the net itself."""

    def __init__(
        self, lattice: Lattice, net: Net, goals: dict[Point, list[Port]], merging: bool
    ) -> None:
        self.lattice, self.net, self.goals, self.merging = lattice, net, goals, merging
        self.heap: list[tuple[float, int, float, Point, Direction | None, Port | None]] = []
        self.best: dict[_Key, float] = {}
        self.came: dict[_Key, _Key | Port | None] = {}
        xs, ys = [p[0] for p in goals], [p[1] for p in goals]
        self.box = (min(xs), max(xs), min(ys), max(ys)) if goals else (0, 0, 0, 0)

    def run(
        self, starts: Iterable[Port], branches: Iterable[tuple[Point, set[Direction]]]
    ) -> _Route | None:
        if not self.goals:
            return None
        taken = dict(branches)
        for port in starts:
            if self.lattice.passable(self.net, port.point, port.direction):
                self._push(port.cost, port.point, port.direction, port)
        for point in taken:
            self._push(_BRANCH, point, None, None)
        while self.heap:
            _, _, cost, point, direction, end = heapq.heappop(self.heap)
            if end is not None:
                path, start = self._path((point, direction))
                return _Route(cost, path, start, end)
            if cost > self.best[(point, direction)]:
                continue
            used = taken.get(point, set()) if direction is None else set()
            self._arrive(cost, point, direction, used)
            if not (self.merging and point in self.goals):
                self._go_on(cost, point, direction, used)
        return None

    def _push(
        self, cost: float, point: Point, direction: Direction | None, origin: _Key | Port | None
    ) -> None:
        key = (point, direction)
        if cost < self.best.get(key, 1e18):
            self.best[key], self.came[key] = cost, origin
            left, right, top, bottom = self.box
            aside = max(left - point[0], 0, point[0] - right)
            apart = max(top - point[1], 0, point[1] - bottom)
            bound = aside + apart + (_BEND if aside and apart else 0.0)
            heapq.heappush(self.heap, (cost + bound, len(self.came), cost, point, direction, None))

    def _arrive(
        self, cost: float, point: Point, direction: Direction | None, used: set[Direction]
    ) -> None:
        """The search may end here if a goal's way on can be taken."""
        for port in self.goals.get(point, ()):
            if port.direction in used or (
                direction is not None and port.direction == (-direction[0], -direction[1])
            ):
                continue
            if (self.merging or self._crosses(point)) and port.direction != direction:
                continue  # no corner where another wire passes
            total = cost + port.cost + (_BEND if direction not in (None, port.direction) else 0.0)
            heapq.heappush(self.heap, (total, len(self.came), total, point, direction, port))

    def _crosses(self, point: Point) -> bool:
        """Whether another wire passes there."""
        here = self.lattice.at.get(point, ())
        return len(here) > (self.net.name in here)

    def _go_on(
        self, cost: float, point: Point, direction: Direction | None, used: set[Direction]
    ) -> None:
        """A step each way. Nearly all the time goes by here, so ``_push`` is written out."""
        weight, at, best = self.lattice.weight, self.lattice.at, self.best
        left, right, top, bottom = self.box
        back = None if direction is None else (-direction[0], -direction[1])
        turns: tuple[Direction, ...] = DIRECTIONS
        if point in at and self._crosses(point):
            turns = () if direction is None else (direction,)
        for turn in turns:
            if turn == back or turn in used:
                continue
            to = x, y = (point[0] + turn[0], point[1] + turn[1])
            step = weight.get(to)
            if step is None:
                continue
            if turn == LEFT:
                step += _BACKWARD
            if to in at:
                crossing = self._crossing(point, to, turn)
                if crossing is None:
                    continue
                step += crossing
            total = cost + step
            if direction is not None and direction != turn:
                total += _BEND
            key = (to, turn)
            if total < best.get(key, 1e18):
                best[key], self.came[key] = total, (point, direction)
                aside = left - x if x < left else x - right if x > right else 0
                apart = top - y if y < top else y - bottom if y > bottom else 0
                bound = aside + apart + (_BEND if aside and apart else 0.0)
                heapq.heappush(self.heap, (total + bound, len(self.came), total, to, turn, None))

    def _crossing(self, point: Point, to: Point, direction: Direction) -> float | None:
        """What a step to where wires lie costs more; None if it is not allowed."""
        lattice, here = self.lattice, self.lattice.at[to]
        ours = self.net.name in here
        if ((point, to) if point < to else (to, point)) in lattice.lines:
            return None
        if not lattice.passable(self.net, to, direction) or (
            ours and not (self.merging and to in self.goals)
        ):
            return None
        return _CROSSING * (len(here) - ours)

    def _path(self, key: _Key) -> tuple[list[Point], Port | None]:
        path = [key[0]]
        origin = self.came[key]
        while origin is not None and not isinstance(origin, Port):
            path.append(origin[0])
            origin = self.came[origin]
        return path[::-1], origin
