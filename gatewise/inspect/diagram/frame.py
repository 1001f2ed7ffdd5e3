"""What is settled about a diagram before its elements get places, and what a placement is.

Gates stand in a row at the bottom. A state that passes through the step unit by unit has a row of
its own above them, its *spine*, with its operations on it; everything else stands between.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from gatewise.inspect.diagram.elements import Diagram

Slot = tuple[int, int]  # column, row; row 0 is the top
Places = dict[int, Slot]

_FREE_ROWS = 4


@dataclass(frozen=True)
class Frame:
    """Spines by state element, the number of rows, who stands where, and who reads whom."""

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

    @cached_property
    def on_spine(self) -> dict[int, int]:
        """The state of each operation that stands on a spine."""
        return {step: state for state, path in self.spines.items() for step in path}

    def distance(self, a: int, b: int) -> int:
        """How many columns two neighbours in a row must be apart."""
        kinds = {self.diagram.elements[a].kind, self.diagram.elements[b].kind}
        return 1 if kinds == {"operator"} else 2


@dataclass(frozen=True)
class Placement:
    """Slots of the elements and rows of the spines (by state element)."""

    frame: Frame
    places: Places
    spine_rows: dict[int, int]


def frame(d: Diagram) -> Frame:
    """The frame of a diagram."""
    reads: dict[int, list[int]] = {i: [] for i in range(len(d.elements))}
    readers: dict[int, list[int]] = {i: [] for i in range(len(d.elements))}
    for wire in d.wires:
        reads[wire.target].append(wire.source)
        readers[wire.source].append(wire.target)
    states = {e.name: i for i, e in enumerate(d.elements) if e.kind == "state"}
    ways = {
        states[name]: (len(path), result)
        for name, result in d.results
        if name in states and (path := _path(d, readers, states[name], result, set())) is not None
    }
    spines: dict[int, tuple[int, ...]] = {}
    taken: set[int] = set()
    for state in sorted(ways, key=lambda s: -ways[s][0]):  # the longest chooses first
        free = _path(d, readers, state, ways[state][1], taken)
        if free is not None:
            spines[state] = free
            taken.update(free)
    gates = tuple(i for i, e in enumerate(d.elements) if e.is_box)
    loose = tuple(
        i for i, e in enumerate(d.elements) if e.kind in ("function", "operator") and i not in taken
    )
    rows = len(spines) + min(_FREE_ROWS, max(2, len(loose))) + 1
    return Frame(
        d,
        spines,
        rows,
        gates,
        loose,
        {i: tuple(v) for i, v in reads.items()},
        {i: tuple(v) for i, v in readers.items()},
    )


def _path(
    d: Diagram, readers: dict[int, list[int]], state: int, result: int, taken: set[int]
) -> tuple[int, ...] | None:
    """The longest way from a state to what it becomes over circles and ovals; None without one."""
    longest: dict[int, tuple[int, ...] | None] = {}

    def onward(at: int) -> tuple[int, ...] | None:
        if at == result:
            return ()
        if at not in longest:
            ways = [
                (step, *tail)
                for step in readers[at]
                if d.elements[step].kind in ("function", "operator") and step not in taken
                if (tail := onward(step)) is not None
            ]
            longest[at] = max(ways, key=len, default=None)
        return longest[at]

    return onward(state)


def depth(f: Frame, state: int) -> int:
    """How many steps of the cell lie behind the last operation of a spine."""
    known: dict[int, int] = {}

    def behind(at: int) -> int:
        if at not in known:
            known[at] = 1 + max((behind(s) for s in f.reads[at]), default=0)
        return known[at]

    return max((behind(step) for step in f.spines[state]), default=0)
