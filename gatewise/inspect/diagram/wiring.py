"""From slots to a layout: measures, ports, rails under the gates, and the wires between them."""

from __future__ import annotations

from dataclasses import dataclass

from gatewise.inspect.diagram.elements import Wire
from gatewise.inspect.diagram.frame import Placement
from gatewise.inspect.diagram.lattice import (
    DOWN,
    LEFT,
    RIGHT,
    UP,
    Net,
    Point,
    Port,
    Shape,
    Sink,
)
from gatewise.inspect.diagram.shapes import apart, half_width, reach

OUTPUT = "output"  # the owner of the wire end that leaves upward
_TOP = 4


@dataclass(frozen=True)
class Exit:
    """The owner of a wire end that leaves the cell to the right: the new value of a state."""

    state: str


class Wiring:
    """Lattice coordinates of everything for one placement and one pitch of the slots."""

    def __init__(self, placement: Placement, pitch: int) -> None:
        self.placement, self.frame, self.pitch = placement, placement.frame, pitch
        self.diagram = d = placement.frame.diagram
        self.into: dict[int, list[Wire]] = {i: [] for i in range(len(d.elements))}
        self.out: dict[int, list[Wire]] = {i: [] for i in range(len(d.elements))}
        for wire in d.wires:
            self.into[wire.target].append(wire)
            self.out[wire.source].append(wire)
        self.rails = self._rails()
        self.taps: dict[tuple[int, int], int] = {}  # (rail source, gate) -> offset of its port
        self.reach = {i: self._reach(i) for i in placement.places}
        self._columns()
        self._rows()
        self.shapes = {
            at: Shape(self.x_of[x], self.y_of[y], *self.reach[at])
            for at, (x, y) in placement.places.items()
        }
        for bus, rows in self.bus_rows.items():
            half = (rows[-1] - rows[0]) // 2
            self.shapes[bus] = Shape(self.bus_x, rows[0] + half, 0, half)

    # --- rails: wires under the gates, which read them from below ---------------------------------

    def _from_below(self, source: int) -> list[int]:
        gates = self.frame.gates
        return [w.target for w in self.out[source] if w.how == "matrix" and w.target in gates]

    def _rails(self) -> list[int]:
        """Sources of rails, that of the uppermost first: those that span least cross least."""
        spans = {}
        for source, element in enumerate(self.diagram.elements):
            columns = [self.placement.places[gate][0] for gate in self._from_below(source)]
            if len(columns) > 1 or (columns and element.kind in ("bus", "state", "input")):
                spans[source] = (element.kind == "bus", max(columns) - min(columns), source)
        return sorted(spans, key=lambda s: spans[s])

    def _reach(self, at: int) -> tuple[int, int]:
        element = self.diagram.elements[at]
        half = reach(half_width(element))
        if not element.is_box:
            return (max(1, half), 1)
        rails = [r for r in self.rails if at in self._from_below(r)]
        offsets = _spread(len(rails))
        for rail, offset in zip(reversed(rails), offsets, strict=True):
            self.taps[(rail, at)] = offset
        ports = max(map(abs, offsets), default=0)
        return max(2, half, ports, (len(self.into[at]) + 1) // 2), 2

    # --- columns and rows -------------------------------------------------------------------------

    def _columns(self) -> None:
        """Lattice columns of slots, inputs and buses."""
        places, elements = self.placement.places, self.diagram.elements
        inputs = [i for i, e in enumerate(elements) if e.kind == "input"]
        joined = {i for i in inputs if any(elements[w.target].kind == "bus" for w in self.out[i])}
        left = [i for i in inputs if i in joined or len(self._from_below(i)) > 1]
        left.sort(key=lambda i: i not in joined)
        self.pins: dict[int, int] = {}
        for source in left:
            self.pins[source] = self._clear(source, 2)
        self.bus_x = max((self.pins[i] for i in joined), default=-2) + 4
        buses = any(e.kind == "bus" for e in elements)
        at = max(max(self.pins.values(), default=0) + 2, self.bus_x + 2 if buses else 2)
        self.x_of: list[int] = []
        before = 0
        for column in range(max((x for x, _ in places.values()), default=0) + 1):
            wide = max((self.reach[i][0] for i, (x, _) in places.items() if x == column), default=0)
            at += self.pitch + max(0, before - 2) + max(0, wide - 2)
            before = wide
            self.x_of.append(at)
        self.width = at + before + 6
        for source in inputs:
            if source not in self.pins:
                self.pins[source] = self._pin(source)
        self.width = max([self.width, *(x + 3 for x in self.pins.values())])

    def _clear(self, source: int, x: int) -> int:
        """The first column from x on where the label of an input has room beside the others."""
        elements = self.diagram.elements
        while x < 2 or any(
            abs(x - at) < apart(elements[source], elements[other])
            for other, at in self.pins.items()
        ):
            x += 1
        return x

    def _pin(self, source: int) -> int:
        """Where an input of a single reader enters: straight below it, or beside its column."""
        below = self._from_below(source)
        if below:
            x = self.x_of[self.placement.places[below[0]][0]] + self.taps[(source, below[0])]
        else:
            places = self.placement.places
            columns = [
                self.x_of[places[w.target][0]] for w in self.out[source] if w.target in places
            ]
            x = min(columns, default=5) - 3
        return self._clear(source, x)

    def _rows(self) -> None:
        """Lattice rows of slots, rails, and of states where they enter and leave."""
        elements = self.diagram.elements
        self.y_of = [_TOP + self.pitch * row for row in range(self.frame.gate_row)]
        self.y_of.append(_TOP + self.pitch * self.frame.gate_row + 1)
        self.entry = {s: self.y_of[row] for s, row in self.placement.spine_rows.items()}
        self.rail_y: dict[int, int] = {}
        self.bus_rows: dict[int, list[int]] = {}
        at = self.y_of[-1] + 4
        for rail in self.rails:
            if elements[rail].kind == "bus":
                members = self._members(rail)
                self.bus_rows[rail] = [at + 2 * k for k in range(len(members))]
                for member, y in zip(members, self.bus_rows[rail], strict=True):
                    if elements[member].kind == "state":
                        self.entry.setdefault(member, y)
                self.rail_y[rail] = at + 2 * (len(members) // 2) - 1  # between two of its members
                at += 2 * len(members)
            else:
                if elements[rail].kind == "state":
                    self.entry.setdefault(rail, at)
                self.rail_y[rail] = at
                at += 2
        self.exit: dict[str, int] = {}
        states = {e.name: i for i, e in enumerate(elements) if e.kind == "state"}
        for name, _ in self.diagram.results:
            state = states.get(name)
            if state is None or state not in self.entry:
                self.exit[name] = at
                if state is not None:
                    self.entry[state] = at
                at += 2
            else:
                self.exit[name] = self.entry[state]
        self.height = at + 3

    def _members(self, bus: int) -> list[int]:
        """What a bus joins: states above, inputs below."""
        members = [w.source for w in self.into[bus]]
        return sorted(members, key=lambda m: self.diagram.elements[m].kind == "input")

    # --- ports ----------------------------------------------------------------------------------

    def _sides(self, at: int, costs: dict[str, float], leaving: bool) -> tuple[Port, ...]:
        """Ports on some sides of an element (e, w, n, s), with what it costs to use that side."""
        shape, ports = self.shapes[at], []
        rx, ry = shape.reach_x + 1, shape.reach_y + 1
        # ovals are round at their ends
        flat = shape.reach_x - (not self.diagram.elements[at].is_box)
        for side, cost in costs.items():
            for offset in range(-flat, flat + 1) if side in "ns" else (0,):
                x, y, direction = {
                    "e": (rx, 0, RIGHT),
                    "w": (-rx, 0, LEFT),
                    "n": (offset, -ry, UP),
                    "s": (offset, ry, DOWN),
                }[side]
                inward = direction if leaving else (-direction[0], -direction[1])
                ports.append(Port((shape.x + x, shape.y + y), inward, cost + abs(offset)))
        return tuple(ports)

    def _starts(self, at: int) -> tuple[Port, ...]:
        element = self.diagram.elements[at]
        if element.kind == "input":
            return (Port((self.pins[at], self.height - 2), UP),)
        if element.kind == "state":
            return (Port((1, self.entry[at]), RIGHT),)
        if element.kind == "bus":
            return (Port((self.bus_x + 1, self.rail_y[at]), RIGHT),)
        if element.is_box:
            return tuple(
                p
                for p in self._sides(at, {"n": 0, "e": 4}, leaving=True)
                if p.direction != UP or p.cost == 0
            )
        if at in self.frame.on_spine:
            return self._sides(at, {"e": 0}, leaving=True)
        return self._sides(at, {"e": 0, "n": 0.5, "s": 0.5, "w": 4}, leaving=True)

    def _ends(self, wire: Wire) -> tuple[Port, ...]:
        at = wire.target
        element = self.diagram.elements[at]
        if element.kind == "bus":
            y = self.bus_rows[at][self._members(at).index(wire.source)]
            return (Port((self.bus_x - 1, y), RIGHT),)
        if element.is_box:
            shape = self.shapes[at]
            taken = {shape.x + offset for (_, gate), offset in self.taps.items() if gate == at}
            sides = self._sides(at, {"s": 0, "w": 0.5, "e": 6}, leaving=False)
            return tuple(p for p in sides if p.direction != UP or p.point[0] not in taken)
        if self._along_spine(wire.source, at):
            return self._sides(at, {"w": 0}, leaving=False)
        if at in self.frame.on_spine:
            return self._sides(at, {"n": 0, "s": 0}, leaving=False)
        return self._sides(at, {"w": 0, "n": 0, "s": 0, "e": 4}, leaving=False)

    def _along_spine(self, source: int, target: int) -> bool:
        """Whether a wire is a piece of a spine."""
        return any(
            (source, target) in zip((state, *path), path, strict=False)
            for state, path in self.frame.spines.items()
        )

    # --- nets -----------------------------------------------------------------------------------

    def nets(self) -> list[Net]:
        """Every vector with its ends, those that should lie straightest first."""
        nets = []
        for at in range(len(self.diagram.elements)):
            taps = [self._tap(at, w) for w in self.out[at] if self._is_tap(at, w)]
            sinks = [
                Sink(self._ends(w), w, first=self._along_spine(at, w.target))
                for w in self.out[at]
                if not self._is_tap(at, w)
            ]
            sinks += self._leaving(at)
            if sinks or taps:
                nets.append(Net(at, self._starts(at), sinks, self._rail(at, taps), tuple(taps)))
        spines = {s for state, path in self.frame.spines.items() for s in (state, *path)}
        return sorted(nets, key=lambda n: (n.name not in spines, not n.rail, _span(n)))

    def _leaving(self, at: int) -> list[Sink]:
        """Where an element leaves the cell: to the right as a state, upward as the output."""
        sinks = []
        for k, (name, result) in enumerate(self.diagram.results):
            if result == at:
                end = (Port((self.width - 2, self.exit[name]), RIGHT),)
                sinks.append(Sink(end, Exit(name), first=at in self.frame.on_spine))
                if k == 0:
                    up = tuple(Port((x, 1), UP) for x in range(2, self.width - 2))
                    sinks.append(Sink(up, OUTPUT))
        return sinks

    def _is_tap(self, source: int, wire: Wire) -> bool:
        return wire.how == "matrix" and (source, wire.target) in self.taps

    def _tap(self, rail: int, wire: Wire) -> Sink:
        shape = self.shapes[wire.target]
        x = shape.x + self.taps[(rail, wire.target)]
        port = Port((x, shape.y + shape.reach_y + 1), UP)
        return Sink((port,), wire, port)

    def _rail(self, at: int, taps: list[Sink]) -> tuple[tuple[Point, Point], ...]:
        if not taps:
            return ()
        y = self.rail_y[at]
        points = sorted(s.taken.point for s in taps if s.taken is not None)
        trunk = ((points[0][0], y), (points[-1][0], y))
        return (*([trunk] if len(points) > 1 else []), *(((x, y), (x, top)) for x, top in points))


def _span(net: Net) -> int:
    (x, y), ends = net.starts[0].point, [s.ports[0].point for s in net.sinks]
    return max((abs(px - x) + abs(py - y) for px, py in ends), default=0)


def _spread(count: int) -> list[int]:
    """Offsets of ports around the middle: 0; -1 1; -2 0 2; -2 -1 1 2; ..."""
    if count % 2:
        step = 2 if count == 3 else 1
        return [step * (k - count // 2) for k in range(count)]
    half = [k + 1 for k in range(count // 2)]
    return [-k for k in reversed(half)] + half
