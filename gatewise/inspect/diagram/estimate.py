"""What a placement would cost: length, bends and tangles of the wires it needs, by a rough laying.

Each wire takes the better of two simple ways, first flat and then upright or the other way round.
Slots are coarse, so wires may share them; the routes proper come later.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator

from gatewise.inspect.diagram.frame import Placement, Slot

_BEND, _CROSS, _BESIDE, _HIT, _BACK, _CLASH = 1.5, 1.3, 0.3, 6.0, 6.0, 1e6

OUT, UPWARD = -1, -2  # where wires go that leave the cell


def estimate(p: Placement, limit: float = float("inf")) -> float:
    """The cost of a placement; not more than a first part of it once ``limit`` is passed."""
    frame = p.frame
    cost = _CLASH * clashes(p)
    if cost > limit:
        return cost
    right = max((x for x, _ in p.places.values()), default=0) + 1
    cost += 0.3 * right + 0.5 * len({y for _, y in p.places.values()})
    laying = _Laying(p)
    for source, target, end in _wires(p, right):
        cost += laying.lay(source, target, end)
        if cost > limit:
            return cost
    for slot, nets in laying.across.items():
        cost += len(nets) + _BESIDE * (len(nets) - 1)
        others = laying.along.get(slot)
        if others:
            cost += _CROSS * (len(nets) * len(others) - len(nets & others))
    for nets in laying.along.values():
        cost += len(nets) + _BESIDE * (len(nets) - 1)
    for source in range(len(frame.diagram.elements)):
        taps = [p.places[g][0] for g in frame.readers[source] if g in frame.gates]
        if taps and source not in p.places:
            cost += 0.25 * (max(taps) - min(taps))
    return cost


def clashes(p: Placement) -> int:
    """How many elements stand where they must not: outside, on or too near to another, in disorder."""
    frame, seen, count = p.frame, dict[Slot, int](), 0
    for at, (x, y) in p.places.items():
        count += x < 0
        count += (x, y) in seen
        seen[(x, y)] = at
    for at, (x, y) in p.places.items():
        if frame.diagram.elements[at].kind != "operator":
            count += ((x - 1, y) in seen) + ((x + 1, y) in seen)
    for path in frame.spines.values():
        for a, b in itertools.pairwise(path):
            count += p.places[a][0] + frame.distance(a, b) > p.places[b][0]
    return count


def _wires(p: Placement, right: int) -> Iterator[tuple[int, int, Slot]]:
    """(source, target, slot where the wire ends) of all wires but those on rails under the gates."""
    frame = p.frame
    elements = frame.diagram.elements
    for wire in frame.diagram.wires:
        if wire.target not in p.places:
            continue
        leaf = elements[wire.source].kind in ("input", "state", "bus")
        if not (leaf and wire.target in frame.gates and wire.how == "matrix"):
            yield wire.source, wire.target, p.places[wire.target]
    rows = {elements[s].name: row for s, row in p.spine_rows.items()}
    for k, (name, result) in enumerate(frame.diagram.results):
        yield result, OUT, (right, rows.get(name, frame.rows))
        if k == 0:
            yield result, UPWARD, (right, -1)


class _Laying:
    """Slots that wires pass, flat (``across``) and upright (``along``), with the nets that do."""

    def __init__(self, p: Placement) -> None:
        self.p = p
        self.slots = {slot: at for at, slot in p.places.items()}
        self.across: dict[Slot, set[int]] = {}
        self.along: dict[Slot, set[int]] = {}
        self.spine_of = p.frame.on_spine
        self.owner = {row: state for state, row in p.spine_rows.items()}

    def lay(self, source: int, target: int, end: Slot) -> float:
        """Note the slots of one wire and return its faults: bends, hits, ways back."""
        frame, (x1, y1) = self.p.frame, end
        x0, y0 = self.p.places.get(source) or (-1, self.p.spine_rows.get(source, frame.rows))
        faults = _BACK * max(0, x0 - x1)
        if target in frame.gates and x0 != x1:
            x1 -= 1  # beside the gate, from where its left side is reached
        if target == UPWARD:
            x1 = x0
        ways: tuple[bool, ...]  # upright first?
        if x0 == x1 or y0 == y1:
            ways = (y0 != y1,)
        elif target in self.spine_of:
            ways, faults = (False,), faults + _BEND  # only from above or below
        elif source in frame.gates or source in self.spine_of:
            ways, faults = (True, False), faults + _BEND
        else:
            ways, faults = (False, True), faults + _BEND
        hits, flat, upright = self._way(source, (x0, y0), (x1, y1), ways[0])
        if hits and len(ways) > 1:
            other = self._way(source, (x0, y0), (x1, y1), ways[1])
            hits, flat, upright = other if other[0] < hits else (hits, flat, upright)
        for slot in flat:
            self.across.setdefault(slot, set()).add(source)
        for slot in upright:
            self.along.setdefault(slot, set()).add(source)
        return faults + _HIT * hits

    def _way(
        self, source: int, start: Slot, end: Slot, upright_first: bool
    ) -> tuple[int, list[Slot], list[Slot]]:
        """How often one of the two ways hits something, and its flat and upright slots."""
        (x0, y0), (x1, y1) = start, end
        level, column = (y1, x0) if upright_first else (y0, x1)
        flat = [] if x0 == x1 else [(x, level) for x in range(min(x0, x1), max(x0, x1) + 1)]
        upright = [] if y0 == y1 else [(column, y) for y in range(min(y0, y1), max(y0, y1) + 1)]
        slots = self.slots
        hits = len([1 for slot in flat if slot in slots])
        hits += len([1 for slot in upright if slot in slots])
        hits -= (start in slots and (start in flat or start in upright)) + (end in slots)
        if flat and upright and (column, level) in slots:
            hits -= 1  # the corner was counted twice
        owner = self.owner.get(level)
        if flat and owner is not None and owner != source and self.spine_of.get(source) != owner:
            hits += 1  # along the spine of another state
        return max(hits, 0), flat, upright
