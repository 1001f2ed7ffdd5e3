"""Places for the elements of a diagram, found by search.

A simple placing comes first: gates in the order of the equations, operations over what they read.
Then elements are moved as long as that lowers the estimate; a few times, some of them are displaced
at random (always the same way for the same cell) and the search goes on from there. The caller gets
the best few placements, different ones, to lay real wires for.
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable, Iterable, Iterator

from gatewise.inspect.diagram.elements import Diagram
from gatewise.inspect.diagram.estimate import clashes, estimate
from gatewise.inspect.diagram.frame import Frame, Placement, Places, depth, frame

_EVALUATIONS = 3000  # of the estimate, all in all, for a diagram of up to _USUAL elements
_TRIALS = 40  # of real wires, likewise
_FEW = 8  # placements that are given on, likewise
_USUAL = 20
_RESTARTS = 12
_SLACK = 12.0  # how much worse than the present estimate a placement may be to be tried with them


def placements(d: Diagram) -> list[Placement]:
    """A few good placements, the most promising first; at least one."""
    f = frame(d)
    order = sorted(f.spines, key=lambda s: depth(f, s), reverse=True)
    spine_rows = {state: row for row, state in enumerate(order)}
    search = _Search(_share(_EVALUATIONS, f))
    best = search.descend(Placement(f, _first(f, spine_rows), spine_rows))
    rng = random.Random(0)
    for _ in range(_RESTARTS):
        if search.left <= 0:
            break
        end = search.descend(_displaced(best[1], rng))
        if end[0] < best[0]:
            best = end
    ranked = sorted(search.ends.values(), key=lambda end: end[0])
    fine = [p for _, p in ranked if not clashes(p)]
    return fine[: max(2, _share(_FEW, f))] or [best[1]]


def polish(p: Placement, cost: Callable[[Placement, float], float]) -> Placement:
    """Move single elements a little as long as that lowers ``cost``, which is dear to ask for.

    ``cost`` gets a limit from which on its exact value does not matter.
    """
    best, trials, most = cost(p, float("inf")), 0, _share(_TRIALS, p.frame, power=2)
    while trials < most:
        before = best
        limit = estimate(p) + _SLACK
        for change in [c for c in _changes(p) if isinstance(c, _Move) and c.is_small(p)]:
            candidate = change(p)
            if trials >= most or clashes(candidate) or estimate(candidate, limit) > limit:
                continue
            trials += 1
            candidate_cost = cost(candidate, best)
            if candidate_cost < best - 1e-9:
                p, best = candidate, candidate_cost
        if best >= before - 1e-9:
            break
    return p


def _share(budget: int, f: Frame, power: int = 1) -> int:
    """Less of a budget for larger diagrams, where each try takes longer."""
    return int(budget * min(1.0, _USUAL / len(f.diagram.elements)) ** power)


class _Search:
    """Descents with a common budget; ``ends`` keeps where each came to rest."""

    def __init__(self, evaluations: int) -> None:
        self.left = evaluations
        self.ends: dict[tuple[tuple[int, tuple[int, int]], ...], tuple[float, Placement]] = {}

    def descend(self, p: Placement) -> tuple[float, Placement]:
        """Take changes that lower the estimate until a whole round brings nothing."""
        cost = estimate(p)
        while self.left > 0:
            before = cost
            for change in list(_changes(p)):
                if self.left <= 0:
                    break
                candidate = change(p)
                self.left -= 1
                candidate_cost = estimate(candidate, cost)
                if candidate_cost < cost - 1e-9:
                    p, cost = candidate, candidate_cost
            if cost >= before - 1e-9:
                break
        self.ends[tuple(sorted(p.places.items()))] = (cost, p)
        return cost, p


# --- a first placing ------------------------------------------------------------------------------


def _first(f: Frame, spine_rows: dict[int, int]) -> Places:
    places: Places = {}
    spine_of = f.on_spine
    last: dict[int, int] = {}
    column = 0
    for at, element in enumerate(f.diagram.elements):
        known = [places[s][0] for s in f.reads[at] if s in places]
        if element.is_box:
            places[at] = (column, f.gate_row)
            column += 2
        elif at in spine_of:
            state = spine_of[at]
            here = max([last.get(state, -2) + 2, *known])
            places[at], last[state] = (here, spine_rows[state]), here
        elif at in f.loose:
            here = max(known, default=column)
            rows = range(f.gate_row - 1, len(spine_rows) - 1, -1)
            taken = set(places.values())
            while all({(here - 1, row), (here, row), (here + 1, row)} & taken for row in rows):
                here += 1
            free = (r for r in rows if not {(here - 1, r), (here, r), (here + 1, r)} & taken)
            places[at] = (here, next(free))
    return _in_order(f, places)


def _in_order(f: Frame, places: Places) -> Places:
    """Move operations of a spine to the right until they stand in their order."""
    for path in f.spines.values():
        for before, after in itertools.pairwise(path):
            least = places[before][0] + f.distance(before, after)
            if places[after][0] < least:
                places[after] = (least, places[after][1])
    return places


# --- changes to try ---------------------------------------------------------------------------------


class _Move:
    """Elements put elsewhere: to a slot, or by so many columns."""

    def __init__(self, slots: Places | None = None, by: dict[int, int] | None = None) -> None:
        self.slots, self.by = slots or {}, by or {}

    def is_small(self, p: Placement) -> bool:
        """Whether nothing goes further than two slots."""
        return all(
            abs(x - p.places[at][0]) + abs(y - p.places[at][1]) <= 2
            for at, (x, y) in self.slots.items()
        )

    def __call__(self, p: Placement) -> Placement:
        places = {**p.places, **self.slots}
        for at, columns in self.by.items():
            places[at] = (places[at][0] + columns, places[at][1])
        return Placement(p.frame, places, p.spine_rows)


class _Swap:
    """Two elements exchange their slots; with ``stacks``, their whole columns do."""

    def __init__(self, a: int, b: int, stacks: bool = False) -> None:
        self.a, self.b, self.stacks = a, b, stacks

    def __call__(self, p: Placement) -> Placement:
        (xa, _), (xb, _) = slots = p.places[self.a], p.places[self.b]
        if not self.stacks:
            return _Move({self.a: slots[1], self.b: slots[0]})(p)
        over = {xa: xb, xb: xa}
        moved = {at: (over.get(x, x), y) for at, (x, y) in p.places.items()}
        return Placement(p.frame, _in_order(p.frame, moved), p.spine_rows)


class _SwapSpines:
    """Two spines exchange their rows."""

    def __init__(self, a: int, b: int) -> None:
        self.a, self.b = a, b

    def __call__(self, p: Placement) -> Placement:
        rows = {**p.spine_rows, self.a: p.spine_rows[self.b], self.b: p.spine_rows[self.a]}
        moved = {
            step: (p.places[step][0], rows[state])
            for state in (self.a, self.b)
            for step in p.frame.spines[state]
        }
        return Placement(p.frame, {**p.places, **moved}, rows)


_Change = _Move | _Swap | _SwapSpines


def _changes(p: Placement) -> Iterator[_Change]:
    """What a round of the search tries, in order."""
    f = p.frame
    gates = sorted(f.gates, key=lambda g: p.places[g])
    for k, a in enumerate(gates):
        for b in gates[k + 1 :]:
            yield _Swap(a, b)
            yield _Swap(a, b, stacks=True)
    yield from _reorders(p, gates)
    states = list(p.spine_rows)
    for k, first in enumerate(states):
        for second in states[k + 1 :]:
            yield _SwapSpines(first, second)
    spine_of = f.on_spine
    for at in (*f.loose, *spine_of, *f.gates):
        column, row = p.places[at]
        rows: Iterable[int] = range(len(states), f.gate_row) if at in f.loose else (row,)
        for r in rows:
            for c in range(max(0, column - 4), column + 5):
                if (c, r) != (column, row):
                    yield _Move({at: (c, r)})
    for k, a in enumerate(f.loose):
        for b in f.loose[k + 1 :]:
            yield _Swap(a, b)
    for path in f.spines.values():  # the rest of a spine
        for k in range(len(path)):
            for by in (-1, 1, 2):
                yield _Move(by=dict.fromkeys(path[k:], by))
    for c in sorted({x for x, _ in p.places.values()}):  # everything from a column on
        right = [at for at, (x, _) in p.places.items() if x >= c]
        yield _Move(by=dict.fromkeys(right, -1))
        yield _Move(by=dict.fromkeys(right, 1))


def _reorders(p: Placement, gates: list[int]) -> Iterator[_Change]:
    """A gate put elsewhere in the row."""
    slots = [p.places[g] for g in gates]
    for k, gate in enumerate(gates):
        for to in range(len(gates)):
            if abs(to - k) > 1:
                order = [g for g in gates if g != gate]
                order.insert(to, gate)
                yield _Move(dict(zip(order, slots, strict=True)))


def _displaced(p: Placement, rng: random.Random) -> Placement:
    """A few elements put somewhere else at random."""
    f = p.frame
    movable = [*f.loose, *f.on_spine, *f.gates]
    columns = max((x for x, _ in p.places.values()), default=0) + 1
    slots: Places = {}
    for at in rng.sample(movable, min(len(movable), rng.randint(2, 4))):
        row = p.places[at][1]
        if at in f.loose:
            row = rng.randrange(len(p.spine_rows), f.gate_row)
        slots[at] = (rng.randrange(columns), row)
    moved = _Move(slots)(p)
    return Placement(f, _in_order(f, dict(moved.places)), p.spine_rows)
