"""What stands inside the shapes of a diagram, and how large they therefore are, in pixels."""

from __future__ import annotations

from gatewise.inspect.diagram.elements import Element
from gatewise.inspect.symbols import Span, flat, spans, symbol

STEP = 12  # between two lattice lines
HALF_BOX, HALF_OVAL = 23, 11  # half the heights
_LETTER, _BIG = 7.4, 10.5  # what a letter takes


def inside(e: Element, is_result: bool) -> tuple[list[Span], str]:
    """The large letters of a shape, and the small ones under them.

    A gate shows its name over its function, a sum its only matrix or its name.
    """
    if not e.is_box:
        return [Span(e.label, italic=False)], ""
    note = [e.note] if e.note else []
    name = spans(symbol(e.name)) if e.name else []
    if e.kind == "gate":
        small = [*note, e.label] if name else note
        return name or [Span(e.label, italic=False)], ", ".join(small)
    if e.matrix and (is_result or not name):
        return spans(symbol(e.matrix)), ", ".join(note)
    return name or [Span("Σ", italic=False)], ", ".join([*note, "linear"] if name else note)


def half_width(e: Element) -> int:
    """Half the width of a shape."""
    if e.kind == "operator" and len(e.label) <= 2:
        return HALF_OVAL
    if not e.is_box:
        return max(20, int(len(e.label) * _LETTER / 2) + 9)
    wide = 0.0
    for is_result in (False, True):
        big, small = inside(e, is_result)
        wide = max(wide, len(flat(big)) * _BIG / 2, len(small) * 6.2 / 2)
    return max(27, int(wide) + 7)


def half_height(e: Element) -> int:
    """Half the height of a shape."""
    return HALF_BOX if e.is_box else HALF_OVAL


def half_bubble(runs: list[Span]) -> float:
    """Half the width of the label of an input or output outside of the cell."""
    return max(16.0, 4.2 * len(flat(runs)) + 6)


def outside(e: Element) -> list[Span]:
    """The label of an input."""
    return spans(symbol(e.name, "" if e.note == "static" else "t"))


def apart(a: Element, b: Element) -> int:
    """How many lattice steps the labels of two inputs must be apart."""
    return -(-int(half_bubble(outside(a)) + half_bubble(outside(b)) + 10) // STEP)


def reach(pixels: int) -> int:
    """How many lattice steps a shape blocks to each side, so that a wire beside it stays clear."""
    return -(-(pixels - 6) // STEP)
