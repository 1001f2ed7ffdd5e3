"""Places for the elements of a diagram: the frame of the LSTM literature, and a search inside it.

Gates stand in a row at the bottom. A state that passes through the step unit by unit has a row of
its own at the top, its *spine*, with its operations on it; everything else finds a slot between. The
search starts from a simple placing and moves elements while that makes the estimated wires shorter,
straighter and less tangled. Slots are coarse; ``diagram_routes`` then lays the wires.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from gatewise.inspect.diagram import Diagram, Element

Slot = tuple[int, int]  # column, row; row 0 is the top
Places = dict[int, Slot]

_FREE_ROWS = 4
_BEND, _CROSS, _BESIDE, _HIT, _BACK = 1.5, 1.3, 0.3, 6.0, 4.0


@dataclass(frozen=True)
class Frame:
    """What is settled before the search: spines by state element, rows, and what goes where."""

    diagram: Diagram
    spines: dict[int, tuple[int, ...]]  # state element -> its operations in order
    rows: int
    gates: tuple[int, ...]
    loose: tuple[int, ...]
    reads: dict[int, tuple[int, ...]]
    readers: dict[int, tuple[int, ...]]

    @property
    def gate_row(self) -> int:
        """The last row."""
        return self.rows - 1


@dataclass(frozen=True)
class Placement:
    """Where everything is: slots of elements, rows of spines."""

    frame: Frame
    places: Places
    spine_rows: dict[int, int]


def place(d: Diagram) -> Placement:
    """Find good slots for all elements. The same diagram always gets the same ones."""
    frame = _frame(d)
    order = sorted(frame.spines, key=lambda s: _depth(frame, s), reverse=True)
    spine_rows = {state: row for row, state in enumerate(order)}
    best = Placement(frame, _first(frame, spine_rows), spine_rows)
    cost = estimate(best)
    for _ in range(6):
        before = cost
        for candidate in _changes(best):
            found = estimate(candidate, cost)
            if found < cost - 1e-9:
                best, cost = candidate, found
        if cost >= before - 1e-9:
            break
    return best


# --- the frame ------------------------------------------------------------------------------------


def is_box(element: Element) -> bool:
    """Whether it stands in the row of gates."""
    return element.kind in ("gate", "linear")


def _frame(d: Diagram) -> Frame:
    reads: dict[int, list[int]] = {i: [] for i in range(len(d.elements))}
    readers: dict[int, list[int]] = {i: [] for i in range(len(d.elements))}
    for wire in d.wires:
        reads[wire.target].append(wire.source)
        readers[wire.source].append(wire.target)
    spines: dict[int, tuple[int, ...]] = {}
    taken: set[int] = set()
    states = {e.name: i for i, e in enumerate(d.elements) if e.kind == "state"}
    found = []
    for name, result in d.results:
        if name in states:
            path = _path(d, readers, states[name], result, set())
            found.append((len(path or ()), states[name], result))
    for _, state, result in sorted(found, key=lambda item: -item[0]):
        path = _path(d, readers, state, result, taken)
        if path is not None:
            spines[state] = path
            taken.update(path)
    gates = tuple(i for i, e in enumerate(d.elements) if is_box(e))
    loose = tuple(
        i for i, e in enumerate(d.elements) if e.kind in ("function", "operator") and i not in taken
    )
    rows = len(spines) + min(_FREE_ROWS, max(2, len(loose))) + 1
    return Frame(
        d, spines, rows, gates, loose,
        {i: tuple(v) for i, v in reads.items()}, {i: tuple(v) for i, v in readers.items()},
    )  # fmt: skip


def _path(
    d: Diagram, readers: dict[int, list[int]], state: int, result: int, taken: set[int]
) -> tuple[int, ...] | None:
    """The longest way from a state to what it becomes over circles and ovals; None without one."""
    longest: dict[int, tuple[int, ...] | None] = {}

    def onward(at: int) -> tuple[int, ...] | None:
        if at == result:
            return ()
        if at not in longest:
            longest[at] = None
            ways = [
                (step, *rest)
                for step in readers[at]
                if d.elements[step].kind in ("function", "operator") and step not in taken
                if (rest := onward(step)) is not None
            ]
            longest[at] = max(ways, key=len, default=None)
        return longest[at]

    return onward(state)


def _depth(frame: Frame, state: int) -> int:
    """How many steps of the cell lie behind the last operation of a spine."""
    known: dict[int, int] = {}

    def depth(at: int) -> int:
        if at not in known:
            known[at] = 0
            known[at] = 1 + max((depth(s) for s in frame.reads[at]), default=0)
        return known[at]

    return max((depth(step) for step in frame.spines[state]), default=0)


# --- a first placing ------------------------------------------------------------------------------


def _first(frame: Frame, spine_rows: dict[int, int]) -> Places:
    """Gates from left to right in the order of the equations, operations over what they read."""
    places: Places = {}
    spine_of = {step: state for state, path in frame.spines.items() for step in path}
    last: dict[int, int] = {}
    column = 0
    for at, element in enumerate(frame.diagram.elements):
        known = [places[s][0] for s in frame.reads[at] if s in places]
        if is_box(element):
            places[at] = (column, frame.gate_row)
            column += 2
        elif at in spine_of:
            state = spine_of[at]
            here = max([last.get(state, -2) + 2, *known])
            places[at], last[state] = (here, spine_rows[state]), here
        elif at in frame.loose:
            here = max(known, default=column)
            rows = range(frame.gate_row - 1, len(spine_rows) - 1, -1)
            while all((here, row) in places.values() for row in rows):
                here += 1
            row = next(row for row in rows if (here, row) not in places.values())
            places[at] = (here, row)
    return _in_order(frame, places)


def _in_order(frame: Frame, places: Places) -> Places:
    """Move operations of a spine to the right until they stand in their order."""
    for path in frame.spines.values():
        for before, after in zip(path, path[1:], strict=False):
            least = places[before][0] + _distance(frame, before, after)
            if places[after][0] < least:
                places[after] = (least, places[after][1])
    return places


def _distance(frame: Frame, a: int, b: int) -> int:
    wide = {frame.diagram.elements[i].kind for i in (a, b)} - {"operator"}
    return 2 if wide else 1


# --- changes to try ---------------------------------------------------------------------------------


def _changes(p: Placement) -> Iterator[Placement]:
    """Neighbouring placements. ``p`` is the one at the start of the sweep."""
    frame = p.frame
    for moved in _gate_orders(p):
        yield moved
    if len(p.spine_rows) > 1:
        states = list(p.spine_rows)
        for k, a in enumerate(states):
            for b in states[k + 1 :]:
                yield _swap_spines(p, a, b)
    for at in (*frame.loose, *(s for path in frame.spines.values() for s in path), *frame.gates):
        column, row = p.places[at]
        rows: Iterable[int] = (row,)
        if at in frame.loose:
            rows = range(len(p.spine_rows), frame.gate_row)
        for r in rows:
            for c in range(max(0, column - 4), column + 5):
                if (c, r) != (column, row):
                    yield _with(p, {at: (c, r)})
    columns = sorted({c for c, _ in p.places.values()})
    for c in columns:
        for shift in (-1, 1):
            yield _with(p, {i: (x + shift, y) for i, (x, y) in p.places.items() if x >= c})


def _with(p: Placement, changed: Places) -> Placement:
    return Placement(p.frame, {**p.places, **changed}, p.spine_rows)


def _gate_orders(p: Placement) -> Iterator[Placement]:
    """Two gates exchanged, alone or with what stands over them; a gate put elsewhere."""
    gates = sorted(p.frame.gates, key=lambda g: p.places[g])
    for k, a in enumerate(gates):
        for b in gates[k + 1 :]:
            xa, xb = p.places[a][0], p.places[b][0]
            yield _with(p, {a: p.places[b], b: p.places[a]})
            over = {xa: xb, xb: xa}
            stacks = {i: (over.get(x, x), y) for i, (x, y) in p.places.items()}
            yield Placement(p.frame, _in_order(p.frame, stacks), p.spine_rows)
    for k, gate in enumerate(gates):
        for to in range(len(gates)):
            if abs(to - k) < 2:
                continue
            order = [g for g in gates if g != gate]
            order.insert(to, gate)
            slots = [p.places[g] for g in gates]
            yield _with(p, dict(zip(order, slots, strict=True)))


def _swap_spines(p: Placement, a: int, b: int) -> Placement:
    rows = {**p.spine_rows, a: p.spine_rows[b], b: p.spine_rows[a]}
    moved = {
        step: (p.places[step][0], rows[state]) for state in (a, b) for step in p.frame.spines[state]
    }
    return Placement(p.frame, {**p.places, **moved}, rows)


# --- what a placement would cost ----------------------------------------------------------------------


def estimate(p: Placement, limit: float = float("inf")) -> float:
    """Length, bends and tangles of the wires that a placement would need; infinite if impossible."""
    if not _possible(p):
        return float("inf")
    frame, slots = p.frame, {slot: at for at, slot in p.places.items()}
    across: dict[Slot, set[int]] = {}
    along: dict[Slot, set[int]] = {}
    right = max((x for x, _ in p.places.values()), default=0) + 1
    cost = 0.3 * right + 0.5 * len({y for _, y in p.places.values()})
    for source, target, end in _edges(p, right):
        cost += _lay(p, slots, (source, target, end), across, along)
        if cost > limit:
            return cost
    for slot, nets in across.items():
        cost += len(nets) + _BESIDE * (len(nets) - 1)
        others = along.get(slot, ())
        cost += _CROSS * sum(a != b for a in nets for b in others)
    for nets in along.values():
        cost += len(nets) + _BESIDE * (len(nets) - 1)
    for source in range(len(frame.diagram.elements)):
        taps = [p.places[g][0] for g in frame.readers[source] if g in frame.gates]
        if taps and source not in p.places:
            cost += 0.25 * (max(taps) - min(taps))
    return cost


def _possible(p: Placement) -> bool:
    frame, seen = p.frame, set[Slot]()
    for at, (x, y) in p.places.items():
        kind = frame.diagram.elements[at].kind
        if x < 0 or (x, y) in seen:
            return False
        seen.add((x, y))
        if kind != "operator" and ((x - 1, y) in seen or (x + 1, y) in seen):
            return False
    for at, (x, y) in p.places.items():
        if frame.diagram.elements[at].kind != "operator" and {(x - 1, y), (x + 1, y)} & seen:
            return False
    return all(
        p.places[a][0] + _distance(frame, a, b) <= p.places[b][0]
        for path in frame.spines.values()
        for a, b in zip(path, path[1:], strict=False)
    )


def _edges(p: Placement, right: int) -> Iterator[tuple[int, int, Slot]]:
    """(source, target or -1, slot where the wire ends)."""
    frame = p.frame
    for wire in frame.diagram.wires:
        source, target = frame.diagram.elements[wire.source], wire.target
        if target in p.places and not (source.kind in ("input", "state", "bus") and target in frame.gates
                                       and wire.how == "matrix"):  # fmt: skip
            yield wire.source, target, p.places[target]
    states = {frame.diagram.elements[s].name: row for s, row in p.spine_rows.items()}
    for k, (name, result) in enumerate(frame.diagram.results):
        yield result, -1, (right, states.get(name, frame.rows))
        if k == 0:
            yield result, -2, (right, -1)


def _lay(
    p: Placement,
    slots: dict[Slot, int],
    edge: tuple[int, int, Slot],
    across: dict[Slot, set[int]],
    along: dict[Slot, set[int]],
) -> float:
    """Note the slots that one wire passes, by the better of its two simple ways; return its faults."""
    source, target, (x1, y1) = edge
    frame = p.frame
    if source in p.places:
        x0, y0 = p.places[source]
    else:
        x0, y0 = -1, p.spine_rows.get(source, frame.rows)
    cost = _BACK * max(0, x0 - x1)
    into_gate = target in frame.gates
    if into_gate and x0 != x1:
        x1 -= 1
    if x0 == x1 or y0 == y1:
        ways: tuple[bool, ...] = (y0 != y1,)
    else:
        cost += _BEND
        ways = (True, False) if source in frame.gates else (False, True)
    if target == -2:  # the output leaves upward, anywhere
        x1, ways = x0, (True,)
    best: tuple[int, list[Slot], list[Slot]] | None = None
    for upright_first in ways:
        turn = (x0, y1) if upright_first else (x1, y0)
        level = y1 if upright_first else y0
        column = x0 if upright_first else x1
        flat = [(x, level) for x in range(min(x0, x1), max(x0, x1) + 1)]
        upright = [(column, y) for y in range(min(y0, y1), max(y0, y1) + 1)]
        inside = {*flat, *upright, turn} - {(x0, y0), (x1, y1)}
        hits = sum(slot in slots for slot in inside)
        owner = next((s for s, row in p.spine_rows.items() if row == level), None)
        if owner is not None and len(flat) > 1 and source not in (owner, *frame.spines[owner]):
            hits += 1
        if best is None or hits < best[0]:
            best = (hits, flat if x0 != x1 else [], upright if y0 != y1 else [])
    assert best is not None
    for slot in best[1]:
        across.setdefault(slot, set()).add(source)
    for slot in best[2]:
        along.setdefault(slot, set()).add(source)
    return cost + _HIT * best[0]
