"""From slots to a finished layout: areas, ports, rails under the gates, wires, and no idle space."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, replace

from gatewise.errors import GatewiseError
from gatewise.inspect.diagram import Diagram, Element, Wire
from gatewise.inspect.diagram_layout import Frame, Placement, is_box, place
from gatewise.inspect.diagram_routes import (
    DOWN,
    LEFT,
    RIGHT,
    UP,
    Lattice,
    Line,
    Net,
    Point,
    Port,
    Shape,
    Sink,
    lay_all,
)

STEP = 12  # pixels between two lattice lines
LETTER = 7.6  # pixels that a letter in a shape takes

OUTPUT = -1  # the owner of the wire end that leaves upward


@dataclass(frozen=True)
class Layout:
    """A diagram with places, in lattice steps.

    ``shapes`` by element; ``nets`` are the laid wires, the owner of each of their ends being a
    ``Wire``, the name of a state that leaves to the right, or ``OUTPUT``.
    """

    diagram: Diagram
    width: int
    height: int
    shapes: dict[int, Shape]
    nets: tuple[Net, ...]


def layout(d: Diagram) -> Layout:
    """Place the elements of a diagram and lay its wires.

    Raises GatewiseError if the wires cannot be laid without ambiguity even with ample space.
    """
    placement = place(d)
    for pitch in (5, 6, 8, 11):
        wiring = _Wiring(placement, pitch)
        nets = wiring.nets()
        lattice = Lattice(wiring.width, wiring.height, wiring.shapes.values())
        if lay_all(lattice, nets) is not None:
            return _compact(Layout(d, wiring.width, wiring.height, wiring.shapes, tuple(nets)))
    raise GatewiseError(f"no room for the wires of {d.name}: its diagram is too tangled")


def half_width(element: Element) -> int:
    """Half the width of a shape in pixels."""
    if element.kind == "operator" and len(element.label) <= 2:
        return 11
    letters = len(element.label) * LETTER / 2
    if is_box(element):
        return max(27, int(letters) + 7)
    return max(20, int(letters) + 9)


class _Wiring:
    """Lattice coordinates of everything for one placement and one pitch of the slots."""

    def __init__(self, placement: Placement, pitch: int) -> None:
        self.placement, self.frame, self.pitch = placement, placement.frame, pitch
        self.diagram = placement.frame.diagram
        self.into: dict[int, list[Wire]] = {}
        self.out: dict[int, list[Wire]] = {}
        for wire in self.diagram.wires:
            self.into.setdefault(wire.target, []).append(wire)
            self.out.setdefault(wire.source, []).append(wire)
        self.rails = self._rails()
        self.taps: dict[tuple[int, int], int] = {}  # (rail source, gate) -> offset of the port
        self.reach = {i: self._reach(i) for i in placement.places}
        self.pins = self._pins_below()
        self._columns()
        self._rows()
        self.shapes: dict[int, Shape] = {}
        for at, (x, y) in placement.places.items():
            reach = self.reach[at]
            self.shapes[at] = Shape(self.x_of[x], self.y_of[y], *reach)
        for bus, rows in self.bus_rows.items():
            middle = (rows[0] + rows[-1]) // 2
            self.shapes[bus] = Shape(self.bus_x, middle, 0, (rows[-1] - rows[0]) // 2 + 0)

    # --- what is where --------------------------------------------------------------------------

    def _rails(self) -> list[int]:
        """Sources that several gates read from below, the one that spans least first."""
        spans = {}
        for source in range(len(self.diagram.elements)):
            columns = [self.placement.places[w.target][0] for w in self._from_below(source)]
            kind = self.diagram.elements[source].kind
            if len(columns) > 1 or (columns and kind in ("bus", "state", "input")):
                spans[source] = (kind == "bus", max(columns) - min(columns), source)
        return sorted(spans, key=lambda s: spans[s])

    def _from_below(self, source: int) -> list[Wire]:
        gates = self.frame.gates
        return [w for w in self.out.get(source, ()) if w.how == "matrix" and w.target in gates]

    def _reach(self, at: int) -> tuple[int, int]:
        element = self.diagram.elements[at]
        half = half_width(element)
        if is_box(element):
            rails = [r for r in self.rails if any(w.target == at for w in self._from_below(r))]
            offsets = _spread(len(rails))
            for rail, offset in zip(reversed(rails), offsets, strict=True):
                self.taps[(rail, at)] = offset
            need = max(len(self.into.get(at, ())), 2 * max(map(abs, offsets), default=0))
            return max(2, -(-(half - 6) // STEP), (need + 1) // 2), 2
        if half <= 11:
            return 1, 1
        return max(2, -(-(half - 6) // STEP)), 1

    def _pins_below(self) -> dict[int, int]:
        """Where inputs on the rails enter: lattice columns left of the first gate."""
        pins: dict[int, int] = {}
        for at, element in enumerate(self.diagram.elements):
            on_rail = at in self.rails or any(
                self.diagram.elements[w.target].kind == "bus" for w in self.out.get(at, ())
            )
            if element.kind == "input" and on_rail:
                pins[at] = 2 + 4 * len(pins)
        return pins

    def _columns(self) -> None:
        places, pitch = self.placement.places, self.pitch
        self.bus_x = 2 + 4 * len(self.pins)
        buses = any(e.kind == "bus" for e in self.diagram.elements)
        at = max(4, self.bus_x + (2 if buses else 0))
        last = max((x for x, _ in places.values()), default=0)
        self.x_of: list[int] = []
        before = 0
        for column in range(last + 1):
            wide = max((self.reach[i][0] for i, (x, _) in places.items() if x == column), default=0)
            at += pitch + max(0, before - 2) + max(0, wide - 2)
            before = wide
            self.x_of.append(at)
        self.width = at + before + 6
        used = set(self.pins.values())
        for i, element in enumerate(self.diagram.elements):
            if element.kind == "input" and i not in self.pins and self.out.get(i):
                columns = [self.x_of[places[w.target][0]] for w in self.out[i] if w.target in places]
                x = min(columns, default=2) - 3
                while any(abs(x - u) < 4 for u in used):
                    x += 1
                self.pins[i] = x
                used.add(x)
        self.width = max([self.width, *(x + 3 for x in self.pins.values())])

    def _rows(self) -> None:
        frame, pitch = self.frame, self.pitch
        self.y_of = [4 + pitch * row for row in range(frame.gate_row)]
        self.y_of.append(4 + pitch * frame.gate_row + 1)
        at = self.y_of[-1] + 4
        self.rail_y: dict[int, int] = {}
        self.entry: dict[int, int] = {s: self.y_of[row] for s, row in self.placement.spine_rows.items()}
        self.bus_rows: dict[int, list[int]] = {}
        for rail in self.rails:
            if self.diagram.elements[rail].kind != "bus":
                self.rail_y[rail] = at
                if self.diagram.elements[rail].kind == "state":
                    self.entry.setdefault(rail, at)
                at += 2
                continue
            members = [w.source for w in self.into[rail]]
            members.sort(key=lambda m: self.diagram.elements[m].kind == "input")
            self.bus_rows[rail] = [at + 2 * k for k in range(len(members))]
            for member, y in zip(members, self.bus_rows[rail], strict=True):
                if self.diagram.elements[member].kind == "state":
                    self.entry.setdefault(member, y)
            self.rail_y[rail] = at + len(members) - 1
            at += 2 * len(members)
        states = {e.name: i for i, e in enumerate(self.diagram.elements) if e.kind == "state"}
        self.exit: dict[str, int] = {}
        for name, _ in self.diagram.results:
            state = states.get(name)
            if state is not None and state not in self.entry:
                self.entry[state] = at
                at += 2
            if state is None:
                self.exit[name] = at
                at += 2
            else:
                self.exit[name] = self.entry[state]
        self.height = at + 3

    # --- ports ----------------------------------------------------------------------------------

    def _sides(self, at: int, sides: str, leaving: bool) -> tuple[Port, ...]:
        """Ports of an element: those named first are liked best. Upper case: the middle only."""
        shape, ports = self.shapes[at], []
        rx, ry = shape.reach_x + 1, shape.reach_y + 1
        flat = shape.reach_x - (not is_box(self.diagram.elements[at]))  # an oval is round at its ends
        wide = range(-flat, flat + 1) if rx > 2 else (0,)
        for rank, side in enumerate(sides):
            offsets = sorted(wide, key=abs) if side in "ns" else [0]
            for offset in offsets:
                x, y, way = {
                    "e": (rx, 0, RIGHT), "w": (-rx, 0, LEFT),
                    "n": (offset, -ry, UP), "s": (offset, ry, DOWN),
                }[side.lower()]  # fmt: skip
                point = (shape.x + x, shape.y + y)
                inward = way if leaving else (-way[0], -way[1])
                ports.append(Port(point, inward, 1.0 * rank + 1.0 * abs(offset)))
        return tuple(ports)

    def _starts(self, at: int) -> tuple[Port, ...]:
        kind = self.diagram.elements[at].kind
        if kind == "input":
            return (Port((self.pins[at], self.height - 2), UP),)
        if kind == "state":
            return (Port((1, self.entry[at]), RIGHT),)
        if kind == "bus":
            return (Port((self.bus_x + 1, self.rail_y[at]), RIGHT),)
        if is_box(self.diagram.elements[at]):
            top, *others = self._sides(at, "Ne", leaving=True)
            return (top, *others)
        return self._sides(at, "eNSw" if self.reach[at][0] > 1 else "ensw", leaving=True)

    def _ends(self, wire: Wire) -> tuple[Port, ...]:
        at = wire.target
        element = self.diagram.elements[at]
        if element.kind == "bus":
            members = [w.source for w in self.into[at]]
            members.sort(key=lambda m: self.diagram.elements[m].kind == "input")
            y = self.bus_rows[at][members.index(wire.source)]
            return (Port((self.bus_x - 1, y), RIGHT),)
        if not is_box(element):
            return self._sides(at, "wnse", leaving=False)
        taken = {offset for (_, gate), offset in self.taps.items() if gate == at}
        shape = self.shapes[at]
        ports = [
            p for p in self._sides(at, "swe", leaving=False)
            if p.way != UP or p.point[0] - shape.x not in taken
        ]  # fmt: skip
        return tuple(ports)

    # --- nets -----------------------------------------------------------------------------------

    def nets(self) -> list[Net]:
        """Every vector with its ends, those that should lie straightest first."""
        nets = []
        for at in range(len(self.diagram.elements)):
            sinks, rail_sinks = [], []
            for wire in self.out.get(at, ()):
                if at in self.rail_y and (at, wire.target) in self.taps and wire.how == "matrix":
                    rail_sinks.append(self._tap(at, wire))
                else:
                    sinks.append(Sink(self._ends(wire), wire))
            for k, (name, result) in enumerate(self.diagram.results):
                if result == at:
                    sinks.append(Sink((Port((self.width - 2, self.exit[name]), RIGHT),), name))
                    if k == 0:
                        up = [Port((x, 1), UP) for x in range(2, self.width - 2)]
                        sinks.append(Sink(tuple(up), OUTPUT))
            if sinks or rail_sinks:
                rail = self._rail(at, rail_sinks)
                nets.append(Net(at, self._starts(at), sinks, rail, tuple(rail_sinks)))
        spine = {s for state, path in self.frame.spines.items() for s in (state, *path)}
        return sorted(nets, key=lambda n: (n.name not in spine, not n.rail, self._span(n)))

    def _tap(self, rail: int, wire: Wire) -> Sink:
        shape = self.shapes[wire.target]
        x = shape.x + self.taps[(rail, wire.target)]
        port = Port((x, shape.y + shape.reach_y + 1), UP)
        return Sink((port,), wire, port)

    def _rail(self, at: int, taps: list[Sink]) -> tuple[tuple[Point, Point], ...]:
        if not taps:
            return ()
        y = self.rail_y[at]
        points = [s.taken.point for s in taps if s.taken is not None]
        ends = (min(points)[0], y), (max(points)[0], y)
        trunk = [ends] if ends[0] != ends[1] else []
        return (*trunk, *(((x, y), (x, top)) for x, top in points))

    def _span(self, net: Net) -> int:
        points = [p.point for s in net.sinks for p in s.ports[:1]]
        x, y = net.starts[0].point
        return max((abs(px - x) + abs(py - y) for px, py in points), default=0)


def _spread(count: int) -> list[int]:
    """Offsets of ports around the middle: 0; -1 1; -2 0 2; -2 -1 1 2; ..."""
    if count % 2:
        step = 2 if count == 3 else 1
        return [step * (k - count // 2) for k in range(count)]
    half = [k + 1 for k in range(count // 2)]
    return [-k for k in reversed(half)] + half


# --- taking out idle space --------------------------------------------------------------------------


def _compact(whole: Layout) -> Layout:
    """Remove lattice lines on which nothing happens, as long as nothing comes too close."""
    for axis in (0, 1):
        line = 2
        while line < (whole.width, whole.height)[axis] - 2:
            if _idle(whole, axis, line):
                whole = _without(whole, axis, line)
            else:
                line += 1
    return whole


def _idle(whole: Layout, axis: int, line: int) -> bool:
    """Whether all wires pass a line straight across, no element lies on it, and none would touch."""
    for net in whole.nets:
        for a, b in net.lines:
            if a[axis] == b[axis] == line:
                return False
        for point in _events(net):
            if point[axis] == line:
                return False
    before = [s for s in whole.shapes.values() if _end(s, axis) < line]
    after = [s for s in whole.shapes.values() if _start(s, axis) > line]
    if len(before) + len(after) < len(whole.shapes):
        return False
    for a, b in itertools.product(before, after):
        if _start(b, axis) - _end(a, axis) <= 3 and _overlap(a, b, 1 - axis):
            return False
    return not _crowds(whole, axis, line)


def _crowds(whole: Layout, axis: int, line: int) -> bool:
    """Whether wires along the axis, or pins, would come closer than they should."""
    pins = sorted(
        p.point[axis]
        for net in whole.nets
        for p in (net.start, *(s.taken for s in net.sinks))
        if p is not None and _at_border(whole, p.point, axis)
    )
    for a, b in itertools.pairwise(sorted(set(pins))):
        least = 2 if axis else 4
        if a < line < b and b - a <= least:
            return True
    return False


def _at_border(whole: Layout, point: Point, axis: int) -> bool:
    other = point[1 - axis]
    return other in (1, (whole.height, whole.width)[axis] - 2)


def _events(net: Net) -> list[Point]:
    """Corners, branches and ends of a net."""
    ways: dict[Point, set[Point]] = {}
    for a, b in net.lines:
        ways.setdefault(a, set()).add((b[0] - a[0], b[1] - a[1]))
        ways.setdefault(b, set()).add((a[0] - b[0], a[1] - b[1]))
    points = [p for p, w in ways.items() if len(w) != 2 or sum(d[0] for d in w) or sum(d[1] for d in w)]
    ends = [net.start, *(s.taken for s in (*net.sinks, *net.rail_sinks))]
    return points + [e.point for e in ends if e is not None]


def _start(shape: Shape, axis: int) -> int:
    return shape.y - shape.reach_y if axis else shape.x - shape.reach_x


def _end(shape: Shape, axis: int) -> int:
    return shape.y + shape.reach_y if axis else shape.x + shape.reach_x


def _overlap(a: Shape, b: Shape, axis: int) -> bool:
    return _start(a, axis) <= _end(b, axis) + 1 and _start(b, axis) <= _end(a, axis) + 1


def _without(whole: Layout, axis: int, line: int) -> Layout:
    def move(point: Point) -> Point:
        x, y = point
        if axis:
            return (x, y - (y > line))
        return (x - (x > line), y)

    def port(p: Port | None) -> Port | None:
        return None if p is None else replace(p, point=move(p.point))

    def lines(net: Net) -> set[Line]:
        moved = {(move(a), move(b)) for a, b in net.lines}
        return {(a, b) for a, b in moved if a != b}

    def sink(s: Sink) -> Sink:
        return Sink((), s.owner, port(s.taken))

    nets = tuple(
        Net(n.name, (), [sink(s) for s in n.sinks], (), tuple(sink(s) for s in n.rail_sinks),
            port(n.start), lines(n))
        for n in whole.nets
    )  # fmt: skip
    shapes = {i: replace(s, x=move((s.x, s.y))[0], y=move((s.x, s.y))[1]) for i, s in whole.shapes.items()}
    return Layout(whole.diagram, whole.width - (axis == 0), whole.height - (axis == 1), shapes, nets)
